// The tasks at hand, and what can be done with them.
import { batch, computed, effect, signal } from "./ui.js";
import { call, page } from "./api.js";
import { dayOf } from "./dates.js";
import { begin, deliver, waiting } from "./outbox.js";
import { announce, notify, retract } from "./toast.js";
import { t } from "./i18n.js";
import { opened, view } from "./views.js";

const firstSize = 50, pageSize = 100; // tasks that are asked for: at first no more than a screen or two

// list is what the view shows.
export const list = signal({ items: [], next: null, state: "loading", fault: null });
export const stats = signal(null);

// total is how many tasks the view has, also those that are not loaded; null where nobody counts them.
export const total = computed(() => {
  const { items, next } = list.value;
  if (!next) return items.length;
  const known = view.value?.count && stats.value ? view.value.count(stats.value) : null;
  return known >= items.length ? known : null;
});

let turn = 0; // of loading: answers of an earlier one are late

// show changes what the view shows.
export function show(change) {
  list.value = { ...list.peek(), ...change };
}

// flat puts the open subtasks of a tree behind their parents.
const flat = (tasks) => tasks.flatMap(({ children = [], ...task }) => [task, ...children.filter((child) => !child.completed)]);

let readOn = dayOf(); // the day on which what is shown was read

// isOfYesterday is whether that day is over: what was tomorrow is today.
export const isOfYesterday = () => readOn !== dayOf();

// kept returns tasks as the very objects that are shown already, where nothing about them differs: those are not drawn again. On another day all are.
function kept(items) {
  if (isOfYesterday()) {
    readOn = dayOf();
    return items;
  }
  const shown = new Map(list.peek().items.map((task) => [task.id, task]));
  return items.map((task) => {
    const before = shown.get(task.id);
    return before?.version === task.version && JSON.stringify(before) === JSON.stringify(task) ? before : task;
  });
}

let newest = null; // the task that was added last, until it is known whether it is seen

// seen is whether a task is where somebody looks.
function seen(id) {
  const row = document.querySelector(`.row[data-id="${id}"]`)?.getBoundingClientRect();
  return row && row.top >= 0 && row.bottom <= innerHeight;
}

// point says that a task was added where nobody sees it, with the way there.
function point({ id, title }) {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (!seen(id)) notify(t("said.added", { title }), { answer: () => (opened.value = id), label: t("show") });
  }));
}

// load reads the view from its beginning: as much of it as is shown already, so that nothing jumps.
export async function load() {
  const mine = ++turn;
  const now = view.peek();
  if (!now) return;
  const shown = list.peek().items.length;
  try {
    let items = [], next = null;
    do {
      const limit = Math.min(500, Math.max(firstSize, shown - items.length));
      const got = await page("/tasks", { query: { ...now.query, limit, cursor: next } });
      if (mine !== turn) return;
      items = items.concat(flat(got.items));
      next = got.next;
    } while (next && items.length < shown);
    show({ items: kept(items), next, state: "there", fault: null });
    if (newest && mine > newest.turn) {
      point(newest.task);
      newest = null;
    }
  } catch (fault) {
    if (mine === turn) show({ state: list.peek().items.length ? "there" : "failed", fault });
  }
}

let coming = null; // the page that is asked for

// more reads the next page of the view.
export function more() {
  return (coming ??= further().finally(() => (coming = null)));
}

async function further() {
  const { next, items } = list.peek();
  if (!next) return;
  const mine = turn;
  show({ state: "more" });
  try {
    const got = await page("/tasks", { query: { ...view.peek().query, limit: pageSize, cursor: next } });
    if (mine === turn) show({ items: items.concat(flat(got.items)), next: got.next, state: "there" });
  } catch (fault) {
    if (mine === turn) show({ state: "there", fault });
  }
}

// loadAll reads what is left of the view, and says whether it could.
export async function loadAll() {
  while (list.peek().next) {
    const before = list.peek().next;
    await more();
    if (list.peek().next === before) return false;
  }
  return true;
}

export async function count() {
  try {
    const [numbers, trends] = await Promise.all([call("GET", "/stats"), call("GET", "/stats/trends")]);
    const open = Object.entries(trends.by_category).map(([name, { total, completed }]) => [name, total - completed]);
    stats.value = { ...numbers, categories_open: Object.fromEntries(open) };
  } catch { /* the list says what is wrong */ }
}

// refresh reads again what is shown, once for all that happens at one moment.
let pending = 0;
export function refresh() {
  clearTimeout(pending);
  pending = setTimeout(() => {
    load();
    count();
    touched.value++;
  }, 120);
}

// touched counts how often anything has changed, for parts that read for themselves.
export const touched = signal(0);

effect(() => {
  if (!view.value) return;
  turn++;
  list.value = { items: [], next: null, state: "loading", fault: null };
  load();
});

// put shows tasks as they now are, or will be once the service has answered.
export function put(...changed) {
  const now = view.peek();
  if (!now) return;
  const byID = new Map(changed.map((task) => [task.id, task]));
  const items = list.peek().items.map((task) => byID.get(task.id) ?? task).filter((task) => !byID.has(task.id) || now.has(task));
  show({ items });
}

// superseded is whether something newer is shown of a task.
export const superseded = ({ id, version }) => list.peek().items.some((task) => task.id === id && task.version > version);

export function drop(...ids) {
  show({ items: list.peek().items.filter((task) => !ids.includes(task.id)) });
}

