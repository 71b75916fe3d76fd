/* sound.js: three soft tones when the timer ends, for whoever chose them. Browsers let a page sound only after a touch. */

import { word } from "./page.js";

const KEPT = "cip.timer.sound";
let context = null;
let isOn = false;

try {
  isOn = localStorage.getItem(KEPT) === "on";
} catch {
  /* then it is chosen anew each time */
}

function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

function sound() {
  if (!isOn || !context) return;
  for (let n = 0; n < 3; n++) tone(context.currentTime + n * 0.45);
}

function tone(at) {
  const oscillator = new OscillatorNode(context, { frequency: 660 });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.4, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.42);
}

function show(button) {
  button.setAttribute("aria-pressed", isOn);
  button.textContent = word(isOn ? "sound_on" : "sound_off");
}

/** Show the choice where `root` offers it. */
export function attendSound(root) {
  for (const button of root.querySelectorAll("[data-sound]")) {
    button.closest("[data-scripted]").hidden = false;
    show(button);
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-sound]");
  if (!button) return;
  isOn = !isOn;
  try {
    localStorage.setItem(KEPT, isOn ? "on" : "off");
  } catch {
    /* it holds until the page is left */
  }
  show(button);
  wake();
  sound();
});
document.addEventListener("pointerdown", () => isOn && wake());
document.addEventListener("cip:timeup", sound);
