// The ways to look at tasks: each asks the service for some, and knows which of those at hand belong to it.
import { computed, signal } from "./ui.js";
import { daysUntil, dueDay } from "./dates.js";
import { t } from "./i18n.js";

const open = (task) => !task.completed && !task.archived;
const dueIn = (from, to) => (task) => open(task) && task.due && daysUntil(dueDay(task.due)) >= from && daysUntil(dueDay(task.due)) < to;

export const views = {
  today: { icon: "sun", query: { status: "pending", due: "today", sort: "due" }, has: dueIn(0, 1), count: (s) => s.today, adds: "today" },
  tomorrow: { icon: "next", query: { status: "pending", due: "tomorrow", sort: "due" }, has: dueIn(1, 2), count: (s) => s.tomorrow, adds: "tomorrow" },
  week: { icon: "week", query: { status: "pending", due: "week", sort: "due" }, has: dueIn(0, 7), count: (s) => s.this_week },
  overdue: { icon: "late", query: { status: "pending", due: "overdue", sort: "due" }, has: (task) => open(task) && task.overdue, count: (s) => s.overdue },
  all: { icon: "list", query: { status: "pending", view: "tree", sort: "order" }, has: open, count: (s) => s.pending, ordered: true },
  done: { icon: "done", query: { status: "completed", sort: "-updated" }, has: (task) => task.completed && !task.archived, count: (s) => s.completed },
  archived: { icon: "box", query: { archived: "true", sort: "-updated" }, has: (task) => task.archived, count: (s) => s.archived },
};

const valued = {
  category: (value) => ({ icon: "folder", query: { status: "pending", category: value, sort: "order" }, has: (task) => open(task) && task.category === value, ordered: true, title: () => value }),
  tag: (value) => ({ icon: "tag", query: { status: "pending", tag: value, sort: "order" }, has: (task) => open(task) && task.tags.includes(value), ordered: true, title: () => "#" + value }),
  search: (value) => ({ icon: "search", query: { q: value, status: "all", archived: "all", sort: "-updated" }, has: () => true, title: () => t("view.search", { words: value }) }),
};

// place is where in the page we are: a view, perhaps with a value, as in #category/home.
function place() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  let value = rest.join("/");
  try {
    value = decodeURIComponent(value);
  } catch { /* it is no address of ours */ }
  if ((name in valued && value) || name in views || name in special) return { name, value };
  return { name: "today", value: "" };
}

const special = { statistics: {}, templates: {}, files: {}, settings: {} };

export const where = signal(place());
addEventListener("hashchange", () => (where.value = place()));

export const address = (name, value = "") => "#" + name + (value && "/" + encodeURIComponent(value));

export function go(name, value) {
  location.hash = address(name, value);
}

// view is the list that is looked at, null where another page is. Its title is said when it is shown: before that the page has no language yet.
export const view = computed(() => {
  const { name, value } = where.value;
  if (name in special) return null;
  const found = name in valued ? valued[name](value) : views[name];
  return { title: () => t("view." + name), ...found, name, value };
});
