// What was done while an answer was made: a line for each, with the way to the tasks and back.
import { html, Icon, useEffect, useState, useValue } from "./ui.js";
import { call } from "./api.js";
import { t } from "./i18n.js";
import { opened } from "./list.js";
import { touched, undo } from "./tasks.js";

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

// Found are tasks that were looked at: one is named, more are shown to who asks.
function Found({ tasks }) {
  if (tasks.length === 1) return html`<${Task} task=${tasks[0]} />`;
  return tasks.length > 1 && html`<details><summary>${t("chat.which")}</summary><ul>${tasks.map((task) => html`<li key=${task.id}><${Task} task=${task} /></li>`)}</ul></details>`;
}

function Back({ operation, steps }) {
  if (steps?.get(operation) === false) return html`<button class="plain" onClick=${() => undo(operation)}><${Icon} of="undo" /> ${t("undo")}</button>`;
  return steps?.get(operation) && html`<span class="quiet">${t("chat.undone")}</span>`;
}

// Line tells of one use of a tool.
export function Line({ made: { name, result, refused }, steps }) {
  const what = t("chat.did." + (known.includes(name) ? name : "other"), { name, n: 0 });
  if (refused) return html`<li class="call fault"><span>${t("chat.refused")} <bdi>${result?.message ?? what}</bdi></span></li>`;
  const tasks = about(result ?? {});
  return html`<li class="call"><span>${t("chat.did." + (known.includes(name) ? name : "other"), { name, n: count(result ?? {}, tasks) })}${result?.deleted?.title && html` <bdi>${result.deleted.title}</bdi>`}</span>
    <${Found} tasks=${tasks} />
    ${result?.undo && html`<${Back} operation=${result.undo.operation} steps=${steps} />`}</li>`;
}
