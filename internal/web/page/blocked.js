// What has to be done before a task.
import { html, Icon, useEffect, useState, useValue } from "./ui.js";
import { call, page } from "./api.js";
import { t } from "./i18n.js";
import { touched } from "./tasks.js";
import { opened } from "./views.js";

const pause = 200;

// useTasks returns the tasks of some ids.
function useTasks(ids) {
  const [tasks, setTasks] = useState([]);
  const turn = useValue(touched);
  useEffect(() => {
    let current = true;
    Promise.all(ids.map((id) => call("GET", `/tasks/${id}`).catch(() => null))).then((got) => current && setTasks(got.filter(Boolean)));
    return () => (current = false);
  }, [ids.join(), turn]);
  return tasks;
}

// Finder offers tasks whose words begin as typed.
function Finder({ not, take }) {
  const [words, setWords] = useState("");
  const [found, setFound] = useState([]);
  useEffect(() => {
    if (!words.trim()) return setFound([]);
    let current = true;
    const timer = setTimeout(() => {
      page("/tasks", { query: { q: words, status: "pending", limit: 8 } }).then(({ items }) => current && setFound(items.filter(({ id }) => !not.includes(id))), () => {});
    }, pause);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [words]);
  const pick = (id) => {
    setWords("");
    take(id);
  };
  return html`<input value=${words} maxlength="500" dir="auto" aria-label=${t("blocked.find")} placeholder=${t("blocked.find")} onInput=${(e) => setWords(e.target.value)} />
    <ul class="small-list offered">${found.map((task) => html`<li key=${task.id}><button class="title" dir="auto" onClick=${() => pick(task.id)}>${task.title}</button></li>`)}</ul>`;
}

export function BlockedBy({ task, save }) {
  const before = useTasks(task.depends_on);
  const without = (id) => save({ depends_on: task.depends_on.filter((one) => one !== id) });
  return html`<fieldset class="field"><legend>${t("blocked.by")}</legend>
    <ul class="small-list">${before.map((one) => html`<li key=${one.id} class=${one.completed ? "done" : ""}>
      <${Icon} of=${one.completed ? "check" : "lock"} /><span class="unseen">${t(one.completed ? "blocked.done" : "blocked.open")}</span>
      <button class="title" dir="auto" onClick=${() => (opened.value = one.id)}>${one.title}</button>
      <button class="bare" aria-label=${t("do.unblock", { title: one.title })} onClick=${() => without(one.id)}><${Icon} of="close" /></button></li>`)}</ul>
    <${Finder} not=${[task.id, ...task.depends_on]} take=${(id) => save({ depends_on: [...task.depends_on, id] })} />
  </fieldset>`;
}
