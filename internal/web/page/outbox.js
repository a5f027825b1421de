// Changes on their way to the service. What cannot be sent waits, in this browser's database and in its order, and is sent once.
import { html, signal, useValue } from "./ui.js";
import { call, newKey, Problem, Unreachable } from "./api.js";
import { t } from "./i18n.js";
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

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// overtaken returns what a field has become meanwhile that a change would overwrite without anybody having seen it.
async function overtaken({ method, path, body, before }) {
  if (method !== "PATCH" || !before) return null;
  const now = await call("GET", path, { once: true });
  const field = Object.keys(body).find((name) => name in before && !same(now[name], before[name]) && !same(now[name], body[name]));
  return field ? { theirs: typeof now[field] === "string" ? now[field] : JSON.stringify(now[field]), mine: typeof body[field] === "string" ? body[field] : JSON.stringify(body[field]) } : null;
}

const send = ({ method, path, query, body, idempotency }) => call(method, path, { query, body, idempotency });

// pass sends what waits, one after the other. What is refused for good stays, with the reason.
async function pass() {
  for (const change of waiting.peek().filter(({ fault }) => !fault)) {
    try {
      const both = await overtaken(change);
      if (both) {
        await replace({ ...change, fault: t("outbox.conflict"), both });
        continue;
      }
      await send(change);
      await forget(change);
    } catch (fault) {
      if (!(fault instanceof Problem) || fault.status >= 500 || fault.status === 429 || fault.status === 401) return false;
      if (change.method === "DELETE" && fault.status === 404) await forget(change);
      else await replace({ ...change, fault: fault.message });
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
  if (!all) again = setTimeout(flush, pause);
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

// deliver sends a change and returns what the service says of it, undefined where it waits.
export async function deliver(change) {
  const whole = { ...change, idempotency: newKey() };
  if (!waiting.peek().some(({ fault }) => !fault)) {
    try {
      return await send(whole);
    } catch (fault) {
      if (!(fault instanceof Unreachable)) throw fault;
    }
  }
  await keep(whole);
  clearTimeout(again);
  again = setTimeout(flush, pause);
  return undefined;
}

const kinds = { DELETE: "action.delete", PATCH: "action.change" };
const say = (change) => `${t(kinds[change.method] ?? (change.path.endsWith("/quick") ? "add.do" : "action." + change.path.split("/").pop()))}: ${change.title}`;

function Refused({ change }) {
  const mine = async () => {
    const { fault, both, before, ...rest } = change;
    await replace({ ...rest, idempotency: newKey() });
    flush();
  };
  return html`<li dir="auto"><strong>${say(change)}</strong> ${change.fault}
    ${change.both && html`<p>${t("outbox.theirs")} “${change.both.theirs}”<br />${t("outbox.mine")} “${change.both.mine}”</p>`}
    <button onClick=${mine}>${t(change.both ? "outbox.takeMine" : "again")}</button> <button onClick=${() => forget(change)}>${t(change.both ? "outbox.takeTheirs" : "outbox.drop")}</button></li>`;
}

// Outbox says what is not sent yet, and asks about what was refused.
export function Outbox() {
  const changes = useValue(waiting);
  const refused = changes.filter(({ fault }) => fault), rest = changes.filter(({ fault }) => !fault);
  return html`${rest.length > 0 && html`<div class="outbox" role="status"><details><summary>${t("outbox.waiting", { n: rest.length })}</summary>
      <ul>${rest.map((change) => html`<li key=${change.at} dir="auto">${say(change)}</li>`)}</ul></details><button onClick=${flush}>${t("again")}</button></div>`}
    ${refused.length > 0 && html`<div class="outbox fault" role="alert"><ul>${refused.map((change) => html`<${Refused} key=${change.at} change=${change} />`)}</ul></div>`}`;
}
