/**
 * What can be done to conversations and projects from anywhere in the window: each deed is made, told to a screen reader, and can be undone
 * where it takes something away. Why one could not be made is kept until the next, for the place that shows it.
 */
import { i18n, t } from "./i18n.js";
import { Sentence } from "./sentence.js";
import { backups, conversation, conversations, projects, selection, undo } from "./state/index.js";
import { Observable } from "./state/observable.js";

/** @import { AppError, BackupId, ConversationId, ConversationSummary, MessageId, ProjectId } from "./bridge/types.js" */

class Deeds extends Observable {
  /** @type {AppError | undefined} */
  #error;
  #sentence = new Sentence(i18n);

  constructor() {
    super();
    this.#sentence.observe(() => this.changed());
  }

  /** Why the last one could not be made. */
  get error() {
    return this.#error;
  }

  /** What a screen reader hears. */
  get said() {
    return this.#sentence.text;
  }

  /** @param {string} text */
  say(text) {
    this.#sentence.say(text);
  }

  /**
   * @template T
   * @param {() => Promise<T>} make
   * @returns {Promise<{ made: T } | undefined>} Nothing where it could not be made.
   */
  async make(make) {
    this.#error = undefined;
    this.changed();
    try {
      return { made: await make() };
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
      this.changed();
      return undefined;
    }
  }

  dismissError() {
    this.#error = undefined;
    this.changed();
  }

  // ---- conversations ------------------------------------------------------------------------------------------------------

  /** @param {readonly ConversationSummary[]} items */
  async delete(items) {
    const ids = idsOf(items);
    const open = ids.find((id) => id === conversation.id);
    const words = about("deleted", items);
    if (!(await this.make(() => conversations.delete(ids)))) return false;
    selection.clear();
    this.say(words());
    undo.add({
      words,
      undone: about("restored", items),
      undo: async () => {
        await conversations.restore(ids);
        if (open !== undefined && conversation.id === undefined) void conversation.open(open);
      },
    });
    return true;
  }

  /** @param {readonly ConversationSummary[]} items Of the trash. */
  async restore(items) {
    const ids = idsOf(items);
    const words = about("restored", items);
    if (!(await this.make(() => conversations.restore(ids)))) return;
    selection.clear();
    this.say(words());
    undo.add({ words, undone: about("deleted", items), undo: () => conversations.delete(ids) });
  }

  /**
   * Removes them for good: whoever calls this has asked.
   * @param {readonly ConversationSummary[]} items Of the trash.
   */
  async purge(items) {
    if (!(await this.make(() => conversations.purge(idsOf(items))))) return;
    selection.clear();
    this.say(about("purged", items)());
  }

  /**
   * @param {readonly ConversationSummary[]} items
   * @param {"archived" | "unarchived"} how
   */
  async archive(items, how) {
    const ids = idsOf(items);
    const words = about(how, items);
    if (!(await this.make(() => conversations.archive(ids, how === "archived")))) return;
    selection.clear();
    this.say(words());
    undo.add({ words, undo: () => conversations.archive(ids, how !== "archived") });
  }

  /**
   * @param {readonly ConversationSummary[]} items
   * @param {boolean} pinned
   */
  async pin(items, pinned) {
    // Those that were so before stay so when it is undone.
    const changed = items.filter((each) => each.pinned !== pinned);
    const ids = idsOf(changed);
    const words = about(pinned ? "pinned" : "unpinned", changed);
    if (ids.length === 0 || !(await this.make(() => conversations.pin(ids, pinned)))) return;
    selection.clear();
    this.say(words());
    undo.add({ words, undo: () => conversations.pin(ids, !pinned) });
  }

  /**
   * @param {ConversationSummary} item
   * @param {string} title
   */
  async rename(item, title) {
    const before = item.title;
    if (!(await this.make(() => conversations.rename(item.id, title)))) return;
    const words = () => t("undo-renamed", { before, title });
    this.say(words());
    undo.add({ words, undo: () => conversations.rename(item.id, before) });
  }

  /**
   * @param {readonly ConversationSummary[]} items
   * @param {ProjectId | undefined} project Out of every project where absent.
   */
  async move(items, project) {
    const moved = items.filter((each) => each.project !== project);
    if (moved.length === 0) return;
    const name = projects.get(project)?.name;
    if (!(await this.make(() => conversations.move(idsOf(moved), project)))) return;
    selection.clear();
    const words = name === undefined ? about("unfiled", moved) : about("moved", moved, { project: name });
    this.say(words());
    undo.add({
      words,
      undo: async () => {
        for (const former of new Set(moved.map((each) => each.project))) {
          await conversations.move(idsOf(moved.filter((each) => each.project === former)), former);
        }
      },
    });
  }

