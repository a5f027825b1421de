// The ways to look at tasks: each asks the service for some, and knows which of those at hand belong to it.
import { computed, effect, signal } from "./ui.js";
import { daysUntil, dueDay } from "./dates.js";
import { t } from "./i18n.js";

const open = (task) => !task.completed && !task.archived;
const dueIn = (from, to) => (task) => open(task) && task.due && daysUntil(dueDay(task.due)) >= from && daysUntil(dueDay(task.due)) < to;

export const views = {
  today: { icon: "sun", query: { status: "pending", due: "today", sort: "due" }, has: dueIn(0, 1), count: (s) => s.today, adds: "today" },
  tomorrow: { icon: "next", query: { status: "pending", due: "tomorrow", sort: "due" }, has: dueIn(1, 2), count: (s) => s.tomorrow, adds: "tomorrow" },
  week: { icon: "week", query: { status: "pending", due: "week", sort: "due" }, has: dueIn(0, 7), count: (s) => s.this_week, group: (task) => dueDay(task.due) },
  overdue: { icon: "late", query: { status: "pending", due: "overdue", sort: "due" }, has: (task) => open(task) && task.overdue, count: (s) => s.overdue },
  all: { icon: "list", query: { status: "pending", view: "tree", sort: "order" }, has: open, count: (s) => s.pending, ordered: true },
  done: { icon: "done", query: { status: "completed", sort: "-updated" }, has: (task) => task.completed && !task.archived, count: (s) => s.completed },
  archived: { icon: "box", query: { archived: "true", sort: "-updated" }, has: (task) => task.archived, count: (s) => s.archived },
};

const valued = {
  category: (value) => ({ icon: "folder", query: { status: "pending", category: value, sort: "order" }, has: (task) => open(task) && task.category === value, ordered: true, title: () => value, count: (s) => s.categories_open[value] ?? null }),
  tag: (value) => ({ icon: "tag", query: { status: "pending", tag: value, sort: "order" }, has: (task) => open(task) && task.tags.includes(value), ordered: true, title: () => "#" + value }),
  search: (value) => ({ icon: "search", query: { q: value, status: "all", archived: "all", sort: "-updated" }, has: () => true, title: () => t("view.search", { words: value }) }),
};

// sorts are the orders that a list may be given in place of its own, and priorities those of which alone it may show tasks.
export const sorts = ["due", "priority", "title", "-created", "-updated"];
export const priorities = ["high", "medium", "low"];

// sifted returns what is otherwise about a view in another order, or with less in it. Its subtasks stand for themselves, and nobody moves what has an order.
function sifted({ query, has, group, count }, { sort, priority }) {
  if (!sort && !priority) return {};
  const { view, ...flat } = query;
  return {
    query: { ...flat, ...(sort && { sort }), ...(priority && { priority }) },
    has: (task) => has(task) && (!priority || task.priority === priority),
    group: sort && sort !== "due" ? undefined : group,
    count: priority ? undefined : count,
    ordered: false,
  };
}

const detailed = /^(?:(.*)\/)?task\/([0-9a-f-]{36})$/;

// place is where in the page we are: a view, perhaps with a value, as in #category/home, the task whose details are shown, as in #today/task/ID, and the order
// and the priority that are chosen, as in #all?sort=due&priority=high.
function place() {
  const [hash, choices] = location.hash.slice(1).split("?"), params = new URLSearchParams(choices);
  const choice = (name, all) => (all.includes(params.get(name)) ? params.get(name) : "");
  const sort = choice("sort", sorts), priority = choice("priority", priorities);
  const [, path = "", task] = detailed.exec(hash) ?? [hash, hash, null];
  const [name, ...rest] = path.split("/");
  let value = rest.join("/");
  try {
    value = decodeURIComponent(value);
  } catch { /* it is no address of ours */ }
  if ((name in valued && value) || name in views || name in special) return { name, value, task, sort, priority };
  return { name: "today", value: "", task, sort, priority };
}

const special = { statistics: {}, templates: {}, files: {}, settings: {} };

export const where = signal(place());

// opened is the task whose details are shown, null where none are.
export const opened = signal(where.peek().task);

let leaving = false; // the details: a browser takes a moment to go back

// tell has the address say whose details are shown. They are an entry of the history, so that Back closes them.
function tell(id) {
  const now = place(), { task, name, value } = now;
  if (leaving || id === task) return;
  if (!id && history.state?.details) {
    leaving = true;
    history.back();
  } else if (id && !task) history.pushState({ details: true }, "", address(name, value, now, id));
  else history.replaceState(history.state, "", address(name, value, now, id));
}

addEventListener("hashchange", () => {
  const now = place(), before = where.peek();
  if (opened.peek() && !now.task) document.activeElement?.closest(".details :focus")?.blur(); // what is written there is kept
  if (["name", "value", "sort", "priority"].some((part) => now[part] !== before[part])) where.value = now;
  if (leaving) {
    leaving = false;
    tell(opened.peek());
  } else opened.value = now.task;
});

// address returns where a view is, with what is chosen there and the task that is opened.
export function address(name, value = "", { sort, priority } = {}, task) {
  const choices = new URLSearchParams({ ...(sort && { sort }), ...(priority && { priority }) });
  return "#" + name + (value && "/" + encodeURIComponent(value)) + (task ? "/task/" + task : "") + (String(choices) ? "?" + choices : "");
}

export function go(name, value) {
  location.hash = address(name, value);
}

// view is the list that is looked at, null where another page is. Its title is said when it is shown: before that the page has no language yet.
export const view = computed(() => {
  const { name, value, sort, priority } = where.value;
  if (name in special) return null;
  const found = name in valued ? valued[name](value) : views[name];
  return { title: () => t("view." + name), ...found, ...sifted(found, where.value), name, value, sort, priority };
});

effect(() => tell(opened.value));
