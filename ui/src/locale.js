/**
 * Words, numbers and dates in the reader's language. Texts live in Fluent catalogues (`locales/<tag>/*.ftl`), the same files
 * that the core reads for its notifications; nothing else in the window holds a sentence. A text that a language does not
 * have yet is shown in English, never as its id where English has it.
 */
import { FluentBundle, FluentResource } from "@fluent/bundle";
import { negotiateLanguages } from "@fluent/langneg";
import { Observable } from "./state/observable.js";

/** @import { FluentVariable } from "@fluent/bundle" */

/**
 * Languages in the order in which the picker shows them, in their own words. One is offered once its catalogue exists.
 * @type {ReadonlyArray<{ tag: string, name: string }>}
 */
export const LANGUAGES = [
  { tag: "es", name: "Español" },
  { tag: "en", name: "English" },
  { tag: "ca", name: "Català" },
  { tag: "eu", name: "Euskara" },
  { tag: "gl", name: "Galego" },
  { tag: "pt", name: "Português" },
  { tag: "fr", name: "Français" },
  { tag: "de", name: "Deutsch" },
  { tag: "it", name: "Italiano" },
  { tag: "zh-Hans", name: "简体中文" },
  { tag: "ja", name: "日本語" },
  { tag: "ar", name: "العربية" },
];

const FALLBACK = "en";
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);

/**
 * @param {string} tag BCP 47
 * @returns {"ltr" | "rtl"}
 */
export function directionOf(tag) {
  return RIGHT_TO_LEFT.has(tag.split("-")[0] ?? "") ? "rtl" : "ltr";
}

/**
 * Reads one language's catalogue files.
 * @typedef {(tag: string) => Promise<string[]>} CatalogueLoader
 */

export class I18n extends Observable {
  #load;
  #available;
  #tag = FALLBACK;
  /** @type {FluentBundle[]} The chosen language first, then English. */
  #bundles = [];
  /** @type {Map<string, FluentBundle>} */
  #loaded = new Map();
  /** @type {Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.ListFormat>} */
  #formats = new Map();

  /**
   * @param {string[]} available Tags that have a catalogue.
   * @param {CatalogueLoader} load
   */
  constructor(available, load) {
    super();
    this.#available = available;
    this.#load = load;
  }

  /** The language in use, as a BCP 47 tag. */
  get tag() {
    return this.#tag;
  }

  /** Whether there are words at all yet. */
  get loaded() {
    return this.#bundles.length > 0;
  }

  get direction() {
    return directionOf(this.#tag);
  }

  /** The languages that can be picked. */
  get languages() {
    return LANGUAGES.filter(({ tag }) => this.#available.includes(tag));
  }

  /**
   * Changes the language to the best match of what is wished.
   * @param {readonly string[]} wished BCP 47 tags, best first.
   */
  async use(wished) {
    const [tag = FALLBACK] = negotiateLanguages(wished, this.#available, {
      defaultLocale: FALLBACK,
      strategy: "lookup",
    });
    const bundles = await Promise.all([...new Set([tag, FALLBACK])].map((each) => this.#bundle(each)));
    this.#tag = tag;
    this.#bundles = bundles;
    this.#formats.clear();
    this.changed();
  }

  /**
   * @param {string} tag
   * @returns {Promise<FluentBundle>}
   */
  async #bundle(tag) {
    const known = this.#loaded.get(tag);
    if (known) return known;
    // The isolation marks would be in every text that is copied or compared; only mixed directions need them.
    const bundle = new FluentBundle(tag, { useIsolating: directionOf(tag) === "rtl" });
    for (const source of await this.#load(tag)) bundle.addResource(new FluentResource(source));
    this.#loaded.set(tag, bundle);
    return bundle;
  }

  /**
   * @param {string} id
   * @returns {boolean} Whether there is such a text.
   */
  has(id) {
    return this.#bundles.some((bundle) => bundle.hasMessage(id));
  }

  /**
   * @param {string} id
   * @param {Record<string, FluentVariable>} [vars]
   * @returns {string} The text; the id itself where no catalogue has it.
   */
  text(id, vars) {
    for (const bundle of this.#bundles) {
      const message = bundle.getMessage(id);
      if (message?.value) return bundle.formatPattern(message.value, vars, []);
    }
    return id;
  }

  /**
   * @template {Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.ListFormat} F
   * @param {string} kind
   * @param {object} options
   * @param {() => F} make
   * @returns {F}
   */
  #format(kind, options, make) {
    const key = kind + JSON.stringify(options);
    const known = this.#formats.get(key);
    if (known) return /** @type {F} */ (known);
    const made = make();
    this.#formats.set(key, made);
    return made;
  }

  /**
   * @param {number} value
   * @param {Intl.NumberFormatOptions} [options]
   */
  number(value, options = {}) {
    return this.#format("number", options, () => new Intl.NumberFormat(this.#tag, options)).format(value);
  }

  /**
   * A span of time for people: `412 ms`, `2.3 s`, `3 min`.
   * @param {number} milliseconds
   */
  duration(milliseconds) {
    /** @type {[number, string, number]} */
    const [value, unit, digits] =
      milliseconds < 1000
        ? [Math.round(milliseconds), "millisecond", 0]
        : milliseconds < 60_000
          ? [milliseconds / 1000, "second", milliseconds < 10_000 ? 1 : 0]
          : [milliseconds / 60_000, "minute", milliseconds < 600_000 ? 1 : 0];
    return this.number(value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits });
  }

  /**
   * @param {number} moment Milliseconds since 1970.
   * @param {Intl.DateTimeFormatOptions} [options]
   */
  date(moment, options = { dateStyle: "medium" }) {
    return this.#format("date", options, () => new Intl.DateTimeFormat(this.#tag, options)).format(moment);
  }

  /** @param {number} moment Milliseconds since 1970. */
  time(moment) {
    return this.date(moment, { timeStyle: "short" });
  }

  /** @param {Iterable<string>} items */
  list(items) {
    const options = /** @type {const} */ ({ type: "conjunction", style: "long" });
    return this.#format("list", options, () => new Intl.ListFormat(this.#tag, options)).format(items);
  }
}
