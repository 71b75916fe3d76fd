/* screen-moves.js: shows where something went: from where it stood to where it stands, in a quarter of a second. */

const SWIFT = { duration: 250, easing: "ease-out" };
const SAID_FOR = 15_000;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const words = JSON.parse(document.getElementById("words").textContent);

/** Where everything with a key stands. */
export function places(root) {
  const found = new Map();
  for (const item of root.querySelectorAll("[data-key]")) {
    const box = item.getBoundingClientRect();
    if (box.height) found.set(item.dataset.key, box);
  }
  return found;
}

/** Let each move from where it stood (`places`, before) to where it stands; what is new comes in. */
export function flip(stood, root) {
  if (still.matches) return;
  for (const item of root.querySelectorAll("[data-key]")) {
    const now = item.getBoundingClientRect();
    const then = stood.get(item.dataset.key);
    if (!now.height) continue;
    if (!then) item.animate([{ opacity: 0, transform: "translateY(-30%)" }, { opacity: 1, transform: "none" }], SWIFT);
    else if (then.top !== now.top || then.left !== now.left) {
      const from = `translate(${then.left - now.left}px, ${then.top - now.top}px)`;
      item.animate([{ transform: from }, { transform: "none" }], SWIFT);
    }
  }
}

/** Say for a while beside each idea of a ranking how far it rose from `order`, or that it is new there. */
export function risen(order, root) {
  [...root.querySelectorAll("[data-list] > [data-key]")].forEach((item, place) => {
    const before = order.indexOf(item.dataset.key);
    const text = before < 0 ? words.new : before > place ? words.up.replace("{n}", before - place) : "";
    if (!text) return;
    const said = document.createElement("span");
    said.className = "rose";
    said.textContent = text;
    item.querySelector(".count").append(said);
    setTimeout(() => said.remove(), SAID_FOR);
  });
}
