// The page begins here.
import { html, Icon, render, useEffect, useState, useValue } from "./ui.js";
import { waking } from "./api.js";
import { Details } from "./details.js";
import { follow } from "./feed.js";
import { Help } from "./help.js";
import { speak, t } from "./i18n.js";
import { canChat, chatting, helping, listenToKeys } from "./keys.js";
import { List } from "./list.js";
import { Outbox } from "./outbox.js";
import { Search } from "./search.js";
import { arrive, asked, SignIn } from "./session.js";
import { Sidebar } from "./sidebar.js";
import { start } from "./tasks.js";
import { notify, Toast } from "./toast.js";
import { view, where } from "./views.js";

// Waking says why it takes so long: nothing ran, and something starts.
function Waking() {
  return useValue(waking) && html`<p class="waking" role="status">${t("waking")}</p>`;
}

// The pages beside the lists are fetched when they are first looked at.
const pages = {
  statistics: () => import("./statistics.js"),
  templates: () => import("./templates.js"),
  files: () => import("./files.js"),
  settings: () => import("./settings.js"),
};

function Other({ name }) {
  const [shown, setShown] = useState({});
  useEffect(() => {
    let current = true;
    pages[name]().then((module) => current && setShown({ name, Page: module.default }));
    return () => (current = false);
  }, [name]);
  return html`<section class="list" aria-labelledby="heading"><h1 id="heading" tabindex="-1">${t("view." + name)}</h1>${shown.name === name && html`<${shown.Page} />`}</section>`;
}

// Chat is fetched when it is first asked for.
function Chat() {
  const open = useValue(chatting);
  const [there, setThere] = useState(null);
  useEffect(() => {
    if (!open || there) return;
    const away = () => {
      chatting.value = false;
      notify(t("offline"), { fault: true });
    };
    import("./chat.js").then((module) => setThere({ Panel: module.default }), away);
  }, [open]);
  return open && there && html`<${there.Panel} />`;
}

function Main() {
  const here = useValue(where);
  return useValue(view) ? html`<${List} />` : html`<${Other} name=${here.name} />`;
}

function App() {
  const reason = useValue(asked);
  const here = useValue(where);
  const talking = useValue(chatting);
  const [menu, setMenu] = useState(false);
  useEffect(() => setMenu(false), [here]);
  if (reason) return html`<${SignIn} whenIn=${begin} />`;
  return html`<a class="skip" href="#heading" onClick=${(e) => { e.preventDefault(); document.getElementById("heading")?.focus(); }}>${t("skip")}</a>
    <header class="bar">
      <button class="bare menu" aria-expanded=${menu} aria-controls="sidebar" aria-label=${t("views")} onClick=${() => setMenu(!menu)}><${Icon} of="menu" /></button>
      <a class="brand" href="#today">${t("brand")}</a>
      <${Search} />
      <${Waking} />
      ${canChat && html`<button id="chat" class="bare end" aria-label=${t("chat")} aria-expanded=${talking} onClick=${() => (chatting.value = !talking)}><${Icon} of="chat" /></button>`}
      <button class=${canChat ? "bare" : "bare end"} aria-label=${t("help")} onClick=${() => (helping.value = true)}><${Icon} of="help" /></button>
    </header>
    <div id="sidebar" class=${menu ? "side open" : "side"}><${Sidebar} /></div>
    <main><${Outbox} /><${Main} /></main>
    <${Chat} />
    <${Details} />
    <${Help} />
    <${Toast} />`;
}

// begin reads what is shown, and goes on listening.
function begin() {
  start();
  follow();
}

// keepShell has the page open also where the service cannot be reached. Of all scripts that one may name, only this is none of ours already.
function keepShell() {
  const script = "/worker.js";
  const address = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: () => script }).createScriptURL(script) ?? script;
  navigator.serviceWorker?.register(address).catch(() => {}); // then it opens over the network only
}

await speak();
await arrive();
document.title = t("brand");
const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
listenToKeys();
begin();
keepShell();
