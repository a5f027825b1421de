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

// notify shows words, and a button where they can be taken back.
export function notify(words, { undo, fault } = {}) {
  toast.value = { words, undo, fault };
  announce(words);
}

// latestUndo takes back what the toast tells of.
export function latestUndo() {
  const way = toast.peek()?.undo;
  toast.value = null;
  return way?.();
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
      ${now.undo && html`<button class="plain" onClick=${latestUndo}>${t("undo")}</button>`}
      <button class="plain bare" aria-label=${t("dismiss")} onClick=${() => (toast.value = null)}><${Icon} of="close" /></button>
    </div>`}`;
}
