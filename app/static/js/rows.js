/* rows.js: the rows of the queue. A row is replaced where it stands; what was decided stays visible until it is out of
   sight; a row in which somebody types is never replaced under their hands. */

import { announce, exchange, fragment, make, settle, word } from "./page.js";

const EVERY = 5_000; // the list moves at most this often
const list = () => document.getElementById("items");
export const row = (id) => document.getElementById(`item-${id}`);
export const rows = () => [...list().querySelectorAll(".item")];
const isTyped = (one) => Boolean(one.querySelector("form.why"));
const waitingFor = new Map(); // row id -> the row as the server has it by now, while somebody types in the old one

/* ---- replacing ---- */

/** Show item `id` as `html` says, where it stands. `said` is a sentence about it, placed in the row. */
export function show(id, html, said = "") {
  const old = row(id);
  if (!old || !html) return;
  const fresh = fragment(html);
  if (isTyped(old)) {
    waitingFor.set(String(id), html);
    return tell(old, said || word("changed_meanwhile"));
  }
  waitingFor.delete(String(id));
  if (old.dataset.stamp === fresh.dataset.stamp && !said) return; // as it is shown already
  carryOver(old, fresh);
  exchange(old, fresh);
  if (said) tell(fresh, said);
}

function carryOver(old, fresh) {
  fresh.dataset.changedAt = Date.now();
  if (old.hasAttribute("aria-current")) fresh.setAttribute("aria-current", "true");
  const tick = fresh.querySelector("[name=items]");
  if (tick && !("settled" in fresh.dataset)) tick.checked = old.querySelector("[name=items]")?.checked ?? false;
  const unfolded = old.querySelector("details[open]");
  if (unfolded) fresh.querySelector("details")?.setAttribute("open", "");
  if ("settled" in fresh.dataset) {
    fresh.style.minBlockSize = `${old.offsetHeight}px`; // what comes below stays under the hands
    fresh.dataset.settledAt = Date.now();
  }
}

/** A sentence in the row `place`, read out at once. */
export function tell(place, said) {
  place.querySelector(".item-said")?.remove();
  place.querySelector(".item-what").append(make("p", { class: "item-said", role: "alert" }, said));
}

/** The form in which somebody typed is closed: show what has become of the row meanwhile. */
export function catchUp(place) {
  const html = waitingFor.get(place.dataset.item);
  if (html) show(place.dataset.item, html);
}

/* ---- coming and going ---- */

const key = (one) => {
  const [urgency, since, id] = one.dataset.order.split("~");
  return [Number(urgency), since, Number(id)];
};

function isBefore(one, other) {
  const [a, b] = [key(one), key(other)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && a[at] < b[at];
}

const arrivals = new Map();
let movedAt = -EVERY;
let timer = null;

/** Item `id` belongs to this list: it is shown where it stands, or comes to its place, all that came at once. */
export function arrive(id, html) {
  if (row(id)) return show(id, html);
  arrivals.set(id, html);
  timer ??= setTimeout(move, Math.max(0, movedAt + EVERY - performance.now()));
}

export const leave = (id) => arrivals.delete(id);

function move() {
  timer = null;
  const fresh = [...arrivals].filter(([id]) => !row(id)).map(([, html]) => fragment(html));
  arrivals.clear();
  const more = document.getElementById("more");
  const placed = fresh.filter((one) => steadily(() => place(one, more)));
  if (!placed.length) return;
  movedAt = performance.now();
  document.getElementById("nothing").hidden = true;
  announce(word("arrived", { n: placed.length }));
}

/** Put a row at its place; false where that is on a page that was not asked for yet. */
function place(fresh, more) {
  const after = rows().find((one) => !("settled" in one.dataset) && isBefore(fresh, one));
  if (!after && more) return false;
  fresh.classList.add("item-came");
  if (after) after.before(fresh);
  else list().append(fresh);
  settle(fresh);
  return true;
}

/** Do `work` while the selected row stays where it is on the screen. */
function steadily(work) {
  const anchor = list().querySelector("[aria-current]");
  const before = anchor?.getBoundingClientRect();
  const result = work();
  if (!anchor?.isConnected || before.bottom < 0 || before.top > innerHeight) return result;
  const moved = anchor.getBoundingClientRect().top - before.top;
  if (moved && scrollY > 0) scrollBy({ top: moved, behavior: "instant" });
  return result;
}

/** What was decided a while ago goes, as soon as nobody looks at it. */
function sweep() {
  for (const one of rows()) {
    const { bottom, top } = one.getBoundingClientRect();
    const isSeen = bottom > 0 && top < innerHeight;
    const isOld = Date.now() - Number(one.dataset.settledAt || Infinity) > 2 * EVERY;
    if (isOld && !isSeen && !isTyped(one) && !one.hasAttribute("aria-current")) steadily(() => one.remove());
  }
}

setInterval(sweep, EVERY);
