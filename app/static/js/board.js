/* board.js: lays changes over a board without ever moving what somebody reads. Cards are replaced where they stand;
   new ideas wait behind a button until they are asked for. */

import { announce, exchange, fragment, make, me, settle, steadily, word } from "./page.js";
import { own } from "./upvotes.js";

const held = new Map(); // idea id -> its card, not yet in the list; in the order they came

const list = () => document.getElementById("ideas");
const cardOf = (id) => document.getElementById(`idea-${id}`);
const filter = () => JSON.parse(list()?.dataset.filter || "{}");

/** Ids of the ideas whose numbers this page answers for, those behind the button included. */
export function shown() {
  return [...document.querySelectorAll("[data-upvotes]")].map((place) => place.dataset.upvotes);
}

/** Whether an idea with these facts belongs to the list as it is filtered; a search is answered by the server alone. */
export function matches(facts, wanted) {
  return Object.entries(wanted).every(([name, value]) => {
    if (!value || name === "q" || name === "sort") return true;
    if (name === "theme") return facts.themes.map(String).includes(String(value));
    return String(facts[name]) === String(value);
  });
}

export function apply(change) {
  const id = String(change.idea);
  const card = cardOf(id);
  if (change.kind === "idea_withdrawn") return withdraw(id, card);
  if (!change.card) return;
  const fresh = fragment(change.card);
  if (card) steadily(() => replace(card, fresh));
  else if (held.has(id)) held.set(id, fresh);
  else if (change.kind === "idea_posted") arrive(id, fresh, change.facts);
}

function replace(card, fresh) {
  own(fresh, card);
  exchange(card, fresh);
}

function arrive(id, fresh, facts) {
  if (me() && String(facts.author) === me()) return insert([fresh]);
  if (!matches(facts, filter())) return;
  held.set(id, fresh);
  showHeld();
  announce(word("new_ideas", { n: held.size }));
}

function showHeld() {
  const button = document.getElementById("new-ideas");
  if (!button) return;
  button.hidden = held.size === 0;
  if (held.size) button.textContent = word("new_ideas", { n: held.size });
}

/** Put cards, oldest first, at the top of the list: the newest ends up first. */
function insert(cards) {
  document.querySelector("#results [data-empty]")?.remove();
  for (const card of cards) {
    own(card);
    list().prepend(card);
    settle(card);
  }
  const first = cards.at(-1);
  first.tabIndex = -1;
  first.focus();
}

function reveal() {
  if (filter().q) return document.dispatchEvent(new Event("cip:renew"));
  const cards = [...held.values()].filter((card) => !document.getElementById(card.id));
  held.clear();
  showHeld();
  if (!cards.length) return;
  announce(word("new_ideas_shown", { n: cards.length }));
  insert(cards);
}

function withdraw(id, card) {
  held.delete(id);
  showHeld();
  if (!card || card.hasAttribute("data-withdrawn")) return;
  const stone = make("article", { id: card.id, class: "card tombstone", "data-withdrawn": "" });
  stone.append(make("p", {}, word("idea_withdrawn")));
  stone.style.minBlockSize = `${card.offsetHeight}px`;
  exchange(card, stone);
}

/** Take the list from `page`, fetched anew, and leave the reader at the idea they were looking at. */
export function renew(page) {
  const old = document.getElementById("results");
  const fresh = document.adoptNode(page.getElementById("results"));
  const seen = [...old.querySelectorAll("[data-idea][id]")].find((card) => card.getBoundingClientRect().bottom > 0);
  const before = seen?.getBoundingClientRect().top;
  held.clear();
  exchange(old, fresh);
  showHeld();
  const same = seen && cardOf(seen.dataset.idea);
  if (same && scrollY > 0) scrollBy(0, same.getBoundingClientRect().top - before);
}

/* ---- what this person does here ---- */

if (globalThis.document) {
  document.addEventListener("click", (event) => event.target.closest("#new-ideas") && reveal());

  document.addEventListener("cip:posted", (event) => {
    const { kind, data, city } = event.detail;
    if (kind !== "idea" || city !== document.body.dataset.city) return;
    event.preventDefault();
    if (data.html && !cardOf(data.id)) insert([fragment(data.html)]);
    held.delete(String(data.id));
    showHeld();
  });

  // "Show more" may bring an idea that is on the page already, because it arrived in between: the first one stays.
  new MutationObserver((records) => {
    for (const node of records.flatMap((record) => [...record.addedNodes])) {
      if (!node.matches?.("[data-idea][id]") || !node.isConnected) continue;
      held.delete(node.dataset.idea);
      if (document.getElementById(node.id) !== node) node.remove();
    }
    showHeld();
  }).observe(document.querySelector("main"), { childList: true, subtree: true });
}
