// Opens the form of the work log without a network, from what its page has kept. It answers nothing else.

const CACHE = "noroshi-work";
const PATIENCE_MS = 6000;
const KEPT = ["/static/app.css", "/static/work.css", "/static/work.js", "/static/nav.js", "/static/logo.svg"];

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" ? pathname === "/work/new" : KEPT.includes(pathname)) event.respondWith(answer(request));
});

async function answer(request) {
  const kept = await caches.match(request.url, { cacheName: CACHE, ignoreVary: true });
  if (!kept) return fetch(request);
  try {
    return await Promise.race([fetch(request), late()]);
  } catch {
    return kept;
  }
}

// In a dead spot nothing answers for minutes: what is kept is better.
function late() {
  return new Promise((_, refuse) => setTimeout(() => refuse(new Error("late")), PATIENCE_MS));
}