// attempt shows what a change will do, makes it, and takes it back where it is refused.
async function attempt(change, before, after, silent, known) {
  const shown = list.peek().items;
  if (after) put(after);
  else drop(before.id);
  try {
    return await deliver(change, known);
  } catch (fault) {
    show({ items: shown });
    if (!silent && !fault.both) notify(fault.message, { fault: true });
    throw fault;
  } finally {
    refresh();
  }
}

// quietly lets a fault be, which has been shown.
const quietly = (promise) => promise.catch(() => undefined);

// add makes a task of a text, which was written in a place; the place is open where the text does not say yet that it belongs there.
export async function add(text, place) {
  const made = await deliver({ method: "POST", path: "/tasks/quick", body: { text }, title: text, place });
  if (made) newest = { task: made.task, turn };
  refresh();
  announce(made ? t("said.added", { title: made.task.title }) : t("outbox.kept"));
  return made?.task;
}

// madeLast returns the number of the newest operation that is as asked for, undefined where nobody knows.
export function madeLast(is) {
  return call("GET", "/undo").then((all) => all.find((one) => !one.undone && is(one))?.operation, () => undefined);
}

// takenBack offers to undo what has just been done: that, whatever else happens meanwhile. What still waits is no operation yet.
async function takenBack(done, words, action, title) {
  const made = done === undefined ? undefined : await madeLast((one) => one.action === action && one.titles.includes(title));
  notify(words, made ? { undo: () => undo(made) } : {});
}

export function complete(task, force) {
  const change = { method: "POST", path: `/tasks/${task.id}/complete`, query: force && { force: "true" }, title: task.title };
  return attempt(change, task, { ...task, completed: true, overdue: false }, true).then(
    (done) => takenBack(done, t(done?.next ? "said.next" : "said.completed", { title: task.title }), "completed", task.title),
    (fault) => {
      const anyway = fault.status === 409 && fault.tasks.length > 0;
      notify(fault.message, { fault: true, ...(anyway && { answer: () => complete(task, true), label: t("action.anyway") }) });
    },
  );
}

export function reopen(task) {
  return quietly(attempt({ method: "POST", path: `/tasks/${task.id}/reopen`, title: task.title }, task, { ...task, completed: false })
    .then(() => announce(t("said.reopened", { title: task.title }))));
}

// act archives a task, brings it back, or skips an occurrence.
export function act(task, action) {
  const archived = { archive: true, unarchive: false }[action] ?? task.archived;
  return quietly(attempt({ method: "POST", path: `/tasks/${task.id}/${action}`, title: task.title }, task, { ...task, archived })
    .then((done) => takenBack(done, t("said." + action, { title: task.title }), action === "archive" ? "archived" : "updated", task.title)));
}

// meant is what a task will be once some fields are set: null puts back what only the service knows, and a recurrence is merged.
export function meant(task, fields) {
  const recurrence = fields.recurrence ? { ...task.recurrence, ...fields.recurrence } : fields.recurrence;
  return { ...task, ...fields, category: fields.category ?? task.category, recurrence: recurrence === undefined ? task.recurrence : recurrence };
}

// was is what stood in the fields before. Of places in the list the last one counts.
export const was = (task, fields) => Object.fromEntries(Object.keys(fields).filter((name) => name !== "order").map((name) => [name, task[name]]));

// change sets some fields of a task, in which stood what is given when that began, and returns the task as it then is, null if that was refused
// and nothing of it is kept.
export async function change(task, fields, began = was(task, fields)) {
  const both = { method: "PATCH", path: `/tasks/${task.id}`, body: fields, title: task.title, before: began };
  try {
    const changed = await attempt(both, task, meant(task, fields), false, task);
    if (changed) put(changed);
    return changed ?? meant(task, fields);
  } catch (fault) {
    return fault.both ? task : null;
  }
}

// remove deletes a task and says whether that was done.
export function remove(task) {
  return quietly(attempt({ method: "DELETE", path: `/tasks/${task.id}`, title: task.title }, task, null).then(async (done) => {
    await takenBack(done, t("said.deleted", { title: task.title }), "deleted", task.title);
    return true;
  }));
}

// inTurn does one step after the other: who is faster than the service means what is on its way as well, and not what an earlier toast tells of.
let steps = Promise.resolve();
function inTurn(does) {
  retract();
  return (steps = steps.then(does).catch((fault) => notify(fault.message, { fault: true })).finally(refresh));
}

async function takeBack(operations) {
  const done = [];
  for (const operation of operations) done.unshift(await call("POST", "/undo", { body: { operation } }));
  if (done[0].action === "redone") notify(t("said.redone"), { undo: () => undo(...done.map((one) => one.of)) });
  else notify(t("said.undone"), { redo: () => undo(...done.map((one) => one.operation)) });
}

// undo takes back operations in the order given, or the newest that is not taken back yet. Naming one that took another back does that other again.
// While something waits, the newest is not what was done last.
export function undo(...operations) {
  return inTurn(async () => {
    const unsent = waiting.peek().filter(({ fault }) => !fault).length;
    if (operations.length) await takeBack(operations);
    else if (unsent) notify(t("outbox.waiting", { n: unsent }), { fault: true });
    else await takeBack([undefined]);
  });
}

// redo does again what was taken back last, unless something else was done since, archiving by itself aside.
export function redo() {
  return inTurn(async () => {
    const all = await call("GET", "/undo");
    const last = Math.max(0, ...all.map((step) => step.undone_by ?? 0));
    const done = all.filter((step) => !step.undone && step.actor !== "auto-archive");
    if (last > Math.max(0, ...done.map((step) => step.operation))) await takeBack([last]);
    else notify(t("redo.none"));
  });
}

export function start() {
  batch(() => {
    load();
    count();
  });
  begin(refresh);
}
