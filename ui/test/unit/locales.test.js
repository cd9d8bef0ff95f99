/**
 * The catalogues and the source agree: every language says the same things with the same variables, everything the source
 * asks for exists, nothing in the catalogues is left over, and no element words anything by itself.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { FluentBundle, FluentResource } from "@fluent/bundle";
import { SECTIONS } from "../../src/views/settings-sections.js";
import { hardCodedTexts, messageReferences } from "../scan.js";

const UI = fileURLToPath(new URL("../..", import.meta.url));
const LOCALES = join(UI, "locales");
const SOURCE = join(UI, "src");
const SHELL = join(UI, "../src-tauri/src");
const TYPES = readFileSync(join(SOURCE, "bridge/types.d.ts"), "utf8");

/**
 * @param {string} folder
 * @param {RegExp} name
 * @returns {string[]} Paths of the files in a folder and below, sorted.
 */
function files(folder, name) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => name.test(path))
    .map((path) => join(folder, path))
    .sort();
}

/**
 * @typedef {object} Message
 * @property {string} file
 * @property {string[]} variables Sorted.
 * @property {Set<string>} variants The keys of all selectors in it.
 */

/**
 * @param {unknown} node Of the parsed message.
 * @param {(node: Record<string, unknown>) => void} visit
 */
function walk(node, visit) {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, visit);
  } else if (typeof node === "object" && node !== null) {
    visit(/** @type {Record<string, unknown>} */ (node));
    for (const child of Object.values(node)) walk(child, visit);
  }
}

/**
 * @param {string} locale
 * @returns {Map<string, Message>}
 */
function catalogue(locale) {
  /** @type {Map<string, Message>} */
  const messages = new Map();
  for (const path of files(join(LOCALES, locale), /\.ftl$/)) {
    const file = relative(LOCALES, path);
    const text = readFileSync(path, "utf8");
    const resource = new FluentResource(text);
    // The parser skips what it does not understand; the ids as anybody sees them say whether it skipped something.
    const written = [...text.matchAll(/^(-?[a-zA-Z][\w-]*) *=/gm)].map(([, id]) => id);
    assert.deepEqual(
      resource.body.map(({ id }) => id),
      written,
      `${file} has a message that cannot be parsed`,
    );
    for (const { id, value } of resource.body) {
      assert.ok(!messages.has(id), `${file}: ${id} is there twice`);
      /** @type {Set<string>} */
      const variables = new Set();
      /** @type {Set<string>} */
      const variants = new Set();
      walk(value, (node) => {
        if (node.type === "var") variables.add(String(node.name));
        if (node.type === "select") {
          for (const { key } of /** @type {{ key: { type: string, value: unknown } }[]} */ (node.variants)) {
            if (key.type === "str") variants.add(String(key.value));
          }
        }
      });
      messages.set(id, { file, variables: [...variables].sort(), variants });
    }
  }
  return messages;
}

const locales = readdirSync(LOCALES).sort();
const catalogues = new Map(locales.map((locale) => [locale, catalogue(locale)]));
const reference = /** @type {Map<string, Message>} */ (catalogues.get("en"));

/**
 * @param {string} name Of a union of literals among the bridge types.
 * @returns {string[]}
 */
function union(name) {
  const [, text = ""] = new RegExp(`^export type ${name} = (.*);$`, "m").exec(TYPES) ?? [];
  const members = [...text.matchAll(/"([^"]+)"/g)].map(([, member = ""]) => member);
  assert.notEqual(members.length, 0, `the bridge types have no union ${name}`);
  return members;
}

/**
 * Ids that the source makes from one of several known values. A family is used where the source has its prefix in a template.
 * @type {[prefix: string, members: string[], suffixes: string[]][]}
 */
