/* clock.js: the server's time, whatever this device's own clock says, so that every timer in a room shows the same.
   A timer is an element with `data-timer`, and `data-ends` (ms since 1970) or `data-left` (ms, while it stands). */

import { loud, reach, Unreachable } from "./page.js";

const PROBES = 5;
const AGAIN = 60_000;
const SLEPT = 500; // ms by which the device's two clocks may drift apart; more: it slept, or somebody set its clock

let offset = null; // of the server's time to performance.now(), which nobody can set
let shortest = Infinity; // the way there and back of the measurement that counts
let drift = Date.now() - performance.now();
let measuring = null;

/** The server's time, in ms since 1970. */
export const serverNow = () => (offset === null ? Date.now() : performance.now() + offset);

/** The server said `now`, at the moment `at` of performance.now(), or a little before: better than nothing. */
export function hint(now, at = performance.now()) {
  if (offset === null) offset = Number(now) - at;
}

async function probe() {
  const sent = performance.now();
  const { ok, data } = await reach("/clock", { headers: { Accept: "application/json" } }, 5_000);
  const received = performance.now();
  shortest += 5; // what was measured long ago counts less and less
  if (!ok || received - sent > shortest) return;
  shortest = received - sent;
  offset = data.now - (sent + received) / 2;
}

/** Ask the server a few times; the answer with the shortest way there and back counts. */
export async function measure(times = PROBES) {
  measuring ??= (async () => {
    for (let n = 0; n < times; n++) await probe();
  })();
  try {
    await measuring;
  } catch (error) {
    if (!(error instanceof Unreachable)) loud(error);
  } finally {
    measuring = null;
  }
}

/** "4:07" of `left` ms, the last second counted to its end. */
export function digits(left) {
  const seconds = Math.max(0, Math.ceil(left / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Let `place` count down to `ends`, or stand at `left`; with neither it is hidden. */
export function set(place, { ends, left }) {
  Object.assign(place.dataset, { ends: ends ?? "", left: left ?? "" });
  place.hidden = ends === null && left === null;
  show(place);
}

function show(place) {
  const { ends, left } = place.dataset;
  if (!ends && !left) return;
  const remains = ends ? Number(ends) - serverNow() : Number(left);
  const text = digits(remains);
  if (place.textContent !== text) place.textContent = text;
  const isOver = remains <= 0;
  if (isOver && place.dataset.runs === ends) document.dispatchEvent(new Event("cip:timeup"));
  place.dataset.runs = ends && !isOver ? ends : "";
  place.toggleAttribute("data-over", isOver);
}

function tick() {
  const apart = Date.now() - performance.now();
  if (Math.abs(apart - drift) > SLEPT) (shortest = Infinity), measure();
  drift = apart;
  document.querySelectorAll("[data-timer]").forEach(show);
}

const born = document.querySelector("[data-now]");
if (born) hint(born.dataset.now, performance.getEntriesByType("navigation")[0]?.responseStart);
measure().then(tick);
setInterval(tick, 100);
setInterval(() => document.hidden || measure(1), AGAIN);
document.addEventListener("visibilitychange", () => document.hidden || ((shortest = Infinity), measure()));
