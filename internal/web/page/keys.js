// Everything by keyboard. Keys of one character can be turned off: some people's devices send them unasked.
import { signal } from "./ui.js";
import { enterList, focusRow, keepFocus, lastPlace } from "./focus.js";
import { edited } from "./list.js";
import { move } from "./order.js";
import { actOn, choose, chosen } from "./selection.js";
import { complete, list, redo, remove, reopen, undo } from "./tasks.js";
import { take } from "./toast.js";
import { go, opened, view, views } from "./views.js";

// helping is whether the sheet of shortcuts is shown, chatting whether the chat is.
export const helping = signal(false);
export const chatting = signal(false);

// canChat is whether there is a chat to show: who serves the page knows what is not deployed.
export const canChat = !document.querySelector("meta[name=off]").content.split(" ").includes("chat");

const setting = "shortcuts";
export const areOn = () => localStorage.getItem(setting) !== "off";
export const turn = (on) => (on ? localStorage.removeItem(setting) : localStorage.setItem(setting, "off"));

// focused returns the task of the row that has the focus.
function focused() {
  const id = document.activeElement?.closest?.("[data-id]")?.dataset.id;
  return list.peek().items.find((task) => task.id === id);
}

function step(by) {
  const { items } = list.peek();
  const at = items.findIndex((task) => task.id === focused()?.id);
  const from = at < 0 ? lastPlace() : at;
  const to = items[from < 0 ? 0 : from + by];
  if (to) focusRow(to.id);
}

const onTask = (does) => () => {
  const task = focused();
  if (task) does(task);
};

// leaving gives the focus to the neighbour of a task that goes away.
const leaving = (does) =>
  onTask((task) => {
    const { items } = list.peek();
    const at = items.indexOf(task);
    const neighbour = items[at + 1] ?? items[at - 1];
    does(task);
    if (neighbour) requestAnimationFrame(() => focusRow(neighbour.id));
  });

// orChosen does something with the selection, or without one with the task that has the focus.
const orChosen = (action, does) => () => (chosen.peek().size ? actOn(action()) : does());

const focus = (id) => () => document.getElementById(id)?.focus();

// shortcuts are shown by the help sheet in this order.
export const shortcuts = [
  { keys: ["n"], help: "key.new", does: focus("quickadd") },
  { keys: ["/"], help: "key.search", does: focus("search") },
  { keys: ["j", "ArrowDown"], help: "key.down", does: () => step(1) },
  { keys: ["k", "ArrowUp"], help: "key.up", does: () => step(-1) },
  { keys: ["o"], help: "key.open", does: onTask((task) => (opened.value = task.id)) },
  { keys: ["c"], help: "key.complete", does: orChosen(() => (view.peek()?.name === "done" ? "reopen" : "complete"), leaving((task) => (task.completed ? reopen(task) : complete(task)))) },
  { keys: ["e"], help: "key.edit", does: onTask((task) => (edited.value = task.id)) },
  { keys: ["#", "Delete"], help: "key.delete", does: orChosen(() => "delete", leaving(remove)) },
  { keys: ["x"], help: "key.select", does: onTask((task) => choose(task.id)) },
  { keys: ["u"], help: "key.undo", does: () => take("undo") || undo() },
  { keys: ["U"], help: "redo", does: () => take("redo") || redo() },
  ...(canChat ? [{ keys: ["a"], help: "key.chat", does: () => (chatting.peek() ? document.getElementById("saying")?.focus() : (chatting.value = true)) }] : []),
  { keys: ["1", "7"], help: "key.views", does: () => {} },
  { keys: ["?"], help: "key.help", does: () => (helping.value = true) },
];

const inField = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

function press(event) {
  if (event.defaultPrevented || event.isComposing || document.querySelector(".sheet[open]")) return;
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown") && !inField(event.target)) {
    const task = focused();
    if (!task || !view.peek()?.ordered) return;
    event.preventDefault();
    move(task, event.key === "ArrowUp" ? -1 : 1);
    return;
  }
  if (event.key === "Escape") {
    if (event.target.id === "quickadd") return enterList();
    if (chosen.peek().size) chosen.value = new Set();
    return;
  }
  if (event.altKey || inField(event.target) || event.target.closest("dialog[open]")) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    shortcuts.find(({ keys }) => keys.includes(event.shiftKey ? "U" : "u")).does();
    return;
  }
  if (event.key.length === 1 && !areOn()) return;
  const numbered = Object.keys(views)[event.key - 1];
  const found = shortcuts.find(({ keys }) => keys.includes(event.key));
  if (numbered) go(numbered);
  else if (found) found.does();
  else return;
  event.preventDefault();
}

export function listenToKeys() {
  document.addEventListener("keydown", press);
  keepFocus();
}
