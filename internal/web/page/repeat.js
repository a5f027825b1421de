// Rules of repetition (RFC 5545) in plain words. What words cannot say is shown as it is written.
import { language, number, t } from "./i18n.js";

const days = { MO: 1, TU: 2, WE: 3, TH: 4, FR: 5, SA: 6, SU: 7 };
const workdays = "MO,TU,WE,TH,FR";

// nameOf names a weekday: 1 January 2024 was a Monday.
const nameOf = (day, form = "long") => new Intl.DateTimeFormat(language, { weekday: form, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, days[day])));
const listed = (words) => new Intl.ListFormat(language, { type: "conjunction" }).format(words);
const monthName = (n) => new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" }).format(new Date(Date.UTC(2024, n - 1, 15)));

// place names the nth of several, null where there are no words for it.
function place(n) {
  if (n === -1) return t("repeat.last");
  return n > 0 ? t("repeat.nth", { n }) : null;
}

function weekday(part) {
  const [, nth, day] = /^([+-]?\d+)?(\w\w)$/.exec(part) ?? [];
  if (!(day in days)) return null;
  if (!nth) return nameOf(day);
  const which = place(Number(nth));
  return which && `${which} ${nameOf(day)}`;
}

// spelled are the rules that the words monthly and yearly are kept as.
function lastDays(rule) {
  if (rule.BYSETPOS !== "-1" || !rule.BYMONTHDAY) return null;
  const list = rule.BYMONTHDAY.split(",").map(Number);
  if (list.some((day, i) => day !== 28 + i)) return null;
  const day = 27 + list.length;
  return day === 31 ? t("repeat.lastDay") : t("repeat.orLastDay", { n: day });
}

function on(rule) {
  const { BYDAY, BYMONTHDAY, BYSETPOS } = rule;
  if (!BYDAY && !BYMONTHDAY) return "";
  if (BYDAY && BYMONTHDAY) return null;
  if (BYDAY === workdays && !BYSETPOS) return t("repeat.workdays");
  if (BYDAY && BYSETPOS) {
    const which = place(Number(BYSETPOS)); // null of several
    return BYDAY === workdays && which ? t("repeat.nthWorkday", { place: which }) : null;
  }
  if (BYDAY) {
    const words = BYDAY.split(",").map(weekday);
    return words.includes(null) ? null : t("repeat.on", { days: listed(words) });
  }
  if (BYMONTHDAY === "-1") return t("repeat.lastDay");
  if (BYSETPOS) return lastDays(rule);
  return t("repeat.onDay", { days: listed(BYMONTHDAY.split(",").map((n) => number(Number(n)))) });
}

const known = ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH", "WKST"];

export function inWords(text) {
  if (["daily", "weekly", "monthly", "yearly"].includes(text)) text = "FREQ=" + text.toUpperCase();
  const rule = Object.fromEntries(text.split(";").map((part) => part.split("=")));
  const unit = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" }[rule.FREQ];
  const days = on(rule);
  if (!unit || days === null || Object.keys(rule).some((name) => !known.includes(name))) return text;
  const words = [t("repeat.every." + unit, { n: Number(rule.INTERVAL ?? 1) })];
  if (days) words.push(days);
  if (rule.BYMONTH) words.push(t("repeat.in", { months: listed(rule.BYMONTH.split(",").map((n) => monthName(Number(n)))) }));
  if (rule.COUNT) words.push(t("repeat.times", { n: Number(rule.COUNT) }));
  if (rule.UNTIL) words.push(t("repeat.until", { date: rule.UNTIL.replace(/^(\d{4})(\d\d)(\d\d).*/, "$1-$2-$3") }));
  return words.join(" ");
}
