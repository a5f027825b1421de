// The order of a list and which of its tasks are shown, as the address says.
import { html } from "./ui.js";
import { t } from "./i18n.js";
import { address, priorities, sorts } from "./views.js";

function Choice({ label, value, all, say, none, choose }) {
  return html`<label class="field"><span>${label}</span><select aria-label=${label} value=${value} onChange=${(e) => choose(e.target.value)}>
    <option value="">${none}</option>${all.map((one) => html`<option key=${one} value=${one}>${t(say + one.replace("-", ""))}</option>`)}</select></label>`;
}

// Sift is the control for both. Closed it says what is chosen.
export function Sift({ now }) {
  const choose = (change) => (location.hash = address(now.name, now.value, { ...now, ...change }));
  const chosen = [now.priority && t("priority." + now.priority), now.sort && t("sort." + now.sort.replace("-", ""))].filter(Boolean).join(", ");
  return html`<details class="sift"><summary>${t("sift")}${chosen && html`: <strong>${chosen}</strong>`}</summary>
    <div class="together">
      <${Choice} label=${t("sort")} value=${now.sort} all=${sorts} say="sort." none=${t("sort.own")} choose=${(sort) => choose({ sort })} />
      <${Choice} label=${t("sift.priority")} value=${now.priority} all=${priorities} say="priority." none=${t("priority.any")} choose=${(priority) => choose({ priority })} />
    </div></details>`;
}
