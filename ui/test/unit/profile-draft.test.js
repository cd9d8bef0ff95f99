import assert from "node:assert/strict";
import { test } from "node:test";
import {
  draftOf,
  draftOfServers,
  emptyDraft,
  modelDraft,
  parseNumber,
  readDraft,
  readNumber,
  TOP_P,
} from "../../src/views/profile-draft.js";

/** @import { Profile } from "../../src/bridge/types.js" */

/** @type {Profile} */
const PROFILE = {
  name: "Capibara6",
  models: [
    {
      id: "gpt-oss-20b",
      label: "GPT-OSS 20B",
      url: "http://127.0.0.1:8000/v1",
      tier: "complex",
      weight: 0.9,
      context: 8192,
      temperature: 0.7,
      max_tokens: 2048,
    },
    { id: "phi4:mini", label: "", url: "http://127.0.0.1:8001/v1", tier: "fast", weight: 0.7 },
  ],
  services: { rag: "http://127.0.0.1:8010" },
  oidc: { issuer: "http://127.0.0.1:9600", client_id: "desktop-chat", scopes: ["openid"] },
  network: { ca_file: "fleet-ca.pem", connect_timeout_s: 5, first_token_timeout_s: 180, idle_timeout_s: 60 },
};

test("a profile comes out of the form as it went in, whichever decimal sign the reader uses", () => {
  const comma = (/** @type {number} */ value) => String(value).replace(".", ",");
  for (const write of [String, comma]) {
    assert.deepEqual(readDraft(draftOf(PROFILE, write)), { profile: PROFILE, problems: new Map() });
  }
  assert.equal(draftOf(PROFILE, comma).models[0]?.weight, "0,9");
});

test("every value that cannot be used is named by the path that the core would use", () => {
  const draft = emptyDraft();
  draft.models = [
    modelDraft({ id: "a", url: "127.0.0.1:8000/v1", weight: "0", temperature: "3", context: "0", max_tokens: "1,5" }),
    modelDraft({ id: "a", url: "http://ana:secreto@127.0.0.1/v1", weight: "mucho" }),
    modelDraft({ weight: "" }),
  ];
  draft.network.proxy = "ftp://proxy";
  draft.network.idle_timeout_s = "0";
  draft.services.rag = "rag";
  assert.deepEqual(
    [...readDraft(draft).problems],
    [
      ["name", { id: "field-required" }],
      ["models[0].url", { id: "field-url" }],
      ["models[0].weight", { id: "field-positive" }],
      ["models[0].context", { id: "field-at-least", args: { min: 1 } }],
      ["models[0].temperature", { id: "field-range", args: { min: 0, max: 2 } }],
      ["models[0].max_tokens", { id: "field-integer" }],
      ["models[1].id", { id: "field-duplicate" }],
      ["models[1].url", { id: "field-url-credentials" }],
      ["models[1].weight", { id: "field-number" }],
      ["models[2].id", { id: "field-required" }],
      ["models[2].url", { id: "field-required" }],
      ["models[2].weight", { id: "field-required" }],
      ["network.proxy", { id: "field-proxy" }],
      ["network.idle_timeout_s", { id: "field-range", args: { min: 1, max: 86_400 } }],
      ["services.rag", { id: "field-url" }],
    ],
  );
});

test("a profile without models says so once", () => {
  assert.deepEqual(
    [...readDraft({ ...emptyDraft(), name: "x", models: [] }).problems],
    [["models", { id: "field-models" }]],
  );
});

test("numbers are read as people write them, and nothing else is taken for one", () => {
  assert.deepEqual(["0,7", " .5 ", "-1", "1.", "+2"].map(parseNumber), [0.7, 0.5, -1, 1, 2]);
  for (const text of ["", "1e3", "1.000,5", "Infinity", "0x10", "1 2"]) {
    assert.ok(Number.isNaN(parseNumber(text)), JSON.stringify(text));
  }
  assert.deepEqual(readNumber("  ", TOP_P), {});
  assert.deepEqual(readNumber("1", TOP_P), { value: 1 });
  assert.deepEqual(readNumber("0", TOP_P), { problem: { id: "field-range", args: { min: 0, max: 1 } } });
});

test("servers found on this computer become one profile with unique models", () => {
  const draft = draftOfServers(
    [
      { url: "http://127.0.0.1:8000/v1", kind: "vllm", models: ["gpt-oss-20b"] },
      { url: "http://127.0.0.1:11434/v1", kind: "ollama", models: ["qwen2.5-coder:1.5b", "gpt-oss-20b", "phi4:mini"] },
    ],
    "Este ordenador",
  );
  assert.equal(draft.name, "Este ordenador");
  assert.deepEqual(
    draft.models.map(({ id, url, tier }) => [id, url, tier]),
    [
      ["gpt-oss-20b", "http://127.0.0.1:8000/v1", "complex"],
      ["qwen2.5-coder:1.5b", "http://127.0.0.1:11434/v1", "code"],
      ["phi4:mini", "http://127.0.0.1:11434/v1", "fast"],
    ],
  );
  assert.deepEqual([...readDraft(draft).problems], []);
});

test("a server without models keeps its address for a model to be written in", () => {
  const draft = draftOfServers([{ url: "http://127.0.0.1:8080/v1", kind: "openai-compatible", models: [] }], "x");
  assert.deepEqual([...readDraft(draft).problems], [["models[0].id", { id: "field-required" }]]);
});

test("addresses are refused as the core refuses them, and a proxy may be SOCKS", () => {
  const problems = (/** @type {string} */ url, proxy = "") => {
    const draft = { ...emptyDraft(), name: "x", models: [modelDraft({ id: "m", url })] };
    draft.network.proxy = proxy;
    return [...readDraft(draft).problems].map(([path, { id }]) => `${path}: ${id}`);
  };
  assert.deepEqual(problems("https://gpu.local:8000/v1", "socks5h://127.0.0.1:1080"), []);
  assert.deepEqual(problems("http://[::1]:8000/v1 "), []);
  assert.deepEqual(problems("http://gpu/v1?key=1"), ["models[0].url: field-url-extra"]);
  assert.deepEqual(problems("http://gpu/v1#a"), ["models[0].url: field-url-extra"]);
  assert.deepEqual(problems("socks5://gpu/v1"), ["models[0].url: field-url"]);
  assert.deepEqual(problems("http://g pu/v1"), ["models[0].url: field-url"]);
  assert.deepEqual(problems("http:gpu"), ["models[0].url: field-url"]);
});

test("a name may have 120 characters, however many code units those are", () => {
  const draft = { ...emptyDraft(), name: "🦫".repeat(120), models: [modelDraft({ id: "m", url: "http://a/v1" })] };
  assert.deepEqual([...readDraft(draft).problems], []);
  draft.name += "x";
  assert.deepEqual([...readDraft(draft).problems], [["name", { id: "field-too-long", args: { max: 120 } }]]);
});
