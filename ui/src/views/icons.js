/**
 * The few signs that stand beside or in place of words. Drawn on a 16 px grid in the colour of the text; always hidden from
 * assistive technology, because the words are there.
 */
import { svg } from "lit";
import "./icons.css";

/** @import { TemplateResult } from "lit" */

/**
 * @param {TemplateResult} drawing
 * @returns {TemplateResult}
 */
export const icon = (drawing) =>
  svg`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${drawing}</svg>`;

export const MORE = icon(
  svg`<g fill="currentColor" stroke="none"><circle cx="3.5" cy="8" r="1.3"/><circle cx="8" cy="8" r="1.3"/><circle cx="12.5" cy="8" r="1.3"/></g>`,
);
export const PIN = icon(svg`<path d="M5.5 2.5h5M6.5 2.5v4L4.5 9v1.5h7V9l-2-2.5v-4M8 10.5v3.5"/>`);
export const CLOSE = icon(svg`<path d="M4 4l8 8M12 4l-8 8"/>`);
export const BACK = icon(svg`<path d="M9.5 3.5L5 8l4.5 4.5"/>`);
export const UP = icon(svg`<path d="M8 12.5v-9M4.5 7L8 3.5 11.5 7"/>`);
export const DOWN = icon(svg`<path d="M8 3.5v9M4.5 9L8 12.5 11.5 9"/>`);
export const REMOVE = icon(svg`<path d="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9"/>`);
export const CHECK = icon(svg`<path d="M3.5 8.5l3 3 6-7"/>`);
export const ALERT = icon(svg`<circle cx="8" cy="8" r="6"/><path d="M8 5v3.5M8 11v.01"/>`);
export const COMPUTER = icon(svg`<rect x="2" y="3" width="12" height="8" rx="1.5"/><path d="M6 13.5h4"/>`);
export const PERSON = icon(
  svg`<circle cx="8" cy="5.5" r="2.75"/><path d="M2.75 13.5c.6-2.7 2.6-4 5.25-4s4.65 1.3 5.25 4"/>`,
);
export const GEAR = icon(
  svg`<circle cx="8" cy="8" r="2"/><path d="M8 1.75v1.7M8 12.55v1.7M14.25 8h-1.7M3.45 8h-1.7M12.42 3.58l-1.2 1.2M4.78 11.22l-1.2 1.2M12.42 12.42l-1.2-1.2M4.78 4.78l-1.2-1.2"/><circle cx="8" cy="8" r="4.5"/>`,
);
export const PLUS = icon(svg`<path d="M8 3.5v9M3.5 8h9"/>`);
export const LEAVE = icon(svg`<path d="M9.5 2.5h-6v11h6M7 8h6.5M11 5.5L13.5 8 11 10.5"/>`);
export const LOCK = icon(
  svg`<rect x="3.5" y="7" width="9" height="6.5" rx="1.5"/><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>`,
);
export const KEY = icon(svg`<circle cx="5" cy="11" r="2.5"/><path d="M7 9l6-6M10.5 5.5l2 2"/>`);
export const BROWSER = icon(svg`<rect x="2" y="3" width="12" height="10" rx="1.5"/><path d="M2 6h12"/>`);
export const COPY = icon(
  svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>`,
);

/** The mark: the capybara of the application's icon on a disc of the brand's colour. */
export const MARK = svg`<svg class="mark" viewBox="0 0 512 512" width="24" height="24" aria-hidden="true" focusable="false">
  <clipPath id="mark-disc"><circle cx="256" cy="256" r="256"/></clipPath>
  <g clip-path="url(#mark-disc)">
    <rect class="mark-ground" width="512" height="512"/>
    <path class="mark-head" d="M40 560 V430 C46 326 78 252 124 212 C117 187 128 164 149 160 C167 157 181 167 186 185 C238 180 292 188 338 203 L390 219 C417 226 433 244 434 272 L436 334 C436 368 415 386 383 388 L336 391 C313 407 302 431 302 459 V560 Z"/>
    <circle class="mark-eye" cx="270" cy="252" r="20"/>
  </g>
</svg>`;
