// When to be reminded of a task.
import { html, Icon, useState } from "./ui.js";
import { sayDate } from "./dates.js";
import { language, t } from "./i18n.js";

const offsets = ["PT0S", "-PT10M", "-PT30M", "-PT1H", "-P1D", "-P1W"];
const units = { W: "week", D: "day", H: "hour", M: "minute", S: "second" };

// sayReminder puts a reminder in words: an offset (ISO 8601) or a time.
export function sayReminder(reminder) {
  if (!/^-?P/.test(reminder)) return sayDate(reminder);
  const parts = [...reminder.matchAll(/(\d+)([WDHMS])/g)].filter(([, n]) => Number(n));
  if (!parts.length) return t("reminder.now");
  const say = ([, n, unit]) => new Intl.NumberFormat(language, { style: "unit", unit: units[unit], unitDisplay: "long" }).format(Number(n));
  return t("reminder.before", { time: parts.map(say).join(" ") });
}

export function Reminders({ task, save }) {
  const [exact, setExact] = useState(false);
  const add = (reminder) => save({ reminders: [...task.reminders, reminder] });
  const pick = (event) => {
    const { value } = event.target;
    event.target.value = "";
    if (value === "exact") setExact(true);
    else if (value) add(value);
  };
  const at = (event) => {
    if (!event.target.value) return;
    setExact(false);
    add(new Date(event.target.value).toISOString());
  };
  return html`<fieldset class="field"><legend>${t("reminders")}</legend>
    <ul class="small-list">${task.reminders.map((reminder) => html`<li key=${reminder}><${Icon} of="bell" /><span class="grow">${sayReminder(reminder)}</span>
      <button class="bare" aria-label=${t("do.unremind", { time: sayReminder(reminder) })} onClick=${() => save({ reminders: task.reminders.filter((one) => one !== reminder) })}><${Icon} of="close" /></button></li>`)}</ul>
    <select aria-label=${t("reminder.add")} value="" onChange=${pick}><option value="">${t("reminder.add")}</option>
      ${task.due && offsets.filter((one) => !task.reminders.includes(one)).map((one) => html`<option value=${one}>${sayReminder(one)}</option>`)}
      <option value="exact">${t("reminder.exact")}</option></select>
    ${exact && html`<input type="datetime-local" aria-label=${t("reminder.exact")} onBlur=${at} autofocus />`}
  </fieldset>`;
}
