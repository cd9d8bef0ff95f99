/**
 * The second implementation of the bridge: the whole core in memory, for a plain browser. It keeps the protocol's promises (ids,
 * branches, offsets, ordered frames, closed error codes) so that whatever works against it works against the core, and it can
 * be told to fail. Its words are scripted and say so. It contacts nothing. It is not part of what ships.
 *
 * The address chooses a situation: `?profile=none` (first run), `locale=es`, `theme=dark`, `pace=<ms per piece>` or `pace=manual` (see
 * `FakeControls`), `messages=3000` (one long conversation), `letters=1000000` (one long message), `conversations=250` (older ones), `health=down|unknown|up`, `insecure=1`, `storage=full|newer|…`, `secrets=absent|locked|…`,
 * `empty=1` (no history), `boot=fail`, and those of `fake-account.js`. A question can ask for a failure: `error:<code>`, `after:<pieces>`, `finish:length`.
 */
import { createAccounts } from "./fake-account.js";
import { createBackups } from "./fake-backup.js";
import { createConsensus } from "./fake-consensus.js";
import { createEncryption } from "./fake-encryption.js";
import { createHistory } from "./fake-history.js";
import { createTransfers } from "./fake-transfer.js";
import { answerTo, HISTORY, languageOf, thoughtIn } from "./fake-words.js";

/** @import { Host } from "./index.js" */
/** @import { AppError, Commands, ConversationSummary, EndpointState, ErrorCode, Event, Frame, Message, Metrics, ModelEntry, Part, Profile, ProfileOption, ProfileView, Routing, Settings } from "./types.js" */

/**
 * For tests, as `window.fakeHost`: makes each piece wait, loses frames, sends events.
 * @typedef {object} HostControls
 * @property {(pieces?: number) => void} release Lets so many pieces go (`pace=manual`).
 * @property {() => void} loseNextFrame The next frame's number is used up, but it is not delivered.
 * @property {(event: Event) => void} send
 * @property {Array<[name: string, request: unknown]>} calls Every call, in order.
 * @property {(name: keyof Commands, error: AppError) => void} failNext
 */
/** @typedef {HostControls & import("./fake-account.js").AccountControls} FakeControls */

/** @typedef {{ summary: ConversationSummary, messages: Map<string, Message>, leaf: string | undefined, deleted: boolean }} Kept */
/** @typedef {{ stop: () => void }} Running */

const MODELS = /** @type {ModelEntry[]} */ ([
  {
    id: "gpt-oss-20b",
    label: "GPT-OSS 20B",
    url: "http://127.0.0.1:8000/v1",
    tier: "complex",
    weight: 0.9,
    context: 8192,
  },
  { id: "qwen2.5-coder:1.5b", label: "Qwen 2.5 Coder", url: "http://127.0.0.1:8002/v1", tier: "code", weight: 0.8 },
  { id: "phi4:mini", label: "Phi-4 mini", url: "http://127.0.0.1:8001/v1", tier: "fast", weight: 0.7 },
  { id: "mixtral", label: "Mixtral", url: "http://127.0.0.1:8003/v1", tier: "creative", weight: 0.6 },
]);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const KEPT = "capibara6.fake";

/**
 * @param {ErrorCode} code
 * @param {Partial<AppError>} [more]
 * @returns {AppError}
 */
const failure = (code, more) => ({ code, ...more });

/**
 * @param {URLSearchParams} situation
 * @returns {Host}
 */
