// Tasks made of what is kept under a name.
import { html, useEffect, useState } from "./ui.js";
import { call, page } from "./api.js";
import { t } from "./i18n.js";
import { inWords } from "./repeat.js";
import { refresh } from "./tasks.js";
import { notify } from "./toast.js";

export default function Templates() {
  const [templates, setTemplates] = useState(null);
  const [fault, setFault] = useState(null);
  const fails = (refused) => setFault(refused.message);
  const load = () => page("/templates", { query: { limit: 500 } }).then(({ items }) => setTemplates(items), fails);
  useEffect(() => {
    load();
  }, []);
  const use = (template) => call("POST", `/templates/${encodeURIComponent(template.name)}/tasks`).then((task) => {
    notify(t("said.added", { title: task.title }));
    refresh();
  }, fails);
  const remove = async (template) => {
    if (!confirm(t("ask.delete", { title: template.name }))) return;
    await call("DELETE", `/templates/${encodeURIComponent(template.name)}`).catch(fails);
    load();
  };
  const keep = async (event) => {
    event.preventDefault();
    const form = event.target;
    const { name, title, due } = Object.fromEntries(new FormData(form));
    await call("POST", "/templates", { body: { name, title, due: due || null } }).then(() => {
      form.reset();
      setFault(null);
    }, fails);
    load();
  };
  const says = fault && html`<p class="fault" role="alert">${fault}</p>`;
  if (!templates) return says;
  return html`
    <p class="quiet">${t("templates.why")}</p>
    <ul class="tasks">${templates.map((one) => html`<li class="row" key=${one.name}><div class="what"><span class="title" dir="auto">${one.name}</span>
      <span class="marks"><span class="mark" dir="auto">${one.title}</span>${one.due && html`<span class="mark">${one.due}</span>`}${one.recurrence && html`<span class="mark">${inWords(one.recurrence.rule)}</span>`}</span></div>
      <button onClick=${() => use(one)} aria-label=${t("do.use", { title: one.name })}>${t("action.use")}</button>
      <button class="danger plain" onClick=${() => remove(one)} aria-label=${t("do.delete", { title: one.name })}>${t("action.delete")}</button></li>`)}</ul>
    <form class="card" onSubmit=${keep}><h2>${t("templates.new")}</h2><p class="quiet">${t("templates.plain")}</p>
      <label class="field"><span>${t("field.name")}</span><input name="name" required maxlength="50" dir="auto" /></label>
      <label class="field"><span>${t("field.title")}</span><input name="title" required maxlength="500" dir="auto" /></label>
      <label class="field"><span>${t("templates.due")}</span><input name="due" maxlength="200" placeholder="tomorrow 9am" /></label>
      ${says}
      <button class="primary">${t("action.keep")}</button></form>`;
}
