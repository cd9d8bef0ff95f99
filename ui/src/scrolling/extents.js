/**
 * Many things one below the other, of which only those near the view are on the page: how high each is (measured, or guessed until
 * then), how high any stretch of them is, and which of them must be there. Pure: it knows no element.
 */

/**
 * Things beside each other in the list, `to` excluded.
 * @typedef {{ from: number, to: number }} Range
 */

/** @template T */
export class Extents {
  #key;
  #guess;
  /** @type {Map<string, number>} */
  #measured = new Map();
  /** @type {readonly T[]} */
  #things = [];
  /** Where each thing begins, and where the last one ends. @type {Float64Array | undefined} */
  #begins;

  /**
   * @param {(thing: T) => string} key
   * @param {(thing: T) => number} guess In pixels; asked once per laying out, so it must be cheap.
   */
  constructor(key, guess) {
    this.#key = key;
    this.#guess = guess;
  }

  /** @param {readonly T[]} things In their order. */
  set things(things) {
    if (this.#things === things) return;
    this.#things = things;
    this.#begins = undefined;
  }

  /** The height of all together. */
  get height() {
    return this.begin(this.#things.length);
  }

  /** Forgets what was measured of things that are no longer here. */
  forgetOthers() {
    const here = new Set(this.#things.map(this.#key));
    for (const key of this.#measured.keys()) if (!here.has(key)) this.#measured.delete(key);
  }

  /**
   * @param {string} key
   * @param {number} height
   */
  measure(key, height) {
    if (this.#measured.get(key) === height) return;
    this.#measured.set(key, height);
    this.#begins = undefined;
  }

  /**
   * @param {number} n
   * @returns {number} Where thing `n` begins; the end of all for their count.
   */
  begin(n) {
    return this.#layOut()[n] ?? 0;
  }

  /**
   * @param {Range} range
   * @returns {number}
   */
  between({ from, to }) {
    return this.begin(to) - this.begin(from);
  }

  /**
   * @param {number} top
   * @param {number} bottom
   * @returns {Range} The things that reach into this stretch; where there is none, the nearest one.
   */
  within(top, bottom) {
    const count = this.#things.length;
    if (count === 0) return { from: 0, to: 0 };
    const from = Math.min(this.#at(top), count - 1);
    const to = Math.max(from, Math.min(this.#at(bottom), count - 1)) + 1;
    return { from, to };
  }

  /** @param {number} y @returns {number} The thing that stands there. */
  #at(y) {
    const begins = this.#layOut();
    let [low, high] = [0, this.#things.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((begins[middle + 1] ?? 0) > y) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #layOut() {
    if (this.#begins) return this.#begins;
    const begins = new Float64Array(this.#things.length + 1);
    let y = 0;
    for (const [n, thing] of this.#things.entries()) {
      begins[n] = y;
      y += this.#measured.get(this.#key(thing)) ?? this.#guess(thing);
    }
    begins[this.#things.length] = y;
    this.#begins = begins;
    return begins;
  }
}

/**
 * What stands on the page: single things and gaps for those between them.
 * @typedef {{ kind: "thing", n: number } | { kind: "gap", from: number, to: number }} Place
 */

/**
 * @param {number} count
 * @param {Range} range
 * @param {Iterable<number>} others Things that must stay although they are elsewhere.
 * @returns {Place[]} In order; together they cover everything.
 */
export function places(count, { from, to }, others) {
  const kept = new Set();
  for (let n = from; n < to; n += 1) kept.add(n);
  for (const n of others) if (n >= 0 && n < count) kept.add(n);
  /** @type {Place[]} */
  const all = [];
  let next = 0;
  for (const n of [...kept].sort((a, b) => a - b)) {
    if (n > next) all.push({ kind: "gap", from: next, to: n });
    all.push({ kind: "thing", n });
    next = n + 1;
  }
  if (next < count) all.push({ kind: "gap", from: next, to: count });
  return all;
}
