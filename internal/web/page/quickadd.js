// A line of text becomes a task; while it is typed, the page says how it is understood.
import { html, Icon, useEffect, useRef, useState, useValue } from "./ui.js";
import { Problem } from "./api.js";
import { useDraft } from "./drafts.js";
import { add } from "./tasks.js";
import { sayDue } from "./dates.js";
import { read } from "./meaning.js";
import { forNow } from "./outbox.js";
import { sayReminder } from "./reminders.js";
import { inWords } from "./repeat.js";
import { t } from "./i18n.js";
import { view } from "./views.js";

const pause = 250;
const signs = { due: "week", recurrence: "repeat", priority: "stack", category: "folder", tag: "tag", reminder: "bell", description: "note" };

// say returns what a part of the text means.
function say({ kind, value }) {
  switch (kind) {
    case "due": return sayDue(value);
    case "priority": return t("priority." + value);
    case "recurrence": return inWords(value);
    case "tag": return "#" + value;
    case "reminder": return sayReminder(value);
    default: return value;
  }
}

// saidOnce are the parts of a text that mean something, each meaning once.
function saidOnce(tokens) {
  const all = tokens.filter(({ kind }) => kind in signs).map((token) => [token.kind, say(token)]);
  return new Map(all.map((one) => [one.join(), one])).values();
}

const day = "(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)";
const severalDays = new RegExp(`\\b${day}(?:[\\s,&]+(?:and\\s+)?${day})+\\b`, "i");

// sayMisread says what is wrong with a text; who gives several days probably wants them all.
function sayMisread(fault, text) {
  const [days] = fault.errors?.some(({ detail }) => detail.startsWith("gives two dates")) ? severalDays.exec(text) ?? [] : [];
  return days ? `${fault.message}. ${t("fault.repeats", { words: "every " + days })}` : fault.message;
}

function Preview({ meaning }) {
  if (!meaning) return html`<p class="preview quiet">${t("add.hint")}</p>`;
  if (meaning.fault) return html`<p class="preview fault">${meaning.fault}</p>`;
  const { draft, tokens } = meaning;
  const byRule = draft.due && !tokens.some(({ kind }) => kind === "due") ? [{ kind: "due", value: draft.due }] : [];
  return html`<p class="preview"><span class="understood" dir="auto">${draft.title}</span>
    ${[...saidOnce([...byRule, ...tokens])].map(([kind, words]) => html`<span key=${kind + words} class=${"chip " + kind}><${Icon} of=${signs[kind]} />${words}</span>`)}</p>`;
}

// useMeaning returns what a text means, as soon as there is a pause in typing.
function useMeaning(text, place) {
  const [meaning, setMeaning] = useState(null);
  useEffect(() => {
    if (!text.trim()) return setMeaning(null);
    const leave = new AbortController();
    const timer = setTimeout(() => {
      read(text, place ?? undefined, { signal: leave.signal }).then(setMeaning, (fault) => fault instanceof Problem && setMeaning({ fault: sayMisread(fault, text) }));
    }, pause);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [text, place]);
  return meaning;
}

// send adds the task. Where the service cannot be asked what a text means, it is asked before the text is sent.
async function send(text) {
  const { name, value } = view.peek() ?? {};
  const meant = await read(text, { name, value }).catch((fault) => {
    if (!forNow(fault)) throw fault;
    return { text, open: true };
  });
  await add(meant.text, { name, value, open: meant.open });
}

export function QuickAdd() {
  const place = useValue(view);
  const [draft, setDraft] = useDraft("add");
  const text = draft ?? "";
  const [fault, setFault] = useState(null);
  const [busy, setBusy] = useState(false);
  const field = useRef();
  const meaning = useMeaning(text, place);
  useEffect(() => setFault(null), [place]);
  const type = (event) => {
    setDraft(event.target.value || null);
    setFault(null);
  };
  const submit = async (event) => {
    event.preventDefault();
    if (!text.trim() || busy) return;
    setBusy(true);
    await send(text).then(() => setDraft(null), (refused) => setFault(sayMisread(refused, text)));
    setBusy(false);
    field.current?.focus();
  };
  return html`<form class="quickadd" onSubmit=${submit}>
    <div class="line">
      <${Icon} of="plus" />
      <input id="quickadd" ref=${field} value=${text} onInput=${type} placeholder=${t("add.placeholder")} aria-label=${t("add.label")}
        aria-describedby="understood" autocomplete="off" enterkeyhint="done" dir="auto" />
      <button class="primary" aria-disabled=${busy || !text.trim()}>${t("add.do")}</button>
    </div>
    <div id="understood" aria-live="polite">${fault ? html`<p class="preview fault">${fault}</p>` : html`<${Preview} meaning=${meaning} />`}</div>
  </form>`;
}
