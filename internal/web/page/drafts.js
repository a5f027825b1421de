// What is written and neither sent nor kept yet. The tab has it: who reloads the page, or has to sign in anew, has lost nothing.
import { useState } from "./ui.js";
import { draftsPlace } from "./session.js";

function recall(name) {
  try {
    return JSON.parse(sessionStorage.getItem(draftsPlace + name));
  } catch {
    return null;
  }
}

function remember(name, draft) {
  if (draft === null) sessionStorage.removeItem(draftsPlace + name);
  else sessionStorage.setItem(draftsPlace + name, JSON.stringify(draft));
  return draft;
}

// useDraft returns what is written under a name, null where nothing is, and what sets it: to a draft, or to what a function makes of the one there is.
export function useDraft(name) {
  const [draft, setDraft] = useState(() => recall(name));
  return [draft, (next) => setDraft((now) => remember(name, typeof next === "function" ? next(now) : next))];
}
