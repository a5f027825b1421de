// Several tasks at once.
import { effect, html, Icon, signal, useState, useValue } from "./ui.js";
import { call } from "./api.js";
import { t } from "./i18n.js";
import { list, loadAll, madeLast, refresh, total, undo } from "./tasks.js";
import { notify } from "./toast.js";

export const chosen = signal(new Set());
let last = null; // what was chosen last, for a range

export function choose(id, range) {
  const now = new Set(chosen.peek());
  const ids = list.peek().items.map((task) => task.id);
  const [from, to] = [ids.indexOf(last), ids.indexOf(id)].sort((a, b) => a - b);
  if (range && from >= 0) ids.slice(from, to + 1).forEach((one) => now.add(one));
  else if (!now.delete(id)) now.add(id);
  last = id;
  chosen.value = now;
}

const none = () => (chosen.value = new Set());

// What is no longer in the list is not selected either.
effect(() => {
  const { items, state } = list.value, ids = chosen.peek();
  if (state === "loading" || !ids.size) return;
  const left = items.filter(({ id }) => ids.has(id));
  if (left.length < ids.size) chosen.value = new Set(left.map(({ id }) => id));
});

// most is how many tasks the service takes at once.
const most = 1000;

const operations = { complete: "completed", reopen: "reopened", archive: "archived", delete: "deleted", update: "updated" };

// actOn does something with all that are chosen. Each part of them is an operation, and undone as such, the last one first.
export async function actOn(action, set) {
  const ids = [...chosen.peek()], results = [], made = [];
  let fault = null;
  try {
    for (let at = 0; at < ids.length; at += most) {
      const got = await call("POST", "/tasks/bulk", { body: { action, ids: ids.slice(at, at + most), ...(set && { set }) } });
      results.push(...got.results);
      const changed = got.results.filter(({ result }) => result === "done").length;
      if (changed) made.unshift(await madeLast((one) => one.action === operations[action] && one.tasks >= changed));
    }
    none();
  } catch (refusal) {
    fault = refusal;
  }
  const refused = results.filter(({ result }) => result === "refused");
  const words = [
    results.length && t("said.bulk." + action, { n: results.length - refused.length }),
    refused.length && t("said.refused", { n: refused.length, detail: refused[0].detail }),
    fault?.message,
  ];
  notify(words.filter(Boolean).join(" "), { fault: fault !== null || refused.length > 0, undo: made.length > 0 && made.every(Boolean) && (() => undo(...made)) });
  refresh();
}

export function Selection() {
  const ids = useValue(chosen), sum = useValue(total);
  const { items, next } = useValue(list);
  const [busy, setBusy] = useState(false);
  if (!ids.size) return null;
  const loaded = () => (chosen.value = new Set(list.peek().items.map((task) => task.id)));
  const all = async () => {
    setBusy(true);
    if (await loadAll()) loaded();
    setBusy(false);
  };
  const some = next && ids.size === items.length;
  const count = some ? t(sum === null ? "selected.loaded" : "selected.loadedOf", { n: ids.size, total: sum }) : t("selected", { n: ids.size });
  return html`<div class="selection" role="toolbar" aria-label=${t("selection")}>
    <span role="status">${count}</span>
    ${some ? html`<button aria-disabled=${busy} onClick=${all}>${t(busy ? "loading" : "select.rest")}</button>` : html`<button onClick=${loaded}>${t("select.all")}</button>`}
    <button onClick=${() => actOn("complete")}>${t("action.complete")}</button>
    <select aria-label=${t("priority")} value="" onChange=${(e) => actOn("update", { priority: e.target.value })}>
      <option value="" disabled>${t("priority")}</option>${["high", "medium", "low"].map((p) => html`<option value=${p}>${t("priority." + p)}</option>`)}
    </select>
    <button onClick=${() => actOn("archive")}>${t("action.archive")}</button>
    <button class="danger" onClick=${() => actOn("delete")}>${t("action.delete")}</button>
    <button class="bare" aria-label=${t("select.none")} onClick=${none}><${Icon} of="close" /></button>
  </div>`;
}
