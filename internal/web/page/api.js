// Calls of the service, each with what it needs to be safe to repeat.
import { signal } from "./ui.js";
import { askForKey, current, key, renewed } from "./session.js";
import { sayRefusal } from "./faults.js";
import { t } from "./i18n.js";

// waking is true while an answer takes so long that a function must be starting.
export const waking = signal(false);
const patience = 1500;
const repetitions = 4;
const deadline = 150000; // more than the service allows itself, with a function that has to start

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

// Problem is an answer that refuses (RFC 9457).
export class Problem extends Error {
  constructor(status, document) {
    super(sayRefusal({ status, ...document }));
    Object.assign(this, { status, errors: document.errors ?? [], tasks: document.tasks ?? [], tokens: document.tokens ?? [] });
  }
}

// Unreachable says that there was no answer, so that nobody knows what became of the request.
export class Unreachable extends Error {}

// newKey makes an idempotency key, also on pages for which a browser does not offer randomUUID.
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

let slow = 0;

async function watched(promise) {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    waking.value = ++slow > 0;
  }, patience);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    if (late) waking.value = --slow > 0;
  }
}

// broken says what it means that a connection broke off, unless who asked has ended it.
function broken(error) {
  throw error.name === "AbortError" ? error : new Unreachable(t("offline"));
}

// request asks once and returns the answer, whatever it is. What is neither patient nor ended by who asks is over after the deadline.
async function request(method, path, { token, query, body, idempotency, match, signal, patient, raw, accept }) {
  const url = new URL("/api/v1" + path, location.origin);
  for (const [name, value] of Object.entries({ tz: zone, ...query })) {
    for (const one of [value].flat()) if (one !== undefined && one !== null && one !== "") url.searchParams.append(name, one);
  }
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = raw ?? "application/json";
  if (method === "POST") headers["Idempotency-Key"] = idempotency;
  if (match) headers["If-Match"] = match;
  if (accept) headers.Accept = accept;
  const sent = body === undefined || raw ? body : JSON.stringify(body);
  // A change outlives the page that made it: who reloads at once has not lost it. Browsers keep 64 KiB alive.
  const keepalive = method !== "GET" && !raw && !accept && (sent?.length ?? 0) < 16384;
  const over = signal ?? (patient ? undefined : AbortSignal.timeout?.(deadline));
  const asked = fetch(url, { method, headers, body: sent, signal: over, cache: "no-cache", keepalive });
  return (patient ? asked : watched(asked)).catch(broken);
}

// answer sends a request and returns its answer. What was refused for being too much or too early, and so had no effect, is sent again.
export async function answer(method, path, options = {}) {
  const idempotency = options.idempotency ?? newKey();
  let anew = true; // a token may have been taken back before its time
  for (let left = repetitions; ; left--) {
    await current();
    const token = key.peek();
    const got = await request(method, path, { ...options, token, idempotency });
    if (got.ok) return got;
    const wait = Number(got.headers.get("Retry-After"));
    if (wait && wait <= 5 && left && !options.once) {
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
      continue;
    }
    if (got.status === 401 && anew && (await renewed())) {
      anew = false;
      continue;
    }
    const problem = new Problem(got.status, await got.json().catch(() => ({})));
    if (got.status === 401 && key.peek() === token) askForKey(problem.message); // unless somebody has signed in meanwhile
    throw problem;
  }
}

// call returns what an answer says.
export async function call(method, path, options) {
  const got = await answer(method, path, options);
  return got.status === 204 ? null : got.json().catch(broken);
}

// page returns a page of a list and where the next one is, null on the last.
export async function page(path, options) {
  const got = await answer("GET", path, options);
  const next = /<([^>]*)>;\s*rel="next"/.exec(got.headers.get("Link") ?? "");
  return { items: await got.json().catch(broken), next: next && new URL(next[1]).searchParams.get("cursor") };
}
