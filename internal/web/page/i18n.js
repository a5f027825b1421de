// The words of the page, in the language of whoever reads it.
import english from "./i18n/en.js";

const catalogues = { en: { name: "English" }, ur: { name: "اردو", load: () => import("./i18n/ur.js") } };
const rightToLeft = ["ur"];

export const languages = Object.entries(catalogues).map(([code, { name }]) => ({ code, name }));
export let language = "en";
let words = english;
let plural = new Intl.PluralRules("en");

// chosen returns the language that was chosen here, else the first that the browser asks for and the page speaks.
function chosen() {
  const wanted = [localStorage.getItem("language"), ...navigator.languages];
  return wanted.map((code) => code?.split("-")[0]).find((code) => code in catalogues) ?? "en";
}

export async function speak() {
  language = chosen();
  const { load } = catalogues[language];
  if (load) words = (await load()).default;
  plural = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  document.documentElement.dir = rightToLeft.includes(language) ? "rtl" : "ltr";
}

export function chooseLanguage(code) {
  localStorage.setItem("language", code);
  location.reload();
}

// t returns the words for a key, with values in the places of {name}. Where they differ by number, n says which to take.
export function t(key, values = {}) {
  let found = words[key] ?? english[key] ?? key;
  if (typeof found === "object") found = found[plural.select(values.n)] ?? found.other;
  return found.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : values[name] ?? ""));
}

export function number(n) {
  return new Intl.NumberFormat(language).format(n);
}
