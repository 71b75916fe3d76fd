/* acts.js: sends moderators' acts. The server decides and answers with the item as it is then; what is typed as a
   reason stays where it is until the server has taken it. Shared by the queue and the panel over other pages. */

import { make, me, post, say, signInUrl, Unreachable, word } from "./page.js";

const WITH_REASON = new Set(["hide", "decline", "hold"]);
const LAST_REASON = `cip.reason.${me()}`;

/** What this browser keeps; nothing where storage is forbidden. */
export const kept = {
  get(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {
      /* then it holds until the page is left */
    }
  },
};

/** Choose the reason that was used last. */
export function preselect(form) {
  const select = form.elements.reason;
  const last = kept.get(LAST_REASON);
  if (last && [...select.options].some((option) => option.value === last)) select.value = last;
}

/** The reason form for the button `button` of `place`, opened there; what was typed in one that is open stays. */
export function askWhy(button, place) {
  const there = place.querySelector("form.why");
  const form = there ?? document.getElementById("why").content.firstElementChild.cloneNode(true);
  const act = button.dataset.act;
  Object.assign(form.dataset, { act });
  form.action = button.formAction;
  form.querySelector("[data-why-send]").textContent = button.textContent.trim();
  if (!there) {
    for (const part of form.querySelectorAll("[id], [for]"))
      for (const name of ["id", "for"])
        if (part.hasAttribute(name)) part.setAttribute(name, `${part.getAttribute(name)}-${place.id}`);
    button.closest(".item-acts").after(form);
    preselect(form);
  }
  form.elements.reason.focus({ preventScroll: true });
  form.scrollIntoView({ block: "nearest" });
}

/** Send `fields` to `url` for `place`, once at a time. Returns `{status, data}`, or null where nothing came of it. */
export async function send(url, fields, place) {
  if (place.getAttribute("aria-busy") === "true") return null;
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await post(url, fields);
    if (answer.status === 401) {
      say(word("sign_in_again"), "problem", make("a", { href: signInUrl() }, word("sign_in")));
      return null;
    }
    return answer;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    say(word("unreachable"));
    return null;
  } finally {
    place.removeAttribute("aria-busy");
  }
}

/** Attend to the acts inside `root`. `heard(place, answer)` is told what the server said; `placeOf` finds an item's place. */
export function attend(root, { placeOf, heard }) {
  async function act(url, fields, place, form = null) {
    const answer = await send(url, fields, place);
    if (!answer) return;
    if (answer.ok && form?.elements.reason) kept.set(LAST_REASON, form.elements.reason.value);
    if (answer.ok) form?.remove();
    heard(place, answer);
  }

  root.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-why-cancel]");
    if (cancel) return close(cancel.form);
    const button = event.target.closest("button[data-act]");
    if (!button) return;
    event.preventDefault();
    const place = placeOf(button);
    if (WITH_REASON.has(button.dataset.act)) askWhy(button, place);
    else act(button.formAction, button.name ? [[button.name, button.value]] : [], place);
  });
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("form.why");
    if (!form) return;
    event.preventDefault();
    const chosen = event.submitter?.value || form.dataset.act;
    const fields = [["act", chosen], ...[...new FormData(form)].filter(([name]) => name !== "act" && name !== "next")];
    act(form.action, fields, placeOf(form), form);
  });
  // A select takes Enter for itself; here it means: that is the reason.
  root.addEventListener("keydown", (event) => {
    const form = event.target.closest("form.why");
    if (!form) return;
    if (event.key === "Enter" && event.target.matches("select")) event.preventDefault(), form.requestSubmit();
    if (event.key === "Escape" && form.querySelector("[data-why-cancel]")) event.stopPropagation(), close(form);
  });

  function close(form) {
    const place = placeOf(form);
    form.remove();
    place.dispatchEvent(new CustomEvent("cip:closed", { bubbles: true }));
    place.focus?.({ preventScroll: true });
  }
}
