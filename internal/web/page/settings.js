// What is kept for a person beside the tasks, and what this browser keeps for them.
import { html, useEffect, useState, useValue } from "./ui.js";
import { call, zone } from "./api.js";
import { chooseLanguage, language, languages, t } from "./i18n.js";
import { areOn, turn } from "./keys.js";
import { key, signOut } from "./session.js";
import { refresh } from "./tasks.js";
import { notify } from "./toast.js";

// version is that of the service which served the page, as /health says it.
const version = document.querySelector("meta[name=version]").content;

const zones = () => Intl.supportedValuesOf?.("timeZone") ?? [];

function Kept({ settings, save }) {
  const [days, setDays] = useState(settings.auto_archive_days ?? "");
  const submit = (event) => {
    event.preventDefault();
    const { zone, days } = Object.fromEntries(new FormData(event.target));
    save({ time_zone: zone.trim(), auto_archive_days: days ? Number(days) : null });
  };
  return html`<form class="card" onSubmit=${submit}><h2>${t("settings.kept")}</h2>
    <label class="field"><span>${t("settings.zone")}</span><input name="zone" list="zones" required defaultValue=${settings.time_zone} autocomplete="off" dir="ltr" aria-describedby="zone-why" /></label>
    <p id="zone-why" class="quiet small">${t("settings.zone.why")}</p>
    <datalist id="zones">${zones().map((name) => html`<option value=${name} />`)}</datalist>
    ${settings.time_zone !== zone && html`<p class="quiet">${t("settings.other", { zone })} <button type="button" onClick=${() => save({ ...settings, time_zone: zone })}>${t("settings.take", { zone })}</button></p>`}
    <label class="field"><span>${t("settings.archive")}</span><input name="days" type="number" min="1" max="3650" value=${days} onInput=${(e) => setDays(e.target.value)} placeholder=${t("settings.never")} /></label>
    <button class="primary">${t("action.save")}</button></form>`;
}

function Notifications() {
  const [state, setState] = useState(globalThis.Notification?.permission ?? "impossible");
  if (!isSecureContext || state === "impossible") return html`<p class="quiet">${t("settings.nonotify")}</p>`;
  if (state === "granted") return html`<p>${t("settings.notifies")}</p>`;
  if (state === "denied") return html`<p class="quiet">${t("settings.denied")}</p>`;
  return html`<button onClick=${() => Notification.requestPermission().then(setState)}>${t("settings.notify")}</button>`;
}

export default function Settings() {
  const [settings, setSettings] = useState(null);
  const [fault, setFault] = useState(null);
  const [on, setOn] = useState(areOn());
  const signed = useValue(key);
  useEffect(() => {
    call("GET", "/settings").then(setSettings, (refused) => setFault(refused.message));
  }, []);
  const save = (wanted) => call("PUT", "/settings", { body: wanted }).then((kept) => {
    setSettings(kept);
    setFault(null);
    notify(t("said.saved"));
    refresh();
  }, (refused) => setFault(refused.message));
  // What comes later comes below: nothing moves under a finger.
  return html`
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
    <section class="card"><h2>${t("settings.here")}</h2>
      <label class="field"><span>${t("settings.language")}</span><select value=${language} onChange=${(e) => chooseLanguage(e.target.value)}>${languages.map(({ code, name }) => html`<option value=${code} lang=${code}>${name}</option>`)}</select></label>
      <label class="tick"><input type="checkbox" checked=${on} onChange=${(e) => { turn(e.target.checked); setOn(e.target.checked); }} /> ${t("settings.keys")}</label>
      <${Notifications} />
      ${signed && html`<button onClick=${signOut}>${t("signin.out")}</button>`}
    </section>
    ${settings && html`<${Kept} key=${settings.time_zone + settings.auto_archive_days} settings=${settings} save=${save} />`}
    <p><a href="/docs">${t("settings.docs")}</a></p>
    <p class="quiet small">${t("settings.version")} <bdi>${version}</bdi></p>`;
}
