/* screen.js: keeps a projector or TV equal to the database, for hours, with nobody at it. The socket only says that
   something is new; what is shown always comes from state.json, at most once a second, and every ten seconds anyway. */

import { heedZoom, keepPage } from "./screen-care.js";
import { forget, hourOf, measured, serverNow, tick } from "./screen-clock.js";
import { fill } from "./screen-pages.js";
import { show } from "./screen-show.js";

const AT_MOST_EVERY = 1_000;
const ANYWAY = 10_000;
const WITHOUT_SOCKET = 1_200; // nobody else would say within two seconds that the link is revoked
const AFTER_FAILURE = 1_000;
const PATIENCE = 8_000;
const PATIENCE_FAILING = 3_000; // the network may be back any moment: then a question that hangs is in the way
const LOST_AFTER = 5_000;
const STALE_AFTER = 13_000;
const RENEWED_EVERY = 6 * 3_600_000;
const CALM = 60_000;
const KEPT = "cip.screen";

const body = document.body;
const { token } = body.dataset;
const words = JSON.parse(document.getElementById("words").textContent);
const plurals = new Intl.PluralRules(document.documentElement.lang);
const language = new URLSearchParams(location.search).get("language");
const address = `/screen/${token}/state.json${language ? `?language=${encodeURIComponent(language)}` : ""}`;

const drawn = { ...JSON.parse(document.getElementById("state").textContent), html: document.getElementById("stage").innerHTML };
let state = drawn;
const openedAt = performance.now();
let okAt = openedAt;
let changedAt = openedAt;
let isConnected = false;
let isFailing = false;
let isGone = false;

/* ---- asking ---- */

let timer = null;
let due = Infinity;
let asking = false;
let askedAt = -Infinity;
let toldAt = 0; // the server's time when the socket last said that something is new

/** Ask in `delay` ms; an earlier appointment stands. */
function plan(delay) {
  const wanted = performance.now() + delay;
  if (isGone || wanted >= due) return;
  clearTimeout(timer);
  due = wanted;
  timer = setTimeout(ask, delay);
}

const rested = () => Math.max(0, askedAt + AT_MOST_EVERY - performance.now());

function told() {
  toldAt = serverNow();
  plan(rested());
}

async function fetched() {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), isFailing ? PATIENCE_FAILING : PATIENCE);
  try {
    const answer = await fetch(address, { cache: "no-store", headers: { Accept: "application/json" }, signal: stop.signal });
    if (answer.status === 410 || answer.status === 404) return null;
    if (!answer.ok) throw new Error(String(answer.status));
    return await answer.json();
  } finally {
    clearTimeout(late);
  }
}

async function ask() {
  due = Infinity;
  if (isGone || asking) return;
  asking = true;
  askedAt = performance.now();
  const wasFailing = isFailing;
  try {
    const fresh = await fetched();
    if (!fresh) return vanish();
    measured(askedAt, performance.now(), fresh.now);
    isFailing = false;
    okAt = performance.now();
    take(fresh);
    if (wasFailing && socket) socket.disconnect().connect(); // the old one may be dead without knowing it
  } catch {
    isFailing = true;
    // Until there is an answer no socket is tried: browsers let those wait for seconds whose many attempts have failed.
    if (socket && !socket.connected) socket.disconnect();
  }
  asking = false;
  // Drawn for another screen before the socket spoke: ask once more.
  toldAt = Math.min(toldAt, serverNow());
  if (!isFailing && state.fresh_at < toldAt) plan(rested());
  plan(isFailing ? AFTER_FAILURE : isConnected ? ANYWAY : WITHOUT_SOCKET);
  say();
}

function take(fresh) {
  const isChanged = fresh.html !== state.html || fresh.mode !== state.mode;
  if (isChanged) changedAt = performance.now();
  const moved = fresh.workshop !== state.workshop;
  state = fresh;
  show(fresh.html, fresh.mode);
  tick();
  keep();
  if (moved) watch();
  if (fresh.version !== drawn.version || performance.now() - openedAt > RENEWED_EVERY) renew();
}

