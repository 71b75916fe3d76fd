/* feed.js: what happens in a workshop, for its phones and its remotes. live.js hears it over the socket and passes it on
   (`cip:room`); while the socket is away it is asked for. */

import { loud, reach, Unreachable } from "./page.js";

const EVERY = 5_000;

/** Let `hear(message)` hear the room at `url`; its first answer of HTTP has `you`, what is this person's own. */
export function feed(url, hear) {
  const { workshop } = document.body.dataset;
  let isOver = false;

  async function ask() {
    if (isOver) return;
    try {
      const asked = performance.now();
      const { status, data } = await reach(`${url}/room.json`, { headers: { Accept: "application/json" } }, 5_000);
      if (status === 200) hear({ ...data, asked });
      isOver = status === 401 || status === 404;
    } catch (error) {
      if (!(error instanceof Unreachable)) loud(error);
    }
  }

  const isHeard = () => document.getElementById("live")?.dataset.state === "live";
  document.addEventListener("cip:room", ({ detail }) => String(detail.workshop) === workshop && hear(detail));
  document.addEventListener("cip:reachable", ask); // the socket is there again: what was missed meanwhile
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  addEventListener("pageshow", (event) => event.persisted && ask());
  setInterval(() => isHeard() || document.hidden || ask(), EVERY);
  return ask;
}
