/**
 * What stands in front of the conversation: at most one view at a time, opened by name. The shell loads its module, puts its
 * element into a modal dialog and gives the focus back afterwards; the view itself calls `navigation.close()`.
 */
import { Observable } from "./state/observable.js";

/**
 * A view that can be opened. Each is `views/<name>.js`, which defines `<c6-<name>>`.
 * @typedef {"settings" | "palette" | "shortcuts" | "about" | "sign-in" | "export" | "transfer" | "salvage" | "plan" | "models"} ViewName
 */

/**
 * @typedef {object} OpenView
 * @property {ViewName} name
 * @property {Readonly<Record<string, string>>} params For the view, as its `params` property: which section, which profile.
 */

export class Navigation extends Observable {
  /** @type {OpenView | undefined} */
  #current;

  /** The open view. */
  get current() {
    return this.#current;
  }

  /**
   * Opens a view in place of whatever is open.
   * @param {ViewName} name
   * @param {Readonly<Record<string, string>>} [params]
   */
  open(name, params = {}) {
    this.#current = { name, params };
    this.changed();
  }

  /** Closes the open view. */
  close() {
    if (this.#current === undefined) return;
    this.#current = undefined;
    this.changed();
  }

  /**
   * Opens a view, or closes it where it is open.
   * @param {ViewName} name
   */
  toggle(name) {
    if (this.#current?.name === name) this.close();
    else this.open(name);
  }
}

export const navigation = new Navigation();
