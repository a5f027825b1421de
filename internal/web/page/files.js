// Tasks out of files and into them.
import { html, useState } from "./ui.js";
import { answer, newKey, zone } from "./api.js";
import { sayFault, sayRefusal, sentence } from "./faults.js";
import { number, t } from "./i18n.js";
import { current, key } from "./session.js";
import { refresh } from "./tasks.js";

const forms = [["json", "files.json"], ["csv", "files.csv"], ["ics", "files.ics"]];

// save fetches a file and gives it to the browser: a link could not say who asks for it.
async function save(format, progress) {
  const got = await answer("GET", "/export", { query: { format }, patient: true });
  const name = /filename="([^"]+)"/.exec(got.headers.get("Content-Disposition") ?? "")?.[1] ?? "tasks." + format;
  const parts = [];
  let size = 0;
  for (const reader = got.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    progress((size += value.length));
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: got.headers.get("Content-Type") }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// send uploads a file; fetch does not tell how far it is, an XMLHttpRequest does.
function send(file, idempotency, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/import?tz=" + encodeURIComponent(zone));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Idempotency-Key", idempotency);
    if (key.peek()) request.setRequestHeader("Authorization", `Bearer ${key.peek()}`);
    request.upload.onprogress = ({ loaded, total }) => progress(loaded, total);
    request.onerror = () => reject(new Error(t("offline")));
    request.onload = () => {
      let said = {};
      try {
        said = JSON.parse(request.responseText);
      } catch { /* then it has no words for it */ }
      if (request.status === 200) resolve(said);
      else reject(Object.assign(new Error(sayRefusal({ status: request.status, ...said })), { wait: Number(request.getResponseHeader("Retry-After")) }));
    };
    request.send(file);
  });
}

const repetitions = 4;

// take sends a file, again where nothing was done with it yet.
async function take(file, progress) {
  const idempotency = newKey();
  for (let left = repetitions; ; left--) {
    try {
      return await send(file, idempotency, progress);
    } catch (fault) {
      if (!left || !(fault.wait > 0 && fault.wait <= 5)) throw fault;
      await new Promise((resolve) => setTimeout(resolve, fault.wait * 1000));
    }
  }
}

function Report({ report }) {
  const told = report.results.filter(({ result, notes }) => result === "refused" || notes.length).slice(0, 100);
  return html`<div role="status"><p><strong>${t("files.report", { created: report.created, skipped: report.skipped, refused: report.refused })}</strong></p>
    <ul class="report">${told.map((one) => html`<li key=${one.position}>${t("files.record", { n: one.position })}: ${t("files." + one.result)}
${" " + sentence([one.detail, ...one.errors.map(sayFault), ...one.notes.map(sayFault)].filter(Boolean).join("; "))}</li>`)}</ul></div>`;
}

export default function Files() {
  const [state, setState] = useState({});
  const bring = async (file) => {
    if (!file) return;
    setState({ loaded: 0, total: file.size });
    try {
      await current();
      const report = await take(file, (loaded, total) => setState({ loaded, total }));
      setState({ report });
      refresh();
    } catch (fault) {
      setState({ fault: fault.message });
    }
  };
  const drop = (event) => {
    event.preventDefault();
    bring(event.dataTransfer.files[0]);
  };
  const choose = ({ target }) => {
    bring(target.files[0]);
    target.value = ""; // the same file can be chosen again, once it has been mended
  };
  const put = async (format) => {
    setState({});
    await save(format, (size) => setState({ size })).catch((fault) => setState({ fault: fault.message }));
  };
  return html`
    <section class="card"><h2>${t("files.import")}</h2><p class="quiet">${t("files.what")}</p>
      <label class="drop" onDragOver=${(e) => e.preventDefault()} onDrop=${drop}><span>${t("files.choose")}</span><input type="file" accept=".json,.csv,.ics,application/json,text/csv,text/calendar" onChange=${choose} /></label>
      ${state.total !== undefined && html`<p role="status">${t(state.loaded < state.total ? "files.sending" : "files.reading")}<progress value=${state.loaded < state.total ? state.loaded : undefined} max=${state.total} aria-label=${t("files.import")}></progress></p>`}
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.report && html`<${Report} report=${state.report} />`}
    </section>
    <section class="card"><h2>${t("files.export")}</h2><p class="quiet">${t("files.all")}</p>
      <div class="actions">${forms.map(([format, label]) => html`<button key=${format} onClick=${() => put(format)}>${t(label)}</button>`)}</div>
      ${state.size !== undefined && html`<p role="status">${t("files.size", { size: number(Math.ceil(state.size / 1024)) })}</p>`}
    </section>`;
}
