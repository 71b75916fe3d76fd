/* idea.js: lays changes over an idea's page. The article and each comment are replaced where they stand; forms are never
   part of what is replaced, so a half-written comment survives whatever happens around it. */

import { announce, copy, counted, exchange, fragment, make, me, number, say, settle, steadily, stored, word } from "./page.js";
import { hearCounts, own } from "./upvotes.js";

const ideaId = document.body.dataset.idea;
const commentOf = (id) => document.getElementById(`comment-${id}`);

export function apply(change) {
  if (String(change.idea) !== ideaId) return;
  if (isGone()) return; // where it comes back, this page would only have a part of it: it says how to load it again
  if (change.kind === "idea_withdrawn") return withdrawIdea();
  if (change.article) steadily(() => replaceArticle(fragment(change.article)));
  if (change.comment_html) steadily(() => showComment(fragment(change.comment_html), change.kind));
  else if (change.comment && change.kind === "comment_withdrawn") withdrawComment(commentOf(change.comment));
  if (Number.isInteger(change.comments)) countComments(change.comments);
}

/* ---- the article ---- */

function replaceArticle(fresh) {
  const old = document.getElementById(`idea-${ideaId}`);
  own(fresh, old);
  exchange(old, fresh);
}

const isGone = () => document.getElementById(`idea-${ideaId}`).hasAttribute("data-withdrawn");

function withdrawIdea() {
  const old = document.getElementById(`idea-${ideaId}`);
  const stone = make("article", { id: old.id, class: "article tombstone", "data-withdrawn": "" });
  const again = make("p");
  again.append(make("a", { class: "button", href: location.pathname }, word("load_again")));
  stone.append(make("h1", {}, word("idea_withdrawn")), again); // it may have been merged: then this leads on
  exchange(old, stone);
  // Nothing of what is not public any more stays on a screen; what somebody is typing does.
  document.querySelectorAll(".idea-vote, .own-tools, .idea-tools, .thread, #groups, .share").forEach((part) => part.remove());
  document.title = word("idea_withdrawn");
  announce(word("idea_withdrawn"));
}

/** The meters: how many of each stakeholder group upvoted. */
export function groups(counts) {
  const most = Math.max(1, ...Object.values(counts));
  for (const row of document.querySelectorAll("#groups [data-group]")) {
    const count = counts[row.dataset.group] ?? 0;
    row.hidden = row.dataset.group === "paper" && !count;
    const text = row.querySelector("[data-group-count]");
    if (text) text.textContent = number(count);
    const meter = row.querySelector("meter, progress");
    if (meter) Object.assign(meter, { max: most, value: count });
  }
}

/* ---- comments ---- */

function showComment(fresh, kind) {
  const id = fresh.dataset.comment;
  const old = commentOf(id);
  if (old) return exchange(old, fresh);
  const { parent } = fresh.dataset;
  const place = parent ? repliesOf(parent) : document.getElementById("comments");
  if (!place) return;
  document.querySelector("#comments [data-empty], [data-empty=comments]")?.remove();
  const entry = parent ? fresh : thread(fresh);
  insert(entry, id, place);
  settle(entry);
  if (kind === "comment_posted" && fresh.dataset.author !== me()) announce(word("new_comment"));
}

function insert(entry, id, place) {
  const later = [...place.children].find((sibling) => orderOf(sibling) > Number(id));
  if (later) later.before(entry);
  else place.append(entry);
}

const orderOf = (entry) => Number((entry.matches("[data-comment]") ? entry : entry.querySelector("[data-comment]"))?.dataset.comment ?? 0);

function thread(comment) {
  const whole = make("div", { class: "thread" });
  whole.append(comment, make("div", { class: "replies", id: `replies-${comment.dataset.comment}` }));
  return whole;
}

/** Where replies to comment `id` stand. After an absence a reply may come before its comment, or instead of one withdrawn. */
function repliesOf(id) {
  const there = document.getElementById(`replies-${id}`);
  if (there) return there;
  if (!commentOf(id)) {
    insert(thread(tombstone(id)), id, document.getElementById("comments"));
    return document.getElementById(`replies-${id}`);
  }
  const replies = make("div", { class: "replies", id: `replies-${id}` });
  commentOf(id).after(replies);
  return replies;
}

