/* screen-show.js: puts what the server drew onto the screen. Only the parts that differ are replaced, nothing of what was
   there before is kept; where something went is shown, not jumped. */

import { flip, places, risen } from "./screen-moves.js";
import { fill, pages, turnBack } from "./screen-pages.js";

const RANKED_EVERY = 5_000;
const stage = document.getElementById("stage");

let shown = null; // as the server drew it, untouched by pages and timers
let rankedAt = -Infinity;
let waiting = null;

const parts = (root) => new Map([...root.querySelectorAll("[data-region]")].map((part) => [part.dataset.region, part]));
const keys = (part) => [...part.querySelectorAll("[data-list] > [data-key]")].map((item) => item.dataset.key);

/** Show `html` of `mode`. The order of a ranking changes every five seconds at most. */
export function show(html, mode) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  clearTimeout(waiting);
  const before = shown && parts(shown);
  const after = parts(fresh.content);
  const isNew = !before || document.body.dataset.mode !== mode || [...before.keys()].join() !== [...after.keys()].join();
  document.body.dataset.mode = mode;
  if (isNew) {
    stage.replaceChildren ? stage.replaceChildren(fresh.content.cloneNode(true)) : (stage.innerHTML = html);
    rankedAt = performance.now();
    shown = fresh.content;
    fill(stage, mode);
    return;
  }
  const here = parts(stage);
  for (const [name, part] of after) {
    if (part.isEqualNode(before.get(name))) continue;
    if (name === "main" && mode === "top" && tooSoon(before.get(name), part)) {
      waiting = setTimeout(() => show(html, mode), rankedAt + RANKED_EVERY - performance.now());
      part.replaceWith(before.get(name).cloneNode(true)); // what is shown stays what it is compared with
      continue;
    }
    if (name === "main") replaceMain(here.get(name), part, mode);
    else here.get(name).replaceWith(part.cloneNode(true));
  }
  shown = fresh.content;
  pages(stage, mode);
}

function tooSoon(old, fresh) {
  return keys(old).join() !== keys(fresh).join() && performance.now() < rankedAt + RANKED_EVERY;
}

function replaceMain(old, part, mode) {
  const stood = places(old);
  const order = keys(old);
  const fresh = part.cloneNode(true);
  old.replaceWith(fresh);
  const isReordered = order.join() !== keys(fresh).join();
  if (isReordered) rankedAt = performance.now();
  if (mode === "wall" && keys(fresh).some((key) => !order.includes(key))) turnBack();
  fill(stage, mode);
  if (mode === "top" && isReordered) risen(order, fresh);
  flip(stood, fresh);
}
