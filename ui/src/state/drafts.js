/**
 * What was typed but not sent, per conversation. Kept in the webview's storage so that it survives a reload and a restart; the
 * words leave it when they are sent. Storage that is full or denied costs the memory over a reload, never the typing.
 */

const PREFIX = "capibara6.draft.";
const NEW = "new";

export class Drafts {
  #storage;
  /** @type {Map<string, string>} */
  #texts = new Map();

  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} storage */
  constructor(storage) {
    this.#storage = storage;
  }

  /**
   * @param {string | undefined} conversation The new one where absent.
   * @returns {string}
   */
  get(conversation) {
    const key = PREFIX + (conversation ?? NEW);
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
    const key = PREFIX + (conversation ?? NEW);
    this.#texts.set(key, text);
    try {
      if (text === "") this.#storage.removeItem(key);
      else this.#storage.setItem(key, text);
    } catch {
      // Said above: the text stays in memory.
    }
  }
}
