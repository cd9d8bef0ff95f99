/** Gives an element a height, or takes it away. By the style object, because the window's policy forbids style attributes. */

import { noChange } from "lit";
import { Directive, directive, PartType } from "lit/directive.js";

/** @import { ElementPart, PartInfo } from "lit/directive.js" */

class Height extends Directive {
  /** @type {number | undefined} */
  #set;

  /** @param {PartInfo} info */
  constructor(info) {
    super(info);
    if (info.type !== PartType.ELEMENT) throw new Error("height belongs to an element");
  }

  /** @param {number} _pixels */
  render(_pixels) {
    return noChange;
  }

  /**
   * @param {ElementPart} part
   * @param {[number]} values
   */
  update({ element }, [pixels]) {
    if (this.#set !== pixels && element instanceof HTMLElement) {
      this.#set = pixels;
      element.style.height = `${pixels}px`;
    }
    return noChange;
  }
}

export const height = directive(Height);
