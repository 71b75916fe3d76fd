/* screen-clock.js: the server's time, whatever the TV's own clock says, and what stands on a screen because of it. Every
   answer carries the server's time; the one with the shortest way there and back counts most. */

const ZONE = document.body.dataset.zone;
const LANGUAGE = document.documentElement.lang;
const KEPT = "cip.screen.skew";
const hour = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE });

let shortest = Infinity;
let offset = null; // of the server's time to performance.now(), which no one sets

/** An answer came: sent and received in ms of performance.now(), `server` in ms since 1970. */
export function measured(sent, received, server) {
  shortest += 1; // what was measured long ago counts less and less
  if (received - sent > shortest) return;
  shortest = received - sent;
  offset = server - (sent + received) / 2;
  try {
    localStorage.setItem(KEPT, String(Math.round(serverNow() - Date.now())));
  } catch {
    /* storage is forbidden: then a screen without the network believes its own clock */
  }
}

/** A TV that slept has a clock that stood still: what was measured before is worth nothing. */
export function forget() {
  shortest = Infinity;
}

/** The server's time, in ms since 1970. */
export function serverNow() {
  return offset === null ? Date.now() + skew() : performance.now() + offset;
}

function skew() {
  try {
    return Number(localStorage.getItem(KEPT)) || 0;
  } catch {
    return 0;
  }
}

/** "16:12" in the city's zone. */
export const hourOf = (moment) => hour.format(moment);

const put = (place, text) => place.textContent === text || (place.textContent = text);

/** Minutes and seconds of `left` ms, the last second counted to its end. */
export function minutes(left) {
  const seconds = Math.max(0, Math.ceil(left / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

let next = null;

/** Set every clock and timer on the screen: now, and whenever one of them has to say something else. */
export function tick() {
  clearTimeout(next);
  const at = serverNow();
  const changes = [1_000 - (at % 1_000)];
  for (const place of document.querySelectorAll("[data-clock]")) put(place, hourOf(at));
  for (const timer of document.querySelectorAll("[data-ends]")) {
    const { ends, left } = timer.dataset;
    const remains = ends ? Number(ends) - at : Number(left);
    put(timer, minutes(remains));
    timer.classList.toggle("long", timer.textContent.length > 5);
    timer.classList.toggle("over", remains <= 0);
    if (ends && remains > 0) changes.push(remains % 1_000);
  }
  next = setTimeout(tick, Math.min(...changes) + 1);
}
