/** The signs of the history's lists. */
import { svg } from "lit";
import { icon } from "../icons.js";

export const FOLDER = icon(
  svg`<path d="M2 4.8A1.3 1.3 0 0 1 3.3 3.5h2.9l1.6 1.7h4.9A1.3 1.3 0 0 1 14 6.5v5.2a1.3 1.3 0 0 1-1.3 1.3H3.3A1.3 1.3 0 0 1 2 11.7z"/>`,
);
export const ARCHIVE = icon(
  svg`<rect x="2" y="3" width="12" height="3.2" rx="1"/><path d="M3.2 6.2v5.5A1.3 1.3 0 0 0 4.5 13h7a1.3 1.3 0 0 0 1.3-1.3V6.2M6.5 9h3"/>`,
);
export const TRASH = icon(svg`<path d="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9"/>`);
export const MERGE = icon(
  svg`<path d="M3.5 3v2.2c0 2.2 4.5 2.1 4.5 4.6V13M12.5 3v2.2C12.5 7.4 8 7.3 8 9.8M5.8 11L8 13.2 10.2 11"/>`,
);
export const EXPORT = icon(
  svg`<path d="M8 9.5v-7M5.2 5L8 2.3 10.8 5M3 9.5v2.8a1.2 1.2 0 0 0 1.2 1.2h7.6a1.2 1.2 0 0 0 1.2-1.2V9.5"/>`,
);
export const IMPORT = icon(
  svg`<path d="M8 2.5v7M5.2 7L8 9.7 10.8 7M3 9.5v2.8a1.2 1.2 0 0 0 1.2 1.2h7.6a1.2 1.2 0 0 0 1.2-1.2V9.5"/>`,
);
export const RESTORE = icon(svg`<path d="M3 8a5 5 0 1 0 1.6-3.7M2.8 2.4v2.7h2.7"/>`);
export const SELECT = icon(
  svg`<rect x="2.5" y="2.5" width="11" height="11" rx="2.2"/><path d="M5.2 8.2l2 2 3.6-4.2"/>`,
);
export const DUPLICATE = icon(
  svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.8"/><path d="M10.5 5.5V4.3a1.8 1.8 0 0 0-1.8-1.8H4.3a1.8 1.8 0 0 0-1.8 1.8v4.4a1.8 1.8 0 0 0 1.8 1.8h1.2"/>`,
);
export const PRINT = icon(
  svg`<path d="M4.5 6V2.5h7V6M4.5 11.5H3.3A1.3 1.3 0 0 1 2 10.2V7.3A1.3 1.3 0 0 1 3.3 6h9.4A1.3 1.3 0 0 1 14 7.3v2.9a1.3 1.3 0 0 1-1.3 1.3h-1.2M4.5 9.5h7v4h-7z"/>`,
);
export const RENAME = icon(
  svg`<path d="M3 13l.6-2.8 7.2-7.2a1.2 1.2 0 0 1 1.7 0l.5.5a1.2 1.2 0 0 1 0 1.7L5.8 12.4z"/>`,
);
export const FILTER = icon(svg`<path d="M2.5 4h11M4.5 8h7M6.5 12h3"/>`);
export const CARET_DOWN = icon(svg`<path d="M4.5 6.5L8 10l3.5-3.5"/>`);
