// The shell of the page, kept so that it opens where the service cannot be reached. Nothing that the service says of anybody is ever kept here.
const tag = "{tag}"; // the service writes both in
const files = ["{files}"];

const kind = "shell-";
const patience = 1500; // milliseconds in which a newer page should come

async function install() {
  const shell = await caches.open(kind + tag);
  await shell.addAll([new Request("/", { cache: "no-cache" }), ...files]);
  await self.skipWaiting();
}

// activate leaves the shell before this one to the pages that are still made of it.
async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith(kind) && name !== kind + tag);
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

// page is the one that there is now, or soon; else the one that is kept.
async function page(request) {
  const kept = await (await caches.open(kind + tag)).match("/");
  const late = new Promise((resolve) => setTimeout(resolve, patience));
  const now = fetch(request).then((answer) => (answer.status < 500 ? answer : undefined));
  if (!kept) return now.then((answer) => answer ?? Response.error());
  return (await Promise.race([now.catch(() => kept), late])) ?? kept;
}

const file = async (request) => (await caches.match(request)) ?? fetch(request);

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === "/") event.respondWith(page(request));
  else if (pathname.startsWith("/assets/")) event.respondWith(file(request));
});
