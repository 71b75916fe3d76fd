/* upvotes.js: an upvote shows at once and is put right by the server's answer. Thumbs are faster than networks, so per
   idea one request is under way at a time, and the last wish wins. */

import { counted, me, number, post, say, signInUrl, Unreachable, word } from "./page.js";

/** One person's wish for one idea while it is not yet the server's. `count` belongs to `confirmed`. */
export class Wish {
  constructor(confirmed, count) {
    Object.assign(this, { confirmed, count, wanted: confirmed, heard: null, waiting: false, busy: false });
  }

  /** The number to show: steady while a request is under way, following the others while waiting for a network. */
  get shown() {
    const base = this.waiting ? (this.heard ?? this.count) : this.count;
    return base + Number(this.wanted) - Number(this.confirmed);
  }

  /** The server has taken `upvoted`. A number heard meanwhile may be newer than `upvotes`, it is never more than one tick old. */
  take(upvoted, upvotes) {
    this.count = upvoted && this.heard !== null ? Math.max(this.heard, upvotes) : upvotes;
    Object.assign(this, { confirmed: upvoted, heard: null });
  }

  /** Nothing came of it: back to what the server last said. */
  giveUp() {
    Object.assign(this, { count: this.heard ?? this.count, wanted: this.confirmed, heard: null });
  }
}

const open = new Map(); // idea id -> Wish
const mine = new Map(); // idea id -> whether I upvoted it, as far as the server told this page

/** Cards that wait outside the page until they are asked for; they follow the numbers like those inside. */
export const aside = globalThis.document?.createDocumentFragment();

const everywhere = (selector) => [...document.querySelectorAll(selector), ...aside.querySelectorAll(selector)];
const buttons = (id) => everywhere(`.upvote[data-idea="${id}"]`);
const numbers = (id) => everywhere(`[data-upvotes="${id}"]`);

/** Ids of the ideas whose numbers this page answers for. */
export const shown = () => [...new Set(everywhere("[data-upvotes]").map((place) => place.dataset.upvotes))];
const isPressed = (button) => button.getAttribute("aria-pressed") === "true";

/** The number of upvotes the server last told for idea `id`. */
export function count(id) {
  const wish = open.get(id);
  if (wish) return wish.heard ?? wish.count;
  const place = numbers(id)[0];
  return place ? counted(place) : 0;
}

/** Whether this page shows idea `id` as upvoted by me, as the server last told. */
export const isMine = (id) => open.get(id)?.confirmed ?? buttons(id).some(isPressed);

/** Ideas with what this person wants and the server has not confirmed yet: pairs of id and whether upvoted. */
export const wishes = () => [...open].map(([id, wish]) => [id, wish.wanted]);

function press(button, pressed, waiting = false) {
  button.setAttribute("aria-pressed", pressed);
  button.setAttribute("aria-label", word(pressed ? "take_back_upvote" : "upvote"));
  button.value = pressed ? "off" : "on";
  button.toggleAttribute("data-waiting", waiting);
}

function show(id, pressed, amount, waiting = false) {
  for (const button of buttons(id)) press(button, pressed, waiting);
  for (const place of numbers(id)) place.textContent = number(amount);
}

/** Where counts are hidden, my own upvote shows as pressed and changes no number. */
const showWish = (id, wish) => show(id, wish.wanted, isHiding() ? (wish.heard ?? wish.count) : wish.shown, wish.waiting);

/* ---- what the server tells ---- */

/** Before the reveal of a workshop counts wait a moment: those of the reveal come with the order, from the list itself. */
const REVEAL_COMES = 300;
const isHiding = () => document.body.hasAttribute("data-counts-hidden");
const isRevealing = () => document.body.hasAttribute("data-reveals");

export function hearCounts(counts) {
  if (isHiding() && !isRevealing()) setTimeout(() => isRevealing() || takeCounts(counts), REVEAL_COMES);
  else if (!isRevealing()) takeCounts(counts);
}

function takeCounts(counts) {
  for (const [id, value] of Object.entries(counts)) {
    const wish = open.get(id);
    if (wish) {
      wish.heard = value;
      if (wish.waiting) showWish(id, wish);
    } else for (const place of numbers(id)) place.textContent = number(value);
  }
}

