// The direction of dependencies: protocol <- {llm, store, identity, …} <- app <- shell, and no crate of the core reaches Tauri,
// not even through somebody else's crate. Read from what cargo resolved, not from what the manifests say.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname, relative, sep } from "node:path";
import { test } from "node:test";

const metadata = JSON.parse(
  execFileSync("cargo", ["metadata", "--format-version", "1", "--locked"], { maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] }),
);
const packages = new Map(metadata.packages.map((each) => [each.id, each]));
const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
const folder = (id) => relative(metadata.workspace_root, dirname(packages.get(id).manifest_path)).split(sep).join("/");

/** The crates of the core by the name of their folder. */
const core = new Map(
  metadata.workspace_members
    .map((id) => [/^src-tauri\/crates\/(.+)$/.exec(folder(id))?.[1], id])
    .filter(([name]) => name !== undefined),
);

// What each may use of ours when it ships. Tests may use the kit as well.
const PILLARS = ["consensus", "identity", "llm", "logging", "practice", "profile", "store", "transfer"];
const ALLOWED = {
  protocol: [],
  ...Object.fromEntries(PILLARS.map((name) => [name, ["protocol"]])),
  sqlcipher: [],
  store: ["protocol", "sqlcipher"],
  // Both pretend to be the fleet that a profile describes.
  practice: ["protocol", "profile"],
  testkit: ["protocol", "profile", "store"],
  app: ["protocol", ...PILLARS],
};

/** Which crates of ours a crate names, in dependencies of these kinds (`null` is an ordinary one). */
function named(id, kinds) {
  return nodes
    .get(id)
    .deps.filter((dep) => dep.dep_kinds.some(({ kind }) => kinds.includes(kind)))
    .map((dep) => [...core].find(([, other]) => other === dep.pkg)?.[0])
    .filter((name) => name !== undefined);
}

/** Everything a crate reaches: what it ships with, and what its own tests use. */
function reached(id) {
  const seen = new Set([id]);
  const queue = [id];
  while (queue.length > 0) {
    const next = queue.pop();
    for (const { pkg, dep_kinds } of nodes.get(next).deps) {
      const counts = next === id || dep_kinds.some(({ kind }) => kind !== "dev");
      if (counts && !seen.has(pkg)) {
        seen.add(pkg);
        queue.push(pkg);
      }
    }
  }
  return [...seen].map((each) => packages.get(each).name);
}

test("every crate of the core has its place in the order", () => {
  assert.deepEqual([...core.keys()].sort(), Object.keys(ALLOWED).sort());
});

for (const [name, id] of core) {
  test(`${name} uses only what stands below it`, () => {
    const wrong = named(id, [null, "build"]).filter((other) => !ALLOWED[name]?.includes(other));
    assert.deepEqual(wrong, []);
  });

  test(`${name} does not reach Tauri`, () => {
    const wrong = reached(id).filter((other) => /^(tauri|wry|tao)\b/.test(other));
    assert.deepEqual(wrong, []);
  });
}

test("the shell uses the test kit only in tests", () => {
  const shell = metadata.workspace_members.find((id) => folder(id) === "");
  assert.ok(!named(shell, [null, "build"]).includes("testkit"));
});
