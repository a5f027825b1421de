// Whether two values of a field mean the same: the service keeps them in a form of its own.

const moment = (text) => (/^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : text);
const set = (all, form = (one) => one) => [...new Set(all.map(form))].sort();

const forms = {
  due: moment,
  category: (name) => (name ?? "other").toLowerCase(),
  tags: (all) => set(all, (tag) => tag.toLowerCase()),
  reminders: (all) => set(all, moment),
  depends_on: (all) => set(all),
};

const inFull = (rule) => rule.toUpperCase().replace(/^RRULE:/, "").replace(/^\w+$/, "FREQ=$&");

// A word is kept as the rule that does so from the due: where not every month or year has its day, with the last one in its place.
const lastDay = /;(BYMONTH=2;)?BYMONTHDAY=(-1|28,29(,30)?;BYSETPOS=-1)$/;

function sameRule(a, b) {
  const [full, other] = [a, b].map(inFull);
  return full === other || (![a, b].every((rule) => rule.includes("=")) && full.replace(lastDay, "") === other.replace(lastDay, ""));
}

// A recurrence may be given in part.
const sameRecurrence = (a, b) => ["rule", "from", "skip_if_open"].every((name) =>
  a[name] === undefined || b[name] === undefined || (name === "rule" ? sameRule(a[name], b[name]) : a[name] === b[name]));

export function same(field, a, b) {
  if (field === "recurrence" && a && b) return sameRecurrence(a, b);
  const form = forms[field] ?? ((value) => value);
  return JSON.stringify(form(a)) === JSON.stringify(form(b));
}
