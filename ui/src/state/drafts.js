/**
 * What was typed but not sent, per conversation and per account: another history has other drafts. Kept in the webview's storage so that it survives a reload and a restart; the
 * words leave it when they are sent. Storage that is full or denied costs the memory over a reload, never the typing.
 */

const PREFIX = "capibara6.draft.";
const NEW = "new";

export class Drafts {
  #storage;
  /** @type {Map<string, string>} */
  #texts = new Map();
  #prefix = PREFIX;

  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} storage */
  constructor(storage) {
    this.#storage = storage;
  }

  /**
   * Whose drafts these are from now on.
   * @param {string | undefined} account Nobody's in particular where absent.
   */
  enter(account) {
    this.#prefix = account === undefined ? PREFIX : `${PREFIX}${account}.`;
  }

  /**
   * Names the draft of a conversation, whoever's it is.
   * @param {string | undefined} conversation
   */
  keyOf(conversation) {
    return this.#prefix + (conversation ?? NEW);
  }

  /**
   * @param {string | undefined} conversation The new one where absent.
   * @returns {string}
   */
  get(conversation) {
    const key = this.keyOf(conversation);
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    try {
      return this.#storage.getItem(key) ?? "";
    } catch {
      return "";
    }
  }

  /**
   * @param {string | undefined} conversation
   * @param {string} text
   */
  set(conversation, text) {
    const key = this.keyOf(conversation);
    this.#texts.set(key, text);
    try {
      if (text === "") this.#storage.removeItem(key);
      else this.#storage.setItem(key, text);
    } catch {
      // Said above: the text stays in memory.
    }
  }
}
