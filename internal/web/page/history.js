// What became of a task.
import { html, useEffect, useState } from "./ui.js";
import { call } from "./api.js";
import { sayDate, sayDue } from "./dates.js";
import { names } from "./faults.js";
import { t } from "./i18n.js";
import { sayReminder } from "./reminders.js";
import { inWords } from "./repeat.js";

const longest = 80;
const clip = (text) => (text.length > longest ? text.slice(0, longest) + "…" : text);

// sayings put the values of fields in words. Those of the others are numbers and ids, which say nothing.
const sayings = {
  title: clip, description: clip, category: clip,
  due: sayDue,
  priority: (value) => t("priority." + value),
  tags: (value) => clip(value.join(", ")),
  reminders: (value) => clip(value.map(sayReminder).join(", ")),
  recurrence: ({ rule }) => inWords(rule),
};

const say = (name, value) => (value === null || value === undefined || !value.length && typeof value !== "object" ? "" : sayings[name](value)) || "–";

function Change({ name, values: [from, to] }) {
  const field = t(names[name] ?? name);
  return html`<div class="quiet">${field}${name in sayings && html`: <bdi>${say(name, from)}</bdi> → <bdi>${say(name, to)}</bdi>`}</div>`;
}

// kindOf says what an entry tells of. What is made after it has been deleted is back again.
const kindOf = ({ change }, earlier) => (change === "created" && earlier.some((one) => one.change === "deleted") ? "restored" : change);

export function History({ task }) {
  const [open, setOpen] = useState(false);
  const [entries, setEntries] = useState([]);
  useEffect(() => {
    let current = open;
    if (open) call("GET", `/tasks/${task.id}/history`).then((got) => current && setEntries(got.map((one, i) => ({ ...one, kind: kindOf(one, got.slice(0, i)) })).reverse()), () => {});
    return () => (current = false);
  }, [open, task.id, task.version]);
  return html`<details class="history" onToggle=${(e) => setOpen(e.target.open)}><summary>${t("history")}</summary>
    <ul class="small-list">${entries.map(({ at, change, kind, fields }) => html`<li key=${at + change}><span class="grow">${t("change." + kind)}
      ${change === "updated" && Object.entries(fields).map(([name, values]) => html`<${Change} key=${name} name=${name} values=${values} />`)}</span><time class="quiet" datetime=${at}>${sayDate(at)}</time></li>`)}</ul></details>`;
}
