import assert from "node:assert/strict";
import { test } from "node:test";
import { PIECE, split, splitPlain } from "../../src/markdown/split.js";
import { parseBlocks, renderWhole } from "../../src/markdown/syntax.js";
import { CORPUS } from "./markdown-corpus.js";

/** @param {string} text */
function renderPieces(text) {
  const { pieces, definitions } = split(text);
  /** @type {Record<string, unknown>} */
  const references = {};
  parseBlocks(definitions, { references });
  return pieces
    .flatMap(({ begin, end, before, after }) =>
      parseBlocks(before + text.slice(begin, end) + after, { references: Object.create(references) }),
    )
    .map(({ html }) => html)
    .join("");
}

const PARAGRAPH = `${"A paragraph of some words that fills a line and goes on. ".repeat(9)}\n\n`;

test("pieces of a long text give the same blocks as the whole", () => {
  for (const [name, text] of Object.entries(CORPUS)) {
    // Each kind of block at many distances from where a cut is due.
    for (let n = 10; n < 18; n += 1) {
      const filler = PARAGRAPH.repeat(n);
      const long = `${filler}${text}\n\n\nThe end of it.\n\n${filler}`.replaceAll("\r", "");
      // What is never closed swallows everything behind it: then there is nothing to compare but the beginning.
      if (name === "fences" || name === "math") continue;
      assert.equal(renderPieces(long), renderWhole(long), `${name} after ${n}`);
    }
  }
});

test("code and formulas that hold blank lines are not cut", () => {
  const code = `\`\`\`python\n${"def f():\n\n    return 1\n\n".repeat(40)}\`\`\`\n\n`;
  const formula = "$$\na = b\n\nc = d\n$$\n\n";
  for (let n = 11; n < 16; n += 1) {
    const long = (PARAGRAPH.repeat(n) + code + formula).repeat(4);
    assert.ok(split(long).pieces.length > 3);
    assert.equal(renderPieces(long), renderWhole(long), `after ${n}`);
  }
});

test("links are known to every piece, wherever they are defined", () => {
  const long = `See [the manual][m].\n\n${PARAGRAPH.repeat(60)}[m]: https://manual.example\n\nEnd [the manual][m].`;
  assert.ok(split(long).pieces.length > 2);
  assert.equal(renderPieces(long), renderWhole(long));
});

test("pieces cover the text in order, and stay small where its lines allow", () => {
  const text = Object.values(CORPUS).join("\n\n").repeat(30);
  const { pieces } = split(text);
  assert.equal(pieces.map(({ begin, end }) => text.slice(begin, end)).join(""), text);
  assert.ok(pieces.every(({ begin, end }) => end - begin < 5 * PIECE));
});

test("one block that is longer than any piece is cut with what it needs to go on", () => {
  const code = `\`\`\`js\n${"const value = compute();\n".repeat(4000)}\`\`\`\n`;
  const { pieces } = split(code);
  assert.ok(pieces.length > 3, `${pieces.length}`);
  assert.deepEqual([...new Set(pieces.slice(1).map(({ before, codeFrom }) => `${before}${codeFrom}`))], ["```js\n6"]);
  const shown = pieces.map(({ begin, end, before, after }) => {
    const [block, ...others] = parseBlocks(before + code.slice(begin, end) + after, { references: {} });
    assert.deepEqual(others, []);
    return block?.code;
  });
  assert.equal(shown.join(""), "const value = compute();\n".repeat(4000));

  const table = `| a | b |\n|---|---|\n${"| one | two |\n".repeat(4000)}`;
  for (const { begin, end, before } of split(table).pieces) {
    assert.equal(parseBlocks(before + table.slice(begin, end), { references: {} })[0]?.kind, "table_open");
  }

  const line = "word ".repeat(30_000);
  const words = split(line).pieces;
  assert.ok(words.length > 5);
  assert.equal(words.map(({ begin, end }) => line.slice(begin, end)).join(""), line);
});

test("a plain text is cut at lines, else at words, never inside a letter", () => {
  const lines = "one line\n".repeat(5_000);
  const parts = splitPlain(lines);
  assert.ok(parts.length > 4 && parts.every((part) => part.endsWith("\n")));
  assert.equal(parts.join(""), lines);
  const faces = "😀".repeat(20_000);
  assert.equal(splitPlain(faces).join(""), faces);
  assert.ok(splitPlain(faces).every((part) => !/[\ud800-\udfff]/u.test(part)));
});
