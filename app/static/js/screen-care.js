/* screen-care.js: what a screen that hangs there for hours needs: it stays awake, hides its cursor, moves a little so that
   nothing burns in, can be made larger, and opens without the network. */

const HIDES_AFTER = 3_000;
const SHIFTS_EVERY = 120_000;
const WAYS = [[0, 0], [4, 2], [6, -2], [2, -4], [-3, -3], [-6, 1], [-4, 4], [1, 5]];
const page = document.documentElement;

/* ---- the cursor ---- */

let resting = null;
function move() {
  document.body.classList.remove("still");
  clearTimeout(resting);
  resting = setTimeout(() => document.body.classList.add("still"), HIDES_AFTER);
}
addEventListener("mousemove", move);
move();

/* ---- awake ---- */

async function stayAwake() {
  if (!navigator.wakeLock || document.visibilityState !== "visible") return;
  try {
    await navigator.wakeLock.request("screen");
  } catch {
    /* refused, for instance on a low battery: asked again when the page comes to the front */
  }
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();

/* ---- a slow shift ---- */

let way = 0;
setInterval(() => {
  way = (way + 1) % WAYS.length;
  page.style.setProperty("--shift-x", `${WAYS[way][0]}px`);
  page.style.setProperty("--shift-y", `${WAYS[way][1]}px`);
}, SHIFTS_EVERY);

/* ---- zoom: in the address, so that it outlives a power cut ---- */

const asked = () => Number(new URLSearchParams(location.search).get("zoom")) || 1;
let zoom = 1;
const bounded = (wanted) => Math.round(Math.min(1.6, Math.max(0.6, wanted)) * 10) / 10;

/** Make everything `wanted` times as large, 0.6 to 1.6; `changed` is called when it is. */
function enlarge(wanted, changed) {
  zoom = bounded(wanted);
  page.style.setProperty("--zoom", zoom);
  const address = new URL(location.href);
  if (zoom === 1) address.searchParams.delete("zoom");
  else address.searchParams.set("zoom", zoom);
  if (address.href !== location.href) history.replaceState(null, "", address);
  changed();
}

/** Heed the zoom of the address, and the keys + - 0; `changed` fits the contents anew. */
export function heedZoom(changed) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") enlarge(zoom + 0.1, changed);
    else if (event.key === "-") enlarge(zoom - 0.1, changed);
    else if (event.key === "0") enlarge(1, changed);
    else if (event.key === "f" && page.requestFullscreen) page.requestFullscreen();
  });
  let late = null;
  addEventListener("resize", () => (clearTimeout(late), (late = setTimeout(changed, 150))));
  enlarge(asked(), changed);
  if (document.fonts) document.fonts.ready.then(changed);
}

/* ---- without the network ---- */

/** Keep this page and its files, so that a TV that is switched on before the network is there shows the last board. */
export async function keepPage() {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register("/screen/worker.js", { scope: "/screen/" });
    const { active } = await navigator.serviceWorker.ready;
    const files = performance.getEntriesByType("resource").map((entry) => entry.name);
    active.postMessage({ keep: [location.href, ...files.filter((name) => name.includes("/assets/"))] });
  } catch {
    /* over plain http there are no workers: such a screen needs the network to start */
  }
}
