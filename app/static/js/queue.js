/* queue.js: the moderators' queue under the hands: one row is selected, a letter is an act, and what others do shows
   at once. The server decides every act; nothing is shown as done before it says so. */

import { announce, loud, post, say, signInUrl, make, Unreachable, word } from "./page.js";
import { attend, kept, send } from "./acts.js";
import { count, ring } from "./alerts.js";
import { hear } from "./hearing.js";
import { arrive, catchUp, leave, row, rows, show, tell } from "./rows.js";

const { city, query, stamp } = document.body.dataset;
const list = document.getElementById("items");
const many = document.getElementById("many");
const keys = document.getElementById("keys");
const selected = () => list.querySelector("[aria-current]");
const GLANCE = 1_000; // until a row that changed under the hands is taken as seen
const waits = (one) => !("settled" in one.dataset);
const mine = []; // my acts here that can be undone, the latest last
let turned = true; // I chose the selected row myself, since my latest act
const known = new Set(rows().map((one) => one.dataset.item));

/* ---- what the server says ---- */

const hearing = hear({ city, query, stamp: Number(stamp), take, lost, shows: (id) => Boolean(row(String(id))) });

function take({ waiting, rows: changed }) {
  count(waiting);
  let came = false;
  for (const { id, html, settled } of changed) {
    const item = String(id);
    if (html) {
      came ||= !known.has(item);
      known.add(item);
      arrive(item, html);
    } else leave(item);
    if (settled) show(item, settled);
    else if (!html) gone(item);
  }
  if (came) ring(waiting);
}

/** Not for this moderator any more, or not there any more. */
function gone(item) {
  const one = row(item);
  if (!one || one.querySelector("form.why")) return;
  if (one === selected()) select(after(one, waits) ?? rows().find((other) => other !== one));
  one.remove();
}

function lost(status) {
  if (status === 404) return say(word("not_yours"));
  say(word("sign_in_again"), "problem", make("a", { href: signInUrl() }, word("sign_in")));
}

attend(list, { placeOf: (part) => part.closest(".item"), heard });
list.addEventListener("cip:closed", (event) => catchUp(event.target.closest(".item")));

function heard(place, { ok, status, data }) {
  const item = place.dataset.item;
  if (status === 422) return tell(place, data.message);
  if (!ok) {
    if (data.row) show(item, data.row, data.message);
    else tell(place, data.message ?? word("failed"));
    return hearing.ask();
  }
  announce(data.message);
  if (data.row) show(data.item, data.row);
  else hearing.askFor([item]).then(() => step(item));
  if (data.undo_until) mine.push({ act: data.act, item });
  turned = false;
  delete row(item)?.dataset.changedAt; // by myself
  step(item);
}

/** On to the next row that waits, if the one just decided does not. */
function step(item) {
  const one = row(item);
  if (!one || one !== selected() || waits(one)) return;
  const next = after(one, waits);
  if (next) return select(next, { byHand: false });
  more().then((came) => {
    const waiting = came ? after(one, waits) : rows().find(waits);
    if (one === selected()) waiting ? select(waiting, { byHand: false }) : one.focus({ preventScroll: true });
  });
}

// Somebody else was faster by less than a glance: the letter or click was meant for what stood here, not for what does.
list.addEventListener("click", (event) => {
  const one = event.target.closest("[data-act]")?.closest(".item");
  if (!one || Date.now() - Number(one.dataset.changedAt ?? 0) > GLANCE) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  tell(one, word("just_changed"));
}, true);

/* ---- one row is selected ---- */

const after = (one, fits = () => true) => rows().slice(rows().indexOf(one) + 1).find(fits);
const before = (one) => rows()[rows().indexOf(one) - 1];

function select(one, { byHand = true, focus = true } = {}) {
  if (!one) return;
  selected()?.removeAttribute("aria-current");
  one.setAttribute("aria-current", "true");
  turned ||= byHand;
  if (!focus) return;
  one.focus({ preventScroll: true });
  one.scrollIntoView({ block: "nearest" });
}

async function next() {
  const one = selected();
  const following = one ? after(one) : rows()[0];
  if (following) return select(following);
  if (await more()) select(after(one));
}

