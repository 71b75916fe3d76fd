// Ages as the server rounds them (app/core/times.py), and keys where browsers offer no randomUUID.
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";

import { age, leaveWithin, newKey } from "../../../app/static/js/page.js";
import { matches } from "../../../app/static/js/board.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

for (const [seconds, expected] of [
  [0, null],
  [44, null],
  [45, [1, "minute"]],
  [119, [1, "minute"]],
  [59 * MINUTE, [59, "minute"]],
  [2 * HOUR - 1, [1, "hour"]],
  [DAY - 1, [23, "hour"]],
  [6 * DAY, [6, "day"]],
  [10 * DAY, [1, "week"]],
  [12 * DAY, [2, "week"]],
  [45 * DAY, [2, "month"]],
  [75 * DAY, [2, "month"]],
  [400 * DAY, [1, "year"]],
])
  test(`${seconds} seconds are ${expected ? expected.join(" ") : "just now"}`, () => assert.deepEqual(age(seconds), expected));

test("a key made without randomUUID is a version 4 UUID, and never the same", () => {
  const source = { getRandomValues: (bytes) => webcrypto.getRandomValues(bytes) };
  assert.match(newKey(source), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(newKey(source), newKey(source));
});

test("a new idea counts only where it matches the board's filter", () => {
  const facts = { kind: "challenge", themes: ["congestion", "safety"], status: "new", workshop: "online", group: "student", author: 3 };
  assert.ok(matches(facts, {}));
  assert.ok(matches(facts, { theme: "safety", kind: "challenge" }));
  assert.ok(!matches(facts, { theme: "freight" }));
  assert.ok(!matches(facts, { group: "resident" }));
  assert.ok(matches(facts, { q: "whatever the server finds" }));
});

function socketOf(id) {
  const done = [];
  const socket = { id, done, disconnect: () => (done.push("disconnect"), socket), connect: () => done.push("connect") };
  return socket;
}

test("a page told that its process ends comes back to another one, within the time it is given", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const socket = socketOf("a");
  leaveWithin(socket, 4_000);
  assert.deepEqual(socket.done, []);
  t.mock.timers.tick(4_000);
  assert.deepEqual(socket.done, ["disconnect", "connect"]);
});

test("a page that has come to another process meanwhile stays there", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const socket = socketOf("a");
  leaveWithin(socket, 4_000);
  socket.id = "b";
  t.mock.timers.tick(4_000);
  assert.deepEqual(socket.done, []);
});
