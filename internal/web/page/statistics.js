// How the tasks stand, in numbers and charts.
import { html, useEffect, useState, useValue } from "./ui.js";
import { call } from "./api.js";
import { sayDate, sayDue } from "./dates.js";
import { number, t } from "./i18n.js";
import { touched } from "./tasks.js";
import { opened } from "./views.js";

const width = 600, height = 120;

// Days draws how many were completed on each day; the table beside it says the same to those who do not see it.
function Days({ days }) {
  const most = Math.max(1, ...days.map((day) => day.completed));
  const step = width / days.length;
  return html`<figure><figcaption>${t("trends.days")}</figcaption>
    <svg class="chart" viewBox="0 0 ${width} ${height + 4}" role="img" aria-label=${t("trends.say", { n: days.reduce((sum, day) => sum + day.completed, 0) })}>
      <line x1="0" x2=${width} y1=${height + 1} y2=${height + 1} />
      ${days.map(({ date, completed }, i) => html`<rect key=${date} x=${i * step + 2} width=${step - 4} rx="2" y=${height - (completed / most) * (height - 8)} height=${(completed / most) * (height - 8)}>
        <title>${sayDate(date)}: ${number(completed)}</title></rect>`)}
    </svg>
    <div class="scale quiet small"><span>${sayDate(days[0].date)}</span><span>${t("trends.most", { n: most })}</span><span>${t("today")}</span></div>
    <details><summary>${t("trends.table")}</summary><table>${[...days].reverse().filter((day) => day.completed).map(({ date, completed }) => html`<tr key=${date}><th scope="row">${sayDate(date)}</th><td>${number(completed)}</td></tr>`)}</table></details>
  </figure>`;
}

function Bars({ title, parts, name }) {
  return html`<figure><figcaption>${title}</figcaption><table class="bars">${Object.entries(parts).map(([key, { total, completed, percent }]) => html`<tr key=${key}>
    <th scope="row" dir="auto">${name(key)}</th><td><meter min="0" max="100" value=${percent} aria-label=${name(key)}></meter></td><td>${t("trends.done", { completed, total })}</td></tr>`)}</table></figure>`;
}

const tiles = ["pending", "completed", "overdue", "today", "this_week", "created_today", "completed_today", "recurring", "with_dependencies", "subtasks", "no_due_date", "archived"];

export default function Statistics() {
  const [numbers, setNumbers] = useState(null);
  const [fault, setFault] = useState(null);
  const turn = useValue(touched);
  useEffect(() => {
    let current = true;
    Promise.all([call("GET", "/stats"), call("GET", "/stats/trends")]).then((got) => current && setNumbers(got), (refused) => current && setFault(refused.message));
    return () => (current = false);
  }, [turn]);
  if (!numbers) return fault && html`<p class="fault" role="alert">${fault}</p>`;
  const [stats, trends] = numbers;
  return html`
    <dl class="tiles">${tiles.map((key) => html`<div key=${key}><dt>${t("stats." + key)}</dt><dd>${number(stats[key])}</dd></div>`)}</dl>
    ${stats.oldest_overdue && html`<p class="oldest">${t("stats.oldest")} <button dir="auto" onClick=${() => (opened.value = stats.oldest_overdue.id)}>${stats.oldest_overdue.title}</button>
      <span class="quiet">${sayDue(stats.oldest_overdue.due)}</span></p>`}
    <${Days} days=${trends.days} />
    <${Bars} title=${t("trends.priority")} parts=${{ all: trends.overall, ...trends.by_priority }} name=${(key) => t(key === "all" ? "trends.all" : "priority." + key)} />
    ${trends.categories > 0 && html`<${Bars} title=${t("trends.category")} parts=${trends.by_category} name=${(key) => key} />`}`;
}