/** Begin with a fresh page, when nothing has happened for a while and the server has just answered. */
function renew() {
  const counts = document.querySelector("[data-ends]:not([data-ends=''])");
  if (performance.now() - changedAt > CALM && !counts) location.reload();
}

/* ---- what is kept for a start without the network ---- */

function keep() {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...state, token }));
  } catch {
    /* storage is full or forbidden: such a screen begins with the page the server drew */
  }
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT));
    return found && found.token === token ? found : null;
  } catch {
    return null;
  }
}

/** The link is revoked: nothing stays, neither here nor in this browser. */
function vanish() {
  isGone = true;
  clearTimeout(timer);
  if (socket) socket.disconnect();
  document.getElementById("frame").remove();
  body.classList.add("gone");
  try {
    localStorage.removeItem(KEPT);
    if (window.caches) caches.delete("screens");
  } catch {
    /* nothing was kept then */
  }
}

/* ---- the socket ---- */

let socket = null;

function connect() {
  if (socket || isGone || !window.io) return;
  const ways = { path: "/socket.io/", transports: ["websocket"], upgrade: false };
  socket = window.io("/live", { ...ways, reconnectionDelay: 500, reconnectionDelayMax: 2_000, timeout: 5_000 });
  socket.on("connect", watch);
  socket.on("disconnect", (reason) => {
    isConnected = false;
    if (reason === "io server disconnect") setTimeout(() => isGone || socket.connect(), 2_000);
    plan(rested());
  });
  socket.on("bye", ({ within }) => {
    const { id } = socket; // the process that holds it ends: over to another one, not all screens at once
    setTimeout(() => socket.id === id && socket.disconnect().connect(), Math.random() * within);
  });
  socket.on("change", told);
  socket.on("counts", told);
  socket.on("room", (room) => {
    told();
    if (room.seq !== state.state_seq) plan(0); // a phase, not a number: everybody sees it within the second
  });
  socket.on("screen", (news) => (news.revoked ? vanish() : (told(), plan(0))));
}

function watch() {
  if (!socket || !socket.connected) return;
  socket.timeout(5_000).emit("watch", { screen: token }, (error, answer) => {
    isConnected = !error && Boolean(answer && answer.ok);
    told();
    say();
  });
}

/* ---- what the room is told of it ---- */

function say() {
  const place = document.getElementById("freshness");
  if (!place || isGone) return;
  const age = performance.now() - okAt;
  const lost = isFailing && (age > LOST_AFTER || !navigator.onLine);
  const name = lost ? "lost" : isConnected && !isFailing && age < STALE_AFTER ? "live" : "behind";
  const seconds = Math.max(1, Math.round(age / 1000));
  const text = { live: words.live, lost: words.lost.replace("{time}", hourOf(state.now)) }[name]
    || (words.behind[plurals.select(seconds)] || words.behind.other).replace("{n}", seconds);
  place.dataset.state = name;
  const said = place.querySelector("[data-said]");
  if (said.textContent !== text) said.textContent = text;
}

/* ---- start ---- */

function wake() {
  if (document.visibilityState !== "visible") return;
  forget();
  plan(0);
}

const before = kept();
if (before && before.now > drawn.now) {
  state = before; // the worker opened the page as it was kept: the last board is newer
  okAt -= Math.max(0, serverNow() - state.now);
}
show(state.html, state.mode);
heedZoom(() => isGone || fill(document.getElementById("stage"), state.mode));
document.documentElement.dataset.started = "yes";
addEventListener("online", () => plan(0));
addEventListener("offline", () => ((isFailing = true), say(), plan(AFTER_FAILURE)));
addEventListener("pageshow", wake);
document.addEventListener("visibilitychange", wake);
setInterval(say, 1_000);
const late = setInterval(() => (socket || isGone ? clearInterval(late) : connect()), 250);
connect();
tick();
plan(0);
keepPage();
