/* composer.js: a form nobody loses. What is typed is kept as a draft; it is sent without leaving the page; if the server
   refuses, the reasons stand at the fields, and if it cannot be reached, the outbox takes over. `data-draft` names it. */

import { announce, make, me, newKey, post, say, signInUrl, Unreachable, word } from "./page.js";
import { keep } from "./outbox.js";

const attended = new WeakSet();

/** Look after every form with a draft in `root`. */
export function attend(root = document) {
  for (const form of root.querySelectorAll("form[data-draft]")) {
    if (attended.has(form)) continue;
    attended.add(form);
    new Composer(form);
  }
}

class Composer {
  constructor(form) {
    this.form = form;
    this.key = form.dataset.draftKey = `cip.draft.${me()}.${form.dataset.draft}`;
    this.isEdit = form.dataset.draft.startsWith("edit-");
    form.addEventListener("input", () => this.typed());
    form.addEventListener("change", () => this.typed());
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("cip:restore", () => this.restore());
    addEventListener("pagehide", () => this.save());
    this.restore();
    if (form.elements.submission_key && !form.elements.submission_key.value) this.renewKey();
    this.watchThemes();
    this.count();
  }

  /* ---- the draft ---- */

  fields() {
    return [...new FormData(this.form)].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
  }

  isEmpty() {
    const texts = this.form.querySelectorAll("input[type=text], input:not([type]), textarea");
    return [...texts].every((text) => !text.value.trim());
  }

  typed() {
    this.dirty = true;
    this.count();
    this.watchThemes();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), 400);
  }

  save() {
    clearTimeout(this.timer);
    if (!this.dirty) return;
    this.dirty = false;
    try {
      if (this.isEmpty()) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, JSON.stringify({ fields: this.fields() }));
    } catch {
      /* storage is forbidden: the text is in the page, and stays there */
    }
  }

  forget() {
    clearTimeout(this.timer);
    this.dirty = false;
    this.notice?.remove();
    try {
      localStorage.removeItem(this.key);
    } catch {
      /* nothing was kept */
    }
  }

  restore() {
    let draft = null;
    try {
      draft = JSON.parse(localStorage.getItem(this.key));
    } catch {
      /* nothing can be read, nothing is restored */
    }
    if (!draft || this.form.querySelector("[aria-invalid=true]")) return;
    fill(this.form, draft.fields);
    this.form.closest("details")?.setAttribute("open", "");
    this.notice?.remove();
    this.notice = make("p", { class: "draft-note" }, word("draft_restored"));
    const discard = make("button", { type: "button", class: "button button-quiet" }, word("discard_draft"));
    discard.addEventListener("click", () => {
      this.clear();
      this.form.querySelector("input[type=text], textarea")?.focus();
    });
    this.notice.append(" ", discard);
    this.form.prepend(this.notice);
    this.count();
    this.watchThemes();
  }

  clear() {
    this.forget();
    this.form.reset();
    this.form.querySelectorAll(".similar, .preview").forEach((place) => place.replaceChildren());
    showErrors(this.form, {});
    this.renewKey();
    this.count();
    this.watchThemes();
  }

  renewKey() {
    if (this.form.elements.submission_key) this.form.elements.submission_key.value = newKey();
  }

  /* ---- while writing ---- */

  count() {
    for (const place of this.form.querySelectorAll("[data-counts]")) {
      const control = this.form.elements[place.dataset.counts];
      const length = [...control.value.trim()].length;
      place.textContent = `${length} / ${control.maxLength > 0 ? control.maxLength : place.dataset.most}`;
    }
  }

  watchThemes() {
    for (const group of this.form.querySelectorAll("[data-most-checked]")) {
      const most = Number(group.dataset.mostChecked);
      const boxes = [...group.querySelectorAll("input[type=checkbox]")];
      const full = boxes.filter((box) => box.checked).length >= most;
      for (const box of boxes) box.disabled = full && !box.checked;
      if (full && !this.wasFull) announce(word("themes_full", { n: most }));
      this.wasFull = full;
    }
  }

  /* ---- sending ---- */

  async submit(event) {
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (this.busy) return;
    this.setBusy(true);
    this.dirty = true;
    this.save();
    try {
      this.answered(await post(this.form.action, this.fields()));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (me() && !this.isEdit) this.wait();
      else say(word("unreachable")); // it stays in its form: an edit has no key that would protect it
    } finally {
      this.setBusy(false);
    }
  }

  setBusy(busy) {
    this.busy = busy;
    this.form.setAttribute("aria-busy", busy);
    for (const button of this.form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", busy);
  }

  answered({ ok, status, data, url }) {
    if (ok) return this.posted({ url, ...data });
    if (status === 401) {
      return say(word("sign_in_again"), "problem", make("a", { href: signInUrl() }, word("sign_in")));
    }
    if (Object.keys(data.errors ?? {}).length) return showErrors(this.form, data.errors, data.message);
    say(data.message ?? word("failed"));
  }

  posted(data) {
    this.clear();
    const detail = { ...this.about(), data, form: this.form };
    const shown = !document.dispatchEvent(new CustomEvent("cip:posted", { detail, cancelable: true }));
    if (!shown) location.assign(data.url);
  }

  /** The outbox takes it, with its key; the form is free again. */
  wait() {
    const fields = this.fields();
    const value = (name) => fields.find(([field]) => field === name)?.[1] ?? "";
    const text = [value("title"), value("text")].filter(Boolean).join("\n");
    const action = new URL(this.form.action).pathname;
    this.clear();
    keep({ key: value("submission_key"), ...this.about(), action, fields, text, draft: this.key });
    document.getElementById("outbox")?.scrollIntoView({ block: "nearest" });
  }

  about() {
    const { city, idea } = document.body.dataset;
    return { kind: this.form.elements.title ? "idea" : "comment", city, idea };
  }
}