function withdrawComment(old) {
  if (!old || old.hasAttribute("data-withdrawn")) return;
  const stone = tombstone(old.dataset.comment, old.dataset.parent);
  stone.style.minBlockSize = `${old.offsetHeight}px`;
  exchange(old, stone);
}

function tombstone(comment, parent = "") {
  const stone = make("article", { id: `comment-${comment}`, class: "comment tombstone", "data-withdrawn": "" });
  Object.assign(stone.dataset, { comment, parent });
  stone.append(make("p", {}, word("comment_withdrawn")));
  return stone;
}

function countComments(count) {
  for (const place of document.querySelectorAll(`[data-comments="${ideaId}"]`)) place.textContent = number(count);
}

/** Everything that changes, from `page`, fetched anew; forms that hold text are carried over. */
export function renew(page) {
  if (isGone()) return;
  const taken = (id) => document.adoptNode(page.getElementById(id));
  replaceArticle(taken(`idea-${ideaId}`));
  document.getElementById("groups")?.replaceWith(taken("groups"));
  hearCounts({ [ideaId]: counted(page.querySelector(`[data-upvotes="${ideaId}"]`)) });
  countComments(counted(page.querySelector(`[data-comments="${ideaId}"]`)));
  const old = document.getElementById("comments");
  const fresh = taken("comments");
  const open = [...old.querySelectorAll("form[data-draft]")].map((form) => [form, form.closest(".replies")?.id]);
  const focused = document.activeElement;
  old.replaceWith(fresh);
  for (const [form, replies] of open) (fresh.querySelector(`#${replies}`) ?? fresh).append(form);
  if (document.activeElement !== focused) focused.focus({ preventScroll: true });
  settle(fresh);
}

/* ---- writing ---- */

document.addEventListener("cip:posted", (event) => {
  const { kind, data, idea, form } = event.detail;
  if (kind !== "comment" || idea !== ideaId) return;
  event.preventDefault();
  if (data.message) say(data.message, "note"); // held: a moderator looks first
  if (!data.html) return form?.closest(".replies") && form.remove();
  const comment = fragment(data.html);
  showComment(comment, "own");
  if (form?.closest(".replies")) form.remove();
  announce(word("comment_posted"));
  const shownNow = commentOf(comment.dataset.comment);
  if (!shownNow || !form) return;
  shownNow.tabIndex = -1;
  shownNow.focus();
});

const pageForm = () => document.querySelector("form[data-draft^=comment-]");

/** A reply form of its own below the thread: a copy of the page's comment form, so that it needs no network. */
function openReply(id, link) {
  const place = repliesOf(id);
  if (!place) return;
  const there = place.querySelector("form[data-draft]");
  if (there) return there.querySelector("textarea").focus();
  const form = pageForm().cloneNode(true);
  form.dataset.draft = `reply-${id}`;
  for (const part of form.querySelectorAll("[id], [for], [aria-describedby]"))
    for (const name of ["id", "for", "aria-describedby"])
      if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace(/\S+/g, `$&-reply-${id}`));
  form.querySelectorAll("[data-said-error], [data-stance], .draft-note").forEach((part) => part.remove());
  form.reset();
  form.elements.parent.value = id;
  form.elements.submission_key.value = "";
  const send = form.querySelector("[type=submit]");
  send.textContent = word("reply");
  const cancel = make("button", { type: "button", class: "button button-quiet" }, word("cancel"));
  cancel.addEventListener("click", () => (form.remove(), link?.focus()));
  send.after(" ", cancel);
  place.append(form);
  import("./composer.js").then(({ attend }) => attend(place));
  if (link) form.querySelector("textarea").focus();
}

/** Replies that were being written when the page was left. */
function reopenReplies() {
  const prefix = `cip.draft.${me()}.reply-`;
  for (const name of stored(prefix)) openReply(name.slice(prefix.length));
}

if (pageForm()) reopenReplies();

document.addEventListener("click", (event) => {
  const reply = event.target.closest("a[data-reply]");
  if (reply && pageForm()) {
    event.preventDefault();
    openReply(reply.dataset.reply, reply);
  }
  const share = event.target.closest("[data-copy]");
  if (share) copy(share.dataset.copy);
});
