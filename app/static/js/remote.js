/* remote.js: a moderator's phone drives a workshop. Each act says which state it was pressed on; what the server answers,
   and what the other remotes do, is shown at once, without taking away what this thumb is about to press or type. */

import { announce, exchange, freshPage, loud, make, number, post, say, signInUrl, Unreachable, word } from "./page.js";
import { hint, set as setTimer } from "./clock.js";
import { feed } from "./feed.js";
import { attendSound } from "./sound.js";

const remote = document.getElementById("remote");
const OF_STATE = ["r-phase", "r-timer", "r-shows", "r-light", "r-newest", "r-joining"];
const OF_BOARD = ["r-light", "r-newest"];
const THUMB = 800; // ms in which a button that has just come is not pressed by mistake
const GATHER = 300;

let seq = Number(remote.dataset.seq);
let acting = 0; // acts of this remote under way
let steadyUntil = 0;

/* ---- hearing ---- */

function hear(message) {
  hint(message.now);
  for (const place of remote.querySelectorAll("[data-people]")) place.textContent = number(message.people[place.dataset.people] ?? 0);
  if (message.seq <= seq) return;
  seq = message.seq;
  setTimer(remote.querySelector("[data-timer]"), message.timer);
  refresh(OF_STATE).catch(loud);
}

/* ---- showing: the server draws ---- */

let wanted = new Set();
let fetching = null;

/** Fetch these sections anew; what is asked for meanwhile follows. */
async function refresh(ids) {
  ids.forEach((id) => wanted.add(id));
  if (fetching) return fetching;
  fetching = (async () => {
    while (wanted.size) {
      const now = wanted;
      wanted = new Set();
      const { page, ok } = await freshPage(location.href);
      if (!ok) return;
      for (const id of now) replace(document.getElementById(id), page.getElementById(id));
    }
  })();
  try {
    await fetching;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error; // the feed asks again
  } finally {
    fetching = null;
  }
}

/** What is being typed or decided stays; its act says what it saw, and is refused if that is gone. */
function replace(old, fresh) {
  if (!old || !fresh) return;
  if (old.contains(document.activeElement) && document.activeElement.matches("input, select")) return;
  if (old.querySelector("dialog[open]") && old.dataset.phase === fresh.dataset.phase) return;
  for (const open of old.querySelectorAll("details[open][id]")) fresh.querySelector(`#${open.id}`)?.setAttribute("open", "");
  document.adoptNode(fresh);
  exchange(old, fresh);
  if (old.dataset.phase !== fresh.dataset.phase) steadyUntil = performance.now() + THUMB;
  if (fresh.id === "r-phase") hold(fresh, steadyUntil - performance.now());
  attendSound(remote);
}

/** The room has moved on: a thumb on its way to the button that stood here must not press the one that stands now. */
function hold(section, time) {
  if (time <= 0) return;
  const buttons = section.querySelectorAll("button");
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  setTimeout(() => buttons.forEach((button) => button.removeAttribute("aria-disabled")), time);
}

let soon = null;

/** The view of live.js: whatever changes on the board, the newest ideas and the order are asked for again. */
export function apply() {
  soon ??= setTimeout(() => ((soon = null), refresh(OF_BOARD).catch(loud)), GATHER);
}

export const renew = apply;

/* ---- acting: one after the other, so that two quick presses of one thumb are not in each other's way ---- */

let turn = Promise.resolve();

/** What the form says; pressed while an act was under way (`late`), it is about the state that act leaves behind. */
function fieldsOf(form, button, late) {
  const fields = new FormData(form);
  if (button?.name) fields.append(button.name, button.value);
  const fresh = late && remote.querySelector(`form[data-remote="${form.dataset.remote}"]`);
  for (const name of fresh ? ["seen", "was"] : []) fields.set(name, fresh.elements[name].value);
  return [...fields];
}

async function act(form, fields) {
  try {
    const { ok, status, data } = await post(form.action, fields());
    if (status === 401) return say(word("sign_in_again"), "problem", make("a", { href: signInUrl() }, word("sign_in")));
    form.closest("dialog")?.close();
    if (!ok) say(data.message ?? word("failed"));
    else if (data.message) announce(data.message);
    if (document.activeElement?.matches("input, select")) document.activeElement.blur(); // it is sent: the answer may replace it
    if (data.room) hear(data.room);
    await (fetching ?? refresh(OF_STATE));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    say(word("unreachable"));
  }
}

remote.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("form[data-remote]")) return;
  event.preventDefault();
  if (performance.now() < steadyUntil && form.dataset.remote === "phase") return;
  if (submitter?.hasAttribute("data-sure")) return void document.getElementById("sure").showModal();
  if (submitter?.getAttribute("aria-busy") === "true") return;
  submitter?.setAttribute("aria-busy", "true");
  const late = acting > 0;
  acting += 1;
  turn = turn
    .then(() => act(form, () => fieldsOf(form, submitter, late)))
    .catch(loud)
    .finally(() => ((acting -= 1), submitter?.removeAttribute("aria-busy")));
});

remote.addEventListener("click", (event) => {
  if (!event.target.closest("dialog [data-cancel]")) return;
  event.preventDefault();
  event.target.closest("dialog").close();
});

document.addEventListener("cip:timeup", () => {
  announce(word("time_over"));
  refresh(["r-timer"]).catch(loud);
});

document.querySelector("dialog[open]")?.close();
feed(remote.dataset.url, hear);
attendSound(remote);
