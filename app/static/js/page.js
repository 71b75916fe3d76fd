/* page.js: the one script a page names. It holds what every behaviour shares (words, announcer, messages, sending with
   the token, ages) and starts the others where the page asks for them, so that a board's first visit loads four files. */

const facts = () => document.body.dataset;
export const me = () => facts().me || "";
const language = () => (facts().locale || "en").replace("_", "-");
export const number = (value) => new Intl.NumberFormat(language()).format(value);
export const counted = (element) => Number(element.textContent.replace(/\D/g, "")) || 0;
export const signInUrl = () => `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
export const loud = (error) => console.error(error);

/* ---- words: written by the server in the reader's language; {n} and other braces are filled in here ---- */

let spoken;

/** The sentence for `key`; one with plural forms takes its number as `n`. */
export function word(key, values = {}) {
  spoken ??= Object.assign({}, ...[...document.querySelectorAll("#words, [data-words]")].map((said) => JSON.parse(said.textContent)));
  let text = spoken[key] ?? key;
  if (typeof text === "object") text = text[new Intl.PluralRules(language()).select(values.n)] ?? text.other;
  const shown = { ...values, ...("n" in values && { n: number(values.n) }) };
  return text.replace(/\{(\w+)\}/g, (whole, name) => shown[name] ?? whole);
}

/* ---- announcer: polite and gathered, because a room that votes would otherwise talk without end ---- */

const GATHER = 600;
const PAUSE = 4000;
const unsaid = [];
let saying = null;
let saidAt = -PAUSE;

/** Tell screen readers `text` soon; what comes within a few seconds is told together. */
export function announce(text) {
  if (!unsaid.includes(text)) unsaid.push(text);
  saying ??= setTimeout(() => {
    saying = null;
    saidAt = performance.now();
    const region = document.getElementById("announcer");
    if (region) region.textContent = unsaid.splice(0).join(" ");
  }, Math.max(GATHER, saidAt + PAUSE - performance.now()));
}

/* ---- messages: sentences that stay until they are dismissed ---- */

/** Show `text`; tone "problem" interrupts, "note" does not. `extra` is a link or button placed after it. */
export function say(text, tone = "problem", extra = null) {
  const region = document.getElementById("messages");
  if (!region) return announce(text);
  for (const old of region.querySelectorAll("[data-said]")) if (old.dataset.said === text) old.remove();
  const message = make("div", { class: `message message-${tone}`, role: tone === "problem" ? "alert" : "status" });
  message.dataset.said = text;
  const close = make("button", { type: "button", class: "message-close", "aria-label": word("dismiss") }, "×");
  close.dataset.dismiss = "";
  message.append(make("p", {}, text), ...(extra ? [extra] : []), close);
  region.append(message);
}

/** So many notices wait: the bell says so by number and by name. */
export function showUnread(count) {
  const bell = document.getElementById("bell");
  const place = bell?.querySelector("[data-unread]");
  if (!place || !Number.isInteger(count)) return;
  place.textContent = number(count);
  place.hidden = !count;
  bell.setAttribute("aria-label", count ? word("notices_unread", { n: count }) : word("notices"));
}

/* ---- elements ---- */

/** A new element with attributes and text: text is never read as HTML. */
export function make(name, attributes = {}, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

/** The element of a fragment our own server rendered. */
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

/** What every fragment needs once it is in the page: htmx's attention, its own tools, fresh ages. */
export function settle(element) {
  window.htmx?.process(element);
  dress(element);
  refreshAges(element);
}

const hasRunOut = (until) => until && Date.now() > Date.parse(until);

/** Public fragments do not know who looks: show authors their own tools, as long as they may use them. */
function dress(root) {
  for (const tool of root.querySelectorAll("[data-own]")) {
    const owned = tool.closest("[data-author]");
    const until = (tool.closest("[data-until]") ?? owned)?.dataset.until;
    tool.hidden = !me() || owned?.dataset.author !== me() || Boolean(hasRunOut(until));
  }
  for (const tool of root.querySelectorAll("[data-others]")) tool.hidden = Boolean(me()) && tool.closest("[data-author]")?.dataset.author === me();
}

/** Put `fresh` where `old` is, keeping the focus that was inside, on the same control. */
export function exchange(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const alike = focused && [...old.querySelectorAll(focused.localName)].indexOf(focused);
  old.replaceWith(fresh);
  settle(fresh);
  if (!focused) return;
  const heir = fresh.querySelectorAll(focused.localName)[alike] ?? fresh;
  if (heir === fresh) fresh.tabIndex = -1;
  heir.focus({ preventScroll: true });
}

/** Do `work` without moving what the reader looks at, also where the browser does not anchor by itself. */
export function steadily(work) {
  if (CSS.supports("overflow-anchor", "auto")) return work();
  const anchor = [...document.querySelectorAll("[data-idea], [data-comment]")].find((one) => one.getBoundingClientRect().bottom > 0);
  const before = anchor?.getBoundingClientRect().top;
  const result = work();
  if (anchor?.isConnected && scrollY > 0) scrollBy(0, anchor.getBoundingClientRect().top - before);
  return result;
}

/** Copy `text`, also over plain http, where browsers offer no clipboard. */
export async function copy(text, said = "copied") {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else {
    const place = document.body.appendChild(make("textarea", { class: "visually-hidden" }, text));
    place.select();
    document.execCommand("copy");
    place.remove();
  }
  announce(word(said));
}

/* ---- sending ---- */

/** The server could not be reached, or could not take it just now: the same request may be sent again. */
export class Unreachable extends Error {}

/** fetch that gives up after `timeout` ms and throws Unreachable for anything worth trying again. */
export async function reach(url, options = {}, timeout = 15_000) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  try {
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options, signal: stop.signal });
    const text = await answer.text();
    if (answer.status >= 500) throw new Unreachable(String(answer.status));
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    return { status: answer.status, ok: answer.ok, url: answer.url, text, data: isJson ? JSON.parse(text) : {} };
  } catch (error) {
    throw error instanceof Unreachable ? error : new Unreachable(error.message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** A page of the server as it is now: `{page, me}`; its token becomes ours if it belongs to the same person. */
export async function freshPage(url) {
  const answer = await reach(url, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(answer.text, "text/html");
  const theirs = page.body.dataset;
  if (theirs.csrf && (theirs.me || "") === me()) facts().csrf = theirs.csrf;
  return { page, me: theirs.me || "", ok: answer.ok };
}

/** POST `fields` (pairs) to one of our routes; a token that went stale is renewed once. */
export async function post(url, fields, retry = true) {
  const body = new URLSearchParams(fields);
  body.delete("csrf_token");
  const headers = { Accept: "application/json", "X-CSRFToken": facts().csrf || "" };
  const answer = await reach(url, { method: "POST", headers, body });
  if (answer.status !== 400 || !retry) return answer;
  const now = await freshPage("/privacy");
  if (now.me !== me()) return { ...answer, status: 401, ok: false };
  return post(url, fields, false);
}

/** A key nobody else makes; over plain http in a venue's network there is no randomUUID. */
export function newKey(source = crypto) {
  if (source.randomUUID) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/* ---- ages: "12 minutes ago", in the server's own rounding (app/core/times.py) ---- */

const DAY = 86_400;
const UNITS = [["year", 365 * DAY], ["month", 30 * DAY], ["week", 7 * DAY], ["day", DAY], ["hour", 3600], ["minute", 60]];
const rounded = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

/** `[count, unit]` for an age in seconds, or null under 45 s: whole steps downwards, then rounded to the largest unit. */
export function age(seconds) {
  if (seconds < 45) return null;
  let whole = Math.max(60, seconds);
  whole -= whole % [DAY, 3600, 60].find((step) => whole >= step);
  const [unit, length] = UNITS.find(([, size]) => whole >= size);
  return [rounded(whole / length), unit];
}

function refreshAges(root = document) {
  const format = new Intl.RelativeTimeFormat(language());
  const bare = (text) => text.replace(/\s/g, "");
  for (const time of root.querySelectorAll("time[data-ago]")) {
    const since = age(Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000));
    const text = since ? format.format(-since[0], since[1]) : word("just_now");
    if (bare(text) !== bare(time.textContent)) time.textContent = text;
  }
}

/** What is kept in this browser under names that begin with `prefix`; nothing where storage is forbidden. */
export function stored(prefix) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

/* ---- start: each behaviour where its attribute or page is ---- */

const need = (file) => import(file).catch(loud);

/** Attend to what is in the page now: at the start, and whenever htmx has brought something. */
function look() {
  const asks = (selector) => document.querySelector(selector);
  dress(document);
  refreshAges();
  if (asks(".upvote")) need("./upvotes.js");
  if (asks("form[data-draft]")) need("./composer.js").then((composer) => composer?.attend());
  if (asks("[data-shows-for]")) need("./forms.js").then((forms) => forms?.attend());
}

/** The process that holds this socket ends: over to another one, each page at a moment of its own within so many ms. */
export function leaveWithin(socket, within) {
  const { id } = socket;
  setTimeout(() => socket.id === id && socket.disconnect().connect(), Math.random() * within);
}

async function start() {
  const { page, cityId, seq } = facts();
  look();
  setInterval(() => (refreshAges(), dress(document)), 30_000);
  document.addEventListener("htmx:after:swap", look);
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.parentElement.remove());
  if (stored("cip.outbox.").length) need("./outbox.js");
  if (page === "queue") need("./queue.js");
  if (cityId && facts().moderates?.split(",").includes(cityId)) need("./moderating.js");
  const view = { board: "./board.js", idea: "./idea.js", remote: "./remote.js" }[page];
  const room = document.getElementById("room") && need("./room.js"); // of people in a workshop
  if (cityId && seq && (view || room)) {
    const [live, shown] = await Promise.all([need("./live.js"), view ? need(view) : room.then(({ still }) => still)]);
    if (live && shown) live.start(shown);
  }
}

if (globalThis.document) start();
