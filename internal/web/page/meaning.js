// What a text means, and how one that is added in a view says that it belongs there.
import { call } from "./api.js";
import { dayOf, daysAfter, dueDay } from "./dates.js";

// What a task added in a view has beside its text, so that it is seen there: before the text, since a description goes to its end.
const belongs = {
  today: (_, day) => `${day} `,
  tomorrow: (_, day) => `${daysAfter(day, 1)} `,
  category: (value) => `@"${value}" `,
  tag: (value) => `#"${value}" `,
};

// leavesOpen is whether a text does not say by itself where it belongs. What repeats is due by its rule.
const leavesOpen = {
  today: ({ draft }) => !draft.due,
  tomorrow: ({ draft }) => !draft.due,
  category: ({ draft }) => !draft.category,
  tag: () => true,
};

// read returns what a text means that is added in a place on a day, and the text that says so by itself.
export async function read(text, { name, value, day = dayOf() } = {}, options) {
  const ask = (words) => call("POST", "/tasks/quick", { query: { dry_run: "true" }, body: { text: words }, once: true, ...options });
  const meant = await ask(text);
  if (!belongs[name] || !leavesOpen[name](meant) || value?.includes('"')) return { text, ...meant };
  const whole = belongs[name](value, day) + text;
  return { text: whole, ...(await ask(whole)) };
}

// turning returns a moment that a text means only because of the day on which it is read, undefined where it names its days.
export function turning(text, { due, reminders = [] }) {
  return [due, ...reminders].find((moment) => moment && !/^-?P/.test(moment) && !text.includes(dueDay(moment)));
}
