/**
 * A profile while somebody types it: every number is still the text in its field, so that nothing typed is lost or reworded
 * before it makes sense. Reading a draft gives either the profile or, field by field, why not yet; the paths of the fields are
 * those that the core uses in `AppError.field`, and the limits are those that it enforces.
 */

/** @import { FoundServer, ModelEntry, Network, Oidc, Profile, Service, Tier } from "../bridge/types.js" */

/**
 * @typedef {object} ModelDraft
 * @property {number} key Tells the models of one draft apart, whatever their order.
 * @property {string} id
 * @property {string} label
 * @property {string} url
 * @property {Tier} tier
 * @property {string} weight
 * @property {string} context
 * @property {string} temperature
 * @property {string} max_tokens
 */

/** @typedef {Record<keyof Network, string>} NetworkDraft */

/**
 * @typedef {object} ProfileDraft
 * @property {string} name
 * @property {ModelDraft[]} models
 * @property {Record<Service, string>} services
 * @property {NetworkDraft} network
 * @property {Oidc} [oidc] Kept as it is: the form does not edit it.
 * @property {Pick<Profile, "device" | "token_origins" | "sign_in_port">} [kept] The same for these.
 */

/**
 * Why a value cannot be used: a message of the catalogue and its variables.
 * @typedef {object} Problem
 * @property {string} id
 * @property {Record<string, string | number>} [args]
 */

/** @typedef {Map<string, Problem>} Problems Problems by the path of their field, in the order of the form. */

/** @type {readonly Tier[]} */
export const TIERS = ["fast", "code", "complex", "creative"];

/** @type {readonly Service[]} */
export const SERVICES = ["auth", "consensus", "backend", "tts", "mcp", "rag", "n8n"];

/** What holds where the file says nothing. @type {Readonly<Network>} */
const NETWORK = { connect_timeout_s: 5, first_token_timeout_s: 180, idle_timeout_s: 60 };

/** The largest number that the core takes for counts and seconds. */
const U32_MAX = 4_294_967_295;

let lastKey = 0;

/**
 * @param {Partial<Omit<ModelDraft, "key">>} [known]
 * @returns {ModelDraft}
 */
export function modelDraft(known = {}) {
  lastKey += 1;
  return {
    id: "",
    label: "",
    url: "",
    tier: "fast",
    weight: "1",
    context: "",
    temperature: "",
    max_tokens: "",
    ...known,
    key: lastKey,
  };
}

/** @returns {ProfileDraft} A new profile with one empty model. */
export function emptyDraft() {
  return {
    name: "",
    models: [modelDraft()],
    services: { auth: "", consensus: "", backend: "", tts: "", mcp: "", rag: "", n8n: "" },
    network: networkDraft(undefined, String),
  };
}

/**
 * @param {Profile} profile
 * @param {(value: number) => string} [write] How numbers are written in the reader's language, without grouping.
 * @returns {ProfileDraft}
 */
export function draftOf(profile, write = String) {
  const optional = (/** @type {number | undefined} */ value) => (value === undefined ? "" : write(value));
  return {
    name: profile.name,
    models: profile.models.map((model) =>
      modelDraft({
        id: model.id,
        label: model.label,
        url: model.url,
        tier: model.tier,
        weight: write(model.weight),
        context: optional(model.context),
        temperature: optional(model.temperature),
        max_tokens: optional(model.max_tokens),
      }),
    ),
    services: { ...emptyDraft().services, ...profile.services },
    network: networkDraft(profile.network, write),
    ...(profile.oidc ? { oidc: profile.oidc } : {}),
    kept: keptOf(profile),
  };
}

/**
 * What the form does not edit and must not lose.
 * @param {Profile} profile
 */
function keptOf({ device, token_origins, sign_in_port }) {
  return {
    ...(device ? { device } : {}),
    ...(token_origins && token_origins.length > 0 ? { token_origins } : {}),
    ...(sign_in_port === undefined ? {} : { sign_in_port }),
  };
}

/**
 * @param {Network | undefined} network
 * @param {(value: number) => string} write
 * @returns {NetworkDraft}
 */
