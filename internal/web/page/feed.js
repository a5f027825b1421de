// Changes made elsewhere appear by themselves, while the page is looked at: nobody keeps a function awake for a page that nobody sees.
import { call } from "./api.js";
import { sayDue } from "./dates.js";
import { t } from "./i18n.js";
import { lose } from "./outbox.js";
import { drop, isOfYesterday, put, refresh, superseded } from "./tasks.js";
import { notify } from "./toast.js";

const wait = 25; // seconds
const longest = 30000; // milliseconds between two attempts

let token = null; // where the next changes begin
let leave = null; // ends the waiting

// remind says what is due, outside of the page where the person has allowed that.
function remind(task) {
  const words = task.due ? `${task.title} · ${sayDue(task.due)}` : task.title;
  notify(t("said.reminder", { title: words }));
  try {
    if (Notification.permission === "granted") new Notification(task.title, { body: task.due ? sayDue(task.due) : "", tag: task.id });
  } catch { /* not every browser lets a page do that */ }
}

function hear({ change, task }) {
  if (change !== "reminded" && superseded(task)) return; // it is late
  if (change === "deleted") {
    drop(task.id);
    lose(task.id);
  } else if (change === "reminded") remind(task);
  else put(task);
}

async function listen(signal) {
  for (let failed = 0; !signal.aborted; ) {
    try {
      if (!token) {
        token = (await call("GET", "/changes", { signal, patient: true, once: true })).next;
        failed = 0;
        refresh(); // what is shown was read before
      }
      const got = await call("GET", "/changes", { query: { since: token, wait }, signal, patient: true, once: true });
      token = got.next;
      if (failed || isOfYesterday()) refresh(); // what could not be read meanwhile, or another day
      failed = 0;
      got.changes.forEach(hear);
      if (got.changes.length) refresh();
    } catch (fault) {
      if (signal.aborted || fault.status === 401) return;
      if (fault.status === 410) token = null;
      const pause = Math.min(longest, 1000 * 2 ** failed++) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function look() {
  leave?.abort();
  leave = null;
  if (document.visibilityState !== "visible") return;
  leave = new AbortController();
  listen(leave.signal);
}

export function follow() {
  document.addEventListener("visibilitychange", () => {
    look();
    if (leave) refresh();
  });
  addEventListener("online", () => {
    look();
    refresh();
  });
  look();
}