function fill(form, fields) {
  for (const control of form.elements) {
    if (!control.name || control.name === "csrf_token") continue;
    const values = fields.filter(([name]) => name === control.name).map(([, value]) => value);
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (values.length) control.value = values[0];
  }
}

/** Each reason stands at its field and in a summary that takes the focus; `{}` removes them all. */
function showErrors(form, errors, message) {
  form.querySelectorAll("[data-said-error], .field-error").forEach((old) => old.remove());
  form.querySelectorAll(".field-wrong").forEach((field) => field.classList.remove("field-wrong"));
  form.querySelectorAll("[aria-invalid]").forEach((control) => control.removeAttribute("aria-invalid"));
  const names = Object.keys(errors);
  if (!names.length) return;
  const summary = make("div", { class: "errors-summary", role: "alert", tabindex: "-1", "data-said-error": "" });
  summary.append(make("h2", {}, message ?? word("check_fields")), make("ul"));
  for (const name of names) {
    const field = form.querySelector(`[data-field="${name}"]`);
    const text = [errors[name]].flat().join(" ");
    const entry = make("li");
    entry.append(field ? make("a", { href: `#${showReason(field, text)}` }, text) : text);
    summary.lastChild.append(entry);
  }
  form.prepend(summary);
  summary.focus();
}

/** Where the server would put it too: after label and hint. Returns the id to go to. */
function showReason(field, text) {
  const control = field.matches("fieldset") ? field : field.querySelector("input, textarea, select");
  const id = `${control.id}-error`;
  const reason = make("p", { class: "field-error", id }, text);
  (field.querySelector(".hint") ?? field.querySelector("legend, label") ?? field.firstChild).after(reason);
  field.classList.add("field-wrong");
  if (control !== field) control.setAttribute("aria-invalid", "true");
  const described = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((other) => other && other !== id);
  control.setAttribute("aria-describedby", [...described, id].join(" "));
  return control.id;
}
