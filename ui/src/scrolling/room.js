/** Keeps room before and after what an element holds: for those of its things that are not on the page. */
import { noChange } from "lit";
import { Directive, directive, PartType } from "lit/directive.js";

/** @import { ElementPart, PartInfo } from "lit/directive.js" */

class Room extends Directive {
  #before = 0;
  #after = 0;

  /** @param {PartInfo} info */
  constructor(info) {
    super(info);
    if (info.type !== PartType.ELEMENT) throw new Error("room belongs to an element");
  }

  /**
   * @param {number} _before In pixels.
   * @param {number} _after
   */
  render(_before, _after) {
    return noChange;
  }

  /**
   * @param {ElementPart} part
   * @param {[number, number]} room
   */
  update({ element }, [before, after]) {
    if (!(element instanceof HTMLElement)) return noChange;
    if (this.#before !== before) element.style.paddingBlockStart = `${before}px`;
    if (this.#after !== after) element.style.paddingBlockEnd = `${after}px`;
    this.#before = before;
    this.#after = after;
    return noChange;
  }
}

export const room = directive(Room);
