// What became of a task.
import { html, useEffect, useState } from "./ui.js";
import { call } from "./api.js";
import { sayDate } from "./dates.js";
import { t } from "./i18n.js";

export function History({ task }) {
  const [open, setOpen] = useState(false);
  const [entries, setEntries] = useState([]);
  useEffect(() => {
    let current = open;
    if (open) call("GET", `/tasks/${task.id}/history`).then((got) => current && setEntries(got.reverse()), () => {});
    return () => (current = false);
  }, [open, task.id, task.version]);
  return html`<details class="history" onToggle=${(e) => setOpen(e.target.open)}><summary>${t("history")}</summary>
    <ul class="small-list">${entries.map((entry) => html`<li key=${entry.at + entry.change}><span class="grow">${t("change." + entry.change)}
      <span class="quiet"> ${Object.keys(entry.fields).filter(() => entry.change === "updated").join(", ")}</span></span><time class="quiet" datetime=${entry.at}>${sayDate(entry.at)}</time></li>`)}</ul></details>`;
}
