// The list of the view that is looked at.
import { html, Icon, signal, useEffect, useRef, useValue } from "./ui.js";
import { sayDay, sayPlainDay } from "./dates.js";
import { number, t } from "./i18n.js";
import { dragged, Handle } from "./order.js";
import { Unsent, unsent, waiting } from "./outbox.js";
import { Part, parts, useFew } from "./parts.js";
import { QuickAdd } from "./quickadd.js";
import { choose, chosen, Selection } from "./selection.js";
import { Sift } from "./sift.js";
import { list, load, more, total } from "./tasks.js";
import { opened, view } from "./views.js";

// edited is the task whose title is being changed in its row.
export const edited = signal(null);

const open = (id) => (opened.value = id);

// edit ends with the focus where it was.
function edit(id) {
  const before = edited.peek();
  edited.value = id;
  if (!id) requestAnimationFrame(() => document.querySelector(`[data-id="${before}"] .title`)?.focus());
}

const does = { edit, open, choose };

// target says beside which task one that is dragged would come to lie, and on which side.
function target(drag, items) {
  if (!drag || drag.to === null) return null;
  const rest = items.filter(({ id }) => id !== drag.id);
  return drag.to < rest.length ? { id: rest[drag.to].id, lies: "before" } : { id: rest.at(-1)?.id, lies: "after" };
}

// End asks for the next page when it comes near.
function End({ state, count }) {
  const mark = useRef();
  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => entry.isIntersecting && more(), { rootMargin: "600px" });
    watch.observe(mark.current);
    return () => watch.disconnect();
  }, [state, count]);
  return html`<p class="end" ref=${mark}><button onClick=${more}>${t(state === "more" ? "loading" : "list.more")}</button></p>`;
}

function Nothing({ name, value, priority }) {
  return html`<div class="nothing"><${Icon} of=${name === "search" ? "search" : "done"} />
    <p>${t(priority ? "empty.sifted" : ["today", "tomorrow", "week", "overdue", "done", "archived", "search"].includes(name) ? "empty." + name : "empty", { words: value })}</p></div>`;
}

// byGroup gathers parts under what their tasks have in common, in order.
function byGroup(group, cut) {
  const all = new Map();
  for (const one of cut) {
    const name = group(one.tasks[0]);
    all.set(name, [...(all.get(name) ?? []), one]);
  }
  return [...all];
}

export function List() {
  const now = useValue(view);
  const { items, next, state, fault } = useValue(list);
  const editing = useValue(edited);
  const current = useValue(opened);
  const drag = useValue(dragged);
  const picked = useValue(chosen);
  const sum = useValue(total);
  const added = unsent(useValue(waiting), now);
  const cut = parts(items, now.group), drawn = useFew(cut.length), aim = target(drag, items);
  useEffect(() => {
    chosen.value = new Set();
  }, [now]);
  const seen = cut.slice(0, drawn);
  const part = ({ number, tasks }) => {
    const here = (id) => (id && tasks.some((task) => task.id === id) ? id : null);
    return html`<${Part} key=${number} tasks=${tasks} editing=${here(editing)} current=${here(current)} dragged=${here(drag?.id)} target=${here(aim?.id) && aim.lies}
      beside=${here(aim?.id)} picked=${picked} handle=${now.ordered ? Handle : null} does=${does} />`;
  };
  return html`<section class="list" aria-labelledby="heading" aria-busy=${state === "loading"}>
    <div class="heading"><h1 id="heading" tabindex="-1" dir="auto">${now.title()} ${state !== "loading" && html`<span class="quiet">${sum === null ? number(items.length) + "+" : number(sum)}</span>`}</h1><${Sift} now=${now} /></div>
    ${now.name !== "archived" && now.name !== "done" && now.name !== "search" && html`<${QuickAdd} />`}
    ${fault && html`<p class="fault" role="alert">${fault.message} <button onClick=${load}>${t("again")}</button></p>`}
    ${state === "loading" && html`<div class="waiting" aria-hidden="true">${[1, 2, 3, 4].map(() => html`<span></span>`)}</div>`}
    ${state === "there" && !items.length && !fault && !added.length && html`<${Nothing} ...${now} />`}
    <${Unsent} changes=${added} />
    ${now.group ? byGroup(now.group, seen).map(([day, some]) => html`<section key=${day} class="day" aria-labelledby=${"day-" + day}>
      <h2 id=${"day-" + day}>${sayDay(day)} <time class="quiet" datetime=${day}>${sayPlainDay(day)}</time></h2><div class="tasks" role="list">${some.map(part)}</div></section>`)
      : html`<div class="tasks" role="list">${seen.map(part)}</div>`}
    <${Selection} />
    ${next && drawn === cut.length && html`<${End} state=${state} count=${items.length} />`}
  </section>`;
}
