// Why something was refused, in the words that the page itself has for things.
import { t } from "./i18n.js";

// names are what the page calls fields.
export const names = {
  name: "field.name", title: "field.title", description: "notes", due: "field.due", priority: "priority", category: "category", tags: "tags",
  recurrence: "field.repeat", reminders: "reminders", depends_on: "blocked.by", parent_id: "field.parent", time_zone: "settings.zone", auto_archive_days: "settings.archive",
  order: "field.order", text: "fault.text",
};

// own are faults that the page has better words for than the service, which speaks to programs too.
const own = [
  ["text", /^must leave something for a title/, "fault.noTitle"],
  ["text", /^gives a title that must be at most (?<n>\d+) char/, "fault.longTitle"],
  ["time_zone", /^must be an IANA/, "fault.zone"],
  ["due", /^must be a day, a time or both/, "fault.due"],
];

// sayFault puts a fault in words: the field (RFC 6901) as the page calls it, and what is wrong with it. The columns of a file are called as they are there.
export function sayFault({ pointer, detail }) {
  const field = pointer.split("/")[1] ?? "";
  for (const [of, says, words] of own) {
    const found = of === field && says.exec(detail);
    if (found) return t(words, found.groups);
  }
  if (field in names) return `${t(names[field])} ${detail}`;
  return field ? `${field.replaceAll("~1", "/").replaceAll("~0", "~")}: ${detail}` : detail;
}

// sentence begins words as a sentence does.
export const sentence = (words) => words.charAt(0).toLocaleUpperCase() + words.slice(1);
const most = 3;

// sayFaults puts faults in words, the first of them, each a sentence.
export function sayFaults(faults) {
  const said = faults.slice(0, most).map((fault) => sentence(sayFault(fault)));
  return said.map((words, i) => (i + 1 < said.length && !/[.!?]$/.test(words) ? words + "." : words)).join(" ") + (faults.length > most ? " …" : "");
}

// sayRefusal puts a refusal (RFC 9457) in words.
export function sayRefusal({ status, title, detail, errors = [] }) {
  return errors.length ? sayFaults(errors) : sentence(detail ?? title ?? String(status ?? ""));
}
