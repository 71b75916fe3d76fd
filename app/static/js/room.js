/* room.js: the phone of somebody in a workshop. The phase drives it: what the bar says, which forms are open, how many
   upvotes are left, and in the discussion the idea it shows. The server enforces all of it; this only shows it. */

import { announce, make, me, number, post, say, signInUrl, Unreachable, word } from "./page.js";
import { hint, set as setTimer } from "./clock.js";
import { feed } from "./feed.js";
import { wishes } from "./upvotes.js";

const bar = document.getElementById("room");
const part = (name) => bar.querySelector(`[data-room="${name}"]`);
const facts = document.body.dataset;
const { url } = bar.dataset;
const budget = Number(bar.dataset.budget) || null;
const OPEN_IN = { post: "collect", comment: "discuss" };
const HINT = 15_000; // ms
const REVEAL_WITHIN = 300; // ms, so that a whole room does not fetch its lists at once

let seq = Number(bar.dataset.seq);
let spotlight = bar.dataset.spotlight;
let settledAt = -1; // when the server last answered an upvote of mine
let given = new Set(bar.dataset.given.split(",").filter(Boolean));

const follows = () => bar.dataset.follows === "on";

/* ---- hearing ---- */

function hear(message) {
  if (message.seq < seq) return;
  hint(message.now);
  showVoted(message.people);
  if (message.you) own(message.you, message.asked);
  if (message.seq === seq) return;
  seq = message.seq;
  setTimer(bar.querySelector("[data-timer]"), message.timer);
  spotlight = String(message.spotlight ?? "");
  if (message.phase !== facts.phase) enter(message.phase);
  showLight();
  goToLight();
}

/** What the server says is mine; what it has not heard yet, or only since it was `asked`, this page knows better. */
function own({ given: ideas, follows: isFollowing }, asked) {
  if (asked > settledAt) given = new Set(ideas.map(String));
  for (const [id, wanted] of wishes()) note(id, wanted);
  showFollowing(isFollowing);
  showLeft();
}

function enter(phase) {
  facts.phase = phase;
  const [name, now, sentence] = ["name", "now", "sentence"].map((what) => word(`room_${what}_${phase}`));
  part("name").textContent = name;
  part("now").textContent = now;
  part("voted").hidden = phase !== "vote" && phase !== "reveal";
  part("result").hidden = phase !== "closed";
  for (const note of document.querySelectorAll("[data-room-closed]")) {
    note.textContent = sentence;
    note.hidden = OPEN_IN[note.dataset.roomClosed] === phase;
  }
  showLeft();
  announce(`${name}. ${now}`);
  hintAt(now);
  if (phase === "reveal" || phase === "closed") reveal();
}

let hinted = null;

/** For a while, to who has scrolled past the sentence that says it. */
function hintAt(now) {
  clearTimeout(hinted);
  const isPast = part("now").getBoundingClientRect().bottom < part("name").getBoundingClientRect().bottom;
  Object.assign(part("hint"), { textContent: now, hidden: !isPast });
  hinted = setTimeout(() => (part("hint").hidden = true), HINT);
}

/* ---- the vote ---- */

function showVoted({ voted, joined }) {
  part("voted-words").textContent = word("room_voted", { n: voted, joined: number(joined) });
}

/** In the bar, and on every card: what this person has left. */
function showLeft() {
  const isVote = facts.phase === "vote" && budget !== null;
  const text = isVote ? word("room_left", { n: Math.max(0, budget - given.size), budget: number(budget) }) : "";
  part("left").textContent = text;
  part("left").hidden = !isVote;
  for (const place of document.querySelectorAll(".upvoting")) {
    const there = place.querySelector(".upvote-left");
    if (!isVote) there?.remove();
    else if (!there) place.append(make("span", { class: "upvote-left" }, text));
    else if (there.textContent !== text) there.textContent = text;
  }
}

const note = (id, upvoted) => (upvoted ? given.add(id) : given.delete(id));