function networkDraft(network, write) {
  const known = { ...NETWORK, ...network };
  return {
    ca_file: known.ca_file ?? "",
    proxy: known.proxy ?? "",
    connect_timeout_s: write(known.connect_timeout_s),
    first_token_timeout_s: write(known.first_token_timeout_s),
    idle_timeout_s: write(known.idle_timeout_s),
  };
}

/**
 * What servers found on this computer would be as a profile. A model that two servers offer is taken from the first, because
 * ids are unique in a profile. What a model is best at is a guess from its name, there to be corrected in the form.
 * @param {FoundServer[]} servers
 * @param {string} name
 * @returns {ProfileDraft}
 */
export function draftOfServers(servers, name) {
  /** @type {Map<string, ModelDraft>} */
  const models = new Map();
  for (const server of servers) {
    for (const id of server.models) {
      if (!models.has(id)) models.set(id, modelDraft({ id, url: server.url, tier: guessTier(id) }));
    }
  }
  const draft = { ...emptyDraft(), name };
  return models.size > 0
    ? { ...draft, models: [...models.values()] }
    : { ...draft, models: servers.map((server) => modelDraft({ url: server.url })) };
}

/**
 * @param {string} id
 * @returns {Tier}
 */
function guessTier(id) {
  const name = id.toLowerCase();
  if (/code|coder|starcoder/.test(name)) return "code";
  if (/gpt-oss|deepseek|qwq|r1\b|70b|120b|32b|27b|20b/.test(name)) return "complex";
  if (/mixtral|mistral|story|creative/.test(name)) return "creative";
  return "fast";
}

/**
 * A number as people write it, with a point or a comma.
 * @param {string} text
 * @returns {number} `NaN` where it is none.
 */
export function parseNumber(text) {
  const plain = text.trim().replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : Number.NaN;
}

/**
 * Limits of a number: `above` is exclusive, `min` and `max` are inclusive.
 * @typedef {object} Limits
 * @property {number} [above]
 * @property {number} [min]
 * @property {number} [max]
 * @property {boolean} [integer]
 */

/**
 * @param {string} text
 * @param {Limits} limits
 * @returns {{ value?: number, problem?: Problem }} Neither where the text is empty.
 */
export function readNumber(text, limits) {
  if (text.trim() === "") return {};
  const value = parseNumber(text);
  if (Number.isNaN(value)) return { problem: { id: "field-number" } };
  if (limits.integer && !Number.isSafeInteger(value)) return { problem: { id: "field-integer" } };
  if (limits.above !== undefined && value <= limits.above) {
    return limits.max === undefined
      ? { problem: { id: "field-positive" } }
      : { problem: between(limits.above, limits.max) };
  }
  const { min, max } = limits;
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) {
    const atLeast = min !== undefined && (max === undefined || max === U32_MAX) && value < min;
    return { problem: atLeast ? { id: "field-at-least", args: { min } } : between(min ?? 0, max ?? U32_MAX) };
  }
  return { value };
}

/**
 * @param {number} min
 * @param {number} max
 * @returns {Problem}
 */
function between(min, max) {
  return { id: "field-range", args: { min, max } };
}

