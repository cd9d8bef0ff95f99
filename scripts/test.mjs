#!/usr/bin/env node
// Runs everything that proves the project, one runner after the other, also after one has failed, and ends with one line that
// adds them all up: `N passed, N failed`. A runner that fails without a failed test (it did not build) counts as one failure.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const onLinux = process.platform === "linux";

/** What the runners print at their end. A runner that runs several binaries prints a line for each. */
const TALLIES = [
  // cargo test: "test result: ok. 12 passed; 0 failed; …"
  { line: /^test result: \w+\. (?<passed>\d+) passed; (?<failed>\d+) failed;/ },
  // cargo nextest: "Summary [ 1.2s] 12 tests run: 11 passed, 1 failed, 0 skipped"
  { line: /^\s*Summary \[.*\] .* tests? run: (?<passed>\d+) passed(?: \([^)]*\))?(?:, (?<failed>\d+) failed)?(?:, (?<late>\d+) timed out)?/ },
  // node --test, as TAP and as a listing
  { line: /^(?:#|ℹ) pass (?<passed>\d+)$/ },
  { line: /^(?:#|ℹ) fail (?<failed>\d+)$/ },
  { line: /^(?:#|ℹ) cancelled (?<failed>\d+)$/ },
];

/** Colours, which some runners write although nobody sees them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const COLOUR = /\u001b\[[0-9;]*m/g;

function count(output) {
  const sum = { passed: 0, failed: 0, seen: false };
  for (const line of output.replace(COLOUR, "").split("\n")) {
    for (const tally of TALLIES) {
      const found = tally.line.exec(line)?.groups;
      if (found === undefined) continue;
      sum.seen = true;
      sum.passed += Number(found.passed ?? 0);
      sum.failed += Number(found.failed ?? 0) + Number(found.late ?? 0);
    }
  }
  return sum;
}

/** Runs a command; shows what it says and gives it back. */
function run(command) {
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
        process.stdout.write(text);
      });
    }
    child.on("error", (error) => resolve({ ok: false, output: String(error) }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

function isCurrent(made, source) {
  return existsSync(join(root, made)) && statSync(join(root, made)).mtimeMs >= statSync(join(root, source)).mtimeMs;
}

const npm = (...words) => ["npm", "--prefix", "ui", ...words];

// One build for all of Rust: asking for single packages would build the libraries anew with other features.
const members = onLinux ? ["--workspace"] : ["--workspace", "--exclude", "capibara6-journeys"];
const hasNextest = spawnSync("cargo", ["nextest", "--version"], { stdio: "ignore" }).status === 0;

/** Runs the tests of the core and the shell, or those of the window: one at a time, because they share the keyboard. */
function rustTests(which) {
  const isWindow = which === "window";
  if (hasNextest) {
    const filter = isWindow ? "binary(window)" : "not binary(window)";
    return ["cargo", "nextest", "run", "--locked", ...members, "--no-fail-fast", "-E", filter, ...(isWindow ? ["--test-threads", "1"] : [])];
  }
  const targets = isWindow ? ["--test", "window"] : ["--lib", "--bins", ...otherTests().flatMap((name) => ["--test", name])];
  return ["cargo", "test", "--locked", ...members, "--no-fail-fast", ...targets, ...(isWindow ? ["--", "--test-threads=1"] : [])];
}

/** The names of all test binaries but the window's. */
function otherTests() {
  const { stdout } = spawnSync("cargo", ["metadata", "--no-deps", "--format-version", "1"], { cwd: root, maxBuffer: 1 << 28 });
  const names = JSON.parse(stdout).packages.flatMap((each) => each.targets.filter(({ kind }) => kind.includes("test")));
  return [...new Set(names.map(({ name }) => name))].filter((name) => name !== "window");
}

const steps = [
  {
    name: "libraries of the window",
    command: npm("ci", "--no-audit", "--no-fund"),
    skip: isCurrent("ui/node_modules/.package-lock.json", "ui/package-lock.json"),
    quiet: true,
  },
  { name: "types of the window", command: npm("run", "check") },
  { name: "lints of the window", command: npm("run", "lint") },
  { name: "the window, unit by unit", command: npm("run", "test:unit") },
  { name: "the window in a browser", command: npm("run", "test:browser"), skip: !onLinux },
  { name: "the window as it ships", command: npm("run", "build"), quiet: true },
  { name: "direction of dependencies", command: ["node", "--test", "scripts/layers.test.mjs"] },
  { name: "form of the Rust sources", command: ["cargo", "fmt", "--all", "--check"] },
  { name: "the program", command: ["cargo", "build", "--locked", ...members, "--lib", "--bins", "--tests"], quiet: true },
  { name: "the core and the shell", command: [...(onLinux ? ["scripts/with-desktop"] : []), ...rustTests("core")] },
  { name: "the real window", command: ["scripts/with-desktop", ...rustTests("window")], skip: !onLinux },
  { name: "lints of the Rust sources", command: ["cargo", "clippy", "--locked", ...members, "--all-targets", "--", "--deny", "warnings"] },
];

/** What a build from nothing and all tests take, and some room beside. */
const ROOM = 6e9;

function freeBytes() {
  const { bavail, bsize } = statfsSync(root);
  return bavail * bsize;
}

// A full disk shows in tests that have nothing to do with it: whoever reads the outcome has to know.
const inGigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`;
const freeAtStart = freeBytes();
console.log(`${inGigabytes(freeAtStart)} of disk free${freeAtStart < ROOM ? `; a first run wants ${inGigabytes(ROOM)}` : ""}`);

const rows = [];
for (const { name, command, skip, quiet } of steps) {
  if (skip) continue;
  console.log(`\n── ${name} ── ${command.join(" ")}`);
  const begun = performance.now();
  const { ok, output } = await run(command);
  const seconds = Math.round((performance.now() - begun) / 1000);
  const { passed, failed, seen } = count(output);
  // Preparations are no proof: they count only when they fail.
  const row = seen ? { passed, failed } : { passed: ok && !quiet ? 1 : 0, failed: 0 };
  if (!ok && row.failed === 0) row.failed = 1;
  rows.push({ name, seconds, ...row });
}

console.log();
for (const { name, seconds, passed, failed } of rows) {
  console.log(`${failed === 0 ? "ok    " : "FAILED"} ${name}: ${passed} passed, ${failed} failed (${seconds} s)`);
}
console.log(`${inGigabytes(freeBytes())} of disk free at the end`);
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
console.log(`\n${total("passed")} passed, ${total("failed")} failed`);
process.exitCode = total("failed") === 0 ? 0 : 1;
