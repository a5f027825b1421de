// Search as you type.
import { html, Icon, useEffect, useState, useValue } from "./ui.js";
import { t } from "./i18n.js";
import { go, where } from "./views.js";

const pause = 200;
let before = "today"; // the view that a search began in

export function Search() {
  const here = useValue(where);
  const [text, setText] = useState(here.name === "search" ? here.value : "");
  useEffect(() => {
    if (here.name === "search") return;
    before = location.hash.slice(1) || "today";
    setText("");
  }, [here]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text.trim()) go("search", text.trim());
      else if (where.peek().name === "search") location.hash = before;
    }, pause);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<form class="search" role="search" onSubmit=${(e) => e.preventDefault()}>
    <${Icon} of="search" />
    <input id="search" type="search" maxlength="500" value=${text} placeholder=${t("search")} aria-label=${t("search")} autocomplete="off" dir="auto" onInput=${(e) => setText(e.target.value)} />
  </form>`;
}
