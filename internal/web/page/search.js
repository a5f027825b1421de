// Search as you type.
import { html, Icon, useEffect, useState, useValue } from "./ui.js";
import { enterList } from "./focus.js";
import { t } from "./i18n.js";
import { address, go, where } from "./views.js";

const pause = 200;
let before = "#today"; // the view that a search began in

// seek shows what has a text, unless that is shown already.
function seek(text) {
  const { name, value } = where.peek();
  if (name !== "search" || value !== text) go("search", text);
}

export function Search() {
  const here = useValue(where);
  const [text, setText] = useState(here.name === "search" ? here.value : "");
  useEffect(() => {
    if (here.name === "search") return;
    before = address(here.name, here.value, here);
    setText("");
  }, [here]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text.trim()) seek(text.trim());
      else if (where.peek().name === "search") location.hash = before;
    }, pause);
    return () => clearTimeout(timer);
  }, [text]);
  const keys = (event) => {
    if (event.isComposing || !["Escape", "ArrowDown", "Enter"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Escape") {
      setText("");
      if (where.peek().name !== "search") return enterList();
      location.hash = before; // what is listed goes, its heading stays
      document.getElementById("heading")?.focus();
      return;
    }
    if (text.trim()) seek(text.trim());
    enterList();
  };
  return html`<form class="search" role="search" onSubmit=${(e) => e.preventDefault()}>
    <${Icon} of="search" />
    <input id="search" type="search" maxlength="500" value=${text} placeholder=${t("search")} aria-label=${t("search")} autocomplete="off" dir="auto" onInput=${(e) => setText(e.target.value)} onKeyDown=${keys} />
  </form>`;
}
