import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const sources = new URL("../../src/", import.meta.url);
const readme = new URL("../../README.md", import.meta.url);

test("every name that the window gives its elements is in the list of the readme", () => {
  const listed = new Set([...readFileSync(readme, "utf8").matchAll(/`([a-z-]+)`/g)].map(([, name]) => name));
  const given = readdirSync(sources, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js"))
    .flatMap((path) => [...readFileSync(new URL(path, sources), "utf8").matchAll(/data-testid="([a-z-]+)"/g)])
    .map(([, name]) => name);
  assert.ok(given.length > 0);
  assert.deepEqual(
    given.filter((name) => !listed.has(name)),
    [],
  );
});