const FAMILIES = [
  ["error-", union("ErrorCode"), ["", "-help"]],
  ["routing-", union("RoutingRule"), [""]],
  ["tier-", union("Tier"), [""]],
  ["form-tier-", union("Tier"), [""]],
  ["finish-", union("FinishReason"), [""]],
  ["health-", union("EndpointHealth"), [""]],
  ["mode-", union("Mode"), ["", "-help"]],
  ["settings-theme-", union("Theme"), [""]],
  ["profile-origin-", union("ProfileOrigin"), ["", "-help"]],
  ["server-", union("ServerKind"), [""]],
  ["service-", union("Service"), [""]],
  ["settings-", [...SECTIONS], [""]],
  ["consensus-agreement-", union("Agreement"), [""]],
  ["consensus-trust-", union("Agreement"), [""]],
  ["agreement-", union("Agreement"), [""]],
  ["consensus-tie-", union("TieRule"), [""]],
  ["consensus-judge-", union("JudgeResult"), [""]],
  ["consensus-rule-", union("DecisionRule"), [""]],
  ["moment-", union("Moment"), [""]],
  ["quorum-", union("Quorum"), [""]],
  ["basis-", union("Basis"), [""]],
  ["class-", union("TaskClass"), [""]],
  ["method-", union("ConsensusMethod"), ["", "-help"]],
  ["weights-", union("WeightSource"), [""]],
  ["vote-silence-", union("Silence"), [""]],
  ["group-", ["pinned", "today", "yesterday", "last-week"], [""]],
  ["palette-group-", ["actions", "conversations", "models", "modes", "settings", "locales", "themes"], [""]],
  ["shortcut-group-", ["general", "conversation", "list"], [""]],
  ["about-", ["version", "commit", "system", "webview", "tauri", "sqlite"], [""]],
];

/**
 * Ids that the shell makes for its command line, in the same way.
 * @type {[prefix: string, members: string[], suffixes: string[]][]}
 */
const SHELL_FAMILIES = [
  ["program-", ["import", "export", "search", "backup", "verify"], ["", "-usage"]],
  ["program-option-", ["account", "json", "quiet", "passphrase-stdin"], [""]],
  ["program-import-", ["files"], [""]],
  ["program-export-", ["format", "out"], [""]],
  ["program-search-", ["text", "limit"], [""]],
  ["program-backup-", ["list"], [""]],
  ["program-skip-", union("SkipCode"), [""]],
];

/** @param {[prefix: string, members: string[], suffixes: string[]]} family */
const idsOf = ([prefix, members, suffixes]) =>
  members.flatMap((member) => suffixes.map((suffix) => prefix + member + suffix));

const sources = files(SOURCE, /\.js$/).map((path) => ({
  file: relative(UI, path),
  text: readFileSync(path, "utf8"),
}));
const references = sources.map(({ file, text }) => ({ file, ...messageReferences(text) }));

test("Spanish and English are there", () => {
  assert.ok(catalogues.has("es") && catalogues.has("en"), locales.join(" "));
});

/** The plural forms of all languages. */
const PLURALS = new Set(["zero", "one", "two", "few", "many", "other"]);

