/** How high a text will probably be, before anything of it is laid out. Rough: what is shown is measured. */

/** How much of a text is looked at: the rest is taken to be like it. */
const SAMPLE = 20_000;

/**
 * @param {string} text
 * @param {{ letters: number, line: number }} measure Letters in a full line, and the height of a line in pixels.
 * @returns {number} In pixels.
 */
export function textHeight(text, { letters, line }) {
  const end = Math.min(text.length, SAMPLE);
  let lines = 0;
  for (let at = 0; at < end; ) {
    const next = text.indexOf("\n", at);
    const stop = next < 0 || next > end ? end : next;
    lines += Math.max(1, Math.ceil((stop - at) / letters));
    at = stop + 1;
  }
  return Math.max(1, lines * (end === 0 ? 1 : text.length / end)) * line;
}
