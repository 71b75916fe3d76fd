/* outbox.js: what could not reach the server waits here, survives a reload, and goes out once. Once, because every post
   carries the key its form made: the server answers a second copy with the first one's result. */

import { announce, copy, freshPage, make, me, post, say, signInUrl, stored, Unreachable, word } from "./page.js";
import { resume } from "./upvotes.js";

const PREFIX = `cip.outbox.${me()}.`; // an account's own: nobody else ever sends or sees it
const LEASE = "cip.lease";
const SLOWEST = 60_000;

/* ---- keeping: one entry of localStorage an item, so that two tabs never overwrite each other ---- */

const memory = new Map(); // where localStorage is full or forbidden, the open page has to do

function read(name) {
  try {
    return JSON.parse(memory.get(name) ?? localStorage.getItem(name));
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    memory.set(name, JSON.stringify(value));
  }
}

function erase(name) {
  memory.delete(name);
  try {
    localStorage.removeItem(name);
  } catch {
    /* it was only in memory */
  }
}

const names = (prefix) => [...new Set([...memory.keys(), ...stored(prefix)])].filter((name) => name.startsWith(prefix));

/** What waits, oldest first. */
export function waiting() {
  if (!me()) return [];
  return names(PREFIX).map(read).filter(Boolean).sort((a, b) => a.made - b.made);
}

/** Keep `{key, kind, action, fields, text, …}` until the server has it. The same key replaces what waited under it. */
export function keep(item) {
  write(PREFIX + item.key, { ...item, page: location.pathname, made: Date.now() });
  announce(word("outbox_kept"));
  show();
  later();
}

export function drop(key) {
  erase(PREFIX + key);
  show();
}

function discard(item) {
  if (!confirm(word("discard_sure"))) return;
  drop(item.key);
  report("cip:dropped", item);
}

/* ---- sending ---- */

let timer = null;
let delay = 5_000;

function later() {
  clearTimeout(timer);
  if (!waiting().some((item) => !item.stopped)) return;
  timer = setTimeout(flush, delay * (0.8 + Math.random() * 0.4));
  delay = Math.min(delay * 2, SLOWEST);
}

/** Only one tab sends at a time: a lock where there is one, else a lease that runs out by itself. */
async function alone(work) {
  if (navigator.locks) return navigator.locks.request("cip.outbox", { ifAvailable: true }, (lock) => lock && work());
  const lease = read(LEASE);
  if (lease && lease.until > Date.now()) return;
  const mark = Math.random();
  write(LEASE, { mark, until: Date.now() + 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100));
  if (read(LEASE)?.mark !== mark) return;
  await work();
  erase(LEASE);
}

const flush = () =>
  alone(deliverAll)
    .catch((error) => {
      if (!(error instanceof Unreachable)) throw error;
    })
    .finally(later);

async function deliverAll() {
  const ready = waiting().filter((item) => item.stopped !== "refused");
  if (!ready.length) return;
  const now = await freshPage("/privacy"); // who is signed in by now, and the token of today
  if (now.me !== me()) {
    for (const item of ready) stop(item, now.me ? "other_account" : "sign_in");
    return;
  }
  for (const item of ready) {
    if (!read(PREFIX + item.key)) continue;
    const answer = await post(item.action, item.fields);
    if (answer.ok) arrived(item, answer.data);
    else if (answer.status === 401) stop(item, "sign_in");
    else if (answer.status !== 429) stop(item, "refused", reason(answer.data));
  }
  delay = 5_000;
}

function reason({ message, errors }) {
  return Object.values(errors ?? {}).flat().join(" ") || message || word("outbox_refused");
}

/** It waits for the person now: to sign in again, or because the server refused it with a `message`. */
function stop(item, stopped, message) {
  const problem = message ?? word(`outbox_${stopped}`);
  write(PREFIX + item.key, { ...item, stopped, problem });
  announce(problem);
  show();
}

function arrived(item, data) {
  if (read(PREFIX + item.key)?.made !== item.made) return; // a wish that changed meanwhile goes with the next round
  drop(item.key);
  const shown = report("cip:posted", item, data);
  announce(word(`outbox_sent_${item.kind}`));
  if (shown || item.kind === "upvote") return;
  say(word(`outbox_sent_${item.kind}`), "note", make("a", { href: data.url }, item.text.slice(0, 80)));
}

/** Tell the views; true if one of them showed it. */
function report(name, item, data) {
  const detail = { kind: item.kind, city: item.city, idea: item.idea, item, data };
  return !document.dispatchEvent(new CustomEvent(name, { detail, cancelable: true }));
}

/* ---- showing ---- */

function show() {
  const strip = document.getElementById("outbox");
  if (!strip) return;
  const items = waiting();
  const focused = strip.contains(document.activeElement);
  strip.replaceChildren();
  strip.hidden = items.length === 0;
  if (!items.length) return;
  strip.append(make("h2", { tabindex: "-1" }, word("outbox_title")), make("ul", { role: "list" }));
  strip.lastChild.append(...items.map(row));
  if (focused) strip.firstChild.focus();
}

function row(item) {
  const entry = make("li", { class: "outbox-item" });
  const upvote = item.kind === "upvote" && (item.fields[0][1] === "on" ? "upvote" : "take_back_upvote");
  entry.append(make("p", { class: "outbox-what" }, word(upvote || `outbox_${item.kind}`)));
  entry.append(make("p", { class: "outbox-text" }, item.text));
  if (item.problem) entry.append(make("p", { class: "outbox-problem" }, item.problem));
  const tools = make("p", { class: "buttons" });
  const tool = (key, work) => {
    const button = make("button", { type: "button", class: "button button-quiet" }, word(key));
    button.addEventListener("click", () => work(item));
    tools.append(button);
  };
  if (item.stopped === "sign_in") tools.append(make("a", { href: signInUrl() }, word("sign_in")));
  tool("outbox_retry", retry);
  if (item.draft) tool("outbox_edit", edit);
  if (item.problem && item.kind !== "upvote") tool("copy_text", () => copy(item.text, "text_copied"));
  tool("outbox_discard", discard);
  entry.append(tools);
  return entry;
}

function retry(item) {
  write(PREFIX + item.key, { ...item, stopped: undefined, problem: undefined });
  delay = 5_000;
  show();
  flush();
}

/** Back into its form, under its own key still: should the server have it after all, it is not posted twice. */
function edit(item) {
  write(item.draft, { fields: item.fields });
  drop(item.key);
  const form = [...document.forms].find((one) => one.dataset.draftKey === item.draft);
  if (form) form.dispatchEvent(new Event("cip:restore"));
  else location.assign(item.page);
}

/* ---- when ---- */

addEventListener("online", flush);
document.addEventListener("htmx:after:swap", show); // it may have brought a strip of its own
document.addEventListener("cip:reachable", flush);
addEventListener("storage", ({ key, newValue }) => {
  if (!key?.startsWith(PREFIX)) return;
  show();
  if (newValue) return void later();
  const [kind, idea] = key.slice(PREFIX.length).split("-");
  if (kind === "upvote") report("cip:dropped", { kind, idea }); // another tab has sent or discarded it
});

for (const item of waiting()) if (item.kind === "upvote") resume(item);
show();
flush();

if (!me() && names("cip.outbox.").length)
  say(word("outbox_signed_out"), "note", make("a", { href: signInUrl() }, word("sign_in")));
