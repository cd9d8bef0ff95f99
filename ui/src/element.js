/**
 * What all elements of the window have in common: they render into the light DOM, so that one style sheet, one focus order and
 * every test reaches them, and they are rendered anew when the language changes.
 */
import { LitElement } from "lit";
import { i18n } from "./i18n.js";
import { Watch } from "./state/watch.js";

/** @import { Observable } from "./state/observable.js" */

export class LightElement extends LitElement {
  constructor() {
    super();
    new Watch(this, i18n);
  }

  createRenderRoot() {
    return this;
  }

  /**
   * Renders anew whenever one of these changes. For constructors.
   * @param {...Observable} stores
   */
  watch(...stores) {
    new Watch(this, ...stores);
  }
}
