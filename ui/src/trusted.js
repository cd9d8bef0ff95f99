/**
 * The only place where text becomes HTML. It owns the window's one Trusted Types policy and the sanitiser's rules; what comes
 * out is a fragment, never a string, so that nobody else needs an HTML sink. Renderers above already write only safe
 * HTML (`html: false`): this is the second belt, for the day one of them has a hole.
 */
import DOMPurify from "dompurify";

/** Where a browser has no Trusted Types (Firefox in development), the sanitiser works without. */
const policy = /** @type {any} */ (window).trustedTypes?.createPolicy("capibara6", {
  /** @param {string} html Already sanitised, or on its way into the sanitiser's inert document. */
  createHTML: (html) => html,
  createScriptURL: () => {
    throw new TypeError("No script is loaded at run time.");
  },
});

const RULES = {
  ...(policy ? { TRUSTED_TYPES_POLICY: policy } : {}),
  USE_PROFILES: { html: true, mathMl: true },
  // Nothing that loads, submits, plays, styles or frames.
  FORBID_TAGS: [
    "img",
    "picture",
    "source",
    "audio",
    "video",
    "track",
    "svg",
    "image",
    "style",
    "link",
    "form",
    "button",
    "select",
    "textarea",
    "option",
    "dialog",
    "template",
    "slot",
    "map",
    "area",
    "base",
    "meta",
    "iframe",
    "object",
    "embed",
    "maction",
    "mglyph",
    "annotation",
    "annotation-xml",
  ],
  FORBID_ATTR: [
    "style",
    "id",
    "name",
    "src",
    "srcset",
    "background",
    "poster",
    "ping",
    "action",
    "formaction",
    "target",
    "download",
    "xlink:href",
    "slot",
    "is",
    "part",
    "popover",
    "popovertarget",
    "autofocus",
    "contenteditable",
    "draggable",
    "tabindex",
  ],
  ADD_FORBID_CONTENTS: ["annotation", "annotation-xml", "style", "svg"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: true,
  // Values that look like an address must have one of these schemes; `href` is held to more below.
  ALLOWED_URI_REGEXP: /^(?:(?:https?|mailto):|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
  RETURN_DOM_FRAGMENT: true,
};

// Once: given with each text, the rules would be read again for each block of each answer.
DOMPurify.setConfig(RULES);

DOMPurify.addHook("uponSanitizeElement", (node) => {
  // The one control that text may have: the box of a task list, which cannot be ticked.
  if (!(node instanceof Element) || node.localName !== "input") return;
  if (node.getAttribute("type") !== "checkbox" || !node.hasAttribute("disabled")) node.remove();
});

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  const href = node.getAttribute("href");
  if (href !== null && !(node.localName === "a" && /^(?:https?:\/\/|mailto:)/i.test(href)))
    node.removeAttribute("href");
});

/**
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function trustedFragment(html) {
  return /** @type {DocumentFragment} */ (/** @type {unknown} */ (DOMPurify.sanitize(html)));
}
