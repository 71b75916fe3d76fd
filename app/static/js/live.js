/* live.js: keeps an open page equal to the database. The socket brings numbered changes; whatever the socket misses
   is asked for over HTTP, so being right never depends on it. board.js and idea.js do the applying. */

import { freshPage, leaveWithin, loud, me, number, reach, showUnread, Unreachable, word } from "./page.js";
import { count, hearCounts, hearMine, isMine, shown } from "./upvotes.js";

/** The order of changes: the next one is applied, an old one ignored, and one too early waits for the one before it. */
export class Numbering {
  #early = new Map();
  #timer = null;

  constructor(last, { apply, gap, patience = 300 }) {
    Object.assign(this, { last, apply, gap, patience });
  }

  hear(change) {
    if (change.seq <= this.last) return;
    if (change.prev > this.last) {
      this.#early.set(change.seq, change);
      this.#timer ??= setTimeout(() => ((this.#timer = null), this.gap()), this.patience);
      return;
    }
    this.apply(change);
    this.arriveAt(change.seq);
  }

  /** The answer of a catch-up: everything after `last`, already in order and complete up to `seq`. */
  catchUp(seq, changes) {
    for (const change of changes) if (change.seq > this.last) this.apply(change);
    this.arriveAt(seq);
  }

  /** The page was fetched anew and shows everything up to `seq`, which may be less than it showed before. */
  startOver(seq) {
    const fellBack = seq < this.last;
    this.last = seq;
    this.arriveAt(seq);
    if (fellBack) this.gap();
  }

