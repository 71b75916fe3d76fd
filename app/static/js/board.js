/* board.js: lays changes over a board without ever moving what somebody reads. Cards are replaced where they stand;
   new ideas wait behind a button until they are asked for. */

import { announce, exchange, fragment, make, me, settle, steadily, word } from "./page.js";
import { aside, own } from "./upvotes.js";

const list = () => document.getElementById("ideas");
const cardOf = (id) => document.getElementById(`idea-${id}`);
const heldCard = (id) => aside.querySelector(`#idea-${id}`); // not yet in the list; in the order they came
const filter = () => JSON.parse(list()?.dataset.filter || "{}");

/** Whether an idea with these facts belongs to the list as it is filtered; a search is answered by the server alone. */
export function matches(facts, wanted) {
  return Object.entries(wanted).every(([name, value]) => {
    if (!value || name === "q" || name === "sort") return true;
    const said = name === "theme" ? facts.themes : facts[name];
    return [said].flat().map(String).includes(String(value));
  });
}

export function apply(change) {
  const id = String(change.idea);
  const card = cardOf(id);
  if (change.kind === "idea_withdrawn") return withdraw(id, card);
  if (!change.card) return;
  const fresh = fragment(change.card);
  if (card) steadily(() => replace(card, fresh));
  else if (heldCard(id)) replaceHeld(heldCard(id), fresh);
  else if (change.kind === "idea_posted") arrive(fresh, change.facts);
}

function replace(card, fresh) {
  own(fresh, card);
  exchange(card, fresh);
}

function replaceHeld(card, fresh) {
  own(fresh, card);
  card.replaceWith(fresh);
}

function arrive(fresh, facts) {
  const isMyOwn = me() && String(facts.author) === me();
  if (!isMyOwn && !matches(facts, filter())) return;
  own(fresh);
  if (isMyOwn) return insert([fresh]);
  aside.append(fresh);
  showHeld();
  announce(word("new_ideas", { n: aside.childElementCount }));
}

function showHeld() {
  const button = document.getElementById("new-ideas");
  if (!button) return;
  const n = aside.childElementCount;
  button.hidden = n === 0;
  if (n) button.textContent = word("new_ideas", { n });
}

/** Idea `id` does not wait behind the button any more. */
function letGo(id) {
  if (!heldCard(id)) return;
  heldCard(id).remove();
  showHeld();
}

/** Put cards, oldest first, at the top of the list: the newest ends up first. */
function insert(cards) {
  document.querySelector("#results [data-empty]")?.remove();
  for (const card of cards) {
    list().prepend(card);
    settle(card);
  }
}

function lookAt(card) {
  card.tabIndex = -1;
  card.focus();
}

function reveal() {
  if (filter().q) return document.dispatchEvent(new Event("cip:renew"));
  const cards = [...aside.children];
  aside.replaceChildren();
  showHeld();
  if (!cards.length) return;
  announce(word("new_ideas_shown", { n: cards.length }));
  insert(cards);
  lookAt(cards.at(-1));
}

function withdraw(id, card) {
  letGo(id);
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
  exchange(old, fresh);
  const same = seen && cardOf(seen.dataset.idea);
  if (same && scrollY > 0) scrollBy(0, same.getBoundingClientRect().top - before);
}

/* ---- what this person does here ---- */

if (globalThis.document) {
  document.addEventListener("click", (event) => event.target.closest("#new-ideas") && reveal());

  document.addEventListener("cip:posted", (event) => {
    const { kind, data, city, form } = event.detail;
    if (kind !== "idea" || city !== document.body.dataset.city || !data.html) return;
    event.preventDefault();
    letGo(data.id);
    if (data.html && !cardOf(data.id)) {
      const card = fragment(data.html);
      own(card);
      insert([card]);
    }
    if (cardOf(data.id) && form) lookAt(cardOf(data.id));
  });

  // htmx may bring a whole new list, which then holds everything, or more of this one, where an idea can be twice.
  new MutationObserver((records) => {
    const added = records.flatMap((record) => [...record.addedNodes]).filter((node) => node.isConnected && node.matches);
    if (added.some((node) => node.contains(list()))) aside.replaceChildren(), showHeld();
    for (const card of added.flatMap((node) => [node, ...node.querySelectorAll("[data-idea][id]")])) {
      if (!card.matches("[data-idea][id]")) continue;
      letGo(card.dataset.idea);
      if (document.getElementById(card.id) !== card) card.remove();
    }
  }).observe(document.body, { childList: true, subtree: true });
}
