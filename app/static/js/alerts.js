/* alerts.js: how much waits stands in the tab's title; by choice a sound and a notification say that something came. */

import { number, say, word } from "./page.js";
import { kept } from "./acts.js";

const PAUSE = 3_000; // a burst is one sound
const title = document.title.replace(/^\(\d+\) /, "");
const button = (name) => document.querySelector(`[data-alert="${name}"]`);
const isOn = (name) => button(name)?.getAttribute("aria-pressed") === "true";
let rangAt = -PAUSE;
let sounds = null;

/** Show how much waits, by need. */
export function count(waiting) {
  document.title = waiting.all ? `(${waiting.all}) ${title}` : title;
  for (const place of document.querySelectorAll("[data-waiting]")) place.textContent = number(waiting[place.dataset.waiting] ?? 0);
}

/** Something new waits. */
export function ring(waiting) {
  if (performance.now() - rangAt < PAUSE) return;
  rangAt = performance.now();
  if (isOn("sound")) play();
  if (isOn("notify") && document.hidden && window.Notification?.permission === "granted") {
    // How much, not what: it may stand on a locked screen, or on a wall.
    const note = new Notification(title, { body: word("waiting", { n: waiting.all }), tag: title });
    note.addEventListener("click", () => (window.focus(), note.close()));
  }
}

/** Two short notes, made here: there is no file to load. */
function play() {
  sounds ??= new AudioContext();
  sounds.resume();
  for (const [pitch, after] of [[660, 0], [880, 0.14]]) {
    const tone = new OscillatorNode(sounds, { frequency: pitch });
    const loudness = new GainNode(sounds, { gain: 0 });
    const at = sounds.currentTime + after;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.12, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
    tone.connect(loudness).connect(sounds.destination);
    tone.start(at);
    tone.stop(at + 0.32);
  }
}

function set(name, on) {
  button(name).setAttribute("aria-pressed", on);
  kept.set(`cip.alert.${name}`, on ? "on" : "");
}

async function toggle(name) {
  const on = !isOn(name);
  if (name === "notify" && on) {
    const allowed = window.Notification && (await Notification.requestPermission());
    if (allowed !== "granted") return say(word("notify_refused"), "note");
  }
  set(name, on);
  if (name === "sound" && on) play(); // browsers let a page sound only after a click: this one
}

for (const name of ["sound", "notify"]) {
  const allowed = name === "sound" || window.Notification?.permission === "granted";
  if (button(name)) set(name, allowed && kept.get(`cip.alert.${name}`) === "on");
}
document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-alert]");
  if (pressed) toggle(pressed.dataset.alert);
});
