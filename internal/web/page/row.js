// A task in a list.
import { Component, html, Icon, useLayoutEffect, useRef, useState } from "./ui.js";
import { sayDue } from "./dates.js";
import { useDraft } from "./drafts.js";
import { t } from "./i18n.js";
import { inWords } from "./repeat.js";
import { change, complete, reopen } from "./tasks.js";
import { address } from "./views.js";

function Marks({ task }) {
  const { total, completed } = task.subtasks;
  return html`<span class="marks">
    ${task.due && html`<span class=${task.overdue ? "mark late" : "mark"}><${Icon} of=${task.overdue ? "late" : "week"} />${sayDue(task.due)}
      ${task.days_overdue > 0 && html`<span class="unseen">, ${t("late", { n: task.days_overdue })}</span>`}</span>`}
    ${task.recurrence && html`<span class="mark"><${Icon} of="repeat" />${inWords(task.recurrence.rule)}</span>`}
    ${task.priority !== "medium" && html`<span class=${"mark priority-" + task.priority}><span class="unseen">${t("priority")}: </span>${t("priority." + task.priority)}</span>`}
    ${total > 0 && html`<span class="mark"><${Icon} of="list" /><span class="unseen">${t("subtasks")} </span>${completed}/${total}</span>`}
    ${task.blocked && html`<span class="mark"><${Icon} of="lock" />${t("blocked")}</span>`}
    ${task.reminders.length > 0 && html`<span class="mark"><${Icon} of="bell" /><span class="unseen">${t("reminders")}</span></span>`}
    ${task.description && html`<span class="mark"><${Icon} of="note" /><span class="unseen">${t("notes")}</span></span>`}
    ${task.category !== "other" && html`<a class="mark link" href=${address("category", task.category)}><bdi>${task.category}</bdi></a>`}
    ${task.tags.map((tag) => html`<a class="mark link" key=${tag} href=${address("tag", tag)}><bdi>#${tag}</bdi></a>`)}
  </span>`;
}

// Writing is the title while it is edited in place: whatever happens to the task meanwhile, it shows what is written, also what was neither taken nor kept.
function Writing({ task, edit }) {
  const [draft, setDraft] = useDraft(task.id + " title");
  const field = useRef(), began = useRef(draft?.began ?? task.title), over = useRef(false);
  useLayoutEffect(() => { // before the first key can come
    field.current.focus();
    field.current.select();
  }, []);
  const leave = async (title) => {
    if (over.current) return; // the field that goes away is left once more
    over.current = true;
    edit(null);
    const before = { title: began.current }, changed = title.trim() && title !== before.title;
    if (changed) setDraft({ text: title, began: before.title });
    if (!changed || (await change(task, { title }, before))) setDraft(null);
  };
  const keys = (event) => {
    event.stopPropagation();
    if (event.key === "Escape") leave(began.current);
    if (event.key === "Enter" && !event.isComposing) leave(event.target.value);
  };
  return html`<input class="title" ref=${field} dir="auto" maxlength="500" aria-label=${t("field.title")} defaultValue=${draft?.text ?? began.current} onKeyDown=${keys} onBlur=${(e) => leave(e.target.value)} />`;
}

// Title is a button that opens the task, and a field while it is edited in place.
function Title({ task, editing, edit, open }) {
  if (editing) return html`<${Writing} task=${task} edit=${edit} />`;
  return html`<button class="title" onClick=${() => open(task.id)} onDblClick=${() => edit(task.id)}><bdi>${task.title}</bdi></button>`;
}

// Row is drawn again only when something about it differs.
export class Row extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((name) => next[name] !== this.props[name]);
  }

  render({ task, editing, chosen, current, edit, open, choose, handle, lies }) {
    const done = task.completed;
    const toggle = () => (done ? reopen(task) : complete(task));
    return html`<div role="listitem" class=${"row" + (task.parent_id && handle ? " child" : "") + (done ? " done" : "") + (current ? " current" : "") + (chosen ? " chosen" : "") + (lies && " " + lies)} data-id=${task.id}>
      ${handle && html`<${handle} task=${task} />`}
      <button class="check" role="checkbox" aria-checked=${done} aria-label=${t(done ? "do.reopen" : "do.complete", { title: task.title })} onClick=${toggle}
        data-priority=${task.priority}><${Icon} of="check" /></button>
      <div class="what"><${Title} task=${task} editing=${editing} edit=${edit} open=${open} /><${Marks} task=${task} /></div>
      <input type="checkbox" class="choose" checked=${chosen} aria-label=${t("do.select", { title: task.title })} onClick=${(e) => choose(task.id, e.shiftKey)} />
    </div>`;
  }
}
