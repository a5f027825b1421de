// Who is looking: an API key that the service asked for, or nobody in particular.
import { html, signal, useState, useValue } from "./ui.js";
import { t } from "./i18n.js";

const place = "key";

// key is what calls are sent with. It outlives the tab only where the person asked for that.
export const key = signal(sessionStorage.getItem(place) ?? localStorage.getItem(place) ?? "");

// asked is why the service wants a key, null while it wants none.
export const asked = signal(null);

export function askForKey(reason) {
  asked.value = reason;
}

export function signOut() {
  sessionStorage.removeItem(place);
  localStorage.removeItem(place);
  location.reload();
}

function signIn(value, stay) {
  sessionStorage.setItem(place, value);
  if (stay) localStorage.setItem(place, value);
  key.value = value;
  asked.value = null;
}

export function SignIn({ whenIn }) {
  const reason = useValue(asked);
  const [stay, setStay] = useState(false);
  const submit = (event) => {
    event.preventDefault();
    const value = new FormData(event.target).get("key").trim();
    if (!value) return;
    signIn(value, stay);
    whenIn();
  };
  return html`<main class="signin">
    <form class="card" onSubmit=${submit}>
      <h1>${t("signin.title")}</h1>
      <p>${t("signin.why")}</p>
      ${key.peek() && html`<p class="fault" role="alert">${reason}</p>`}
      <label for="key">${t("signin.key")}</label>
      <input id="key" name="key" type="password" autocomplete="current-password" spellcheck=${false} required autofocus dir="ltr" />
      <label class="tick"><input type="checkbox" checked=${stay} onChange=${(e) => setStay(e.target.checked)} /> ${t("signin.stay")}</label>
      <p class="quiet">${stay ? t("signin.kept") : t("signin.forgotten")}</p>
      <button class="primary">${t("signin.do")}</button>
    </form>
  </main>`;
}
