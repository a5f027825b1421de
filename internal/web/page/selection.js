// Several tasks at once.
import { html, Icon, signal, useValue } from "./ui.js";
import { call } from "./api.js";
import { t } from "./i18n.js";
import { list, refresh, undo } from "./tasks.js";
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

// most is how many tasks the service takes at once.
const most = 1000;

async function act(action, set) {
  const ids = [...chosen.peek()];
  try {
    let results = [];
    for (let at = 0; at < ids.length; at += most) {
      const got = await call("POST", "/tasks/bulk", { body: { action, ids: ids.slice(at, at + most), ...(set && { set }) } });
      results = results.concat(got.results);
    }
    none();
    const refused = results.filter(({ result }) => result === "refused");
    const words = t("said.bulk." + action, { n: results.length - refused.length });
    const why = refused.length ? " " + t("said.refused", { n: refused.length, detail: refused[0].detail }) : "";
    notify(words + why, { fault: refused.length > 0, undo: refused.length < results.length && (() => undo()) });
  } catch (fault) {
    notify(fault.message, { fault: true });
  }
  refresh();
}

export function Selection() {
  const ids = useValue(chosen);
  if (!ids.size) return null;
  const all = () => (chosen.value = new Set(list.peek().items.map((task) => task.id)));
  return html`<div class="selection" role="toolbar" aria-label=${t("selection")}>
    <span>${t("selected", { n: ids.size })}</span>
    <button onClick=${all}>${t("select.all")}</button>
    <button onClick=${() => act("complete")}>${t("action.complete")}</button>
    <select aria-label=${t("priority")} value="" onChange=${(e) => act("update", { priority: e.target.value })}>
      <option value="" disabled>${t("priority")}</option>${["high", "medium", "low"].map((p) => html`<option value=${p}>${t("priority." + p)}</option>`)}
    </select>
    <button onClick=${() => act("archive")}>${t("action.archive")}</button>
    <button class="danger" onClick=${() => act("delete")}>${t("action.delete")}</button>
    <button class="bare" aria-label=${t("select.none")} onClick=${none}><${Icon} of="close" /></button>
  </div>`;
}