/** The next page of rows, where there is one. */
function more() {
  const link = document.querySelector("#more a");
  if (!link) return Promise.resolve(false);
  return new Promise((done) => {
    document.addEventListener("htmx:after:swap", () => done(true), { once: true });
    setTimeout(() => done(false), 8_000);
    link.click();
  });
}

new MutationObserver(() => {
  for (const one of rows()) known.add(one.dataset.item);
  if (!selected()) select(rows().find(waits) ?? rows()[0], { focus: false });
}).observe(list, { childList: true });
list.addEventListener("focusin", (event) => {
  const one = event.target.closest(".item");
  if (one && one !== selected()) select(one, { focus: false });
});
select(rows()[0], { focus: false });

/* ---- letters ---- */

const press = (...names) => {
  const one = selected();
  const button = names.map((name) => one?.querySelector(`[data-act="${name}"]`)).find(Boolean);
  button?.click();
  return Boolean(button);
};

/** The selected row's act where I turned to it, else my latest: after it, another row was selected by itself. */
async function undo() {
  if (turned && press("undo")) return;
  const latest = mine.pop();
  if (!latest) return announce(word("nothing_to_undo"));
  const one = row(latest.item);
  if (one) select(one, { byHand: false });
  const button = one?.querySelector("[data-act=undo]");
  if (button) return button.click();
  const answer = await send(`/acts/${latest.act}/undo`, [], list);
  if (answer) say(answer.data.message ?? word("failed"), answer.ok ? "note" : "problem"), hearing.ask();
}

/** Close what is open: the reason form of the selected row, unless a sentence is in it. */
function escape() {
  const form = selected()?.querySelector("form.why");
  if (form && !form.elements.sentence.value) form.querySelector("[data-why-cancel]").click();
}

const LETTERS = {
  j: next,
  k: () => select(before(selected())),
  o: () => selected()?.querySelector("[data-open]")?.click(),
  h: () => press("hide", "decline"),
  r: () => press("restore", "approve", "keep", "verify"),
  m: () => press("merge"),
  t: () => press("retag"),
  p: () => press("pin", "unpin"),
  l: () => press("lock", "unlock"),
  a: () => press("answer"),
  u: undo,
  x: () => selected()?.querySelector("[name=items]")?.click(),
  "?": () => keys.showModal(),
  Escape: escape,
};

const SWITCH = "cip.keys";
const lettersAct = document.getElementById("keys-on");
lettersAct.checked = kept.get(SWITCH) !== "off";
lettersAct.addEventListener("change", () => kept.set(SWITCH, lettersAct.checked ? "on" : "off"));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  const types = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
  if (types || !Object.hasOwn(LETTERS, event.key) || !lettersAct.checked) return;
  event.preventDefault();
  LETTERS[event.key]();
});
document.querySelector("[data-help]").addEventListener("click", () => keys.showModal());
for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
document.querySelector(".queue-subject").addEventListener("change", (event) => event.target.form.requestSubmit());

/* ---- many at once ---- */

function countTicked() {
  const n = list.querySelectorAll("[name=items]:checked").length;
  many.querySelector("[data-many-count]").textContent = n ? word("ticked", { n }) : "";
}

list.addEventListener("change", (event) => event.target.name === "items" && countTicked());
many.addEventListener("submit", (event) => {
  event.preventDefault();
  decideMany(event.submitter).catch(loud);
});
// Enter in the sentence would press the first button; here it hides, since that is what a sentence is for.
many.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input, select")) return;
  event.preventDefault();
  many.requestSubmit(many.querySelector("[value=hide]"));
});

async function decideMany(button) {
  const fields = [...new FormData(many, button)];
  many.setAttribute("aria-busy", "true");
  try {
    const { data, status } = await post(many.action, fields);
    if (status === 401) return lost(401);
    for (const one of data.rows ?? []) show(one.id, one.html);
    say(data.message ?? word("failed"), data.done ? "note" : "problem");
    if (data.done) many.querySelector("[name=sentence]").value = "";
    hearing.ask();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    say(word("unreachable"));
  } finally {
    many.removeAttribute("aria-busy");
    countTicked();
    step(selected()?.dataset.item);
  }
}
