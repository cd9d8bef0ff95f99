/**
 * The smallest thing a store needs: tell those who look at it that it changed. Synchronous and without values; who is told
 * reads what it needs. Stores extend this; elements look at them through `Watch`.
 */
export class Observable {
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /**
   * @param {() => void} listener
   * @param {AbortSignal} [signal] Ends the observation.
   * @returns {() => void} Ends the observation.
   */
  observe(listener, signal) {
    if (signal?.aborted) return () => {};
    this.#listeners.add(listener);
    const end = () => {
      this.#listeners.delete(listener);
    };
    signal?.addEventListener("abort", end, { once: true });
    return end;
  }

  /** Tells the listeners. For subclasses. */
  changed() {
    for (const listener of [...this.#listeners]) listener();
  }
}
