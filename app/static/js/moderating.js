/* moderating.js: for those who moderate the board at hand: every card and comment leads to its acts, which open over the
   page. Pushed fragments are the same for everybody, so the way there is added here. */

import { fragment, loud, make, post, reach, say, settle, Unreachable, word } from "./page.js";
import { attend, preselect } from "./acts.js";

const SUBJECTS = ".card[data-idea]:not([data-withdrawn]), .comment[data-comment]:not([data-withdrawn])";
let dialog = null;

/* ---- the way to the acts ---- */

function addWay(item) {
  if (item.querySelector("a[data-moderate]")) return;
  const isComment = "comment" in item.dataset;
  const path = isComment ? `/comments/${item.dataset.comment}` : `/ideas/${item.dataset.idea}`;
  const link = make("a", { class: "moderate", "data-moderate": "", href: `${path}/moderate` }, word("moderate"));
  if (!isComment) link.setAttribute("aria-describedby", `title-${item.dataset.idea}`);
  (item.querySelector(".comment-tools") ?? item).append(" ", link);
}

const addWays = (root) => [root, ...root.querySelectorAll(SUBJECTS)].filter((one) => one.matches(SUBJECTS)).forEach(addWay);

new MutationObserver((records) => {
  for (const record of records) for (const node of record.addedNodes) if (node.isConnected && node.matches) addWays(node);
}).observe(document.body, { childList: true, subtree: true });
addWays(document.body);

/* ---- the panel ---- */

async function open(link) {
  const url = `${link.getAttribute("href").split("?")[0]}?next=${encodeURIComponent(location.pathname + location.search)}`;
  try {
    const { data, ok } = await reach(url, { headers: { Accept: "application/json" } });
    if (!ok) return location.assign(link.href);
    fill(data.html);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    say(word("unreachable"));
  }
}

function fill(html) {
  dialog ??= makeDialog();
  const panel = fragment(html);
  dialog.querySelector(".panel")?.remove();
  dialog.append(panel);
  settle(panel);
  if (panel.querySelector("form.why")) preselect(panel.querySelector("form.why"));
  if (!dialog.open) dialog.showModal();
}

function makeDialog() {
  const made = make("dialog", { class: "sheet-dialog", "aria-labelledby": "panel-title" });
  const close = make("button", { type: "button", class: "message-close", "aria-label": word("dismiss") }, "×");
  close.addEventListener("click", () => made.close());
  made.append(close);
  document.body.append(made);
  attend(made, { placeOf: () => made.querySelector(".panel"), heard });
  return made;
}

function heard(panel, { ok, data }) {
  if (!ok) return complain(panel, data.message ?? word("failed"));
  dialog.close();
  const undo = data.undo_until && make("button", { type: "button", class: "button button-quiet" }, word("undo"));
  if (undo) undo.addEventListener("click", () => takeBack(data.act, undo).catch(loud));
  say(data.message, "note", undo || null);
}

function complain(panel, text) {
  panel.querySelector(".message")?.remove();
  const message = make("div", { class: "message message-problem", role: "alert" });
  message.append(make("p", {}, text));
  panel.prepend(message);
}

async function takeBack(act, button) {
  button.disabled = true;
  const { data } = await post(`/acts/${act}/undo`, []);
  button.parentElement.remove();
  say(data.message ?? word("failed"), "note");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-moderate]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link).catch(loud);
});
