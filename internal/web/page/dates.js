// Days and times as people say them, on this device's clock.
import { language, t } from "./i18n.js";

export const isDay = (due) => /^\d{4}-\d\d-\d\d$/.test(due);

const two = (n) => String(n).padStart(2, "0");

// dayOf returns the local day of a moment, as in 2026-03-01.
export function dayOf(moment = new Date()) {
  return `${String(moment.getFullYear()).padStart(4, "0")}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

export function dueDay(due) {
  return isDay(due) ? due : dayOf(new Date(due));
}

export function dueTime(due) {
  if (isDay(due)) return "";
  const moment = new Date(due);
  return `${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

// dueOf returns a due of the day and time that fields have: without a time the whole day.
export function dueOf(day, time) {
  if (!day) return null;
  return time ? new Date(`${day}T${time}`).toISOString() : day;
}

// noon stands for a day: it is within it wherever clocks change.
const noon = (day) => new Date(`${day}T12:00`);

export function daysUntil(day) {
  return Math.round((noon(day) - noon(dayOf())) / 86400000);
}

const format = (moment, options) => new Intl.DateTimeFormat(language, options).format(moment);

// daysAfter returns the day so many days after another.
export function daysAfter(day, n) {
  const moment = noon(day);
  moment.setDate(moment.getDate() + n);
  return dayOf(moment);
}

export function sayDay(day) {
  const away = daysUntil(day);
  if (Math.abs(away) <= 1) return t(["yesterday", "today", "tomorrow"][away + 1]);
  if (away > 1 && away < 7) return format(noon(day), { weekday: "long" });
  const year = day.slice(0, 4) === dayOf().slice(0, 4) ? undefined : "numeric";
  return format(noon(day), { day: "numeric", month: "short", year });
}

// sayPlainDay names a day without saying how far away it is.
export const sayPlainDay = (day) => format(noon(day), { day: "numeric", month: "short" });

export function sayDue(due) {
  if (isDay(due)) return sayDay(due);
  return `${sayDay(dueDay(due))} ${format(new Date(due), { hour: "numeric", minute: "2-digit" })}`;
}

// sayDate names a date so that it cannot be mistaken.
export function sayDate(due) {
  const options = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
  if (isDay(due)) return format(noon(due), options);
  return format(new Date(due), { ...options, hour: "numeric", minute: "2-digit" });
}
