/**
 * Where an address really leads, for a person to judge. A name in letters of another alphabet can look like one that is trusted, so
 * it is shown with its exact form as well (Unicode TS 39 calls such names mixed-script or whole-script confusables; we do
 * not guess which are meant to deceive, we show every one that is not plain ASCII or a single non-Latin script's own name).
 */

/**
 * @typedef {object} Destination
 * @property {"secure" | "plain" | "mail"} kind
 * @property {string} url What would be opened, normalised.
 * @property {string} host The name people read, or the mail address.
 * @property {string} ascii Its exact form.
 * @property {boolean} mixed Whether the name may imitate another.
 */

const SCRIPTS = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Hebrew}/u,
  /\p{Script=Arabic}/u,
];
/** Letters of other alphabets that look like Latin ones: a name made of these alone imitates a Latin one. */
const LATIN_LOOKING = /^[асеорхуіјѕһԁԛԝӏѵѡҽկոսαικνορτυχω0-9.-]+$/u;

/**
 * @param {string} host In its own letters.
 * @param {string} ascii
 * @returns {boolean}
 */
export function mayImitate(host, ascii) {
  if (host === ascii && !/(?:^|\.)xn--/.test(ascii)) return false;
  // Each label by itself: `пример.com` mixes nothing.
  return host.split(".").some((label) => {
    if (/^[\x20-\x7e]*$/.test(label)) return label.startsWith("xn--");
    const scripts = SCRIPTS.filter((script) => script.test(label)).length;
    return scripts > 1 || LATIN_LOOKING.test(label);
  });
}

/**
 * @param {string} address
 * @returns {Destination | undefined} Nothing where the door stays shut.
 */
export function destination(address) {
  /** @type {URL} */
  let url;
  try {
    url = new URL(address.trim());
  } catch {
    return undefined;
  }
  if (url.protocol === "mailto:") {
    const to = decoded(url.pathname);
    return to === "" ? undefined : { kind: "mail", url: url.href, host: to, ascii: to, mixed: false };
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  if (url.hostname === "") return undefined;
  const ascii = url.hostname;
  const host = fromPunycode(ascii);
  const mixed = mayImitate(host, ascii) || url.username !== "";
  return { kind: url.protocol === "https:" ? "secure" : "plain", url: url.href, host, ascii, mixed };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A host name in its own letters (RFC 3492, decoding only: browsers encode by themselves but never show the way back).
 * @param {string} ascii
 * @returns {string} The name as it was where a label cannot be decoded.
 */
export function fromPunycode(ascii) {
  return ascii
    .split(".")
    .map((label) => (label.startsWith("xn--") ? (decodeLabel(label.slice(4)) ?? label) : label))
    .join(".");
}

/**
 * @param {string} label Without `xn--`.
 * @returns {string | undefined}
 */
function decodeLabel(label) {
  const [base, least, most, skew, damp] = [36, 1, 26, 38, 700];
  const cut = label.lastIndexOf("-");
  const points = [...label.slice(0, Math.max(0, cut))].map((letter) => letter.codePointAt(0) ?? 0);
  let [point, bias, index] = [128, 72, 0];
  for (let at = cut + 1; at < label.length; ) {
    const before = index;
    for (let weight = 1, k = base; ; k += base) {
      const code = label.charCodeAt(at++);
      const digit = code >= 97 && code <= 122 ? code - 97 : code >= 48 && code <= 57 ? code - 22 : base;
      if (digit >= base) return undefined;
      index += digit * weight;
      const threshold = k <= bias ? least : k >= bias + most ? most : k - bias;
      if (digit < threshold) break;
      weight *= base - threshold;
      if (index > 0x7fffffff || weight > 0x7fffffff) return undefined;
    }
    const count = points.length + 1;
    let delta = before === 0 ? Math.floor((index - before) / damp) : (index - before) >> 1;
    delta += Math.floor(delta / count);
    let k = 0;
    for (; delta > ((base - least) * most) >> 1; k += base) delta = Math.floor(delta / (base - least));
    bias = k + Math.floor(((base - least + 1) * delta) / (delta + skew));
    point += Math.floor(index / count);
    index %= count;
    if (point > 0x10ffff) return undefined;
    points.splice(index, 0, point);
    index += 1;
  }
  return String.fromCodePoint(...points);
}
