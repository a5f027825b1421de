// The chat beside the list; on a small screen over it.
import { Component, html, Icon, useCover, useEffect, useLayoutEffect, useRef, useState, useValue } from "./ui.js";
import { sayDate } from "./dates.js";
import { Line, useSteps } from "./calls.js";
import { number, t } from "./i18n.js";
import { chatting } from "./keys.js";
import { markdown } from "./markdown.js";
import { begin, decide, draft, earlier, forget, longest, say, stop, talk, turnTo } from "./talk.js";
import { notify } from "./toast.js";
import { hush, Voice } from "./voice.js";
import { opened } from "./views.js";

// Question asks for a yes; only of the newest message, since whatever else is said drops it.
function Question({ question, said, answer }) {
  return html`<div class="question" role="group" aria-label=${question}>${!said.includes(question) && html`<p dir="auto">${question}</p>`}
    <div class="together"><button class="primary" onClick=${() => answer(true)}>${t("chat.yes")}</button><button onClick=${() => answer(false)}>${t("chat.no")}</button></div></div>`;
}

// Message is drawn again only when something about it differs: there may be hundreds.
class Message extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((name) => next[name] !== this.props[name]);
  }

  render({ message, steps, answer }) {
    const { role, text, tool_calls = [], confirmation, understood_by, coming, stopped } = message;
    return html`<div class=${"said " + role}><span class="unseen">${t("chat." + role)} </span>
      ${tool_calls.length > 0 && html`<ul class="calls">${tool_calls.map((made, i) => html`<${Line} key=${i} made=${made} steps=${steps} />`)}</ul>`}
      ${text && (role === "user" || understood_by === "rules" ? html`<p class="words" dir="auto">${text}</p>` : html`<div class="words">${markdown(text)}</div>`)}
      ${coming && !text && html`<p class="quiet coming">${t("chat.coming")}</p>`}
      ${stopped && html`<p class="quiet">${t("chat.stopped")}</p>`}
      ${answer && confirmation && html`<${Question} question=${confirmation.question} said=${text} answer=${(yes) => answer(confirmation, yes)} />`}
    </div>`;
  }
}

// useEnd keeps the end of what was said in sight, unless somebody reads what is above.
function useEnd() {
  const all = useRef(), atEnd = useRef(true);
  useLayoutEffect(() => {
    if (atEnd.current) all.current.scrollTop = all.current.scrollHeight;
  });
  const scrolled = () => (atEnd.current = all.current.scrollHeight - all.current.scrollTop - all.current.clientHeight < 48);
  return { ref: all, onScroll: scrolled };
}

function Talk({ now: { messages, state }, answer }) {
  const steps = useSteps();
  const waiting = state === "there" ? messages.length - 1 : -1;
  return html`<div class="talk" ...${useEnd()} tabindex="0" role="region" aria-label=${t("chat.talk")} aria-busy=${state === "reading"}>
    ${state === "none" ? html`<p>${t("chat.none")}</p>` : !messages.length && html`<p class="quiet">${t(state === "reading" ? "loading" : "chat.hello")}</p>`}
    ${messages.map((message, i) => html`<${Message} key=${i} message=${message} steps=${steps} answer=${i === waiting && answer} />`)}
  </div>`;
}

// Earlier lists the conversations that there have been.
function Earlier({ go }) {
  const [{ all, next, there }, setFound] = useState({ all: [], next: null, there: false });
  const fails = (fault) => notify(fault.message, { fault: true });
  const more = (from = []) => earlier(next).then((got) => setFound({ all: from.concat(got.conversations), next: got.next_cursor, there: true }), fails);
  useEffect(() => {
    more();
  }, []);
  const remove = async ({ id, title }) => {
    if (!confirm(t("ask.delete", { title }))) return;
    await forget(id).then(() => setFound({ all: all.filter((one) => one.id !== id), next, there }), fails);
    document.getElementById("chat-title")?.focus();
  };
  return html`<div class="talk"><h3>${t("chat.earlier")}</h3>
    ${there && !all.length && html`<p class="quiet">${t("chat.first")}</p>`}
    <ul class="small-list">${all.map((one) => html`<li key=${one.id}><button class="title" onClick=${() => go(one.id)}><bdi>${one.title}</bdi> <time class="quiet" datetime=${one.updated_at}>${sayDate(one.updated_at)}</time></button>
      <button class="bare" aria-label=${t("do.delete", { title: one.title })} onClick=${() => remove(one)}><${Icon} of="trash" /></button></li>`)}</ul>
    ${next && html`<p class="end"><button onClick=${() => more(all)}>${t("list.more")}</button></p>`}</div>`;
}

