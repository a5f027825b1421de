// How a task repeats, in plain words, and when it will come again.
import { html, useEffect, useState, useValue } from "./ui.js";
import { call } from "./api.js";
import { dueDay, sayDate } from "./dates.js";
import { t } from "./i18n.js";
import { inWords } from "./repeat.js";
import { touched } from "./tasks.js";
import { notify } from "./toast.js";

const presets = ["daily", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "weekly", "FREQ=WEEKLY;INTERVAL=2", "monthly", "yearly"];
const ahead = 5;

function Next({ task }) {
  const [dates, setDates] = useState([]);
  const turn = useValue(touched);
  useEffect(() => {
    let current = true;
    call("GET", `/tasks/${task.id}/occurrences`, { query: { count: ahead } }).then((got) => current && setDates(got), () => {});
    return () => (current = false);
  }, [task.id, task.version, turn]);
  return dates.length > 0 && html`<p class="quiet small">${t("repeat.next")} ${dates.map((date) => html`<time key=${date} datetime=${date}>${sayDate(date)}</time>`)}</p>`;
}

// ruleOf returns the rule that somebody writes, and what it is counted from where that is said: as a rule, or in the words of quick add, null if these
// mean none. Words may leave a day to the due that the series begins with.
async function ruleOf(text, due) {
  if (/^(RRULE:)?\w+=/i.test(text)) return { rule: text };
  const { draft } = await call("POST", "/tasks/quick", { query: { dry_run: "true" }, body: { text: `x ${dueDay(due)} ${text}` } });
  if (draft.title !== "x" || !draft.recurrence) return null;
  const { rule, from } = draft.recurrence;
  return from === "completion" ? { rule, from } : { rule };
}

export function Recurrence({ task, save }) {
  const { recurrence } = task;
  const [own, setOwn] = useState(false);
  const pick = ({ target: { value } }) => {
    setOwn(value === "own");
    if (value !== "own") save({ recurrence: value === "" ? null : { rule: value, from: recurrence?.from, skip_if_open: recurrence?.skip_if_open } });
  };
  const write = async ({ target }) => {
    const text = target.value.trim();
    if (!text || text === recurrence?.rule) return;
    try {
      const read = await ruleOf(text, task.due);
      if (!read) return notify(t("repeat.strange"), { fault: true });
      if (await save({ recurrence: read })) setOwn(false);
    } catch (fault) {
      notify(fault.message, { fault: true });
    }
  };
  const keys = (event) => event.key === "Enter" && !event.isComposing && event.target.blur();
  const rule = recurrence?.rule ?? "";
  return html`<fieldset class="field"><legend>${t("field.repeat")}</legend>
    ${!task.due && html`<p class="quiet small">${t("repeat.needsDue")}</p>`}
    <select aria-label=${t("field.repeat")} value=${own ? "own" : rule} disabled=${!task.due} onChange=${pick}>
      <option value="">${t("repeat.never")}</option>
      ${rule && !presets.includes(rule) && html`<option value=${rule}>${inWords(rule)}</option>`}
      ${presets.map((one) => html`<option value=${one}>${inWords(one)}</option>`)}
      <option value="own">${t("repeat.own")}</option>
    </select>
    ${own && html`<input aria-label=${t("repeat.own")} defaultValue=${rule} placeholder=${t("repeat.ownHint")} maxlength="500" onBlur=${write} onKeyDown=${keys} />`}
    ${recurrence && html`
      <label class="tick"><input type="checkbox" checked=${recurrence.from === "completion"} onChange=${(e) => save({ recurrence: { from: e.target.checked ? "completion" : "due" } })} /> ${t("repeat.fromCompletion")}</label>
      <label class="tick"><input type="checkbox" checked=${recurrence.skip_if_open} onChange=${(e) => save({ recurrence: { skip_if_open: e.target.checked } })} /> ${t("repeat.skipOpen")}</label>
      <${Next} task=${task} />`}
  </fieldset>`;
}