function give(id, upvoted) {
  if (facts.phase !== "vote") return;
  note(id, upvoted);
  showLeft();
}

new MutationObserver((records) => {
  for (const { type, target, oldValue } of records) {
    if (type !== "attributes" || !target.matches(".upvote[data-idea]")) continue;
    const pressed = target.getAttribute("aria-pressed");
    if (pressed !== oldValue) give(target.dataset.idea, pressed === "true");
  }
  const isNew = (node) => node.matches && (node.matches(".upvoting") || node.querySelector(".upvoting"));
  if (records.some(({ addedNodes }) => [...addedNodes].some(isNew))) showLeft();
}).observe(document.getElementById("main"), {
  subtree: true, childList: true, attributes: true, attributeFilter: ["aria-pressed"], attributeOldValue: true,
});
// The server has it, from this page, from what waited for the network, or from another of mine.
document.addEventListener("cip:mine", ({ detail }) => ((settledAt = performance.now()), give(String(detail.idea), detail.upvoted)));

/* ---- the reveal: counts and order appear together ---- */

function reveal() {
  const wait = Math.random() * REVEAL_WITHIN;
  const done = () => ["data-reveals", "data-counts-hidden"].forEach((name) => document.body.removeAttribute(name));
  const look = () => (done(), isWriting() || scrollTo({ top: 0, behavior: "instant" }));
  if (document.body.hasAttribute("data-counts-hidden")) document.body.setAttribute("data-reveals", "");
  document.addEventListener("cip:renewed", look, { once: true });
  setTimeout(() => document.dispatchEvent(new Event("cip:renew")), wait);
  setTimeout(done, 5_000); // out of reach: then the counts come when they come
}

/* ---- the discussion: where the wall goes, a phone that follows goes ---- */

const place = `cip.light.${me()}.${facts.workshop}`;
const isHere = () => spotlight === (facts.idea ?? "");

/** Whether leaving this page would disturb somebody who writes. */
function isWriting() {
  if (document.activeElement?.matches("input:not([type=hidden]), textarea, select")) return true;
  const texts = "form[data-draft] :is(textarea, input[type=text])";
  return [...document.querySelectorAll(texts)].some((text) => text.value.trim());
}

function showLight() {
  part("light").hidden = facts.phase !== "discuss";
  part("wall").hidden = !spotlight || isHere();
  part("wall").href = `/${facts.city}/ideas/${spotlight}`;
}

/** Once for each idea in the light: who goes elsewhere afterwards is left alone. */
function goToLight() {
  if (facts.phase !== "discuss" || !follows() || kept() === spotlight) return;
  keep(spotlight);
  if (!spotlight || isHere()) return;
  if (isWriting()) announce(word("room_lit"));
  else location.assign(part("wall").href);
}

let seen = null; // where storage is forbidden

function kept() {
  try {
    return sessionStorage.getItem(place) ?? seen;
  } catch {
    return seen;
  }
}

function keep(value) {
  seen = value;
  try {
    sessionStorage.setItem(place, value);
  } catch {
    /* then it holds until the page is left */
  }
}

function showFollowing(isFollowing) {
  bar.dataset.follows = isFollowing ? "on" : "off";
  const button = bar.querySelector("[data-following] button");
  button.value = isFollowing ? "off" : "on";
  button.textContent = word(isFollowing ? "room_stop" : "room_follow");
}

bar.querySelector("[data-following]").addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanted = event.target.querySelector("button").value;
  try {
    const { ok, status, data } = await post(event.target.action, [["follows", wanted]]);
    if (status === 401) return say(word("sign_in_again"), "problem", make("a", { href: signInUrl() }, word("sign_in")));
    if (!ok) return say(data.message ?? word("failed"));
    showFollowing(data.follows);
    goToLight();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    say(word("unreachable"));
  }
});

/* ---- begin ---- */

/** For pages without a list of their own that live.js keeps. */
export const still = { apply() {}, renew() {} };

feed(url, hear);
showLeft();
showLight();
goToLight();