// Saying is where people write. What is written stays until an answer has come.
function Saying({ state, tell }) {
  const text = useValue(draft);
  const length = [...text].length;
  const answering = state === "answering";
  const submit = (event) => {
    event.preventDefault();
    if (answering) return;
    hush();
    tell(null);
    say();
  };
  const keys = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    submit(event);
  };
  return html`<form class="saying" onSubmit=${submit}>
    ${length > longest && html`<p class="fault" role="alert">${t("chat.long", { n: length, most: longest })}</p>`}
    <div class="line"><textarea id="saying" rows="1" dir="auto" value=${text} aria-label=${t("chat.field")} placeholder=${t("chat.placeholder")} enterkeyhint="send"
        onInput=${(e) => (draft.value = e.target.value)} onKeyDown=${keys}></textarea>
      <${Voice} written=${text} write=${(words) => (draft.value = words)} say=${tell} />
      ${answering ? html`<button key="stop" type="button" class="bare" aria-label=${t("chat.stop")} onClick=${stop}><${Icon} of="stop" /></button>`
        : html`<button key="send" class="primary bare" aria-label=${t("chat.send")} aria-disabled=${!text.trim() || length > longest}><${Icon} of="send" /></button>`}</div>
  </form>`;
}

// home is where the focus goes when what had it is gone: to the field, unless that brings up a keyboard of glass.
function home() {
  document.getElementById(matchMedia("(pointer: coarse)").matches ? "chat-title" : "saying")?.focus();
}

export default function Chat() {
  const now = useValue(talk);
  const below = useValue(opened) !== null;
  const [listing, setListing] = useState(false);
  const [told, tell] = useState(null);
  const panel = useRef();
  useCover();
  useEffect(() => {
    panel.current.show();
    home();
    begin();
  }, []);
  useEffect(() => {
    if (now.state === "none") document.getElementById("chat-title").focus(); // the field is gone
  }, [now.state]);
  const close = () => {
    chatting.value = false;
    requestAnimationFrame(() => document.getElementById("chat")?.focus());
  };
  const go = (id) => {
    setListing(false);
    turnTo(id);
    requestAnimationFrame(home);
  };
  const answer = (confirmation, yes) => {
    decide(confirmation, yes);
    home();
  };
  const keys = (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    close();
  };
  const { state, fault } = now;
  return html`<dialog ref=${panel} class="chat" aria-labelledby="chat-title" inert=${below} onKeyDown=${keys}>
    <div class="head"><h2 id="chat-title" tabindex="-1">${t("chat")}</h2>
      ${state !== "none" && html`<button class="bare" aria-label=${t("chat.new")} onClick=${() => go()}><${Icon} of="plus" /></button>
      <button class="bare" aria-label=${t("chat.earlier")} aria-expanded=${listing} onClick=${() => setListing(!listing)}><${Icon} of="late" /></button>`}
      <button class="bare" aria-label=${t("close")} onClick=${close}><${Icon} of="close" /></button></div>
    ${listing ? html`<${Earlier} go=${go} />` : html`<${Talk} now=${now} answer=${answer} />`}
    ${(fault || told) && html`<p class="fault why" role="alert">${fault ?? told} ${state === "unread" && html`<button onClick=${() => begin()}>${t("again")}</button>`}</p>`}
    ${state !== "none" && html`<${Saying} state=${state} tell=${tell} />`}
  </dialog>`;
}
