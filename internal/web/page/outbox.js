// Changes on their way to the service. What cannot be sent waits, in this browser's database and in its order, and is sent once.
import { html, Icon, signal, useValue } from "./ui.js";
import { call, newKey, Problem, Unreachable } from "./api.js";
import { dayOf, sayDate, sayPlainDay } from "./dates.js";
import { t } from "./i18n.js";
import { read, turning } from "./meaning.js";
import { same } from "./same.js";
import { identity } from "./session.js";

// waiting are the changes that are not sent yet; one that was refused has a fault, which a person has to decide about.
export const waiting = signal([]);

const pause = 5000;
const store = "changes";
let whenSent = () => {};

const opened = new Promise((resolve) => {
  try {
    const request = indexedDB.open("outbox", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: "at", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  } catch {
    resolve(null); // the changes then live as long as the page
  }
});

async function stored(mode, does) {
  const db = await opened;
  if (!db) return undefined;
  return new Promise((resolve, reject) => {
    const request = does(db.transaction(store, mode).objectStore(store));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// who tells apart whose changes wait here, without keeping the key itself.
function who() {
  let sum = 2166136261;
  for (const letter of identity()) sum = Math.imul(sum ^ letter.codePointAt(0), 16777619);
  return sum >>> 0;
}

let counted = 0;

async function keep(change) {
  const kept = { ...change, who: who() };
  kept.at = (await stored("readwrite", (s) => s.add(kept))) ?? --counted;
  waiting.value = [...waiting.peek(), kept];
}

async function forget({ at }) {
  await stored("readwrite", (s) => s.delete(at));
  waiting.value = waiting.peek().filter((one) => one.at !== at);
}

async function replace(change) {
  await stored("readwrite", (s) => s.put(change));
  waiting.value = waiting.peek().map((one) => (one.at === change.at ? change : one));
}

// Conflict says that a field has become something else meanwhile, which a change would overwrite without anybody having seen it.
class Conflict extends Error {
  constructor(both) {
    super(t("outbox.conflict"));
    this.both = both;
  }
}

// Late says that a text means something else than on the day when it was written.
class Late extends Error {
  constructor(day, meant) {
    super(t("outbox.late", { day: sayPlainDay(day), meant: sayDate(meant) }));
    this.late = true;
  }
}

function check({ body, before }, now) {
  const field = Object.keys(before).find((name) => !same(name, now[name], before[name]) && !same(name, now[name], body[name]));
  if (field) throw new Conflict({ field, theirs: now[field], mine: body[field] });
}

// forNow is whether a fault is one of the moment, so that the same is sent again later. After 500 it would only be met again, and 401 asks who
// is there: whoever signs in next may be somebody else.
export const forNow = (fault) => fault instanceof Unreachable || fault.status > 500 || fault.status === 429;

const mostTries = 5;

// worded returns a change as it may be sent. A task that was written where the service could not be asked has to say where it belongs, if its text does not yet.
// What comes of that takes the place of what was written: an attempt of which no answer came is repeated under its key, and so with the same text.
// One that waited for another day is read as on the day when it was written where the page can say so; else a person has to decide.
async function worded(change) {
  const { place, day } = change, late = day && day !== dayOf();
  if (!place || !(place.open || late)) return change;
  const { text, draft } = await read(change.body.text, place.open ? { ...place, day } : {});
  const meant = late && turning(text, draft);
  if (meant) throw new Late(day, meant);
  return { ...change, body: { text }, place: { ...place, open: false }, day: dayOf() };
}

// send sends a change. One of fields is for the task as it was looked at: if that is another by now, it is compared field by field.
async function send(change, known) {
  try {
    return await sendOnce(change, known);
  } catch (fault) {
    if (fault.status === 404 && change.path.startsWith("/tasks/")) fault.message = t("outbox.gone");
    throw fault;
  }
}

async function sendOnce(change, known) {
  const { method, path, query, body, before, idempotency } = change;
  if (!before) return call(method, path, { query, body, idempotency });
  for (let left = mostTries; ; left--) {
    const now = known ?? (await call("GET", path, { once: true }));
    check(change, now);
    known = null;
    try {
      return await call(method, path, { query, body, match: `"${now.version}-x"` });
    } catch (fault) {
      if (fault.status !== 412 || !left) throw fault;
    }
  }
}

// settle tells what waits behind a change of the same task what its fields have become by that: nobody else has changed them.
async function settle({ path, body }, now) {
  for (const change of waiting.peek().filter((one) => one.before && one.path === path && !one.fault)) {
    const fields = Object.keys(change.before).filter((name) => name in body);
    await replace({ ...change, before: { ...change.before, ...Object.fromEntries(fields.map((name) => [name, now[name]])) } });
  }
}

// pass sends what waits, one after the other. What is refused for good stays, with the reason.
async function pass() {
  for (const { at } of waiting.peek().filter(({ fault }) => !fault)) {
    const written = waiting.peek().find((one) => one.at === at);
    if (!written) continue; // somebody has dropped it
    if (written.who !== who()) return false; // somebody else has signed in meanwhile
    let change = written;
    try {
      change = await worded(written);
      if (change !== written) await replace(change);
      const answer = await send(change);
      await forget(change);
      if (change.before) await settle(change, answer);
    } catch (fault) {
      if (fault.both || fault.late) {
        await replace({ ...change, fault: fault.message, both: fault.both, late: fault.late });
        continue;
      }
      if (!(fault instanceof Problem) || forNow(fault) || fault.status === 401) return false;
      if (change.method === "DELETE" && fault.status === 404) await forget(change);
      else await replace({ ...change, fault: fault.message, gone: fault.status === 404, both: undefined });
    }
  }
  return true;
}

let passing = false, again = 0;

export async function flush() {
  clearTimeout(again);
  if (passing || !waiting.peek().some(({ fault }) => !fault)) return;
  passing = true;
  const alone = navigator.locks ? (does) => navigator.locks.request("outbox", does) : (does) => does(); // one tab at a time
  const all = await alone(async () => {
    await recall(); // another tab may have sent some
    return pass();
  }).catch(() => false);
  passing = false;
  whenSent();
  if (!all || waiting.peek().some(({ fault }) => !fault)) again = setTimeout(flush, all ? 0 : pause); // some may have come meanwhile
}

// lose says of what waits for a decision about a task that there is none to take any more.
export async function lose(id) {
  for (const change of waiting.peek().filter(({ fault, path }) => fault && path.split("/")[2] === id)) {
    await replace({ ...change, fault: t("outbox.gone"), gone: true, both: undefined });
  }
}

// recall finds what waits from an earlier visit, or from another tab.
async function recall() {
  const all = await stored("readonly", (s) => s.getAll());
  if (all) waiting.value = all.filter((change) => change.who === who());
}

export async function begin(sent) {
  whenSent = sent;
  addEventListener("online", flush);
  await recall().catch(() => {});
  flush();
}

// deliver sends a change and returns what the service says of it, undefined where it waits. What contradicts another change waits for a decision.
export async function deliver(change, known) {
  let whole = { ...change, idempotency: newKey(), day: dayOf() };
  if (!waiting.peek().some(({ fault }) => !fault)) {
    try {
      whole = await worded(whole);
      return await send(whole, known);
    } catch (fault) {
      if (fault instanceof Conflict) await keep({ ...whole, fault: fault.message, both: fault.both });
      if (!forNow(fault)) throw fault;
    }
  }
  await keep(whole);
  clearTimeout(again);
  again = setTimeout(flush, pause);
  return undefined;
}

const kinds = { DELETE: "action.delete", PATCH: "action.change" };
const say = (change) => `${t(kinds[change.method] ?? (change.path.endsWith("/quick") ? "add.do" : "action." + change.path.split("/").pop()))}: ${change.title}`;

const names = { title: "field.title", description: "notes", due: "field.due", tags: "tags", recurrence: "field.repeat", depends_on: "blocked.by" };
const sayValue = (value) => (value === null || value === "" ? "–" : typeof value === "string" ? value : JSON.stringify(value));

function Refused({ change }) {
  const mine = async () => {
    const { fault, both, late, ...rest } = change;
    if (late) await replace({ ...rest, day: dayOf() }); // it may have been sent already, under its key
    else await replace({ ...rest, ...(both && { before: { ...rest.before, [both.field]: both.theirs } }), idempotency: newKey() });
    flush();
  };
  return html`<li dir="auto"><strong>${say(change)}</strong> ${change.fault}
    ${change.both && html`<p>${t(names[change.both.field] ?? change.both.field)}<br />${t("outbox.theirs")} “${sayValue(change.both.theirs)}”<br />${t("outbox.mine")} “${sayValue(change.both.mine)}”</p>`}
    ${!change.gone && html`<button onClick=${mine}>${t(change.both ? "outbox.takeMine" : change.late ? "add.do" : "again")}</button>`} <button onClick=${() => forget(change)}>${t(change.both ? "outbox.takeTheirs" : "outbox.drop")}</button></li>`;
}

const Refusals = ({ changes }) => changes.length > 0 && html`<div class="outbox fault" role="alert"><ul>${changes.map((change) => html`<${Refused} key=${change.at} change=${change} />`)}</ul></div>`;

// Undecided asks about what was refused of the changes of a task.
export function Undecided({ id }) {
  return html`<${Refusals} changes=${useValue(waiting).filter(({ fault, path }) => fault && path.split("/")[2] === id)} />`;
}

// unsent returns the tasks added in a view that wait to be sent; all of them where all tasks are.
export const unsent = (changes, { name, value }) => changes.filter(({ fault, place }) => !fault && place && (name === "all" || (place.name === name && place.value === value)));

// Unsent lists them above the tasks that there are.
export function Unsent({ changes }) {
  return changes.length > 0 && html`<div class="unsent" role="list" aria-label=${t("outbox.unsent")}>${changes.map(({ at, title }) => html`<div key=${at} role="listitem">
    <bdi class="title">${title}</bdi><span class="marks"><span class="mark"><${Icon} of="late" />${t("outbox.unsent")}</span></span></div>`)}</div>`;
}

// Outbox says what is not sent yet, and asks about what was refused.
export function Outbox() {
  const changes = useValue(waiting);
  const rest = changes.filter(({ fault }) => !fault);
  return html`${rest.length > 0 && html`<div class="outbox" role="status"><details><summary>${t("outbox.waiting", { n: rest.length })}</summary>
      <ul>${rest.map((change) => html`<li key=${change.at} dir="auto">${say(change)}</li>`)}</ul></details><button onClick=${flush}>${t("again")}</button></div>`}
    <${Refusals} changes=${changes.filter(({ fault }) => fault)} />`;
}
