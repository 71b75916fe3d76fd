/* hearing.js: tells the queue what has changed. The socket only says that something has; what, is asked for under the
   moderator's own rights. So being right never depends on the socket: every open queue also asks by itself. */

import { leaveWithin, loud, reach, showUnread, Unreachable, word } from "./page.js";

const OFTEN = 5_000; // while websockets are blocked
const SELDOM = 30_000; // beside a working socket
const NEVER_CAME = 4_000; // after this without a connection the socket counts as blocked
const jitter = (time) => time * (0.85 + Math.random() * 0.3);

/** Ask from the number `stamp` on; `take(answer)` is given what the server says, `lost()` called where nothing is left to
    see, `shows(id)` says whether the page has this item. */
export function hear({ city, query, stamp, take, lost, shows }) {
  const state = { connected: false, blocked: false, unreachable: false };
  let known = stamp;
  let asking = false;
  let again = false;
  let timer = null;
  let socket = null;
  let ended = false;
  let named = new Set(); // items that changed, as the socket says

  /** What of the queue has changed since this page last asked, or the items `ids` as they are. */
  async function question(ids) {
    const asked = ids ? `ids=${ids.join(",")}` : `since=${known}`;
    const url = `/${city}/moderate/items?${asked}${query ? `&${query}` : ""}`;
    const answer = await reach(url, { headers: { Accept: "application/json" } }, 10_000);
    if (answer.status === 404 || answer.status === 401) return (ended = true), socket?.disconnect(), lost(answer.status);
    if (!answer.ok) return;
    if (!ids) known = answer.data.stamp;
    again ||= Boolean(answer.data.more);
    take(answer.data);
    if (ids) return;
    const missing = [...named].filter((id) => shows(id) && !answer.data.rows.some((row) => row.id === id));
    named = new Set();
    if (missing.length) await question(missing); // removed for good: nothing has changed that could be told
  }

  async function ask() {
    if (ended) return;
    if (asking) return void (again = true);
    asking = true;
    again = false;
    try {
      await question();
      state.unreachable = false;
    } catch (error) {
      if (!(error instanceof Unreachable)) loud(error);
      state.unreachable = true;
    }
    asking = false;
    plan(again ? 0 : undefined);
    show();
  }

  function plan(delay) {
    clearTimeout(timer);
    const often = state.blocked || state.unreachable;
    timer = setTimeout(ask, delay ?? jitter(often && !document.hidden ? OFTEN : SELDOM));
  }

  function connect() {
    if (socket || !window.io) return;
    socket = window.io("/live", {
      path: "/socket.io/",
      transports: ["websocket"],
      upgrade: false,
      reconnectionDelay: 1_000,
      reconnectionDelayMax: 3_000,
      timeout: 8_000,
    });
    socket.on("connect", watch);
    socket.on("queue", ({ stamp: now, items }) => {
      if (now <= known) return;
      items.forEach((id) => named.add(id));
      ask();
    });
    socket.on("bye", ({ within }) => leaveWithin(socket, within));
    socket.on("notices", ({ unread }) => showUnread(unread));
    socket.on("connect_error", block);
    socket.on("disconnect", (reason) => {
      state.connected = false;
      if (reason === "io server disconnect" && !ended) setTimeout(() => socket.connect(), jitter(1_000));
      if (!ended) plan(jitter(1_000)); // the right may have ended: the answer says so
      setTimeout(show, 1_000);
    });
  }

  function watch() {
    const language = document.documentElement.lang.split("-")[0];
    socket.timeout(8_000).emit("watch", { city, language, queue: true }, (error, answer) => {
      if (error || !answer?.ok) return block();
      Object.assign(state, { connected: true, blocked: false });
      ask(); // what came between this page and its socket, or while the socket was away
      show();
    });
  }

  function block() {
    if (state.blocked || state.connected || ended) return;
    state.blocked = true;
    plan(jitter(500));
    show();
  }

  function show() {
    const badge = document.getElementById("live");
    const offline = !navigator.onLine || (state.unreachable && !state.connected);
    const name = offline ? "offline" : state.connected ? "live" : state.blocked ? "polling" : "reconnecting";
    if (!badge || (badge.dataset.state === name && badge.querySelector("[data-live-text]").textContent)) return;
    badge.dataset.state = name;
    badge.querySelector("[data-live-text]").textContent = word(`live_${name}`);
  }

  addEventListener("online", () => (show(), plan(jitter(500)), socket?.disconnect().connect()));
  addEventListener("offline", show);
  addEventListener("cip:io", connect);
  document.addEventListener("visibilitychange", () => document.hidden || plan(200));
  addEventListener("pagehide", () => socket?.disconnect());
  addEventListener("pageshow", (event) => event.persisted && (socket?.connect(), plan(200)));
  show();
  connect();
  const late = setInterval(() => (socket ? clearInterval(late) : connect()), 250);
  setTimeout(block, NEVER_CAME);
  plan();
  return { ask, askFor: (ids) => question(ids).catch(loud) };
}
