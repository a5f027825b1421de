// The page begins here.
import { html, Icon, render, useEffect, useState, useValue } from "./ui.js";
import { waking } from "./api.js";
import { speak, t } from "./i18n.js";
import { List } from "./list.js";
import { Search } from "./search.js";
import { asked, SignIn } from "./session.js";
import { Sidebar } from "./sidebar.js";
import { start } from "./tasks.js";
import { Toast } from "./toast.js";
import { view, where } from "./views.js";

// Waking says why it takes so long: nothing ran, and something starts.
function Waking() {
  return useValue(waking) && html`<p class="waking" role="status">${t("waking")}</p>`;
}

function Main() {
  return useValue(view) && html`<${List} />`;
}

function App() {
  const reason = useValue(asked);
  const here = useValue(where);
  const [menu, setMenu] = useState(false);
  useEffect(() => setMenu(false), [here]);
  if (reason) return html`<${SignIn} whenIn=${start} />`;
  return html`<a class="skip" href="#heading" onClick=${(e) => { e.preventDefault(); document.getElementById("heading")?.focus(); }}>${t("skip")}</a>
    <header class="bar">
      <button class="bare menu" aria-expanded=${menu} aria-controls="sidebar" aria-label=${t("views")} onClick=${() => setMenu(!menu)}><${Icon} of="menu" /></button>
      <a class="brand" href="#today">${t("brand")}</a>
      <${Search} />
      <${Waking} />
    </header>
    <div id="sidebar" class=${menu ? "side open" : "side"}><${Sidebar} /></div>
    <main><${Main} /></main>
    <${Toast} />`;
}

await speak();
document.title = t("brand");
const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
start();
