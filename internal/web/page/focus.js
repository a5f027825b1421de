// Where in the list a person is: the focus stays there while rows come and go.
import { effect } from "./ui.js";
import { list } from "./tasks.js";
import { view } from "./views.js";

let last = null; // the task that had the focus, and its place

// lastPlace returns where in the list what had the focus is now, or where it was if it is there no more; -1 where
// nothing had it.
export function lastPlace() {
  if (!last) return -1;
  const at = list.peek().items.findIndex(({ id }) => id === last.id);
  return at < 0 ? last.at : at;
}

export function focusRow(id) {
  const title = document.querySelector(`[data-id="${id}"] .title`);
  title?.focus();
  title?.scrollIntoView({ block: "nearest" });
  return Boolean(title);
}

// enterList gives the focus to the list: to its first task, or its heading where there is none.
export function enterList() {
  const first = document.querySelector(".tasks .title");
  if (first) first.focus();
  else document.getElementById("heading")?.focus();
}

function note({ target }) {
  const id = target.closest?.(".row")?.dataset.id;
  if (id) last = { id, at: list.peek().items.findIndex((task) => task.id === id) };
  else if (!target.closest?.(".toast")) last = null;
}

// back gives the focus that went away with a row to it where it is now, or to what is in its place.
function back() {
  if (!last) return;
  const { items } = list.peek();
  last.at = lastPlace();
  if (document.activeElement !== document.body) return;
  const there = items[Math.min(last.at, items.length - 1)];
  if (there) focusRow(there.id);
}

export function keepFocus() {
  document.addEventListener("focusin", note);
  document.addEventListener("pointerdown", note);
  effect(() => {
    view.value;
    last = null;
  });
  effect(() => {
    list.value;
    requestAnimationFrame(() => requestAnimationFrame(back)); // once the rows are drawn
  });
}
