// The subtasks of a task.
import { html, Icon, useEffect, useState, useValue } from "./ui.js";
import { call, page } from "./api.js";
import { number, t } from "./i18n.js";
import { complete, refresh, reopen, touched } from "./tasks.js";
import { opened } from "./views.js";

export function Subtasks({ task }) {
  const [children, setChildren] = useState([]);
  const [title, setTitle] = useState("");
  const [fault, setFault] = useState(null);
  const turn = useValue(touched);
  useEffect(() => {
    let current = true;
    page("/tasks", { query: { parent: task.id, archived: "all", sort: "order", limit: 500 } }).then((got) => current && setChildren(got.items), () => {});
    return () => (current = false);
  }, [task.id, turn]);
  const submit = async (event) => {
    event.preventDefault();
    if (!title.trim()) return;
    try {
      const made = await call("POST", "/tasks", { body: { title, parent_id: task.id } });
      setChildren([...children, made]);
      setTitle("");
      setFault(null);
    } catch (refused) {
      setFault(refused.message);
    }
    refresh();
  };
  const toggle = (child) => {
    setChildren(children.map((one) => (one.id === child.id ? { ...one, completed: !one.completed } : one)));
    return child.completed ? reopen(child) : complete(child);
  };
  const { total, completed } = task.subtasks;
  return html`<fieldset class="field"><legend>${t("subtasks")} ${total > 0 && html`<span class="quiet">${number(completed)}/${number(total)}</span>`}</legend>
    ${total > 0 && html`<progress value=${completed} max=${total} aria-label=${t("subtasks")}></progress>`}
    <ul class="small-list">${children.map((child) => html`<li key=${child.id} class=${child.completed ? "done" : ""}>
      <button class="check" role="checkbox" aria-checked=${child.completed} aria-label=${t(child.completed ? "do.reopen" : "do.complete", { title: child.title })}
        onClick=${() => toggle(child)}><${Icon} of="check" /></button>
      <button class="title" dir="auto" onClick=${() => (opened.value = child.id)}>${child.title}</button></li>`)}</ul>
    <form class="together" onSubmit=${submit}><input value=${title} maxlength="500" dir="auto" aria-label=${t("subtask.new")} placeholder=${t("subtask.new")} onInput=${(e) => setTitle(e.target.value)} />
      <button>${t("add.do")}</button></form>
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
  </fieldset>`;
}
