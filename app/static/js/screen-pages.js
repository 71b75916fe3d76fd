/* screen-pages.js: as many ideas as fit, seven at most; the wall turns its pages. Whatever does not fit is not half shown. */

const AT_ONCE = 7;
const TURN_EVERY = 12_000;
const words = JSON.parse(document.getElementById("words").textContent);

let page = 0;
let turning = null;

/** From the first page again: something new came. */
export function turnBack() {
  page = 0;
  clearTimeout(turning);
  turning = null;
}

/** Fit what is on the stage: in larger letters where there is room for all of it. */
export function fill(stage, mode) {
  pages(stage, mode);
  const main = stage.querySelector("[data-region=main]");
  main.classList.add("roomy");
  if (!overflowing(main).length) return;
  main.classList.remove("roomy");
  for (const row of overflowing(main)) row.hidden = true;
}

/** What of the lists would be cut off; never the first of one. */
function overflowing(main) {
  const bottom = main.getBoundingClientRect().bottom + 1;
  const lists = [...main.querySelectorAll(".side ol, .voices, .lines, tbody")];
  const rows = lists.map((list) => [...list.children].filter((row) => row.localName !== "h3")).flat();
  rows.forEach((row) => (row.hidden = false));
  return rows.filter((row) => row.previousElementSibling && row.getBoundingClientRect().bottom > bottom);
}

/** Show one page of the list, and say which. */
export function pages(stage, mode) {
  const list = stage.querySelector("[data-list]");
  if (mode !== "wall") turnBack();
  if (!list || mode === "thanks") return;
  const items = [...list.children];
  items.forEach((item) => (item.hidden = false));
  const height = items[0].offsetHeight || 1;
  const fits = Math.max(1, Math.min(AT_ONCE, Math.floor((list.parentElement.clientHeight + 2) / height)));
  const count = mode === "wall" ? Math.ceil(items.length / fits) : 1;
  page %= count;
  items.forEach((item, place) => (item.hidden = Math.floor(place / fits) !== page));
  const caption = stage.querySelector(".caption");
  caption.querySelectorAll(".page").forEach((old) => old.remove());
  if (count === 1) return;
  const said = document.createElement("span");
  said.className = "page";
  said.textContent = ` · ${words.page.replace("{page}", page + 1).replace("{pages}", count)}`;
  caption.append(said);
  turning = turning || setTimeout(() => ((turning = null), (page += 1), pages(stage, mode)), TURN_EVERY);
}
