/* guard.js: runs before the CDN's scripts are even read. One that fails, arrives altered, or has not arrived after 1.5 s
   gives way to our own copy (data-fallback). For ten minutes after that, our copies are taken at once. */
(() => {
  const PATIENCE = 1_500;
  const REMEMBERED = 600_000;
  const KEY = "cdn-failed-at";

  const guarded = (node) => node instanceof HTMLScriptElement && node.dataset.fallback;

  const failedLately = () => {
    try {
      return Date.now() - Number(localStorage.getItem(KEY)) < REMEMBERED;
    } catch {
      return false; // storage is forbidden here: then every page waits anew
    }
  };

  const remember = () => {
    try {
      if (!failedLately()) localStorage.setItem(KEY, String(Date.now()));
    } catch {
      /* as above */
    }
  };

  const giveWay = (script) => {
    if (!script.isConnected) return;
    const copy = document.createElement("script");
    copy.src = script.dataset.fallback;
    script.replaceWith(copy);
    // Removing is not enough: a script that belongs to this document runs whenever its bytes come.
    document.implementation.createHTMLDocument().adoptNode(script);
  };

  const giveUp = (script) => {
    remember();
    giveWay(script);
  };

  const arrived = new WeakSet();
  const watch = (script) => {
    if (failedLately()) giveWay(script);
    else setTimeout(() => arrived.has(script) || giveUp(script), PATIENCE);
  };

  const coming = new MutationObserver((records) => {
    for (const { addedNodes } of records) for (const node of addedNodes) if (guarded(node)) watch(node);
  });
  coming.observe(document, { childList: true, subtree: true });
  addEventListener("load", ({ target }) => guarded(target) && arrived.add(target), true);
  addEventListener("error", ({ target }) => guarded(target) && giveUp(target), true);
  addEventListener("DOMContentLoaded", () => setTimeout(() => coming.disconnect()));
})();
