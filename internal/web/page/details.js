// All there is to a task, beside the list; on a small screen over it.
import { html, Icon, useCover, useEffect, useRef, useState, useValue } from "./ui.js";
import { call } from "./api.js";
import { useDraft } from "./drafts.js";
import { dayOf, daysAfter, dueDay, dueOf, dueTime, sayDate } from "./dates.js";
import { BlockedBy } from "./blocked.js";
import { History } from "./history.js";
import { t } from "./i18n.js";
import { enterList, focusRow } from "./focus.js";
import { move } from "./order.js";
import { Undecided, waiting } from "./outbox.js";
import { Recurrence } from "./recurrence.js";
import { Reminders } from "./reminders.js";
import { Subtasks } from "./subtasks.js";
import { act, change, complete, meant, remove, reopen, stats, touched, was } from "./tasks.js";
import { notify } from "./toast.js";
import { opened, view } from "./views.js";

// Text is a field that is kept when it is left. While somebody writes, it shows what they write, whatever happens to the task meanwhile.
// What was neither taken nor kept, it goes on with.
function Text({ label, name, task, save, show = (stored) => stored, read = (text) => text, rows, line = !rows, ...rest }) {
  const [draft, setDraft] = useDraft(`${task.id} ${name}`);
  const field = useRef();
  useEffect(() => {
    if (draft) field.current.focus(); // so that it is left some time
  }, []);
  const write = ({ target }) => setDraft({ text: target.value, began: draft ? draft.began : task[name] });
  const leave = async () => {
    if (!draft) return;
    const { text, began } = draft;
    if (text === show(began) || (await save({ [name]: read(text) }, { [name]: began }))) setDraft((now) => (now?.text === text ? null : now));
  };
  const keys = (event) => {
    if (event.key !== "Enter" || !line || event.isComposing) return;
    event.preventDefault();
    event.target.blur();
  };
  const props = { ref: field, value: draft?.text ?? show(task[name]), onInput: write, onBlur: leave, onKeyDown: keys, dir: "auto", ...rest };
  return html`<label class="field"><span>${label}</span>${rows ? html`<textarea rows=${rows} ...${props}></textarea>` : html`<input ...${props} />`}</label>`;
}

function Due({ task, save }) {
  const day = task.due ? dueDay(task.due) : "", time = task.due ? dueTime(task.due) : "";
  const set = (day, time) => save({ due: dueOf(day, time) });
  const later = (days) => daysAfter(dayOf(), days);
  return html`<fieldset class="field"><legend>${t("field.due")}</legend>
    <div class="together">
      <input type="date" aria-label=${t("field.day")} value=${day} min="1900-01-01" max="9999-12-31" onChange=${(e) => e.target.validity.valid && set(e.target.value, time)} />
      <input type="time" aria-label=${t("field.time")} value=${time} disabled=${!day} onChange=${(e) => set(day, e.target.value)} />
      ${day && html`<button class="bare" aria-label=${t("due.none")} onClick=${() => save({ due: null })}><${Icon} of="close" /></button>`}
    </div>
    <div class="together">
      <button onClick=${() => set(later(0), time)}>${t("today")}</button><button onClick=${() => set(later(1), time)}>${t("tomorrow")}</button>
      <button onClick=${() => set(later(7), time)}>${t("due.week")}</button>
    </div>
  </fieldset>`;
}

function Actions({ task, close }) {
  const keepTemplate = async () => {
    const name = task.title.slice(0, 50).replaceAll("/", "-").replace(/^\.+/, "");
    await call("POST", "/templates", { body: { name, from_task: task.id } }).then(
      (kept) => notify(t("said.template", { name: kept.name })),
      (fault) => notify(fault.message, { fault: true }),
    );
  };
  const away = async () => {
    if (await remove(task)) close();
  };
  return html`<div class="actions">
    ${task.recurrence && !task.completed && html`<button onClick=${() => act(task, "skip")}>${t("action.skip")}</button>`}
    ${view.value?.ordered && html`<button onClick=${() => move(task, -1)}>${t("action.up")}</button><button onClick=${() => move(task, 1)}>${t("action.down")}</button>`}
    <button onClick=${() => act(task, task.archived ? "unarchive" : "archive")}>${t(task.archived ? "action.unarchive" : "action.archive")}</button>
    <button onClick=${keepTemplate}>${t("action.template")}</button>
    <button class="danger" onClick=${away}><${Icon} of="trash" /> ${t("action.delete")}</button>
  </div>`;
}

