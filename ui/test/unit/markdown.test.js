import assert from "node:assert/strict";
import { test } from "node:test";
import { GrowingMarkdown } from "../../src/markdown/growing.js";
import { isDollarMath } from "../../src/markdown/math-syntax.js";
import { renderWhole } from "../../src/markdown/syntax.js";
import { CORPUS } from "./markdown-corpus.js";

/**
 * A small generator of repeatable randomness (mulberry32), so that a failure can be found again by its seed.
 * @param {number} seed
 */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * @param {string} text
 * @param {() => number} next
 * @param {number} longest
 */
function* prefixes(text, next, longest) {
  for (let at = 0; at < text.length; ) {
    at = Math.min(text.length, at + 1 + Math.floor(next() * longest));
    yield text.slice(0, at);
  }
}

/**
 * @param {string} text
 * @param {() => number} next
 * @param {number} longest
 */
function grown(text, next, longest) {
  const growing = new GrowingMarkdown();
  for (const prefix of prefixes(text, next, longest)) growing.update(prefix, "growing");
  growing.update(text, "ended");
  return growing.html;
}

test("a text that grew in pieces looks like one that was read whole", () => {
  for (const [name, text] of Object.entries(CORPUS)) {
    const expected = renderWhole(text);
    for (let seed = 1; seed <= 40; seed += 1) {
      const next = random(seed);
      assert.equal(grown(text, next, seed % 2 === 0 ? 7 : 60), expected, `${name}, seed ${seed}`);
    }
    assert.equal(
      grown(text, () => 0, 1),
      expected,
      `${name}, letter by letter`,
    );
  }
});

test("any order of blocks, with or without blank lines between them, grows into the same", () => {
  const pieces = Object.values(CORPUS).flatMap((text) => text.split(/\n{2,}/));
  for (let seed = 1; seed <= 400; seed += 1) {
    const next = random(seed);
    const between = () => ["\n", "\n\n", "\n\n\n", "\n \n", "\r\n\r\n", "\n   "][Math.floor(next() * 6)];
    const count = 2 + Math.floor(next() * 8);
    let text = "";
    for (let n = 0; n < count; n += 1) text += `${pieces[Math.floor(next() * pieces.length)]}${between()}`;
    assert.equal(
      grown(text, next, 1 + Math.floor(next() * 25)),
      renderWhole(text),
      `seed ${seed}: ${JSON.stringify(text)}`,
    );
  }
});

test("finished blocks are not rendered again", () => {
  const growing = new GrowingMarkdown();
  growing.update("# One\n\nTwo\n\nThree\n", "growing");
  const [heading, paragraph] = growing.blocks;
  const growth = growing.update("# One\n\nTwo\n\nThree\nand more", "growing");
  assert.deepEqual(growth, { frozen: 2, revised: [], restarted: false });
  assert.equal(growing.blocks[0], heading);
  assert.equal(growing.blocks[1], paragraph);
});

test("a definition that comes late reaches the finished blocks that use it", () => {
  const growing = new GrowingMarkdown();
  growing.update("See [this][1] there.\n\nAnother.\n\nThird", "growing");
  const growth = growing.update(
    "See [this][1] there.\n\nAnother.\n\nThird\n\n[1]: https://example.org\n\nEnd\n",
    "growing",
  );
  assert.deepEqual(growth.revised, [0]);
  assert.match(growing.blocks[0]?.html ?? "", /<a href="https:\/\/example.org">this<\/a>/);
});

test("a text that is no continuation starts anew", () => {
  const growing = new GrowingMarkdown();
  growing.update("One\n\nTwo\n\nThree", "growing");
  assert.equal(growing.update("Other\n\nwords", "ended").restarted, true);
  assert.equal(growing.html, renderWhole("Other\n\nwords"));
});

test("what was replaced inside a long finished part shows when the text has ended", () => {
  const growing = new GrowingMarkdown();
  const paragraphs = Array.from({ length: 60 }, (_, n) => `Paragraph ${n} of a long answer.\n\n`);
  growing.update(paragraphs.join(""), "growing");
  paragraphs[30] = "Another paragraph in its place.\n\n";
  growing.update(`${paragraphs.join("")}more`, "growing");
  growing.update(`${paragraphs.join("")}more`, "ended");
  assert.equal(growing.html, renderWhole(`${paragraphs.join("")}more`));
});