export function createFakeHost(situation) {
  const pace = situation.get("pace") ?? "18";
  const now = () => Date.now();
  let made = 0;
  /** Ordered by time of making, as the core's are. @returns {string} */
  const id = () => `0f${(now() * 1000 + made++).toString(16).padStart(14, "0")}`;

  // ---- state ------------------------------------------------------------------------------------------------------------

  /** @type {Map<string, Kept>} */
  const conversations = new Map();
  /** @type {Map<string, Running>} */
  const running = new Map();
  /** @type {Settings} */
  let settings = {
    theme: /** @type {Settings["theme"]} */ (situation.get("theme") ?? "system"),
    type_size: 100,
    model_titles: false,
    notify: true,
    mode: "auto",
    parameters: {},
    keep_secrets: "system",
    plain_consents: [],
    dismissed_warnings: [],
    consensus: { presets: [] },
    ...(situation.has("locale") ? { locale: /** @type {string} */ (situation.get("locale")) } : {}),
  };
  /** @type {Map<string, { option: ProfileOption, profile: Profile }>} */
  const profiles = new Map();
  for (const [
    key,
    name,
    origin,
    models,
  ] of /** @type {Array<[string, string, ProfileOption["origin"], ModelEntry[]]>} */ ([
    ["practice", "Practice fleet", "practice", MODELS],
    [
      "capibara6",
      "Capibara6",
      "example",
      MODELS.map((each) => ({ ...each, url: each.url.replace("127.0.0.1", "192.0.2.10") })),
    ],
    ["local", "Local", "example", MODELS.slice(0, 1)],
  ])) {
    profiles.set(key, {
      option: { id: key, name, origin, models: models.map(({ label }) => label) },
      profile: { name, models },
    });
  }
  if (situation.get("profiles") === "broken") {
    const broken = profiles.get("local");
    if (broken)
      broken.option = {
        ...broken.option,
        origin: "file",
        models: [],
        error: failure("profile-invalid", { detail: "line 4: expected `=`" }),
      };
  }
  /** @type {string | undefined} */
  let active = situation.get("profile") === "none" ? undefined : "practice";
  /** @type {Set<string>} */
  const keys = new Set();

  /** @returns {ProfileView} */
  const view = (/** @type {string} */ key) => {
    const kept = profiles.get(key);
    if (!kept) throw failure("not-found");
    const insecure = situation.has("insecure")
      ? kept.profile.models.slice(0, 2)
      : kept.profile.models.filter(({ url }) => /^http:\/\/(?!127\.|localhost|192\.168\.|10\.)/.test(url));
    return { id: key, origin: kept.option.origin, profile: kept.profile, insecure: insecure.map((each) => each.id) };
  };

  const models = () => (active === undefined ? [] : (profiles.get(active)?.profile.models ?? []));

  /** @returns {EndpointState[]} */
  const endpoints = () =>
    models().map((model, n) => {
      const all = situation.get("health");
      const state = /** @type {EndpointState["state"]} */ (all ?? (n === 3 ? "down" : n === 2 ? "degraded" : "up"));
      return {
        model: model.id,
        label: model.label || model.id,
        state,
        since: now() - (n + 1) * 17 * MINUTE,
        ...(state === "up" || state === "degraded" ? { latency_ms: 12 + n * 31 } : {}),
        ...(state === "down" ? { code: /** @type {const} */ ("timeout-connect") } : {}),
        ...(state === "degraded" ? { code: /** @type {const} */ ("overloaded") } : {}),
        served: state === "unknown" ? [] : [model.id],
        scripted: active === "practice",
      };
    });

  // ---- frames -----------------------------------------------------------------------------------------------------------

  /** @type {((frame: Frame) => void) | undefined} */
  let onFrame;
  let seq = 0;
  let lose = false;
  /** @type {Event[]} */
  let batch = [];
  let scheduled = false;

  /** @param {Event} event */
  function send(event) {
    batch.push(event);
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      const events = batch;
      batch = [];
      if (!onFrame) return;
      seq += 1;
      if (lose) lose = false;
      else onFrame(structuredClone({ seq, events }));
    }, 8);
  }

  // ---- the tree ---------------------------------------------------------------------------------------------------------

  /** @param {string} key */
  function kept(key) {
    const conversation = conversations.get(key);
    if (!conversation || conversation.deleted) throw failure("not-found");
    return conversation;
  }

  /** @param {string} message */
  function holder(message) {
    for (const conversation of conversations.values()) if (conversation.messages.has(message)) return conversation;
    throw failure("not-found");
  }

  /** @param {Kept} conversation @param {string | undefined} parent @param {string} role */
  const siblings = (conversation, parent, role) =>
    [...conversation.messages.values()].filter((each) => each.parent === parent && each.role === role);

  /** @param {Kept} conversation @param {Message} message @returns {Message} */
  const shown = (conversation, message) => ({
    ...structuredClone(message),
    versions: siblings(conversation, message.parent, message.role).map((each) => each.id),
  });

  /** @param {Kept} conversation */
  function branch(conversation) {
    /** @type {Message[]} */
    const messages = [];
    for (let at = conversation.leaf; at !== undefined; ) {
      const message = conversation.messages.get(at);
      if (!message) break;
      messages.unshift(message);
      at = message.parent;
    }
    return messages;
  }

  /** @param {Kept} conversation @param {string | undefined} before @param {number} limit */
  function stretch(conversation, before, limit) {
    const all = branch(conversation);
    const end = before === undefined ? all.length : all.findIndex((each) => each.id === before);
    const begin = Math.max(0, end - limit);
    return {
      conversation: structuredClone(conversation.summary),
      messages: all.slice(begin, end).map((each) => shown(conversation, each)),
      earlier: begin > 0,
      later: false,
    };
  }

  /** @param {string} title @param {number} at @param {boolean} [pinned] @returns {Kept} */
  function newConversation(title, at, pinned = false) {
    const key = id();
    const conversation = {
      summary: { id: key, title, pinned, created_at: at, updated_at: at, messages: 0 },
      messages: new Map(),
      leaf: undefined,
      deleted: false,
    };
    conversations.set(key, conversation);
    return conversation;
  }

  /** @param {Kept} conversation @param {Partial<Message> & Pick<Message, "role">} more @returns {Message} */
  function newMessage(conversation, more) {
    const message = /** @type {Message} */ ({
      id: id(),
      conversation: conversation.summary.id,
      status: "complete",
      content: "",
      reasoning: "",
      scripted: false,
      created_at: now(),
      versions: [],
      ...(conversation.leaf === undefined ? {} : { parent: conversation.leaf }),
      ...more,
    });
    if (message.parent === undefined) delete message.parent;
    conversation.messages.set(message.id, message);
    conversation.leaf = message.id;
    return message;
  }

  /** @param {Kept} conversation */
  function touch(conversation) {
    conversation.summary = { ...conversation.summary, updated_at: now(), messages: conversation.messages.size };
    send({ type: "conversation-changed", conversation: conversation.summary });
  }

  // ---- answers ----------------------------------------------------------------------------------------------------------

  /** @param {string} question @param {{ mode: string, model?: string }} choice @returns {{ model: ModelEntry, routing: Routing }} */
  function route(question, choice) {
    const fleet = models();
    const pinned = choice.mode === "single" ? fleet.find((each) => each.id === choice.model) : undefined;
    if (pinned) return { model: pinned, routing: { mode: "single", tier: pinned.tier, rule: "pinned" } };
    /** @type {Array<[RegExp, Routing["tier"], Routing["rule"]]>} */
    const rules = [
      [/```|;\s*$|\{\s*$/m, "code", "code-text"],
      [/código|code|python|función|function/i, "code", "code-words"],
      [/cuento|poema|story|poem/i, "creative", "creative-words"],
      [/compara|compare|por qué|why|fórmula|formula/i, "complex", "complex-words"],
      [/^[\s\S]{200,}$/, "complex", "long-question"],
      [/^[\s\S]{0,60}$/, "fast", "short-question"],
    ];
    const [, tier, rule] = rules.find(([words]) => words.test(question)) ?? [null, "complex", "otherwise"];
    const wished = fleet.find((each) => each.tier === tier) ?? fleet[0];
    if (!wished) throw failure("no-model");
    const down = endpoints().find((each) => each.model === wished.id && each.state === "down");
    const other = down && fleet.find((each) => endpoints().find(({ model }) => model === each.id)?.state === "up");
    /** @type {Routing} */
    const routing = {
      mode: "auto",
      tier: /** @type {Routing["tier"]} */ (tier),
      rule: /** @type {Routing["rule"]} */ (rule),
    };
    return other && down.code
      ? { model: other, routing: { ...routing, instead_of: wished.id, because: down.code } }
      : { model: wished, routing };
  }

  /** @type {Array<() => void>} */
  const waiting = [];
  let released = 0;

  /** @returns {Promise<void>} Until the next piece may go. */
  function nextPiece() {
    if (pace !== "manual") return new Promise((resolve) => setTimeout(resolve, Number(pace)));
    if (released > 0) {
      released -= 1;
      return new Promise((resolve) => setTimeout(resolve));
    }
    return new Promise((resolve) => waiting.push(resolve));
  }

  /** @param {Kept} conversation @param {Message} message @param {string} question */
  async function write(conversation, message, question) {
    let stopped = false;
    running.set(message.id, {
      stop: () => {
        stopped = true;
        for (const go of waiting.splice(0)) go();
      },
    });
    const language = languageOf(question);
    const code = /** @type {ErrorCode | undefined} */ (/\berror:([a-z-]+)/.exec(question)?.[1]);
    const after = Number(/\bafter:(\d+)/.exec(question)?.[1] ?? (code ? 0 : Number.POSITIVE_INFINITY));
    const length = /\bfinish:length\b/.test(question);
    const whole = answerTo(question, language);
    const begun = performance.now();
    /** @type {number | undefined} */
    let first;
    let tokens = message.content === "" ? 0 : message.content.length >> 2;
    /** @param {Part} part @param {string} text */
    const deliver = async (part, text) => {
      // Whole words with what follows them, as tokens come; never half of a surrogate pair.
      for (const piece of text.match(/\s*\S{1,6}(?:\s+(?=$))?|\s+$/gu) ?? []) {
        await nextPiece();
        if (stopped || tokens >= after) return;
        first ??= performance.now();
        send({
          type: "message-delta",
          conversation: conversation.summary.id,
          message: message.id,
          part,
          at: message[part].length,
          text: piece,
        });
        message[part] += piece;
        tokens += 1;
      }
    };
    if (/slow|lent[ao]/i.test(question)) await new Promise((resolve) => setTimeout(resolve, 4000));
    if (message.content === "" && message.reasoning === "" && message.model === "gpt-oss-20b") {
      await deliver("reasoning", thoughtIn(language));
    }
    if (!stopped) {
      const rest = whole.startsWith(message.content) ? whole.slice(message.content.length) : "";
      await deliver("content", length && message.content === "" ? rest.slice(0, rest.length >> 1) : rest);
    }
    running.delete(message.id);
    /** @type {Metrics} */
    const metrics = {
      duration_ms: Math.round(performance.now() - begun),
      ...(first === undefined ? {} : { ttft_ms: Math.round(first - begun) }),
      ...(stopped || code
        ? {}
        : {
            prompt_tokens: 38,
            completion_tokens: tokens,
            finish_reason: length && message.content.length < whole.length ? "length" : "stop",
          }),
      ...(first === undefined || stopped || code
        ? {}
        : { tokens_per_second: (tokens - 1) / Math.max(0.01, (performance.now() - first) / 1000) }),
    };
    message.status = stopped ? "stopped" : code ? "failed" : "complete";
    message.metrics = metrics;
    if (code && !stopped) {
      message.error = failure(code, {
        detail: `HTTP 4xx: scripted ${code} <img src=x onerror=alert(1)>`,
        ...(code === "rate-limited" || code === "overloaded" ? { retry_after_ms: 8000 } : {}),
      });
    }
    send({
      type: "message-ended",
      conversation: conversation.summary.id,
      message: message.id,
      status: message.status,
      content_length: message.content.length,
      reasoning_length: message.reasoning.length,
      metrics,
      ...(message.error ? { error: message.error } : {}),
    });
    touch(conversation);
  }

  /**
   * @param {Kept} conversation
   * @param {string | undefined} parent
   * @param {string} text
   * @param {{ mode: string, model?: string }} choice
   */
  function ask(conversation, parent, text, choice) {
    if (text.trim() === "") throw failure("invalid-input", { field: "text" });
    if (situation.get("storage") === "full") throw failure("storage-full");
    conversation.leaf = parent;
    const question = newMessage(conversation, { role: "user", content: text });
    return { question, answer: answer(conversation, question, choice) };
  }

  /** @param {Kept} conversation @param {Message} question @param {{ mode: string, model?: string }} choice */
  function answer(conversation, question, choice) {
    const { model, routing } = route(question.content, choice);
    conversation.leaf = question.id;
    const message = newMessage(conversation, {
      role: "assistant",
      status: "streaming",
      model: model.id,
      scripted: active === "practice",
      routing,
      ...(/\bomit\b/.test(question.content)
        ? { omitted: { messages: 4, tokens: 1210, context: 8192, estimated: true } }
        : {}),
    });
    touch(conversation);
    send({ type: "message-begun", message: shown(conversation, message) });
    void write(conversation, message, question.content);
    return message;
  }

  /** @param {string | undefined} message */
  function refuseWhileWriting(message) {
    if (message !== undefined && running.has(message)) throw failure("busy");
  }

  const history = createHistory({ situation, conversations, id, send, failure, branch, shown, holder });

  // ---- what is there from the start -------------------------------------------------------------------------------------

  function seed() {
    if (situation.has("empty")) return;
    for (const [n, each] of HISTORY.entries()) {
      const at = now() - each.daysAgo * DAY - n * 7 * MINUTE;
      const conversation = newConversation(each.title, at, each.pinned);
      for (const [question, kind] of each.turns) {
        newMessage(conversation, { role: "user", content: question, created_at: at });
        const { model, routing } = route(question, { mode: "auto" });
        newMessage(conversation, {
          role: "assistant",
          content: answerTo(kind === "plain" ? "" : kind, languageOf(question)),
          reasoning: model.id === "gpt-oss-20b" ? thoughtIn(languageOf(question)) : "",
          model: model.id,
          scripted: true,
          routing,
          created_at: at,
          metrics: {
            ttft_ms: 412,
            duration_ms: 3920,
            prompt_tokens: 38,
            completion_tokens: 214,
            tokens_per_second: 61.2,
            finish_reason: "stop",
          },
        });
      }
    }
    const many = Number(situation.get("messages") ?? 0);
    if (many > 0) {
      const conversation = newConversation(`${many} messages`, now());
      for (let n = 0; n < many; n += 2) {
        newMessage(conversation, { role: "user", content: `Question number ${n / 2 + 1}` });
        newMessage(conversation, {
          role: "assistant",
          content: answerTo(["code", "table", "math", "plain"][(n / 2) % 4] ?? "", "en"),
          model: MODELS[(n / 2) % 4]?.id ?? "",
          scripted: true,
          metrics: { finish_reason: "stop" },
        });
      }
    }
    const letters = Number(situation.get("letters") ?? 0);
    if (letters > 0) {
      const conversation = newConversation(`${letters} letters`, now());
      const kinds = ["long", "code", "table", "math", "plain"];
      let content = "";
      for (let n = 0; content.length < letters; n += 1) {
        content += `# Part ${n + 1}\n\n${answerTo(kinds[n % kinds.length] ?? "", "en")}\n\n`;
      }
      newMessage(conversation, { role: "user", content: "Write everything down" });
      newMessage(conversation, {
        role: "assistant",
        content,
        model: "gpt-oss-20b",
        metrics: { finish_reason: "stop" },
      });
    }
    const older = Number(situation.get("conversations") ?? 0);
    // Over three years, however many they are.
    const apart = older > 1000 ? (1000 * DAY) / older : MINUTE;
    for (let n = 0; n < older; n += 1) {
      newConversation(`Conversation ${n + 1}`, now() - (older > 1000 ? 0 : 90) * DAY - n * apart);
    }
    const [latest] = conversations.values();
    if (latest) {
      newMessage(latest, { role: "user", content: "Escríbelo más largo" });
      newMessage(latest, {
        role: "assistant",
        status: "interrupted",
        content: answerTo("larga", "es").slice(0, 420),
        model: "gpt-oss-20b",
        scripted: true,
        metrics: {},
      });
    }
  }

  /** A reload finds what was there, and answers that were being written go on. */
  function restore() {
    const text = sessionStorage.getItem(KEPT);
    if (text === null) return false;
    const state = JSON.parse(text);
    active = state.active;
    settings = state.settings;
    history.restore(state.projects ?? []);
    for (const each of state.conversations) {
      conversations.set(each.summary.id, { ...each, messages: new Map(each.messages) });
    }
    for (const conversation of conversations.values()) {
      for (const message of conversation.messages.values()) {
        const question = message.parent === undefined ? undefined : conversation.messages.get(message.parent);
        if (message.status === "streaming" && question) void write(conversation, message, question.content);
      }
    }
    return true;
  }

  window.addEventListener("pagehide", () => {
    const state = [...conversations.values()].map((each) => ({ ...each, messages: [...each.messages] }));
    sessionStorage.setItem(KEPT, JSON.stringify({ active, settings, conversations: state, projects: history.keep() }));
  });
  if (!restore()) seed();

  // ---- commands ---------------------------------------------------------------------------------------------------------

  /** @returns {Commands["key_states"]["response"]} */
  const keyStates = () => {
    const trouble = situation.get("secrets");
    return {
      ...(trouble === null ? {} : { trouble: /** @type {ErrorCode} */ (`secret-store-${trouble}`) }),
      present: [...keys],
    };
  };

  /** The histories that are closed, by whose they are. @type {Map<string, Array<[string, Kept]>>} */
  const closed = new Map();
  let open = situation.has("account") && situation.get("account") !== "left" ? "a1" : "";
  const account = createAccounts({
    situation,
    send,
    failure,
    profile: () => active,
    enter(next) {
      closed.set(open, [...conversations]);
      conversations.clear();
      open = next ?? "";
      for (const [key, conversation] of closed.get(open) ?? []) conversations.set(key, conversation);
      send({ type: "space-changed", ...(next === undefined ? {} : { account: next }) });
    },
  });

  const encryption = createEncryption({
    situation,
    failure,
    reopened: () => send({ type: "space-changed", ...(open === "" ? {} : { account: open }) }),
    open: () => open,
    accounts: account.known,
  });

  /** @type {{ [N in keyof Commands]: (request: Commands[N]["request"]) => Commands[N]["response"] | Promise<Commands[N]["response"]> }} */
  const commands = {
    boot() {
      if (situation.get("boot") === "fail")
        throw failure("storage-damaged", { detail: "database disk image is malformed" });
      const trouble = situation.get("storage");
      return {
        version: "0.1.0",
        system_locales: [...navigator.languages],
        settings: { ...settings, ...(active === undefined ? {} : { profile: active }) },
        ...(active === undefined ? {} : { profile: view(active) }),
        profiles: [...profiles.values()].map(({ option }) => option),
        platform: "linux",
        ...(trouble === null ? {} : { storage_trouble: /** @type {ErrorCode} */ (`storage-${trouble}`) }),
        ...(encryption.locked() ? { storage_trouble: /** @type {const} */ ("history-locked") } : {}),
        ...(account.activeView() === undefined ? {} : { account: account.activeView() }),
      };
    },
    window_ready: () => null,
    about: () => ({
      version: "0.1.0",
      commit: "0000000",
      tauri: "–",
      webview: navigator.userAgent.split(" ").at(-1) ?? "",
      sqlite: "–",
      system: navigator.platform,
      data_directory: "–",
    }),
    diagnostics: () => "Capibara6 0.1.0 (in-memory host)",
    link_open: () => null,
    settings_get: () => settings,
    settings_set: (request) => {
      settings = request;
      return settings;
    },
    profile_list: () => [...profiles.values()].map(({ option }) => option),
    profile_select: ({ id: key }) => {
      const chosen = view(key);
      active = key;
      send({ type: "health", endpoints: endpoints().map((each) => ({ ...each, state: "unknown", served: [] })) });
      setTimeout(() => send({ type: "health", endpoints: endpoints() }), 600);
      return chosen;
    },
    profile_read: ({ id: key }) => view(key),
    profile_save: ({ id: key, profile }) => {
      if (profile.name.trim() === "") throw failure("invalid-input", { field: "name" });
      const bad = profile.models.findIndex(({ url }) => !/^https?:\/\/./.test(url));
      if (bad >= 0) throw failure("invalid-input", { field: `models[${bad}].url` });
      const slug =
        key ??
        (profile.name
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, "-")
          .replace(/^-|-$/g, "") ||
          "profile");
      const option = {
        id: slug,
        name: profile.name,
        origin: /** @type {const} */ ("file"),
        models: profile.models.map((each) => each.label || each.id),
      };
      profiles.set(slug, { option, profile });
      return option;
    },
    profile_delete: ({ id: key }) => {
      profiles.delete(key);
      return null;
    },
    profile_test: async (profile) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      return profile.models.map((model, n) =>
        n === 3
          ? { model: model.id, url: model.url, served: [], error: failure("timeout-connect") }
          : { model: model.id, url: model.url, served: [model.id], latency_ms: 14 + n * 9 },
      );
    },
    servers_scan: async () => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      if (situation.get("servers") === "none") return [];
      return [
        { url: "http://127.0.0.1:8000/v1", kind: "vllm", models: ["gpt-oss-20b"] },
        { url: "http://127.0.0.1:11434/v1", kind: "ollama", models: ["qwen2.5-coder:1.5b", "phi4:mini"] },
      ];
    },
    health: endpoints,
    health_refresh: () => {
      send({ type: "health", endpoints: endpoints() });
      return null;
    },
    key_states: keyStates,
    key_set: ({ model }) => {
      keys.add(model);
      return keyStates();
    },
    key_clear: ({ model }) => {
      keys.delete(model);
      return keyStates();
    },
    ...history.commands,
    conversation_rename: ({ id: key, title }) => {
      const conversation = kept(key);
      if (title.trim() === "") throw failure("invalid-input", { field: "title" });
      conversation.summary = { ...conversation.summary, title: title.trim() };
      send({ type: "conversation-changed", conversation: conversation.summary });
      return conversation.summary;
    },
    conversation_pin: ({ id: key, pinned }) => {
      const conversation = kept(key);
      conversation.summary = { ...conversation.summary, pinned };
      send({ type: "conversation-changed", conversation: conversation.summary });
      return conversation.summary;
    },
    conversation_delete: ({ id: key }) => {
      kept(key).deleted = true;
      send({ type: "conversation-removed", id: key });
      return null;
    },
    conversation_restore: ({ id: key }) => {
      const conversation = conversations.get(key);
      if (!conversation) throw failure("not-found");
      conversation.deleted = false;
      send({ type: "conversation-changed", conversation: conversation.summary });
      return conversation.summary;
    },
    conversation_select: ({ message }) => {
      const conversation = holder(message);
      let leaf = message;
      for (;;) {
        const next = [...conversation.messages.values()].findLast((each) => each.parent === leaf);
        if (!next) break;
        leaf = next.id;
      }
      conversation.leaf = leaf;
      return stretch(conversation, undefined, 60);
    },
    chat_send: ({ conversation: key, text, ...choice }) => {
      const conversation = key === undefined ? newConversation(text.trim().slice(0, 60) || "–", now()) : kept(key);
      refuseWhileWriting(conversation.leaf);
      const { question, answer: begun } = ask(conversation, conversation.leaf, text, choice);
      return {
        conversation: conversation.summary.id,
        question: shown(conversation, question),
        answer: shown(conversation, begun),
      };
    },
    chat_edit: ({ message, text, ...choice }) => {
      const conversation = holder(message);
      refuseWhileWriting(conversation.leaf);
      const { question, answer: begun } = ask(conversation, conversation.messages.get(message)?.parent, text, choice);
      return {
        conversation: conversation.summary.id,
        question: shown(conversation, question),
        answer: shown(conversation, begun),
      };
    },
    chat_regenerate: ({ message, ...choice }) => {
      const conversation = holder(message);
      refuseWhileWriting(conversation.leaf);
      const question = conversation.messages.get(conversation.messages.get(message)?.parent ?? "");
      if (!question) throw failure("not-found");
      return {
        conversation: conversation.summary.id,
        answer: shown(conversation, answer(conversation, question, choice)),
      };
    },
    chat_continue: ({ message: key }) => {
      const conversation = holder(key);
      const message = /** @type {Message} */ (conversation.messages.get(key));
      refuseWhileWriting(key);
      message.status = "streaming";
      delete message.error;
      delete message.metrics;
      const question = conversation.messages.get(message.parent ?? "");
      send({ type: "message-begun", message: shown(conversation, message) });
      void write(conversation, message, (question?.content ?? "").replace(/\b(?:error|after|finish):\S+/g, ""));
      return { conversation: conversation.summary.id, answer: shown(conversation, message) };
    },
    ...account.commands,
    ...createBackups({
      situation,
      send,
      conversations: () =>
        [...conversations.values()]
          .filter((each) => !each.deleted)
          .map((each) => each.summary)
          .sort((a, b) => b.updated_at - a.updated_at),
    }),
    ...createTransfers({ situation, id, send, count: () => conversations.size }),
    ...encryption.commands,
    ...createConsensus({
      situation,
      failure,
      send,
      id,
      models,
      settings: () => settings,
      scripted: () => active === "practice",
      kept,
      holder,
      newConversation: (title) => newConversation(title || "–", now()),
      newMessage,
      shown,
      touch,
      nextPiece,
    }),
    chat_stop: ({ message }) => {
      running.get(message)?.stop();
      return null;
    },
  };

  // ---- the door ---------------------------------------------------------------------------------------------------------

  /** @type {Map<string, AppError>} */
  const failing = new Map();
  /** @type {FakeControls} */
  const controls = {
    release(pieces = 1) {
      released += pieces;
      while (released > 0 && waiting.length > 0) {
        released -= 1;
        waiting.shift()?.();
      }
    },
    loseNextFrame() {
      lose = true;
    },
    send,
    ...account.controls,
    calls: [],
    failNext: (name, error) => void failing.set(name, error),
  };
  Object.assign(window, { fakeHost: controls });

  return {
    async call(name, request) {
      controls.calls.push([name, structuredClone(request)]);
      await Promise.resolve();
      const error = failing.get(name);
      if (error) {
        failing.delete(name);
        throw error;
      }
      return structuredClone(await commands[name](/** @type {never} */ (request)));
    },
    async subscribe(receive) {
      onFrame = receive;
      seq = 0;
    },
  };
}