function Fields({ task, save, close }) {
  const categories = Object.keys(stats.value?.by_category ?? {});
  return html`
    <${Text} label=${t("field.title")} name="title" ...${{ task, save }} rows="2" line=${true} maxlength="500" read=${(title) => title.replace(/\s*\n\s*/g, " ")} />
    <${Due} task=${task} save=${save} />
    <${Recurrence} task=${task} save=${save} />
    <${Reminders} task=${task} save=${save} />
    <div class="together">
      <label class="field"><span>${t("priority")}</span><select value=${task.priority} onChange=${(e) => save({ priority: e.target.value })}>
        ${["high", "medium", "low"].map((p) => html`<option value=${p}>${t("priority." + p)}</option>`)}</select></label>
      <${Text} label=${t("category")} name="category" ...${{ task, save }} maxlength="50" list="known" read=${(category) => category.trim() || null} />
      <datalist id="known">${categories.map((name) => html`<option value=${name} />`)}</datalist>
    </div>
    <${Text} label=${t("field.tags")} name="tags" ...${{ task, save }} show=${(tags) => tags.join(", ")} read=${(text) => text.split(",").map((tag) => tag.trim().replace(/^#/, "")).filter(Boolean)} />
    <${Text} label=${t("notes")} name="description" ...${{ task, save }} rows="4" maxlength="20000" />
    ${!task.parent_id && html`<${Subtasks} task=${task} />`}
    <${BlockedBy} task=${task} save=${save} />
    <${Actions} task=${task} close=${close} />
    <${History} task=${task} />
    <p class="quiet small">${t("created", { date: sayDate(task.created_at) })}${task.completed_at && html`<br />${t("completed", { date: sayDate(task.completed_at) })}`}</p>`;
}

// useTask returns a task as it is, also after others have changed it; undefined while nobody knows, null if it is gone.
function useTask(id) {
  const [task, setTask] = useState();
  const turn = useValue(touched);
  useEffect(() => {
    let current = true;
    call("GET", `/tasks/${id}`).then((got) => current && setTask(got), (fault) => current && fault.status === 404 && setTask(null));
    return () => (current = false);
  }, [id, turn]);
  return [task?.id === id || task === null ? task : undefined, setTask];
}

// useSaving returns a task as it will be once all is sent that is set of it, and what sets some of it: one change after the other, so that none
// takes the one before for somebody else's.
function useSaving(task, setTask) {
  const [coming, setComing] = useState([]); // what is on its way
  const last = useRef(Promise.resolve());
  const waits = useValue(waiting).filter(({ fault, method, path }) => !fault && method === "PATCH" && path === `/tasks/${task?.id}`);
  const ahead = [...waits.map(({ body }) => body), ...coming.filter(({ id }) => id === task?.id).map(({ fields }) => fields)];
  const shown = task && ahead.reduce(meant, task);
  const save = (fields, began = was(shown, fields)) => {
    const mine = { id: task.id, fields };
    setComing((all) => [...all, mine]);
    return (last.current = last.current.then(async (before) => {
      const changed = await change(before?.id === task.id && before.version > task.version ? before : task, fields, began);
      setComing((all) => all.filter((one) => one !== mine));
      if (changed) setTask((now) => (now?.id === changed.id ? changed : now));
      return changed;
    }));
  };
  return [shown, save];
}

function Panel({ id }) {
  const [known, setTask] = useTask(id);
  const [task, save] = useSaving(known, setTask);
  const panel = useRef(), from = useRef(document.activeElement?.closest(".chat") && document.activeElement);
  const last = useRef(id);
  const close = () => (opened.value = null);
  useCover();
  useEffect(() => {
    panel.current.show();
    return () => requestAnimationFrame(() => {
      if (document.activeElement !== document.body) return;
      if (from.current?.isConnected) from.current.focus();
      else if (!focusRow(last.current)) enterList();
    });
  }, []);
  useEffect(() => {
    last.current = id;
    panel.current.scrollTop = 0;
    panel.current.querySelector("h2").focus();
  }, [id]);
  const keys = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    document.activeElement.blur();
    close();
  };
  return html`<dialog ref=${panel} class="details" aria-labelledby="details-title" onKeyDown=${keys}>
    <div class="head">
      ${task && html`<button class="check" role="checkbox" aria-checked=${task.completed} data-priority=${task.priority}
        aria-label=${t(task.completed ? "do.reopen" : "do.complete", { title: task.title })} onClick=${() => (task.completed ? reopen(task) : complete(task))}><${Icon} of="check" /></button>`}
      <h2 id="details-title" tabindex="-1">${t("details")}</h2>
      ${task?.parent_id && html`<button onClick=${() => (opened.value = task.parent_id)}>${t("parent")}</button>`}
      <button class="bare" aria-label=${t("close")} onClick=${close}><${Icon} of="close" /></button>
    </div>
    <div class="body"><${Undecided} id=${id} />${task === null ? html`<p class="quiet">${t("gone")}</p>` : task && html`<${Fields} key=${id} task=${task} save=${save} close=${close} />`}</div>
  </dialog>`;
}

export function Details() {
  const id = useValue(opened);
  return id && html`<${Panel} id=${id} />`;
}
