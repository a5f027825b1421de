// What has just happened, said once: to eyes, with a way back, and to screen readers.
import { html, signal, useEffect, useValue } from "./ui.js";
import { t } from "./i18n.js";
import { Icon } from "./ui.js";

const toast = signal(null);
const said = signal("");
const lasts = 8000;

// announce tells screen readers alone.
export function announce(words) {
  said.value = said.peek() === words ? words + "\u00a0" : words;
}

// notify shows words, and a button where what they tell can be taken back, done again, or answered as the label says.
export function notify(words, { undo, redo, answer, label, fault } = {}) {
  toast.value = { words, undo, redo, answer, label, fault };
  announce(words);
}

// retract takes away the ways that are offered, where they lead elsewhere from now on.
export function retract() {
  toast.value = null;
}

// take goes one of the ways that the toast offers, and says whether it does: undo, redo or answer.
export function take(way) {
  const does = toast.peek()?.[way];
  if (!does) return false;
  retract();
  does();
  return true;
}

export function Toast() {
  const now = useValue(toast);
  const words = useValue(said);
  useEffect(() => {
    if (!now) return;
    const timer = setTimeout(() => toast.peek() === now && (toast.value = null), now.fault ? 2 * lasts : lasts);
    return () => clearTimeout(timer);
  }, [now]);
  const way = ["undo", "redo", "answer"].find((one) => now?.[one]);
  return html`
    <div class="unseen" role="status" aria-live="polite">${words}</div>
    ${now && html`<div class=${now.fault ? "toast fault" : "toast"}>
      <span>${now.words}</span>
      ${way && html`<button class="plain" onClick=${() => take(way)}>${way === "answer" ? now.label : t(way)}</button>`}
      <button class="plain bare" aria-label=${t("dismiss")} onClick=${retract}><${Icon} of="close" /></button>
    </div>`}`;
}
