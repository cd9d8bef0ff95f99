import assert from "node:assert/strict";
import { test } from "node:test";
import { Extents, places } from "../../src/scrolling/extents.js";
import { textHeight } from "../../src/scrolling/guess.js";

const things = ["a", "b", "c", "d"];

/** @returns {Extents<string>} */
function extents() {
  const made = new Extents(
    (/** @type {string} */ thing) => thing,
    () => 100,
  );
  made.things = things;
  return made;
}

test("what was measured takes the place of what was guessed", () => {
  const made = extents();
  assert.equal(made.height, 400);
  made.measure("b", 30);
  assert.equal(made.height, 330);
  assert.deepEqual(
    things.map((_, n) => made.begin(n)),
    [0, 100, 130, 230],
  );
  assert.equal(made.between({ from: 1, to: 3 }), 130);
});

test("the things within a stretch are those that reach into it", () => {
  const made = extents();
  assert.deepEqual(made.within(0, 100), { from: 0, to: 2 });
  assert.deepEqual(made.within(150, 160), { from: 1, to: 2 });
  assert.deepEqual(made.within(-500, 99), { from: 0, to: 1 });
  assert.deepEqual(made.within(900, 1000), { from: 3, to: 4 });
  made.things = [];
  assert.deepEqual(made.within(0, 100), { from: 0, to: 0 });
});

test("what was measured of others is forgotten only when that is asked for", () => {
  const made = extents();
  made.measure("a", 10);
  made.things = ["b"];
  made.things = things;
  assert.equal(made.height, 310);
  made.things = ["b"];
  made.forgetOthers();
  made.things = things;
  assert.equal(made.height, 400);
});

test("gaps and things cover everything, in order, also with things that stay elsewhere", () => {
  assert.deepEqual(places(6, { from: 2, to: 4 }, [0, -1, 9]), [
    { kind: "thing", n: 0 },
    { kind: "gap", from: 1, to: 2 },
    { kind: "thing", n: 2 },
    { kind: "thing", n: 3 },
    { kind: "gap", from: 4, to: 6 },
  ]);
  assert.deepEqual(places(0, { from: 0, to: 0 }, []), []);
});

test("a text is guessed as high as its lines, wrapped where they are long", () => {
  const measure = { letters: 10, line: 20 };
  assert.equal(textHeight("", measure), 20);
  assert.equal(textHeight("word\nword\n\nword", measure), 80);
  assert.equal(textHeight("x".repeat(35), measure), 80);
  const long = "a line\n".repeat(20_000);
  assert.ok(Math.abs(textHeight(long, measure) / (20_000 * 20) - 1) < 0.01);
});