/** Schemes of an address, and what is said where it has another. */
const ADDRESS = { schemes: /^https?:\/\//i, otherwise: { id: "field-url" } };
const PROXY = { schemes: /^(?:https?|socks5h?):\/\//i, otherwise: { id: "field-proxy" } };

/**
 * @param {string} text
 * @param {typeof ADDRESS} [kind]
 * @returns {Problem | undefined}
 */
export function addressProblem(text, { schemes, otherwise } = ADDRESS) {
  const address = text.trim();
  if (!schemes.test(address) || /\s/u.test(address) || !URL.canParse(address)) return otherwise;
  const url = new URL(address);
  if (url.hostname === "") return otherwise;
  if (url.username !== "" || url.password !== "") return { id: "field-url-credentials" };
  return /[?#]/.test(address) ? { id: "field-url-extra" } : undefined;
}

/** Positive counts, as the core stores them. @type {Limits} */
export const COUNT = { min: 1, max: U32_MAX, integer: true };

/** A time limit: at least a second, at most a day. @type {Limits} */
const SECONDS = { min: 1, max: 86_400, integer: true };

/** The longest name, label or id, in characters. */
const NAME_MAX = 120;

/** @type {Limits} */
export const TEMPERATURE = { min: 0, max: 2 };

/** @type {Limits} */
export const TOP_P = { above: 0, max: 1 };

/**
 * @param {ProfileDraft} draft
 * @returns {{ profile: Profile, problems: Problems }} The profile is only to be used where there are no problems.
 */
export function readDraft(draft) {
  /** @type {Problems} */
  const problems = new Map();
  const note = (/** @type {string} */ path, /** @type {Problem | undefined} */ problem) => {
    if (problem && !problems.has(path)) problems.set(path, problem);
  };
  const number = (/** @type {string} */ path, /** @type {string} */ text, /** @type {Limits} */ limits) => {
    const { value, problem } = readNumber(text, limits);
    note(path, problem);
    return value;
  };

  note("name", nameProblem(draft.name) ?? lengthProblem(draft.name));
  if (draft.models.length === 0) note("models", { id: "field-models" });

  /** @type {Set<string>} */
  const ids = new Set();
  const models = draft.models.map((model, index) => {
    const at = `models[${index}]`;
    const id = model.id.trim();
    note(`${at}.id`, nameProblem(id) ?? lengthProblem(id) ?? (ids.has(id) ? { id: "field-duplicate" } : undefined));
    ids.add(id);
    note(`${at}.label`, lengthProblem(model.label));
    note(`${at}.url`, model.url.trim() === "" ? { id: "field-required" } : addressProblem(model.url));
    if (model.weight.trim() === "") note(`${at}.weight`, { id: "field-required" });
    /** @type {ModelEntry} */
    const entry = {
      id,
      label: model.label.trim(),
      url: model.url.trim(),
      tier: model.tier,
      weight: number(`${at}.weight`, model.weight, { above: 0 }) ?? 1,
    };
    const context = number(`${at}.context`, model.context, COUNT);
    const temperature = number(`${at}.temperature`, model.temperature, TEMPERATURE);
    const maxTokens = number(`${at}.max_tokens`, model.max_tokens, COUNT);
    if (context !== undefined) entry.context = context;
    if (temperature !== undefined) entry.temperature = temperature;
    if (maxTokens !== undefined) entry.max_tokens = maxTokens;
    return entry;
  });

  const network = readNetwork(draft.network, note, number);

  /** @type {{ [key in Service]?: string }} */
  const services = {};
  for (const service of SERVICES) {
    const address = draft.services[service].trim();
    if (address === "") continue;
    note(`services.${service}`, addressProblem(address));
    services[service] = address;
  }

  /** @type {Profile} */
  const profile = { name: draft.name.trim(), models, network, ...draft.kept };
  if (Object.keys(services).length > 0) profile.services = services;
  if (draft.oidc) profile.oidc = draft.oidc;
  return { profile, problems };
}

/**
 * @param {string} text
 * @returns {Problem | undefined}
 */
function nameProblem(text) {
  return text.trim() === "" ? { id: "field-required" } : undefined;
}

/**
 * @param {string} text
 * @param {number} [max] In characters, as the core counts them: code points.
 * @returns {Problem | undefined}
 */
export function lengthProblem(text, max = NAME_MAX) {
  return [...text.trim()].length > max ? { id: "field-too-long", args: { max } } : undefined;
}

/**
 * @param {NetworkDraft} draft
 * @param {(path: string, problem: Problem | undefined) => void} note
 * @param {(path: string, text: string, limits: Limits) => number | undefined} number
 * @returns {Network}
 */
function readNetwork(draft, note, number) {
  /** @type {Network} */
  const network = { ...NETWORK };
  if (draft.ca_file.trim() !== "") network.ca_file = draft.ca_file.trim();
  if (draft.proxy.trim() !== "") {
    note("network.proxy", addressProblem(draft.proxy, PROXY));
    network.proxy = draft.proxy.trim();
  }
  for (const name of /** @type {const} */ (["connect_timeout_s", "first_token_timeout_s", "idle_timeout_s"])) {
    const value = number(`network.${name}`, draft[name], SECONDS);
    if (value !== undefined) network[name] = value;
  }
  return network;
}
