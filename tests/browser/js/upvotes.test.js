// What an upvote's number shows while requests are slower than thumbs (app/static/js/upvotes.js).
import assert from "node:assert/strict";
import { test } from "node:test";

import { Wish } from "../../../app/static/js/upvotes.js";

test("an upvote shows at once and stays when the server agrees", () => {
  const wish = new Wish(false, 87);
  wish.wanted = true;
  assert.equal(wish.shown, 88);
  wish.take(true, 88);
  assert.equal(wish.shown, 88);
});

test("numbers of others that arrive during the request do not make it flicker", () => {
  const wish = new Wish(false, 87);
  wish.wanted = true;
  wish.heard = 88; // mine or somebody else's: nobody can tell
  assert.equal(wish.shown, 88);
  wish.take(true, 89);
  assert.equal(wish.shown, 89);
});

test("a refused upvote goes back to the newest number", () => {
  const wish = new Wish(false, 87);
  wish.wanted = true;
  wish.heard = 90;
  wish.giveUp();
  assert.equal(wish.shown, 90);
  assert.equal(wish.wanted, false);
});

test("while it waits for a network, the others' upvotes still show", () => {
  const wish = new Wish(true, 40);
  wish.wanted = false;
  wish.waiting = true;
  wish.heard = 45;
  assert.equal(wish.shown, 44);
});

test("two taps end where they began", () => {
  const wish = new Wish(true, 40);
  wish.wanted = false;
  wish.wanted = true;
  assert.equal(wish.shown, 40);
});
