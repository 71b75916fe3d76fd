// The order of changes, as every open page keeps it (app/static/js/live.js).
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { Numbering } from "../../../app/static/js/live.js";

function page(last, patience = 20) {
  const seen = [];
  const gaps = [];
  const numbering = new Numbering(last, { apply: ({ seq }) => seen.push(seq), gap: () => gaps.push(numbering.last), patience });
  return { numbering, seen, gaps };
}

const change = (seq, prev = seq - 1) => ({ seq, prev });

test("the next change is applied, an old one ignored", () => {
  const { numbering, seen } = page(17);
  numbering.hear(change(18));
  numbering.hear(change(18));
  numbering.hear(change(12));
  assert.deepEqual(seen, [18]);
  assert.equal(numbering.last, 18);
});

test("changes that overtook each other are put in order, and nobody is asked", async () => {
  const { numbering, seen, gaps } = page(17);
  numbering.hear(change(20));
  numbering.hear(change(19));
  numbering.hear(change(18));
  assert.deepEqual(seen, [18, 19, 20]);
  await pause(40);
  assert.deepEqual(gaps, []);
});

test("a gap that stays open is asked about once", async () => {
  const { numbering, seen, gaps } = page(17);
  numbering.hear(change(20));
  numbering.hear(change(21));
  await pause(40);
  assert.deepEqual(seen, []);
  assert.deepEqual(gaps, [17]);
});

test("a catch-up brings what was missed, and what waited follows it", async () => {
  const { numbering, seen, gaps } = page(17);
  numbering.hear(change(21));
  numbering.catchUp(20, [change(18), change(20)]);
  assert.deepEqual(seen, [18, 20, 21]);
  await pause(40);
  assert.deepEqual(gaps, []);
});

test("a slow answer to a catch-up does not undo what came in between", () => {
  const { numbering, seen } = page(17);
  for (const seq of [18, 19, 20]) numbering.hear(change(seq));
  numbering.catchUp(19, [change(18), change(19)]);
  assert.deepEqual(seen, [18, 19, 20]);
  assert.equal(numbering.last, 20);
});

test("an idea's page hears only that idea, so its numbers leap", () => {
  const { numbering, seen } = page(17);
  numbering.hear(change(25, 11));
  numbering.hear(change(31, 25));
  assert.deepEqual(seen, [25, 31]);
});

test("a page fetched anew that is older than what was shown asks for the difference", () => {
  const { numbering, gaps } = page(17);
  numbering.hear(change(18));
  numbering.startOver(17);
  assert.equal(numbering.last, 17);
  assert.deepEqual(gaps, [17]);
});
