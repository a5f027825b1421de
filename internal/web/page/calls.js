// What was done while an answer was made: a line for each, with the way to the tasks and back.
import { html, Icon, useEffect, useState, useValue } from "./ui.js";
import { call } from "./api.js";
import { sayFaults, sentence } from "./faults.js";
import { t } from "./i18n.js";
import { touched, undo } from "./tasks.js";
import { opened } from "./views.js";

const known = ["add_task", "complete_task", "update_task", "delete_task", "bulk_tasks", "undo", "list_tasks", "search_tasks", "today", "stats"];

// useSteps returns the operations that can be undone, with whether they are; null while nobody knows.
export function useSteps() {
  const [steps, setSteps] = useState(null);
  const turn = useValue(touched);
  useEffect(() => {
    let current = true;
    call("GET", "/undo").then((all) => current && setSteps(new Map(all.map(({ operation, undone }) => [operation, undone]))), () => {});
    return () => (current = false);
  }, [turn]);
  return steps;
}

function Task({ task: { id, title } }) {
  return html`<button class="title" onClick=${() => (opened.value = id)}><bdi>${title || id}</bdi></button>`;
}

// about returns the tasks that a result tells of, wherever it does.
function about({ task, tasks, overdue, due_today }) {
  return [task, tasks, overdue, due_today].flat().filter((one) => one?.id);
}

function count({ done, tasks }, found) {
  return done ?? (typeof tasks === "number" ? tasks : found.length);
}

// Told says what was done, and with which tasks: one is named, more are shown to who asks.
function Told({ words, tasks }) {
  if (tasks.length > 1) return html`<details><summary>${words}</summary><ul>${tasks.map((task) => html`<li key=${task.id}><${Task} task=${task} /></li>`)}</ul></details>`;
  return html`<span>${words}</span>${tasks.length === 1 && html` <${Task} task=${tasks[0]} />`}`;
}

function Back({ operation, steps }) {
  if (steps?.get(operation) === false) return html`<button class="plain" onClick=${() => undo(operation)}><${Icon} of="undo" /> ${t("undo")}</button>`;
  return steps?.get(operation) && html`<span class="quiet">${t("chat.undone")}</span>`;
}

// why says what a tool was refused for.
const why = ({ message = "", faults = [] }) =>
  faults.length ? sayFaults(faults.map(({ parameter, problem }) => ({ pointer: "/" + parameter.replaceAll(".", "/"), detail: problem }))) : sentence(message);

// Line tells of one use of a tool.
export function Line({ made: { name, result, refused }, steps }) {
  const tasks = about(result ?? {});
  const words = t("chat.did." + (known.includes(name) ? name : "other"), { name, n: count(result ?? {}, tasks) });
  if (refused) return html`<li class="call fault"><span>${t("chat.refused")} <bdi>${why(result ?? {})}</bdi></span></li>`;
  return html`<li class="call"><${Told} words=${words} tasks=${tasks} />
    ${result?.deleted && html`<bdi>${result.deleted.title}</bdi>`}
    ${result?.undo && html`<${Back} operation=${result.undo.operation} steps=${steps} />`}</li>`;
}
