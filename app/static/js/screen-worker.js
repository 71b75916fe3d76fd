/* screen-worker.js: a service worker of the screens. Asks the network first; while that is away, a screen that was open
   before opens as it was kept, and its script puts the last board onto it. Files never change under their address. */

const KEPT = "screens";
const MOST = 60;

const isScreen = (url) => /^\/screen\/[^/]+$/.test(url.pathname);

async function keep(address, answer) {
  const cache = await caches.open(KEPT);
  await cache.put(address, answer);
  const all = await cache.keys();
  for (const old of all.slice(0, Math.max(0, all.length - MOST))) await cache.delete(old);
}

async function opened(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(request.url, answer.clone());
    else if (answer.status === 404) await (await caches.open(KEPT)).delete(request.url);
    return answer;
  } catch (error) {
    const kept = await caches.match(request.url, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  const kept = await caches.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await keep(request.url, answer.clone());
  return answer;
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && isScreen(url)) event.respondWith(opened(event.request));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(file(event.request));
});
self.addEventListener("message", (event) => {
  const all = event.data.keep.map(async (address) => {
    const kept = await caches.match(address);
    if (kept) return;
    const answer = await fetch(address);
    if (answer.ok) await keep(address, answer);
  });
  event.waitUntil(Promise.all(all));
});
