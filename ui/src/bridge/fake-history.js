/**
 * The history of the in-memory host: lists by scope, stretches of a conversation, projects, archive, trash, merging, branching and search. It
 * searches by looking at every message, which is enough for a browser and no example for the core.
 * `?index=building` has an index that is not complete.
 */
import { fold } from "../views/fuzzy.js";

/** @import { AppError, Commands, ConversationScope, ConversationSummary, ErrorCode, Event, Message, Project, SearchFilters, SearchHit, SnippetPart, TextSpan } from "./types.js" */
/** @import { Kept } from "./fake.js" */

/** How much of a text a snippet shows before and after the first place. */
const BEFORE = 36;
const LENGTH = 150;
const ANYWHERE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/**
 * @param {object} host
 * @param {URLSearchParams} host.situation
 * @param {Map<string, Kept>} host.conversations
 * @param {() => string} host.id
 * @param {(event: Event) => void} host.send
 * @param {(code: ErrorCode, more?: Partial<AppError>) => AppError} host.failure
 * @param {(conversation: Kept) => Message[]} host.branch
 * @param {(conversation: Kept, message: Message) => Message} host.shown
 * @param {(message: string) => Kept} host.holder
 */
export function createHistory({ situation, conversations, id, send, failure, branch, shown, holder }) {
  /** @type {Array<Project & { deleted: boolean, former: string[] }>} */
  let projects = [];
  let pending = situation.get("index") === "building" ? 4_200 : 0;

  /** @param {string} key */
  function there(key) {
    const conversation = conversations.get(key);
    if (!conversation) throw failure("not-found");
    return conversation;
  }

  /** @param {string} key */
  function kept(key) {
    const conversation = there(key);
    if (conversation.deleted) throw failure("not-found");
    return conversation;
  }

  /** @param {ConversationSummary} summary @returns {ConversationSummary} */
  const told = (summary) => ({ ...summary, messages: conversations.get(summary.id)?.messages.size ?? 0 });

  /** @param {Kept} conversation @param {Partial<ConversationSummary>} change */
  function amend(conversation, change) {
    const next = /** @type {Record<string, unknown>} */ ({ ...conversation.summary, ...change });
    for (const name of Object.keys(next)) if (next[name] === undefined) delete next[name];
    conversation.summary = /** @type {ConversationSummary} */ (/** @type {unknown} */ (next));
    send({ type: "conversation-changed", conversation: told(conversation.summary) });
    return told(conversation.summary);
  }

  const changed = () => send({ type: "projects-changed" });

  /** @param {string} key @returns {Project} */
  function counted(key) {
    const project = projects.find((each) => each.id === key && !each.deleted);
    if (!project) throw failure("not-found");
    const { deleted: _, former: __, ...rest } = project;
    const inside = [...conversations.values()].filter(
      (each) => !each.deleted && each.summary.archived_at === undefined && each.summary.project === key,
    );
    return { ...rest, conversations: inside.length };
  }

  const listed = () => projects.filter((each) => !each.deleted).map((each) => counted(each.id));

  /** @param {string} name */
  function named(name) {
    const clean = name.trim();
    if (clean === "" || [...clean].length > 200) throw failure("invalid-input", { field: "name" });
    return clean;
  }

  /** @param {ConversationScope} scope @param {Kept} each */
  function within(scope, { summary, deleted }) {
    if (scope.kind === "deleted") return deleted;
    if (deleted) return false;
    if (scope.kind === "archived") return summary.archived_at !== undefined;
    if (summary.archived_at !== undefined) return false;
    if (scope.kind === "project") return summary.project === scope.project;
    return scope.kind !== "unfiled" || summary.project === undefined;
  }

  /** @type {Array<ConversationSummary> | undefined} */
  let sorted;
  let sortedFor = "";

  /** @param {ConversationScope} scope */
  function inOrder(scope) {
    const key =
      JSON.stringify(scope) +
      [...conversations.values()].reduce(
        (sum, { summary, deleted }) =>
          sum +
          summary.updated_at +
          Number(summary.pinned) +
          (summary.archived_at ?? 0) +
          (summary.project?.length ?? 0) +
          Number(deleted),
        0,
      );
    if (sorted && key === sortedFor) return sorted;
    sortedFor = key;
    sorted = [...conversations.values()]
      .filter((each) => within(scope, each))
      .map((each) => told(each.summary))
      .sort((a, b) =>
        scope.kind === "deleted"
          ? (b.deleted_at ?? 0) - (a.deleted_at ?? 0)
          : Number(b.pinned) - Number(a.pinned) || b.updated_at - a.updated_at || (a.id < b.id ? 1 : -1),
      );
    return sorted;
  }

  /** @param {string} text @returns {string[]} */
  function units(text) {
    return text
      .split(/"([^"]*)"|\s+/u)
      .filter((each) => each !== undefined && /\S/u.test(each))
      .map((each) => fold(each.trim()));
  }

  /**
   * @param {string} text
   * @param {string[]} wanted
   * @returns {TextSpan[] | undefined} Where they stand; nothing where one of them does not.
   */
  function spans(text, wanted) {
    let folded = "";
    /** @type {number[]} */
    const places = [];
    let at = 0;
    for (const letter of text) {
      const plain = letter < "\u0080" ? letter.toLowerCase() : fold(letter);
      for (let n = 0; n < plain.length; n += 1) places.push(at);
      folded += plain;
      at += letter.length;
    }
    places.push(at);
    /** @type {TextSpan[]} */
    const all = [];
    for (const word of wanted) {
      let found = false;
      for (let begin = folded.indexOf(word); begin >= 0; begin = folded.indexOf(word, begin + 1)) {
        const inside = /[\p{L}\p{N}]/u.test(folded[begin - 1] ?? "") && /^[\p{L}\p{N}]/u.test(word);
        if (inside && !ANYWHERE.test(word)) continue;
        found = true;
        all.push({ start: places[begin] ?? 0, end: places[begin + word.length] ?? text.length });
      }
      if (!found) return undefined;
    }
    return all.sort((a, b) => a.start - b.start);
  }

  /** @param {string} text @param {TextSpan[]} marks @returns {SnippetPart[]} */
  function snippet(text, marks) {
    const begin = Math.max(0, (marks[0]?.start ?? 0) - BEFORE);
    const end = Math.min(text.length, begin + LENGTH);
    /** @type {SnippetPart[]} */
    const parts = [];
    let at = begin;
    for (const { start, end: stop } of marks) {
      if (start < at || stop > end) continue;
      if (start > at) parts.push({ text: text.slice(at, start), marked: false });
      parts.push({ text: text.slice(start, stop), marked: true });
      at = stop;
    }
    if (at < end) parts.push({ text: text.slice(at, end), marked: false });
    if (begin > 0) parts.unshift({ text: "…", marked: false });
    if (end < text.length) parts.push({ text: "…", marked: false });
    return parts.map((part) => ({ ...part, text: part.text.replace(/\s+/gu, " ") }));
  }

  /** @param {SearchFilters} filters @param {ConversationSummary} summary */
  function admits(filters, summary) {
    if (filters.pinned && !summary.pinned) return false;
    if (filters.project !== undefined && summary.project !== filters.project) return false;
    const archived = summary.archived_at !== undefined;
    return filters.archive === "only" ? archived : filters.archive === "exclude" ? !archived : true;
  }

  /** @param {SearchFilters} filters @param {{ created_at: number }} thing */
  const inTime = ({ from, to }, { created_at: at }) =>
    (from === undefined || at >= from) && (to === undefined || at < to);

  /** @param {string[]} ids @param {(conversation: Kept) => ConversationSummary} change */
  const each = (ids, change) => ids.map((key) => there(key)).map(change);

  /** @param {Kept} source @param {Message[]} messages @param {string} title @returns {Kept} */
  function copy(source, messages, title) {
    const key = id();
    /** @type {Map<string, string>} */
    const renamed = new Map();
    for (const message of messages) renamed.set(message.id, id());
    /** @type {Kept} */
    const made = {
      summary: { ...source.summary, id: key, title, pinned: false, created_at: Date.now(), updated_at: Date.now() },
      messages: new Map(),
      leaf: source.leaf === undefined ? undefined : renamed.get(source.leaf),
      deleted: false,
    };
    for (const message of messages) {
      const { parent, ...rest } = structuredClone(message);
      const fresh = {
        ...rest,
        id: renamed.get(message.id) ?? "",
        conversation: key,
        status: message.status === "streaming" ? /** @type {const} */ ("stopped") : message.status,
        ...(parent === undefined ? {} : { parent: renamed.get(parent) ?? parent }),
      };
      made.messages.set(fresh.id, fresh);
      made.leaf ??= fresh.id;
    }
    const leaf = renamed.get(messages.at(-1)?.id ?? "");
    if (leaf !== undefined && !made.messages.has(made.leaf ?? "")) made.leaf = leaf;
    conversations.set(key, made);
    return made;
  }

  /** @satisfies {Partial<{ [N in keyof Commands]: (request: Commands[N]["request"]) => Commands[N]["response"] }>} */
  const commands = {
    conversation_list: ({ after, limit, scope = { kind: "active" } }) => {
      const all = inOrder(scope);
      const begin = Number(after ?? 0);
      const end = begin + Math.min(limit, 200);
      return { conversations: all.slice(begin, end), ...(end < all.length ? { next: String(end) } : {}) };
    },
    conversation_open: ({ id: key, before, after, around, limit }) => {
      const conversation = kept(key);
      if (around !== undefined && !branch(conversation).some((message) => message.id === around)) {
        if (!conversation.messages.has(around)) throw failure("not-found");
        let leaf = around;
        for (;;) {
          const next = [...conversation.messages.values()].findLast((message) => message.parent === leaf);
          if (!next) break;
          leaf = next.id;
        }
        conversation.leaf = leaf;
      }
      const all = branch(conversation);
      const at = (/** @type {string} */ wanted) => all.findIndex((message) => message.id === wanted);
      let begin = Math.max(0, all.length - limit);
      let end = all.length;
      if (before !== undefined) {
        end = Math.max(0, at(before));
        begin = Math.max(0, end - limit);
      } else if (after !== undefined) {
        begin = at(after) + 1;
        end = Math.min(all.length, begin + limit);
      } else if (around !== undefined) {
        begin = Math.max(0, at(around) - (limit >> 1));
        end = Math.min(all.length, begin + limit);
      }
      return {
        conversation: told(structuredClone(conversation.summary)),
        messages: all.slice(begin, end).map((message) => shown(conversation, message)),
        earlier: begin > 0,
        later: end < all.length,
      };
    },
    conversation_duplicate: ({ id: key, copy: word }) => {
      const source = kept(key);
      const original = source.summary.title.replace(new RegExp(` \\(${word}(?: \\d+)?\\)$`), "");
      const taken = new Set([...conversations.values()].map(({ summary }) => summary.title));
      let title = `${original} (${word})`;
      for (let n = 2; taken.has(title); n += 1) title = `${original} (${word} ${n})`;
      return amend(copy(source, [...source.messages.values()], title), {});
    },
    conversation_branch: ({ message }) => {
      const source = holder(message);
      /** @type {Message[]} */
      const messages = [];
      for (let at = source.messages.get(message); at; at = source.messages.get(at.parent ?? "")) messages.unshift(at);
      const made = copy(source, messages, source.summary.title);
      made.leaf = [...made.messages.keys()].at(-1);
      return amend(made, {});
    },
    conversations_move: ({ ids, project }) => {
      if (project !== undefined) counted(project);
      const all = each(ids, (conversation) => amend(conversation, { project }));
      changed();
      return all;
    },
    conversations_archive: ({ ids, archived }) => {
      const all = each(ids, (conversation) => amend(conversation, { archived_at: archived ? Date.now() : undefined }));
      changed();
      return all;
    },
    conversations_pin: ({ ids, pinned }) => each(ids, (conversation) => amend(conversation, { pinned })),
    conversations_delete: ({ ids }) => {
      for (const conversation of ids.map(kept)) {
        conversation.deleted = true;
        conversation.summary = { ...conversation.summary, deleted_at: Date.now() };
        send({ type: "conversation-removed", id: conversation.summary.id });
      }
      changed();
      return null;
    },
    conversations_restore: ({ ids }) => {
      const all = each(ids, (conversation) => {
        conversation.deleted = false;
        return amend(conversation, { deleted_at: undefined });
      });
      changed();
      return all;
    },
    conversations_purge: ({ ids }) => {
      for (const key of ids) {
        if (!there(key).deleted) throw failure("invalid-input");
        conversations.delete(key);
        send({ type: "conversation-removed", id: key });
      }
      return null;
    },
    conversations_merge: ({ ids }) => {
      const sources = ids.map(kept);
      const [first] = sources;
      if (!first || sources.length < 2) throw failure("invalid-input");
      const made = copy(first, [], first.summary.title);
      made.leaf = undefined;
      const messages = sources
        .flatMap((source) => branch(source).map((message) => ({ source, message })))
        .sort((a, b) => a.message.created_at - b.message.created_at);
      for (const { source, message } of messages) {
        const { parent: _, ...rest } = structuredClone(message);
        /** @type {Message} */
        const fresh = {
          ...rest,
          id: id(),
          conversation: made.summary.id,
          ...(made.leaf === undefined ? {} : { parent: made.leaf }),
          origin: { conversation: source.summary.id, title: source.summary.title },
        };
        made.messages.set(fresh.id, fresh);
        made.leaf = fresh.id;
      }
      commands.conversations_delete({ ids });
      return amend(made, {});
    },
    project_list: listed,
    project_create: ({ name }) => {
      const project = {
        id: id(),
        name: named(name),
        conversations: 0,
        created_at: Date.now(),
        deleted: false,
        former: [],
      };
      projects.push(project);
      changed();
      return counted(project.id);
    },
    project_rename: ({ id: key, name }) => {
      const project = projects.find((one) => one.id === key && !one.deleted);
      if (!project) throw failure("not-found");
      project.name = named(name);
      changed();
      return counted(key);
    },
    project_move: ({ id: key, before }) => {
      const project = projects.find((one) => one.id === key);
      if (!project) throw failure("not-found");
      const others = projects.filter((one) => one !== project);
      const at = before === undefined ? -1 : others.findIndex((one) => one.id === before);
      others.splice(at < 0 ? others.length : at, 0, project);
      projects = others;
      changed();
      return listed();
    },
    project_delete: ({ id: key }) => {
      const project = projects.find((one) => one.id === key && !one.deleted);
      if (!project) throw failure("not-found");
      project.deleted = true;
      const inside = [...conversations.values()].filter(({ summary }) => summary.project === key);
      project.former = inside.map(({ summary }) => summary.id);
      for (const conversation of inside) amend(conversation, { project: undefined });
      changed();
      return null;
    },
    project_restore: ({ id: key }) => {
      const project = projects.find((one) => one.id === key);
      if (!project) throw failure("not-found");
      project.deleted = false;
      for (const former of project.former) {
        const conversation = conversations.get(former);
        if (conversation && conversation.summary.project === undefined) amend(conversation, { project: key });
      }
      changed();
      return counted(key);
    },
    search: ({ text, filters, after, limit }) => {
      const wanted = units(text);
      const begin = Number(after ?? 0);
      /** @type {SearchHit[]} */
      const hits = [];
      if (wanted.length === 0) return { hits, pending };
      const all = [...conversations.values()].filter(({ summary, deleted }) => !deleted && admits(filters, summary));
      const onlyMessages = filters.model !== undefined || filters.role !== undefined || filters.has_code;
      if (!onlyMessages) {
        for (const { summary } of all) {
          const marks = spans(summary.title, wanted);
          if (!marks || !inTime(filters, { created_at: summary.updated_at })) continue;
          hits.push({
            conversation: told(summary),
            created_at: summary.updated_at,
            snippet: snippet(summary.title, marks),
          });
        }
        hits.sort((a, b) => b.created_at - a.created_at);
      }
      /** @type {SearchHit[]} */
      const said = [];
      for (const { summary, messages } of all) {
        for (const message of messages.values()) {
          if (filters.model !== undefined && message.model !== filters.model) continue;
          if (filters.role !== undefined && message.role !== filters.role) continue;
          if (filters.has_code && !message.content.includes("```")) continue;
          if (!inTime(filters, message)) continue;
          const marks = spans(message.content, wanted);
          if (!marks) continue;
          said.push({
            conversation: told(summary),
            message: message.id,
            role: message.role,
            ...(message.model === undefined ? {} : { model: message.model }),
            created_at: message.created_at,
            snippet: snippet(message.content, marks),
          });
        }
      }
      hits.push(...said.sort((a, b) => b.created_at - a.created_at));
      const end = begin + limit;
      return { hits: hits.slice(begin, end), pending, ...(end < hits.length ? { next: String(end) } : {}) };
    },
    search_marks: ({ query, texts }) => {
      const wanted = units(query);
      return texts.map((text) => wanted.flatMap((word) => spans(text, [word]) ?? []).sort((a, b) => a.start - b.start));
    },
    search_state: () => ({ pending, indexed: 1_000 }),
    search_rebuild: () => {
      pending = 4_200;
      const turn = () => {
        pending = Math.max(0, pending - 1_400);
        send({ type: "search-indexed", pending });
        if (pending > 0) setTimeout(turn, 300);
      };
      setTimeout(turn, 300);
      return null;
    },
  };
  return {
    commands,
    /** For a reload. */
    keep: () => projects,
    /** @param {typeof projects} former */
    restore(former) {
      projects = former;
    },
  };
}
