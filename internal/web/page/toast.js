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

// notify shows words, and a button where what they tell can be taken back, or answered as the label says.
export function notify(words, { undo, fault, label } = {}) {
  toast.value = { words, undo, fault, label };
  announce(words);
}

// latestUndo takes back what the toast tells of.
export function latestUndo() {
  const way = toast.peek()?.undo;
  if (!way) return null;
  toast.value = null;
  way();
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
  return html`
    <div class="unseen" role="status" aria-live="polite">${words}</div>
    ${now && html`<div class=${now.fault ? "toast fault" : "toast"}>
      <span>${now.words}</span>
      ${now.undo && html`<button class="plain" onClick=${latestUndo}>${now.label ?? t("undo")}</button>`}
      <button class="plain bare" aria-label=${t("dismiss")} onClick=${() => (toast.value = null)}><${Icon} of="close" /></button>
    </div>`}`;
}
