// The sheet of keyboard shortcuts.
import { html, Icon, useLayoutEffect, useRef, useValue } from "./ui.js";
import { t } from "./i18n.js";
import { helping, shortcuts } from "./keys.js";

const named = { ArrowDown: "↓", ArrowUp: "↑", Delete: "Del" };

export function Help() {
  const shown = useValue(helping);
  const sheet = useRef();
  useLayoutEffect(() => { // at once, so that Escape closes it however soon it comes
    if (shown) sheet.current.showModal();
  }, [shown]);
  if (!shown) return null;
  return html`<dialog ref=${sheet} class="sheet" aria-labelledby="help-title" onClose=${() => (helping.value = false)}>
    <div class="head"><h2 id="help-title">${t("help")}</h2><button class="bare" aria-label=${t("close")} onClick=${() => sheet.current.close()}><${Icon} of="close" /></button></div>
    <table>${shortcuts.map(({ keys, help }) => html`<tr><th scope="row">${t(help)}</th>
      <td>${keys.map((key, i) => html`${i > 0 && (help === "key.views" ? " – " : " ")}<kbd>${named[key] ?? key}</kbd>`)}</td></tr>`)}
      <tr><th scope="row">${t("undo")}, ${t("redo")}</th><td><kbd>Ctrl</kbd> <kbd>Z</kbd> – <kbd>Ctrl</kbd> <kbd>Shift</kbd> <kbd>Z</kbd></td></tr>
      <tr><th scope="row">${t("key.move")}</th><td><kbd>Alt</kbd> <kbd>↑</kbd> <kbd>↓</kbd></td></tr>
    </table>
    <p class="quiet">${t("help.off")}</p>
  </dialog>`;
}
