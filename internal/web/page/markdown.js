// What a language model says, drawn: paragraphs, lists, bold, italics, code and links of Markdown. Whatever else it says, markup too, stays text.
import { html } from "./ui.js";

const quotes = { "“": "”", "”": "“" }; // of English, and of Urdu
const deepest = 6; // levels of lists, and of marks within marks
const space = (letter) => letter === undefined || /\s/.test(letter);
const wordly = (letter) => letter !== undefined && /[\p{L}\p{N}]/u.test(letter);

// opens is whether bold or italics can begin with a mark at a place, closes whether they can end there. In snake_case there are none.
const opens = (text, mark, at) => !space(text[at + mark.length]) && !(mark[0] === "_" && wordly(text[at - 1]));
const closes = (text, mark, at) => !space(text[at - 1]) && text[at + mark.length] !== mark[0] && (mark.length > 1 || text[at - 1] !== mark) && !(mark[0] === "_" && wordly(text[at + mark.length]));

// end returns where something is next that holds, -1 if nowhere. Then it is nowhere further on either, and nobody looks again.
function end(text, what, from, holds, nowhere) {
  if (nowhere.has(what)) return -1;
  let at = text.indexOf(what, from);
  while (at >= 0 && !holds(at)) at = text.indexOf(what, at + 1);
  if (at < 0) nowhere.add(what);
  return at;
}

// A link says where it leads, whatever it is called.
const link = /\[([^[\]\n]{1,300})\]\((https?:\/\/[^\s()<>\\]{1,2000})\)/iy;

function linked([whole, label, target], depth) {
  try {
    const { href, host } = new URL(target);
    return { length: whole.length, node: html`<a href=${href} target="_blank" rel="noopener noreferrer"><bdi>${inline(label, depth + 1)}</bdi>${!label.includes(host) && html` <bdi class="quiet">(${host})</bdi>`}</a>` };
  } catch {
    return { length: whole.length, node: whole };
  }
}

// found returns what begins at a place, and its length.
function found(text, at, depth, nowhere) {
  const letter = text[at], closing = quotes[letter];
  if (closing) { // titles are quoted so, and are shown as they are
    const to = end(text, closing, at + 1, () => true, nowhere);
    return to < 0 ? { length: 1, node: letter } : { length: to + 1 - at, node: text.slice(at, to + 1) };
  }
  if (letter === "\\") return /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "") ? { length: 2, node: text[at + 1] } : { length: 1, node: letter };
  if (letter === "[") {
    link.lastIndex = at;
    const parts = link.exec(text);
    return parts ? linked(parts, depth) : { length: 1, node: letter };
  }
  const [run] = /^(`+|\*\*?|__?)/.exec(text.slice(at, at + 200));
  const code = letter === "`", from = at + run.length;
  const to = code ? end(text, run, from, (i) => text[i - 1] !== "`" && text[i + run.length] !== "`", nowhere)
    : depth < deepest && opens(text, run, at) ? end(text, run, from + 1, (i) => closes(text, run, i), nowhere) : -1;
  if (to < 0) return { length: run.length, node: run };
  const inner = text.slice(from, to);
  const node = code ? html`<code>${inner.trim() || inner}</code>` : run.length > 1 ? html`<strong>${inline(inner, depth + 1)}</strong>` : html`<em>${inline(inner, depth + 1)}</em>`;
  return { length: to + run.length - at, node };
}

function inline(text, depth = 0) {
  const all = [], nowhere = new Set(), signs = /[\\`*_[“”]/g;
  for (let at = 0; at < text.length; ) {
    signs.lastIndex = at;
    const next = signs.exec(text)?.index ?? text.length;
    if (next > at) all.push(text.slice(at, next));
    at = next;
    if (at === text.length) break;
    const { length, node } = found(text, at, depth, nowhere);
    all.push(node);
    at += length;
  }
  return all;
}

// lists makes lists of items, those that are further in within the one before.
function lists(items, depth = 1) {
  const all = [];
  for (let at = 0, to; at < items.length; at = to) {
    const { indent, number, words } = items[at], tag = number ? "ol" : "ul";
    for (to = at + 1; depth < deepest && items[to]?.indent > indent + 1; ) to++;
    if (all.at(-1)?.tag !== tag) all.push({ tag, start: number, rows: [] });
    all.at(-1).rows.push(html`<li dir="auto">${inline(words)}${to > at + 1 && lists(items.slice(at + 1, to), depth + 1)}</li>`);
  }
  return all.map(({ tag, start, rows }) => html`<${tag} start=${start}>${rows}<//>`);
}

// markdown draws a text.
export function markdown(text) {
  const all = [];
  let gap = true; // whether what comes begins something
  for (const line of text.split("\n")) {
    const [, indent, number, words] = /^(\s{0,40})(?:[-*+•]|(\d{1,9})[.)])\s+(\S.*)$/.exec(line) ?? [], last = all.at(-1);
    const heading = /^#{1,6}\s+(\S.*)$/.exec(line);
    if (words && last?.items) last.items.push({ indent: indent.length, number, words });
    else if (words) all.push({ items: [{ indent: indent.length, number, words }] });
    else if (heading) all.push({ text: heading[1], strong: true });
    else if (line.trim() && (gap || last.strong)) all.push({ text: line });
    else if (line.trim() && last.items) last.items.at(-1).words += "\n" + line.trim();
    else if (line.trim()) last.text += "\n" + line;
    gap = !line.trim();
  }
  return all.map(({ items, text, strong }) => (items ? lists(items) : html`<p dir="auto">${strong ? html`<strong>${inline(text)}</strong>` : inline(text)}</p>`));
}
