// Who is looking: somebody by a token or an API key that the service asked for, or nobody in particular.
import { html, signal, useEffect, useState, useValue } from "./ui.js";
import { t } from "./i18n.js";
import { arrived, claimsOf, end, leave, renew, stale, ways } from "./oidc.js";

const place = "key";

// talkPlace is where the tab keeps what somebody is talking about.
export const talkPlace = "chat";

// draftsPlace is what the names begin with under which it keeps what somebody is writing.
export const draftsPlace = "draft ";

// key is what calls are sent with. It outlives the tab only where the person asked for that.
export const key = signal(sessionStorage.getItem(place) ?? localStorage.getItem(place) ?? "");

// refused says that a provider sent somebody back, but not so that it could be taken.
const refused = signal(false);

// asked is why the service wants to know who is looking, null while it does not.
export const asked = signal(null);

export function askForKey(reason) {
  if (!refused.peek()) asked.value = reason;
}

// identity tells people apart whatever token they have at the moment.
export function identity() {
  const { iss, sub } = claimsOf(key.peek());
  return sub ? `${iss} ${sub}` : key.peek();
}

export function signOut() {
  sessionStorage.removeItem(place);
  for (const name of Object.keys(sessionStorage)) if (name === talkPlace || name.startsWith(draftsPlace)) sessionStorage.removeItem(name);
  localStorage.removeItem(place);
  const goodbye = end();
  if (goodbye) location.assign(goodbye);
  else location.reload();
}

function signIn(value, stay) {
  sessionStorage.setItem(place, value);
  if (stay) localStorage.setItem(place, value);
  key.value = value;
  refused.value = false;
  asked.value = null;
}

// renewed says whether there is another token than the one that calls were sent with until now.
export async function renewed() {
  const before = key.peek();
  const token = await renew();
  if (token) signIn(token);
  return key.peek() !== before;
}

// current waits for a token that is not over yet, where one can be had.
export const current = () => stale(key.peek()) && renewed();

// arrive takes what a provider has sent back.
export async function arrive() {
  try {
    const token = await arrived();
    if (token) signIn(token);
  } catch (fault) {
    askForKey(fault.message);
    refused.value = true;
  }
}

function AtProvider({ provider }) {
  const [fault, setFault] = useState(null);
  const go = () => leave(provider).catch((refusal) => setFault(refusal.message));
  return html`<button class="primary" type="button" onClick=${go}>${t("signin.at", { name: new URL(provider.issuer).host })}</button>
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}`;
}

function ByKey({ whenIn }) {
  const [stay, setStay] = useState(false);
  const submit = (event) => {
    event.preventDefault();
    const value = new FormData(event.target).get("key").trim();
    if (!value) return;
    signIn(value, stay);
    whenIn();
  };
  return html`<form class="ways" onSubmit=${submit}>
    <p>${t("signin.why")}</p>
    <label for="key">${t("signin.key")}</label>
    <input id="key" name="key" type="password" autocomplete="current-password" spellcheck=${false} required dir="ltr" />
    <label class="tick"><input type="checkbox" checked=${stay} onChange=${(e) => setStay(e.target.checked)} /> ${t("signin.stay")}</label>
    <p class="quiet">${stay ? t("signin.kept") : t("signin.forgotten")}</p>
    <button class="primary">${t("signin.do")}</button>
  </form>`;
}

export function SignIn({ whenIn }) {
  const reason = useValue(asked);
  const [known, setKnown] = useState(null);
  useEffect(() => {
    ways().then(setKnown, () => setKnown({ api_keys: true }));
  }, []);
  const failed = useValue(refused) || key.peek();
  return html`<main class="signin"><div class="card">
    <h1>${t("signin.title")}</h1>
    ${failed && html`<p class="fault" role="alert">${reason}</p>`}
    <p>${t("signin.who")}</p>
    ${known?.provider && html`<${AtProvider} provider=${known.provider} />`}
    ${known && (known.api_keys || !known.provider) && html`<${ByKey} whenIn=${whenIn} />`}
  </div></main>`;
}
