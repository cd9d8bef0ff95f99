/** The projects: folders of conversations, in the order that their owner gave them. */
import { Observable } from "./observable.js";

/** @import { AppError, Event, Project, ProjectId } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

export class Projects extends Observable {
  #call;
  /** @type {readonly Project[]} */
  #items = [];
  /** @type {AppError | undefined} */
  #error;
  #asked = 0;

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  get items() {
    return this.#items;
  }

  /** Why they could not be read. */
  get error() {
    return this.#error;
  }

  /** @param {ProjectId | undefined} id */
  get(id) {
    return this.#items.find((each) => each.id === id);
  }

  forget() {
    this.#items = [];
    this.#error = undefined;
    this.changed();
  }

  async load() {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const items = await this.#call("project_list", null);
      if (asked !== this.#asked) return;
      this.#items = items;
      this.#error = undefined;
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
    }
    this.changed();
  }

  /** @param {string} name */
  async create(name) {
    const made = await this.#call("project_create", { name });
    await this.load();
    return made;
  }

  /**
   * @param {ProjectId} id
   * @param {string} name
   */
  async rename(id, name) {
    await this.#call("project_rename", { id, name });
    await this.load();
  }

  /**
   * @param {ProjectId} id
   * @param {ProjectId | undefined} before The last where absent.
   */
  async move(id, before) {
    this.#items = await this.#call("project_move", { id, ...(before === undefined ? {} : { before }) });
    this.changed();
  }

  /**
   * Takes the folder away; its conversations stay, in no project.
   * @param {ProjectId} id
   */
  async delete(id) {
    await this.#call("project_delete", { id });
    await this.load();
  }

  /** @param {ProjectId} id */
  async restore(id) {
    await this.#call("project_restore", { id });
    await this.load();
  }

  /** @param {Event} event */
  apply(event) {
    if (event.type === "projects-changed") void this.load();
  }
}
