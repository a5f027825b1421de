// The list of the view that is looked at.
import { Component, html, Icon, signal, useEffect, useRef, useValue } from "./ui.js";
import { number, t } from "./i18n.js";
import { QuickAdd } from "./quickadd.js";
import { dragged, Handle } from "./order.js";
import { Row } from "./row.js";
import { choose, chosen, Selection } from "./selection.js";
import { list, load, more } from "./tasks.js";
import { view } from "./views.js";

// opened is the task whose details are shown, edited the one whose title is being changed in its row.
export const opened = signal(null);
export const edited = signal(null);

const open = (id) => (opened.value = id);

// edit ends with the focus where it was.
function edit(id) {
  const before = edited.peek();
  edited.value = id;
  if (!id) requestAnimationFrame(() => document.querySelector(`[data-id="${before}"] .title`)?.focus());
}

// lies says where a task that is dragged would come to lie.
function lies(drag, items, task) {
  if (!drag || drag.to === null) return "";
  const rest = items.filter(({ id }) => id !== drag.id);
  if (drag.id === task.id) return "dragged";
  if (rest[drag.to] === task) return "before";
  return drag.to === rest.length && rest.at(-1) === task ? "after" : "";
}

// End asks for the next page when it comes near.
function End({ state }) {
  const mark = useRef();
  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => entry.isIntersecting && more(), { rootMargin: "600px" });
    watch.observe(mark.current);
    return () => watch.disconnect();
  }, [state]);
  return html`<p class="end" ref=${mark}><button onClick=${more}>${t(state === "more" ? "loading" : "list.more")}</button></p>`;
}

const partSize = 50;

// parts cuts a long list, so that a change draws again but the part that it is in.
const parts = (items) => Array.from({ length: Math.ceil(items.length / partSize) }, (_, i) => items.slice(i * partSize, (i + 1) * partSize));

class Part extends Component {
  shouldComponentUpdate(next) {
    const { tasks, ...rest } = this.props;
    return tasks.length !== next.tasks.length || tasks.some((task, i) => task !== next.tasks[i]) || Object.keys(rest).some((name) => rest[name] !== next[name]);
  }

  render({ tasks, all, editing, current, drag, picked, ordered }) {
    return tasks.map((task) => html`<${Row} key=${task.id} task=${task} editing=${editing === task.id} current=${current === task.id} edit=${edit} open=${open}
      handle=${ordered ? Handle : null} lies=${lies(drag, all, task)} chosen=${picked.has(task.id)} choose=${choose} />`);
  }
}

function Nothing({ name, value }) {
  return html`<div class="nothing"><${Icon} of=${name === "search" ? "search" : "done"} />
    <p>${t(["today", "tomorrow", "week", "overdue", "done", "archived", "search"].includes(name) ? "empty." + name : "empty", { words: value })}</p></div>`;
}

export function List() {
  const now = useValue(view);
  const { items, next, state, fault } = useValue(list);
  const editing = useValue(edited);
  const current = useValue(opened);
  const drag = useValue(dragged);
  const picked = useValue(chosen);
  useEffect(() => {
    chosen.value = new Set();
  }, [now]);
  return html`<section class="list" aria-labelledby="heading" aria-busy=${state === "loading"}>
    <h1 id="heading" tabindex="-1" dir="auto">${now.title} ${state !== "loading" && html`<span class="quiet">${number(items.length)}${next ? "+" : ""}</span>`}</h1>
    ${now.name !== "archived" && now.name !== "done" && now.name !== "search" && html`<${QuickAdd} />`}
    ${fault && html`<p class="fault" role="alert">${fault.message} <button onClick=${load}>${t("again")}</button></p>`}
    ${state === "loading" && html`<div class="waiting" aria-hidden="true">${[1, 2, 3, 4].map(() => html`<span></span>`)}</div>`}
    ${state === "there" && !items.length && !fault && html`<${Nothing} name=${now.name} value=${now.value} />`}
    <ul class="tasks">${parts(items).map((part) => html`<${Part} key=${part[0].id} tasks=${part} all=${drag ? items : null} editing=${editing} current=${current} drag=${drag} picked=${picked} ordered=${now.ordered} />`)}</ul>
    <${Selection} />
    ${next && html`<${End} state=${state} />`}
  </section>`;
}