export function hearMine(id, upvoted) {
  mine.set(id, upvoted);
  if (!open.has(id)) for (const button of buttons(id)) press(button, upvoted);
}

/** Lay my own state over a public fragment; `old` is what it replaces, whose number is the newer one. */
export function own(fresh, old = null) {
  for (const button of fresh.querySelectorAll(".upvote")) {
    const id = button.dataset.idea;
    const wish = open.get(id);
    const before = old?.querySelector(`.upvote[data-idea="${id}"]`);
    press(button, wish?.wanted ?? (before ? isPressed(before) : (mine.get(id) ?? isPressed(button))), wish?.waiting);
    if (me() && fresh.dataset.author === me()) {
      button.setAttribute("aria-disabled", "true");
      button.title = word("own_idea");
    }
  }
  for (const place of fresh.querySelectorAll("[data-upvotes]")) {
    const before = old?.querySelector(`[data-upvotes="${place.dataset.upvotes}"]`);
    if (before) place.textContent = before.textContent;
  }
}

/* ---- what the person wants ---- */

function wishFor(id) {
  const button = buttons(id)[0];
  const wish = open.get(id) ?? new Wish(Boolean(button && isPressed(button)), count(id));
  open.set(id, wish);
  return wish;
}

function close(id, wish) {
  wish.waiting = false;
  open.delete(id);
  mine.set(id, wish.confirmed);
  showWish(id, wish);
  document.dispatchEvent(new CustomEvent("cip:mine", { detail: { idea: id, upvoted: wish.confirmed } }));
}

async function send(id, wish) {
  wish.busy = true;
  try {
    while (wish.wanted !== wish.confirmed) {
      const asked = wish.wanted;
      const answer = await post(`/ideas/${id}/upvote`, [["upvote", asked ? "on" : "off"]]);
      if (answer.status === 401) return goAndSignIn();
      if (!answer.ok) {
        wish.giveUp();
        say(answer.data.message ?? word("failed"));
        break;
      }
      wish.take(asked, answer.data.upvotes);
    }
    close(id, wish);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    await wait(id, wish);
  } finally {
    wish.busy = false;
  }
}

async function wait(id, wish) {
  const { keep } = await import("./outbox.js");
  wish.waiting = true;
  showWish(id, wish);
  const title = document.querySelector(`#idea-${id} h1, #idea-${id} h2, #idea-${id} h3`)?.textContent.trim() ?? "";
  const fields = [["upvote", wish.wanted ? "on" : "off"]];
  keep({ key: `upvote-${id}`, kind: "upvote", idea: id, action: `/ideas/${id}/upvote`, fields, text: title });
}

async function toggle(id) {
  const wish = wishFor(id);
  wish.wanted = !wish.wanted;
  showWish(id, wish);
  if (wish.busy) return;
  if (!wish.waiting) return send(id, wish);
  const { drop } = await import("./outbox.js");
  drop(`upvote-${id}`);
  if (wish.wanted === wish.confirmed) close(id, wish);
  else await wait(id, wish);
}

const goAndSignIn = () => location.assign(signInUrl());

/* ---- the outbox reports ---- */

function fromOutbox({ detail: { kind, item, data } }) {
  if (kind !== "upvote") return;
  const wish = wishFor(item.idea);
  if (data) wish.take(data.upvoted, data.upvotes);
  else wish.confirmed = mine.get(item.idea) ?? wish.confirmed; // told meanwhile, if another tab has sent it
  wish.wanted = wish.confirmed;
  if (!data) wish.giveUp();
  close(item.idea, wish);
}

/** A wish kept from an earlier visit to this page shows as waiting again. */
export function resume(item) {
  const wish = wishFor(item.idea);
  wish.wanted = item.fields[0][1] === "on";
  wish.waiting = true;
  showWish(item.idea, wish);
}

if (globalThis.document) {
  document.addEventListener("cip:posted", fromOutbox);
  document.addEventListener("cip:dropped", fromOutbox);
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".upvote[data-idea]");
    if (!button) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") say(word("own_idea"), "note");
    else if (!me()) goAndSignIn();
    else toggle(button.dataset.idea);
  });
  if (me()) setTimeout(() => import("./outbox.js").catch(() => {}), 1_000); // offline it could not be fetched any more
}
