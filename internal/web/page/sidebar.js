// The views, with how many tasks each has.
import { html, Icon, useValue } from "./ui.js";
import { number, t } from "./i18n.js";
import { stats } from "./tasks.js";
import { address, views, where } from "./views.js";

function Entry({ name, value, icon, label, count, urgent }) {
  const here = useValue(where);
  const current = here.name === name && here.value === (value ?? "");
  return html`<li><a href=${address(name, value)} aria-current=${current ? "page" : undefined} class=${urgent && count ? "urgent" : ""}>
    <${Icon} of=${icon} /><span class="label"><bdi>${label}</bdi></span>
    ${count > 0 && html`<span class="count">${number(count)}</span>`}</a></li>`;
}

export function Sidebar() {
  const numbers = useValue(stats);
  const categories = Object.entries(numbers?.categories_open ?? {});
  return html`<nav class="sidebar" aria-label=${t("views")}>
    <ul>${Object.entries(views).map(([name, { icon, count }]) => html`<${Entry} key=${name} name=${name} icon=${icon} label=${t("view." + name)}
      count=${numbers && count(numbers)} urgent=${name === "overdue"} />`)}</ul>
    ${categories.length > 0 && html`<h2 id="categories">${t("categories")}</h2>
    <ul aria-labelledby="categories">${categories.map(([name, count]) => html`<${Entry} key=${name} name="category" value=${name} icon="folder" label=${name} count=${count} />`)}</ul>`}
    <h2 id="more">${t("more")}</h2>
    <ul aria-labelledby="more">
      <${Entry} name="statistics" icon="chart" label=${t("view.statistics")} />
      <${Entry} name="templates" icon="stack" label=${t("view.templates")} />
      <${Entry} name="files" icon="file" label=${t("view.files")} />
      <${Entry} name="settings" icon="gear" label=${t("view.settings")} />
    </ul>
  </nav>`;
}
