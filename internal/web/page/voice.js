// What is spoken becomes what is written, where the browser can do that, in the language of the page.
import { html, Icon, useEffect, useState } from "./ui.js";
import { language, t } from "./i18n.js";

const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;

// spoken returns the language that is listened for: the one that the browser prefers of those that are the page's.
const regions = { en: "en-US", ur: "ur-PK" };
const spoken = () => navigator.languages.find((code) => code.startsWith(language + "-")) ?? regions[language];

const faults = { "not-allowed": "denied", "service-not-allowed": "denied", "audio-capture": "deaf", "no-speech": "silence", network: "away", "language-not-supported": "tongue" };

// joined puts what is heard behind what was written.
const joined = (written, heard) => [written.trimEnd(), heard].filter(Boolean).join(" ");

let ear = null; // what listens

// hush ends the listening. What is heard after that is not written.
export function hush() {
  const before = ear;
  ear = null;
  before?.abort();
}

// Voice is a button that is not there where the browser cannot listen. Whoever speaks sends what was heard, once they have read it.
export function Voice({ written, write, say }) {
  const [listening, setListening] = useState(false);
  useEffect(() => hush, []);
  if (!Recognition) return null;
  const listen = () => {
    const began = written;
    const now = (ear = new Recognition());
    Object.assign(now, { lang: spoken(), interimResults: true, continuous: false });
    now.onresult = ({ results }) => now === ear && write(joined(began, Array.from(results, ([best]) => best.transcript.trim()).join(" ")));
    now.onerror = ({ error }) => error !== "aborted" && say(t("voice." + (faults[error] ?? "failed")));
    now.onend = () => setListening(false);
    say(null);
    setListening(true);
    try {
      now.start();
    } catch {
      setListening(false);
      say(t("voice.failed"));
    }
  };
  return html`<button type="button" class="bare" aria-pressed=${listening} aria-label=${t("voice.do")} onClick=${() => (listening ? ear?.stop() : listen())}><${Icon} of="voice" /></button>
    ${listening && html`<span class="listening small" role="status">${t("voice.on")}</span>`}`;
}
