/** Where the words of a search stand together. Knows nothing of the page. */

/** How near to each other, in letters, words belong together. */
const TOGETHER = 240;

/**
 * Where most of the words stand together: one of them alone may be everywhere.
 * @param {ReadonlyArray<[at: number, word: string]>} places In order.
 * @returns {number} The first such place.
 */
export function densest(places) {
  let best = 0;
  let most = 0;
  for (let n = 0; n < places.length; n += 1) {
    const [from] = places[n] ?? [0];
    const words = new Set();
    for (let m = n; m < places.length && (places[m]?.[0] ?? 0) - from <= TOGETHER; m += 1) {
      words.add(places[m]?.[1].toLowerCase());
    }
    if (words.size > most) {
      most = words.size;
      best = n;
    }
  }
  return best;
}
