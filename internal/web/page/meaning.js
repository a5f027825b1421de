// What a text means, and how one that is added in a view says that it belongs there.
import { call } from "./api.js";

// What a task added in a view has beside its text, so that it is seen there: before the text, since a description goes to its end.
const belongs = {
  today: () => "today ",
  tomorrow: () => "tomorrow ",
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

// read returns what a text means that is added in a place, and the text that says so by itself.
export async function read(text, { name, value } = {}, options) {
  const ask = (words) => call("POST", "/tasks/quick", { query: { dry_run: "true" }, body: { text: words }, once: true, ...options });
  const meant = await ask(text);
  if (!belongs[name] || !leavesOpen[name](meant) || value?.includes('"')) return { text, ...meant };
  const whole = belongs[name](value) + text;
  return { text: whole, ...(await ask(whole)) };
}
