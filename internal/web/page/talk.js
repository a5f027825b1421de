// A conversation: what was said, what is being said, and the way to earlier ones. It goes on while nobody looks at it.
import { effect, signal } from "./ui.js";
import { call, newKey } from "./api.js";
import { stream } from "./answers.js";
import { t } from "./i18n.js";
import { talkPlace } from "./session.js";
import { refresh } from "./tasks.js";
import { announce } from "./toast.js";

// longest is the most characters that a message may have.
export const longest = 4000;

// recall returns what this tab had at its last visit.
function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(talkPlace)) ?? {};
  } catch {
    return {};
  }
}

// talk is the conversation at hand. Its state is "unread", "reading", "there", "answering", or "none" where the service has no chat.
export const talk = signal({ id: recall().id ?? null, messages: [], state: "unread", fault: null });

// draft is what is written and not said yet.
export const draft = signal(recall().draft ?? "");

// The tab keeps both: who reloads the page, or has to sign in anew, has lost nothing.
effect(() => {
  const { id } = talk.value;
  if (id || draft.value) sessionStorage.setItem(talkPlace, JSON.stringify({ id, draft: draft.value }));
  else sessionStorage.removeItem(talkPlace);
});

let turn = 0; // of reading: answers of an earlier one are late
let leave = null; // ends the answer that is coming
let open = null; // the request of which nobody knows what became: who asks the same again asks with it

function set(change) {
  talk.value = { ...talk.peek(), ...change };
}

// inWords says what a refusal means to whoever talks; nothing where they sign in anew, and read there why.
function inWords({ status, message }) {
  if (status === 401) return null;
  if (status === 429) return t("chat.busy");
  if (status === 503) return t("chat.away", { detail: message });
  return message;
}

// anyChat asks whether the service has a chat. It also wakes it, while somebody writes.
async function anyChat(fault = null) {
  try {
    await call("GET", "/chat/conversations", { query: { limit: 1 } });
    return { state: "there", fault };
  } catch (refused) {
    if (refused.status === 404) return { state: "none", fault: null };
    return { state: "unread", fault: inWords(refused) };
  }
}

async function read(id) {
  try {
    const { messages } = await call("GET", `/chat/conversations/${id}`);
    return { id, messages, state: "there", fault: null };
  } catch (refused) {
    if (refused.status === 404) return { id: null, messages: [], ...(await anyChat(t("chat.gone"))) };
    return { id, messages: [], state: "unread", fault: inWords(refused) };
  }
}

let begun = Promise.resolve(); // what is there is there then

async function look(why) {
  const { id } = talk.peek();
  const mine = ++turn;
  set({ state: "reading", fault: null });
  const found = id ? await read(id) : await anyChat();
  if (mine === turn) set({ ...found, fault: found.fault ?? why });
}

// begin reads the conversation that the tab remembers, unless that is done; why it is done again is said beside it.
export function begin(why = null) {
  if (talk.peek().state === "unread") begun = look(why);
  return begun;
}

// turnTo shows another conversation, or begins a new one where there is no id.
export function turnTo(id = null) {
  stop();
  turn++;
  open = null;
  talk.value = { id, messages: [], state: id ? "unread" : "there", fault: null };
  return begin();
}

export function stop() {
  leave?.abort();
}

const nothing = { role: "assistant", text: "", tool_calls: [], coming: true };

// heard returns an answer with what an event adds to it.
function heard(answer, { name, data }) {
  switch (name) {
    case "delta": return { ...answer, text: answer.text + data.text };
    case "tool_call": return { ...answer, tool_calls: [...answer.tool_calls, data] };
    case "done": return { role: "assistant", text: data.response, tool_calls: data.tool_calls, confirmation: data.confirmation, understood_by: data.understood_by };
    default: return answer;
  }
}

// request returns what to ask with: again the same where nobody knows what became of it, so that nothing is done twice.
function request(said, id) {
  const what = JSON.stringify(said);
  if (open?.what !== what) open = { what, body: { ...said, ...(id && { conversation_id: id }) }, idempotency: newKey() };
  return open;
}

// broken puts a conversation back to where it was before something was said of which no answer came. What is there no longer, or is otherwise by now, is read again.
function broken(fault, before) {
  if (fault.status < 500) open = null; // it had no effect, and has none the next time
  const otherwise = fault.status === 404 || fault.status === 409;
  set({ messages: before, state: otherwise ? "unread" : "there", fault: inWords(fault) });
  if (otherwise) begin(fault.message);
  return false;
}

// left keeps what there was of an answer when it was stopped.
function left(messages) {
  open = null;
  set({ messages, state: "there" });
  announce(t("chat.stopped"));
  return true;
}

// ask says something and waits for the answer. It returns whether one came; else all is as it was, and why is said.
async function ask(said, words) {
  const { id, messages, state } = talk.peek();
  if (state !== "there") return false;
  const mine = ++turn, mouth = (leave = new AbortController());
  const { body, idempotency } = request(said, id);
  const before = [...messages, { role: "user", text: words }];
  let last = nothing;
  set({ messages: [...before, last], state: "answering", fault: null });
  try {
    for await (const event of stream("/chat", { body, idempotency, signal: mouth.signal })) {
      last = heard(last, event);
      if (mine === turn) set({ id: event.data.conversation_id ?? talk.peek().id, messages: [...before, last] });
    }
    if (mine !== turn) return true; // somebody has turned to another conversation
    open = null;
    set({ state: "there" });
    announce(last.text);
    return true;
  } catch (fault) {
    if (mine !== turn) return true;
    const stopped = fault.name === "AbortError";
    if (stopped && talk.peek().id) return left([...before, { ...last, coming: false, stopped }]);
    return broken(stopped ? { message: null } : fault, messages);
  } finally {
    refresh();
  }
}

// say says what is written, as soon as there is somebody to say it to. Where no answer comes it is written still.
export async function say() {
  await begin();
  const words = draft.peek().trim();
  if (!words || [...words].length > longest || talk.peek().state !== "there") return;
  draft.value = "";
  if (!(await ask({ message: words }, words))) draft.value = [words, draft.peek()].filter(Boolean).join("\n");
}

// decide answers a question of the service's: whether to do what it cannot do unasked.
export function decide({ id }, yes) {
  return ask(yes ? { confirm: id } : { decline: id }, t(yes ? "chat.yes" : "chat.no"));
}

// earlier returns a page of the conversations that there have been, and where the next one is.
export function earlier(cursor) {
  return call("GET", "/chat/conversations", { query: { limit: 50, cursor } });
}

// forget deletes a conversation, for good.
export async function forget(id) {
  await call("DELETE", `/chat/conversations/${id}`);
  if (talk.peek().id === id) await turnTo();
}