  /** @param {readonly ConversationSummary[]} items At least two; the first gives the title. */
  async merge(items) {
    const ids = idsOf(items);
    const done = await this.make(() => conversations.merge(ids));
    if (!done) return;
    const { made } = done;
    selection.clear();
    const words = () => t("undo-merged", { count: ids.length });
    this.say(words());
    undo.add({
      words,
      undo: async () => {
        const open = conversation.id === made.id;
        await conversations.delete([made.id]);
        await conversations.restore(ids);
        if (open && ids[0] !== undefined) void conversation.open(ids[0]);
      },
    });
    void conversation.open(made.id);
  }

  /** @param {ConversationSummary} item */
  async duplicate(item) {
    const done = await this.make(() => conversations.duplicate(item.id, t("item-copy-word")));
    if (!done) return;
    this.#madeFrom(done.made, () => t("undo-duplicated", { title: item.title }), conversation.id);
  }

  /**
   * Goes on in another conversation from a message.
   * @param {MessageId} message
   */
  async branch(message) {
    const from = conversation.id;
    const done = await this.make(() => conversations.branch(message));
    if (!done) return false;
    this.#madeFrom(done.made, () => t("undo-branched", { title: done.made.title }), from);
    return true;
  }

  /**
   * @param {ConversationSummary} made
   * @param {() => string} words
   * @param {ConversationId | undefined} from What was open before.
   */
  #madeFrom(made, words, from) {
    this.say(words());
    undo.add({
      words,
      undo: async () => {
        const open = conversation.id === made.id;
        await conversations.delete([made.id]);
        if (open && from !== undefined) void conversation.open(from);
      },
    });
    void conversation.open(made.id);
  }

  // ---- projects -----------------------------------------------------------------------------------------------------------

  /**
   * @param {string} name
   * @param {readonly ConversationSummary[]} [items] What goes into it at once.
   */
  async createProject(name, items = []) {
    const done = await this.make(() => projects.create(name));
    if (!done) return undefined;
    if (items.length > 0) await this.move(items, done.made.id);
    else this.say(t("project-created", { name: done.made.name }));
    return done.made;
  }

  /**
   * @param {ProjectId} id
   * @param {string} name
   */
  async renameProject(id, name) {
    const before = projects.get(id)?.name;
    if (!(await this.make(() => projects.rename(id, name))) || before === undefined) return;
    const words = () => t("undo-renamed", { before, title: name });
    this.say(words());
    undo.add({ words, undo: () => projects.rename(id, before) });
  }

  /** @param {ProjectId} id */
  async deleteProject(id) {
    const name = projects.get(id)?.name ?? "";
    if (!(await this.make(() => projects.delete(id)))) return;
    if (conversations.scope.kind === "project" && conversations.scope.project === id) {
      void conversations.show({ kind: "unfiled" });
    } else void conversations.load();
    const words = () => t("undo-project-deleted", { name });
    this.say(words());
    undo.add({
      words,
      undo: async () => {
        await projects.restore(id);
        void conversations.load();
      },
    });
  }

  // ---- the whole history --------------------------------------------------------------------------------------------------

  /**
   * Puts a backup in the place of the history. What is replaced is in a backup of its own, which is the way back. Why it could not be
   * done stands beside the backups.
   * @param {BackupId} id
   * @returns {Promise<boolean>} Whether it was.
   */
  async putBack(id) {
    if (!(await backups.restore(id))) return false;
    const { restored } = backups.list ?? {};
    // What was done before was done to another history.
    undo.dismiss();
    if (!restored) return true;
    const words = () =>
      t("backup-restored", { date: i18n.date(restored.to, { dateStyle: "medium", timeStyle: "short" }) });
    this.say(words());
    undo.add({
      words,
      undone: () => t("backup-undone"),
      lasts: true,
      undo: async () => {
        if (!(await backups.restore(restored.before))) throw backups.error;
      },
    });
    return true;
  }

  /** Undoes the latest deed that can be undone. */
  async undo() {
    const done = await this.make(() => undo.undo());
    const deed = done?.made;
    if (deed) this.say(deed.undone?.() ?? t("undo-done"));
    return deed;
  }
}

/** @param {readonly ConversationSummary[]} items */
function idsOf(items) {
  return items.map(({ id }) => id);
}

/**
 * @param {"deleted" | "restored" | "purged" | "archived" | "unarchived" | "pinned" | "unpinned" | "moved" | "unfiled"} what
 * @param {readonly ConversationSummary[]} items
 * @param {Record<string, string>} [vars]
 * @returns {() => string} Names the one, counts the many.
 */
function about(what, items, vars = {}) {
  const [first] = items;
  const count = items.length;
  return () =>
    count === 1 && first
      ? t(`undo-${what}`, { title: first.title, ...vars })
      : t(`undo-${what}-many`, { count, ...vars });
}

export const deeds = new Deeds();
