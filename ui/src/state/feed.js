/**
 * Everything the core tells, in order. Frames carry numbers; a missing number means that something was lost, which is told
 * before the frame that showed it is applied, so that whoever shows something asks for it again.
 */

/** @import { Event, Frame } from "../bridge/types.js" */

export class Feed {
  #last = 0;
  #onEvent;
  #onGap;

  /**
   * @param {(event: Event) => void} onEvent
   * @param {() => void} onGap
   */
  constructor(onEvent, onGap) {
    this.#onEvent = onEvent;
    this.#onGap = onGap;
  }

  /** @param {Frame} frame */
  receive(frame) {
    // The first frame of a subscription has number 1, whatever came before it.
    if (frame.seq !== 1 && frame.seq <= this.#last) return;
    const gap = frame.seq !== 1 && frame.seq !== this.#last + 1;
    this.#last = frame.seq;
    if (gap) this.#onGap();
    for (const event of frame.events) this.#onEvent(event);
  }
}
