// The order that a person gives the tasks: by dragging, by Alt and the arrow keys, or by buttons.
import { html, Icon, signal } from "./ui.js";
import { t } from "./i18n.js";
import { change, list, show } from "./tasks.js";
import { announce, notify } from "./toast.js";
import { view } from "./views.js";

// dragged is the task that is on its way, and where it would come to lie.
export const dragged = signal(null);

// between returns a place before the item at an index of what remains.
function between(items, index) {
  const before = items[index - 1]?.order, after = items[index]?.order;
  if (before === undefined) return after - 1e6;
  if (after === undefined) return before + 1e6;
  return (before + after) / 2;
}

// lands returns where a task that is let go at an index of the others comes to lie: in a tree subtasks keep to their parent, and nobody gets between those of another.
function lands(task, index) {
  const rest = list.peek().items.filter(({ id }) => id !== task.id);
  if (view.peek()?.query.view !== "tree") return index;
  if (!task.parent_id) {
    while (rest[index]?.parent_id && rest[index].parent_id !== task.id) index++;
    return index;
  }
  const parent = rest.findIndex(({ id }) => id === task.parent_id);
  const last = rest.findLastIndex(({ parent_id }) => parent_id === task.parent_id);
  return parent < 0 ? index : Math.max(parent + 1, Math.min(index, Math.max(parent, last) + 1));
}

// place puts a task before what is at an index of the others. Subtasks keep to their parent: only the order among siblings is changed.
async function place(task, index) {
  const rest = list.peek().items.filter(({ id }) => id !== task.id);
  const sibling = ({ parent_id }) => parent_id === task.parent_id;
  const order = between(rest.filter(sibling), rest.slice(0, index).filter(sibling).length);
  if (!Number.isFinite(order)) return;
  rest.splice(index, 0, { ...task, order });
  show({ items: rest });
  await change(task, { order });
  announce(t("said.moved", { title: task.title, n: index + 1 }));
}

// move puts a task before or behind its next sibling.
export async function move(task, by) {
  const { items } = list.peek();
  const siblings = items.filter(({ parent_id }) => parent_id === task.parent_id);
  const neighbour = siblings[siblings.findIndex(({ id }) => id === task.id) + by];
  if (!neighbour) return;
  const part = document.activeElement?.closest?.(`[data-id="${task.id}"]`) && document.activeElement.classList[0];
  const rest = items.filter(({ id }) => id !== task.id);
  const placed = place(task, rest.indexOf(neighbour) + (by > 0 ? 1 : 0));
  // What is moved loses the focus, and again if the list is read before the move has arrived.
  const back = () => part && document.activeElement === document.body && document.querySelector(`[data-id="${task.id}"] .${part}`)?.focus();
  requestAnimationFrame(back);
  await placed;
  requestAnimationFrame(back);
}

// indexAt returns before which of the other tasks a height on the screen is.
function indexAt(y, id) {
  const { left, width, top } = document.querySelector(".tasks").getBoundingClientRect();
  const seen = Math.max(0, Math.min(y, innerHeight - 1));
  const row = document.elementsFromPoint(left + width / 2, seen).find((one) => one.dataset.id);
  const rest = list.peek().items.filter((task) => task.id !== id);
  if (!row) return seen < top ? 0 : rest.length;
  if (row.dataset.id === id) return list.peek().items.findIndex((task) => task.id === id);
  const { top: begins, height } = row.getBoundingClientRect();
  return rest.findIndex((task) => task.id === row.dataset.id) + (seen < begins + height / 2 ? 0 : 1);
}

// Handle is what a task is dragged by; with the focus on it, arrow keys move the task too.
export function Handle({ task }) {
  const take = (event) => {
    if (event.button) return;
    event.preventDefault();
    event.target.setPointerCapture(event.pointerId);
    dragged.value = { id: task.id, to: null };
  };
  const drag = (event) => {
    if (dragged.peek()?.id !== task.id) return;
    const at = indexAt(event.clientY, task.id), to = lands(task, at);
    dragged.value = { id: task.id, to, out: task.parent_id && to !== at };
  };
  const leave = () => {
    const { to, out } = dragged.peek() ?? {};
    dragged.value = null;
    if (out) notify(t("said.stays", { title: task.title }));
    else if (to !== null && to !== undefined) place(task, to);
  };
  const keys = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    move(task, by);
  };
  return html`<button class="handle bare" aria-label=${t("do.move", { title: task.title })} onPointerDown=${take} onPointerMove=${drag} onPointerUp=${leave}
    onPointerCancel=${() => (dragged.value = null)} onKeyDown=${keys}><${Icon} of="grip" /></button>`;
}
