/** The signs of the conversation's buttons, on a 16 px grid in the colour of the text; the words are beside them as names. */
import { svg } from "lit";

/** @import { TemplateResult } from "lit" */

/**
 * @param {TemplateResult} drawing
 * @returns {TemplateResult}
 */
const sign = (drawing) =>
  svg`<svg class="sign" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${drawing}</svg>`;

export const COPY = sign(
  svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.8"/><path d="M10.5 5.5V4.3a1.8 1.8 0 0 0-1.8-1.8H4.3a1.8 1.8 0 0 0-1.8 1.8v4.4a1.8 1.8 0 0 0 1.8 1.8h1.2"/>`,
);
export const COPIED = sign(svg`<path d="M3.5 8.5l3 3 6-7"/>`);
export const EDIT = sign(
  svg`<path d="M3 13l.6-2.8 7.2-7.2a1.2 1.2 0 0 1 1.7 0l.5.5a1.2 1.2 0 0 1 0 1.7L5.8 12.4z"/><path d="M9.7 4.1l2.2 2.2"/>`,
);
export const AGAIN = sign(svg`<path d="M13 8a5 5 0 1 1-1.6-3.7"/><path d="M13.2 2.4v2.7h-2.7"/>`);
export const BRANCH = sign(
  svg`<circle cx="4.5" cy="3.8" r="1.6"/><circle cx="4.5" cy="12.2" r="1.6"/><circle cx="11.5" cy="5.2" r="1.6"/><path d="M4.5 5.4v5.2M11.5 6.8c0 2.6-4.6 2-6.8 4"/>`,
);
export const ON = sign(svg`<path d="M3 8h9M8.5 4.5L12 8l-3.5 3.5"/>`);
export const BEFORE = sign(svg`<path d="M9.5 4L5.5 8l4 4"/>`);
export const AFTER = sign(svg`<path d="M6.5 4l4 4-4 4"/>`);
export const CLOSE = sign(svg`<path d="M4 4l8 8M12 4l-8 8"/>`);
export const SIDEBAR = sign(svg`<rect x="2" y="3" width="12" height="10" rx="2"/><path d="M6.5 3v10"/>`);
export const INSPECTOR = sign(svg`<rect x="2" y="3" width="12" height="10" rx="2"/><path d="M9.5 3v10"/>`);
export const END = sign(svg`<path d="M8 3v10M4 9l4 4 4-4"/>`);
export const CARET = sign(svg`<path d="M4.5 6.5L8 10l3.5-3.5"/>`);
export const OTHERS = sign(
  svg`<circle cx="5" cy="5" r="2.2"/><circle cx="11.2" cy="5.8" r="1.8"/><path d="M1.8 13c.2-2.4 1.5-3.8 3.2-3.8S8 10.6 8.2 13M9.6 9.8c.5-.3 1-.5 1.6-.5 1.5 0 2.5 1.1 2.8 3"/>`,
);
