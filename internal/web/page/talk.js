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

// say what a refusal means to whoever talks.
function inWords({ status, message }) {
  if (status === 429) return t("chat.busy");
  if (status === 503) return t("chat.away");
  return status === 404 ? t("chat.gone") : message;
}

// anyChat asks whether the service has a chat. It also wakes it, while somebody writes.
async function anyChat(fault = null) {
  try {
    await call("GET", "/chat/conversations", { query: { limit: 1 }, once: true });
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

// begin reads the conversation that the tab remembers.
export async function begin() {
  const { id, state } = talk.peek();
  if (state !== "unread") return;
  const mine = ++turn;
  set({ state: "reading", fault: null });
  const found = id ? await read(id) : await anyChat();
  if (mine === turn) set(found);
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

// hear notes what an answer says as it comes, and returns the whole.
async function hear(events, note) {
  let heard = { role: "assistant", text: "", tool_calls: [], coming: true };
  for await (const { name, data } of events) {
    if (name === "conversation") set({ id: data.conversation_id });
    else if (name === "delta") heard = { ...heard, text: heard.text + data.text };
    else if (name === "tool_call") heard = { ...heard, tool_calls: [...heard.tool_calls, data] };
    else if (name === "done") {
      set({ id: data.conversation_id });
      heard = { role: "assistant", id: data.message_id, text: data.response, tool_calls: data.tool_calls, confirmation: data.confirmation };
    }
    note(heard);
  }
  return heard;
}

// request returns what to ask with: again the same where nobody knows what became of it, so that nothing is done twice.
function request(said, id) {
  const what = JSON.stringify(said);
  if (open?.what !== what) open = { what, body: { ...said, ...(id && { conversation_id: id }) }, idempotency: newKey() };
  return open;
}

// broken puts a conversation back to where it was before something was said of which no answer came.
function broken(fault, before) {
  const refused = fault.status >= 400 && fault.status < 500;
  if (refused) open = null;
  set({ messages: before, state: "there", fault: fault.status === 401 ? null : inWords(fault), ...(fault.status === 404 && { id: null }) });
}

// ask says something and waits for the answer. It returns whether one came; else all is as it was, and why is said.
async function ask(said, words) {
  const { id, messages, state } = talk.peek();
  if (state !== "there") return false;
  const mine = ++turn, mouth = (leave = new AbortController());
  const { body, idempotency } = request(said, id);
  const before = [...messages, { role: "user", text: words }];
  let last = { role: "assistant", text: "", tool_calls: [], coming: true };
  const note = (heard) => mine === turn && set({ messages: [...before, (last = heard)] });
  set({ messages: [...before, last], state: "answering", fault: null });
  try {
    last = await hear(stream("/chat", { body, idempotency, signal: mouth.signal }), note);
    open = null;
    if (mine === turn) set({ state: "there" });
    announce([last.text, last.confirmation?.question].filter(Boolean).join(" "));
    return true;
  } catch (fault) {
    if (mine !== turn) return true; // somebody has turned to another conversation
    if (fault.name !== "AbortError" || !talk.peek().id) {
      broken(fault.name === "AbortError" ? { message: null } : fault, messages);
      return false;
    }
    open = null;
    set({ messages: [...before, { ...last, coming: false, stopped: true }], state: "there" });
    announce(t("chat.stopped"));
    return true;
  } finally {
    refresh();
  }
}

// say says what is written. Where no answer comes it is written still.
export async function say() {
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
