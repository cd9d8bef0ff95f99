/** @import { ReactiveController, ReactiveControllerHost } from "lit" */
/** @import { Observable } from "./observable.js" */

/**
 * Renders an element anew when one of its stores changed, for as long as it is in the document.
 * @implements {ReactiveController}
 */
export class Watch {
  #host;
  #stores;
  /** @type {AbortController | undefined} */
  #connection;

  /**
   * @param {ReactiveControllerHost} host
   * @param {...Observable} stores
   */
  constructor(host, ...stores) {
    this.#host = host;
    this.#stores = stores;
    host.addController(this);
  }

  hostConnected() {
    this.#connection = new AbortController();
    for (const store of this.#stores) store.observe(() => this.#host.requestUpdate(), this.#connection.signal);
  }

  hostDisconnected() {
    this.#connection?.abort();
  }
}
