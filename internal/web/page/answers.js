// An answer that comes in pieces: Server-Sent Events in the body of a POST, which no EventSource can make.
import { answer, Problem, Unreachable } from "./api.js";
import { t } from "./i18n.js";

// lines returns those of a body as they come. One that breaks off ends with Unreachable: nobody knows the rest.
async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read().catch((fault) => {
      throw fault.name === "AbortError" ? fault : new Unreachable(t("chat.broken"));
    });
    if (done) return;
    const all = (rest + value).split("\n");
    rest = all.pop();
    for (const line of all) yield line.replace(/\r$/, "");
  }
}

// events returns what a stream says: the name of each event, and its data read as JSON.
async function* events(body) {
  let name = "message", data = [];
  for await (const line of lines(body)) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
    else if (!line) {
      if (data.length) yield { name, data: JSON.parse(data.join("\n")) };
      name = "message";
      data = [];
    }
  }
}

// stream asks once, and returns the events of the answer up to that which is the last. Of a service that does not stream there is only that one.
export async function* stream(path, options) {
  const got = await answer("POST", path, { ...options, accept: "text/event-stream" });
  if (!got.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    yield { name: "done", data: await got.json() };
    return;
  }
  for await (const event of events(got.body)) {
    if (event.name === "error") throw new Problem(event.data.status, event.data);
    yield event;
    if (event.name === "done") return;
  }
  throw new Unreachable(t("chat.broken"));
}