for (const [locale, messages] of catalogues) {
  test(`${locale} says the same things as English, with the same variables`, () => {
    const shape = (/** @type {Map<string, Message>} */ all) =>
      Object.fromEntries([...all].map(([id, { variables }]) => [id, variables]).sort());
    assert.deepEqual(shape(messages), shape(reference));
  });

  test(`${locale} uses only plural forms that its grammar has, and all of them`, () => {
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const [id, { variants, file }] of messages) {
      // A choice between words is none between numbers.
      if (![...variants].some((key) => PLURALS.has(key))) continue;
      const allowed = new Set([...forms, "other"]);
      assert.deepEqual(
        [...variants].filter((key) => !allowed.has(/** @type {Intl.LDMLPluralRule} */ (key))),
        [],
        `${file}: ${id}`,
      );
      // `many` is for a million and more in the Romance languages: `other` may stand for it.
      const needed = forms.filter((form) => form !== "many" || !["es", "ca", "pt", "fr", "it"].includes(locale));
      assert.deepEqual(
        needed.filter((form) => !variants.has(form)),
        [],
        `${file}: ${id}`,
      );
    }
  });

  test(`${locale} formats every message without an error`, () => {
    const bundle = new FluentBundle(locale);
    for (const path of files(join(LOCALES, locale), /\.ftl$/)) {
      bundle.addResource(new FluentResource(readFileSync(path, "utf8")));
    }
    for (const [id, { variables }] of messages) {
      for (const number of [0, 1, 2]) {
        const value = (/** @type {string} */ name) => (name === "month" ? new Date(2026, number) : number);
        const args = Object.fromEntries(variables.map((name) => [name, value(name)]));
        /** @type {Error[]} */
        const errors = [];
        const text = bundle.formatPattern(bundle.getMessage(id)?.value ?? "", args, errors);
        assert.deepEqual(errors, [], `${locale}: ${id}`);
        assert.notEqual(text.trim(), "", `${locale}: ${id}`);
      }
    }
  });

  test(`${locale} says one conversation and one message, never one of several`, () => {
    const bundle = new FluentBundle(locale, { useIsolating: false });
    for (const path of files(join(LOCALES, locale), /\.ftl$/)) {
      bundle.addResource(new FluentResource(readFileSync(path, "utf8")));
    }
    const many = /(?<!\d (?:of|de) )\b1 (?:conversations|messages|backups|conversaciones|mensajes|copias)\b/u;
    for (const [id, { variables }] of messages) {
      for (const other of [1, 2]) {
        const texts = variables.map((one) => {
          const value = (/** @type {string} */ name) =>
            name === "month" ? new Date(2026, other) : name === one ? 1 : other;
          const args = Object.fromEntries(variables.map((name) => [name, value(name)]));
          return bundle.formatPattern(bundle.getMessage(id)?.value ?? "", args, []);
        });
        for (const text of texts) assert.doesNotMatch(text, many, `${locale}: ${id}`);
      }
    }
  });
}

test("every message that the source asks for exists", () => {
  const missing = references.flatMap(({ file, ids }) =>
    ids.filter((id) => !reference.has(id)).map((id) => `${file}: ${id}`),
  );
  assert.deepEqual(missing, []);
});

test("every value that people see has its words", () => {
  const missing = [...FAMILIES, ...SHELL_FAMILIES].flatMap(idsOf).filter((id) => !reference.has(id));
  assert.deepEqual(missing, []);
});

test("every message of the catalogues is used", () => {
  const shell = files(SHELL, /\.rs$/)
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const literals = new Set(references.flatMap(({ literals }) => literals));
  const prefixes = new Set(references.flatMap(({ prefixes }) => prefixes));
  const families = new Map(FAMILIES.map((family) => [family[0], new Set(idsOf(family))]));
  const ofShell = new Set(SHELL_FAMILIES.flatMap(idsOf));
  const suffixes = new Set(references.flatMap(({ suffixes }) => suffixes));
  const made = (/** @type {string} */ id) =>
    [...prefixes].some((prefix) => families.get(prefix)?.has(id) ?? id.startsWith(prefix)) ||
    [...suffixes].some((suffix) => id.endsWith(suffix) && literals.has(id.slice(0, -suffix.length)));
  const unused = [...reference.keys()].filter(
    (id) => !literals.has(id) && !made(id) && !ofShell.has(id) && !shell.includes(`"${id}"`),
  );
  assert.deepEqual(unused, []);
});

test("no element words anything by itself", () => {
  const worded = sources.flatMap(({ file, text }) => hardCodedTexts(text).map((found) => `${file}: ${found}`));
  assert.deepEqual(worded, []);
});

test("the scanner sees what it is there to see", () => {
  const source = [
    "html`<p class='x' title=\"Hola\">Adiós $@{when(a, () => html`<b>dentro</b>`)} $@{t('item-open')}</p>`",
    "html`<p aria-label=$@{t('item-pin')}>·</p>$@{'`'}`",
    "t(`error-$@{code}-help`, { a: 1 }) + t(`$@{label}-help`)",
  ]
    .join("\n")
    .replaceAll("@", "");
  assert.deepEqual(hardCodedTexts(source), ['title="Hola"', "Adiós", "dentro"]);
  assert.deepEqual(messageReferences(source), {
    ids: ["item-open", "item-pin"],
    literals: ["item-open", "item-pin"],
    prefixes: ["error-"],
    suffixes: ["-help"],
  });
});