  /** The page now shows everything up to `seq`; what waited for that can follow. */
  arriveAt(seq) {
    this.last = Math.max(this.last, seq);
    for (const early of [...this.#early.values()].sort((a, b) => a.seq - b.seq)) {
      if (early.prev > this.last) continue;
      this.#early.delete(early.seq);
      this.hear(early);
    }
    if (this.#early.size) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}

const OFTEN = 5_000; // while websockets are blocked
const SELDOM = 30_000; // beside a working socket: it repairs what a lost message left wrong
const NEVER_CAME = 4_000; // after this without a connection the socket counts as blocked
const AT_ONCE = 300; // ideas whose counts one question may carry

const jitter = (time) => time * (0.85 + Math.random() * 0.3);

export function start(view) {
  const { city, idea, workshop } = document.body.dataset;
  const numbering = new Numbering(Number(document.body.dataset.seq), { apply, gap: () => rejoining || soon(crowding()) });
  const state = { connected: false, blocked: false, unreachable: false };
  let rejoining = false; // a catch-up is coming at a random moment, so that a whole room does not ask at once
  let asking = false; // whether a question is under way
  let again = false; // somebody asked meanwhile
  let timer = null;
  let due = Infinity;
  let told = new Map(); // counts the socket brought while a question was under way: they are newer than its answer
  let crowd = 0; // the most watchers this page was told of

  /* ---- applying ---- */

  function apply(change) {
    try {
      view.apply(change);
    } catch (error) {
      loud(error);
      renew().catch(loud);
    }
  }

  function tally({ counts = {}, figures, groups }) {
    for (const [id, count] of Object.entries(counts)) if (asking) told.set(id, count);
    hearCounts(counts);
    if (figures) showFigures(figures);
    if (groups) view.groups?.(groups);
  }

  /** Fetch this page anew and let the view take its lists from it: after a longer absence than changes are kept. */
  async function renew() {
    const { page, ok } = await freshPage(location.href);
    if (!ok) return idea && view.apply({ kind: "idea_withdrawn", idea });
    view.renew(page);
    const figure = (place) => [place.dataset.figure, place.textContent];
    showFigures(Object.fromEntries([...page.querySelectorAll("[data-figure]")].map(figure)));
    numbering.startOver(Number(page.body.dataset.seq) || 0);
    document.dispatchEvent(new Event("cip:renewed"));
  }

  /* ---- asking ---- */

  /** Ask for what was missed, and for the counts of everything shown: a few hundred at a time, once where nothing is. */
  async function ask() {
    if (asking) return void (again = true);
    asking = true;
    rejoining = false;
    const ids = shown();
    try {
      for (let from = 0; from === 0 || from < ids.length; from += AT_ONCE) await question(ids.slice(from, from + AT_ONCE));
      state.unreachable = false;
    } catch (error) {
      if (!(error instanceof Unreachable)) loud(error);
      state.unreachable = true;
    }
    asking = false;
    if (again) plan(0);
    else plan(state.unreachable ? jitter(state.connected ? 2 * OFTEN : OFTEN) : undefined);
    again = false;
    showState();
  }

  async function question(ids) {
    told = new Map();
    const pairs = ids.map((id) => `${id}:${count(id)}`).join(",");
    const mine = ids.filter(isMine).join(",");
    const query = new URLSearchParams({ since: numbering.last, shown: pairs, ...(mine && { mine }), ...(idea && { idea }) });
    const answer = await reach(`/${city}/changes?${query}`, { headers: { Accept: "application/json" } }, 10_000);
    if (answer.status === 200) await take(answer.data, ids);
    if (answer.status === 404 && idea) view.apply({ kind: "idea_withdrawn", idea });
  }

  async function take(answer, ids) {
    if (answer.reload) return renew();
    numbering.catchUp(answer.seq, answer.changes ?? []);
    const counts = Object.fromEntries(Object.entries(answer.counts ?? {}).filter(([id]) => !told.has(id)));
    tally({ ...answer, counts });
    if (me() && answer.mine) {
      const mine = new Set(answer.mine.map(String));
      for (const id of ids) hearMine(id, mine.has(id));
    }
    if ("watching" in answer) showWatching(answer.watching);
  }

  /** Ask in `delay` ms, or at the usual time; an earlier appointment stands. */
  function plan(delay) {
    const usual = state.blocked && !document.hidden ? OFTEN : SELDOM;
    const wanted = performance.now() + (delay ?? jitter(usual));
    if (wanted > due) return;
    clearTimeout(timer);
    due = wanted;
    timer = setTimeout(() => ((due = Infinity), ask()), wanted - performance.now());
  }

  const soon = (most) => plan(Math.random() * most);
  /** What befalls all pages at once must not let them all ask at once: the more there are, the more apart, up to 10 s. */
  const crowding = (least = 0) => Math.min(10_000, Math.max(least, 4 * crowd));

  /* ---- the socket ---- */

  let socket = null;
  let failures = 0;
  let wasConnected = false;

  function connect() {
    if (socket || !window.io) return;
    socket = window.io("/live", {
      path: "/socket.io/",
      transports: ["websocket"],
      upgrade: false,
      reconnectionDelay: 1_000,
      reconnectionDelayMax: 3_000, // of which socket.io makes 1.5 to 4.5 s at random
      timeout: 8_000,
    });
    socket.on("connect", watch);
    socket.on("disconnect", (reason) => {
      state.connected = false;
      if (reason === "io server disconnect") setTimeout(() => socket.connect(), jitter(3_000));
      if (reason !== "io client disconnect") soon(crowding(2_000));
      setTimeout(showState, 1_000);
    });
    socket.on("connect_error", () => {
      failures += 1;
      if (failures >= 3 || !wasConnected) block();
      showState();
    });
    socket.on("bye", ({ within }) => leaveWithin(socket, within));
    socket.on("change", (change) => numbering.hear(change));
    socket.on("counts", tally);
    socket.on("groups", ({ groups }) => view.groups?.(groups));
    socket.on("watching", ({ watching }) => showWatching(watching));
    socket.on("notices", ({ unread }) => showUnread(unread));
    socket.on("mine", ({ idea: id, upvoted }) => hearMine(String(id), upvoted));
    for (const name of ["room", "mine"]) socket.on(name, (detail) => document.dispatchEvent(new CustomEvent(`cip:${name}`, { detail })));
  }

  function watch() {
    const language = document.documentElement.lang.split("-")[0];
    const wish = { city, language, ...(idea && { idea: Number(idea) }), ...(workshop && { workshop: Number(workshop) }) };
    socket.timeout(8_000).emit("watch", wish, (error, answer) => {
      if (error || !answer?.ok) return block();
      Object.assign(state, { connected: true, blocked: false, unreachable: false });
      failures = 0;
      showState();
      showWatching(answer.watching);
      if (wasConnected) (rejoining = true), soon(crowding(100));
      else soon(crowding(answer.seq > numbering.last ? 500 : 5_000)); // counts may have moved since the page was made
      wasConnected = true;
      document.dispatchEvent(new Event("cip:reachable"));
    });
  }

  function block() {
    if (state.blocked || state.connected) return;
    state.blocked = true;
    soon(1_000);
    showState();
  }

  /* ---- what the reader sees of it ---- */

  function showState() {
    const badge = document.getElementById("live");
    const offline = !navigator.onLine || (state.unreachable && !state.connected);
    const name = offline ? "offline" : state.connected ? "live" : state.blocked ? "polling" : "reconnecting";
    const text = badge?.querySelector("[data-live-text]");
    if (!text || (badge.dataset.state === name && text.textContent)) return;
    badge.dataset.state = name;
    text.textContent = word(`live_${name}`);
  }

  function showWatching(count) {
    const place = document.getElementById("watching");
    if (!Number.isInteger(count)) return;
    crowd = Math.max(count, crowd);
    if (place) place.textContent = word("watching", { n: count });
  }

  function showFigures(figures) {
    for (const [name, value] of Object.entries(figures)) {
      const text = typeof value === "number" ? number(value) : value;
      for (const place of document.querySelectorAll(`[data-figure="${name}"]`)) place.textContent = text;
    }
  }

  /* ---- when to begin, and when to look again ---- */

  addEventListener("online", () => (showState(), soon(1_000), socket?.disconnect().connect())); // an old one may be dead
  addEventListener("offline", showState);
  addEventListener("cip:io", connect);
  document.addEventListener("visibilitychange", () => document.hidden || soon(500));
  addEventListener("pagehide", () => socket?.disconnect());
  addEventListener("pageshow", (event) => event.persisted && (socket?.connect(), soon(500)));
  // What htmx swaps in was rendered some time after it was asked for: changes since then are asked for once more.
  let askedAt = null;
  document.addEventListener("htmx:before:request", () => (askedAt = numbering.last));
  document.addEventListener("htmx:after:swap", () => {
    numbering.startOver(Math.min(askedAt ?? Infinity, numbering.last));
    showState();
  });
  document.addEventListener("cip:renew", () => renew().catch(loud));

  showState();
  connect();
  const late = setInterval(() => (socket ? clearInterval(late) : connect()), 250);
  setTimeout(block, NEVER_CAME);
  plan();
}
