/**
 * How the endpoints of the active profile do, as the core last said. Asked for once at the start and after a gap; everything
 * else comes by itself. The window never waits for this.
 */
import { Observable } from "./observable.js";

/** @import { EndpointState, Event } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

export class Health extends Observable {
  #call;
  /** @type {EndpointState[]} */
  #endpoints = [];

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  /** In the profile's order. */
  get endpoints() {
    return this.#endpoints;
  }

  /**
   * @param {string | undefined} model
   * @returns {EndpointState | undefined}
   */
  of(model) {
    return this.#endpoints.find((endpoint) => endpoint.model === model);
  }

  /** Asks the core for what it knows; does not ask the endpoints. */
  async load() {
    this.#set(await this.#call("health", null));
  }

  /** Has the endpoints asked again now; the answer comes as events. */
  async refresh() {
    await this.#call("health_refresh", null);
  }

  /** @param {Event} event */
  apply(event) {
    if (event.type === "health") this.#set(event.endpoints);
  }

  /** @param {EndpointState[]} endpoints */
  #set(endpoints) {
    this.#endpoints = endpoints;
    this.changed();
  }
}