test("an ended text that is continued goes on in its last paragraph", () => {
  const growing = new GrowingMarkdown();
  growing.update("# One\n\nThe river is wide and ", "ended");
  // first it is only said to go on, then the words come
  assert.equal(growing.update("# One\n\nThe river is wide and ", "growing").restarted, true);
  assert.equal(growing.update("# One\n\nThe river is wide and slow.", "growing").restarted, false);
  assert.equal(growing.html, renderWhole("# One\n\nThe river is wide and slow."));
  assert.equal(growing.update("# One\n\nThe river is wide and slow.", "ended").restarted, false);
  assert.equal(growing.update("# One\n\nThe river is wide and slow.", "ended").restarted, false);
});

test("the cost of a piece follows the open block, not the answer", () => {
  const growing = new GrowingMarkdown();
  const paragraph = "Some words that make a paragraph of a usual length, with *emphasis* and `code`.\n\n";
  let text = "";
  /** @type {number[]} */
  const open = [];
  for (let n = 0; n < 500; n += 1) {
    text += paragraph;
    const { frozen } = growing.update(text, "growing");
    open.push(growing.blocks.length - frozen);
  }
  assert.equal(Math.max(...open), 1);
});

test("dollars are formulas only where they cannot be prices", () => {
  const words = [
    "$4 and $5",
    "It costs $4, or $5 with tax",
    "US$20 and US$30",
    "from $5 to 10$ a day",
    "$5k–$10k",
    "$1,000 is $ 5",
    "a $HOME and $PATH",
    "\\$x\\$",
    "$ x $",
    "5$ or 6$",
  ];
  for (const text of words) assert.doesNotMatch(renderWhole(text), /class="math"/, text);
  const formulas = [
    "$x$",
    "$x^2 + y^2$",
    "$5$",
    "$2x + 3 = 7$",
    "the price $p$ is $4",
    "$\\alpha$, $\\beta$.",
    "\\(a+b\\)",
    "$n$-th",
    "$0{,}56\\,\\%$",
    "$3 \\times 10^8$",
    "$10^{-3}$",
  ];
  for (const text of formulas) assert.match(renderWhole(text), /class="math" data-display="false"/, text);
  for (const text of [
    "$$x$$",
    "$$\nx\n$$",
    "\\[x\\]",
    "\\[\nx\n\n+ y\n\\]",
    "- item\n\n  $$\n  x\n  $$",
    "text:\n$$\nx\n$$\nmore",
  ]) {
    assert.match(renderWhole(text), /class="math" data-display="true"/, text);
  }
  assert.equal(isDollarMath("x", "", "1"), false);
  assert.equal(isDollarMath("x\n\ny", "", ""), false);
});

test("nothing but http, https and mailto becomes a link, and no picture is an image", () => {
  for (const address of [
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "java\tscript:alert(1)",
    "vbscript:x",
    "file:///etc/passwd",
    "data:text/html,x",
    "smb://host/x",
    "//example.org/x",
    "/relative",
    "x.html",
    "tauri://localhost",
    "ipc://x",
  ]) {
    assert.doesNotMatch(renderWhole(`[x](${address}) [x](<${address}>)`), /href/, address);
    assert.doesNotMatch(renderWhole(`![x](${address})`), /src=/, address);
  }
  assert.equal(
    renderWhole("![A map](https://example.org/m.png)"),
    '<p><a class="picture" href="https://example.org/m.png">A map</a></p>\n',
  );
  assert.equal(
    renderWhole("[![A](https://a.example/m.png)](https://b.example)"),
    '<p><a href="https://b.example"><span class="picture">A</span></a></p>\n',
  );
  assert.doesNotMatch(renderWhole("main.py and node.js and example.com"), /<a/);
});

test("raw HTML stays text", () => {
  assert.equal(renderWhole("<img src=x onerror=alert(1)>"), "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n");
});
