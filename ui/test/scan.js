/**
 * Reads the source as far as the catalogue test needs it: which messages it asks for, and whether an element's template holds
 * words of its own. Not a parser: it knows strings, comments and nested templates, which is what these questions need.
 */

/** Attributes whose text people see or hear. */
const SPOKEN = new Set([
  "aria-label",
  "aria-description",
  "aria-placeholder",
  "aria-roledescription",
  "aria-valuetext",
  "title",
  "placeholder",
  "alt",
  "label",
]);

/** Words that are names, not language. */
const NAMES = new Set(["Capibara6"]);

/** Stands for an expression inside a template. */
const HOLE = "\uFFFC";

/**
 * @typedef {object} Token
 * @property {"string" | "template"} kind
 * @property {string} tag What stands before a template, such as `html`.
 * @property {string} before The code before it on the same line, to see who is called with it.
 * @property {string} text Expressions inside a template are one `HOLE` each.
 */

/**
 * @param {string} source
 * @returns {Token[]} In the order in which they begin.
 */
function tokens(source) {
  /** @type {(Token & { at: number })[]} */
  const found = [];
  let at = 0;

  /** @param {string} close Ends the code; `}` inside a template, nothing at the top. */
  const code = (close) => {
    let depth = 0;
    while (at < source.length) {
      const two = source.slice(at, at + 2);
      const one = source[at] ?? "";
      if (two === "//") at = end(source.indexOf("\n", at));
      else if (two === "/*") at = end(source.indexOf("*/", at + 2)) + 2;
      else if (one === '"' || one === "'") string(one);
      else if (one === "`") template();
      else if (one === "/" && beginsRegExp(source.slice(0, at))) regExp();
      else if (one === close && depth === 0) {
        at += 1;
        return;
      } else {
        if (one === "{") depth += 1;
        if (one === "}") depth -= 1;
        at += 1;
      }
    }
  };

  /** @param {number} index */
  const end = (index) => (index === -1 ? source.length : index);

  /** @param {number} begin */
  const before = (begin) => source.slice(source.lastIndexOf("\n", begin - 1) + 1, begin);

  /** @param {string} quote */
  const string = (quote) => {
    const begin = at;
    let text = "";
    for (at += 1; at < source.length && source[at] !== quote; at += 1) {
      if (source[at] === "\\") at += 1;
      text += source[at];
    }
    at += 1;
    found.push({ kind: "string", tag: "", before: before(begin), text, at: begin });
  };

  const template = () => {
    const begin = at;
    const [, tag = ""] = /([\w$]*)$/.exec(source.slice(0, begin)) ?? [];
    const token = { kind: /** @type {const} */ ("template"), tag, before: before(begin), text: "", at: begin };
    found.push(token);
    at += 1;
    while (at < source.length && source[at] !== "`") {
      if (source[at] === "\\") {
        token.text += source[at + 1];
        at += 2;
      } else if (source.startsWith("${", at)) {
        at += 2;
        token.text += HOLE;
        code("}");
      } else {
        token.text += source[at];
        at += 1;
      }
    }
    at += 1;
  };

  const regExp = () => {
    let inClass = false;
    for (at += 1; at < source.length && (inClass || source[at] !== "/"); at += 1) {
      if (source[at] === "\\") at += 1;
      else if (source[at] === "[") inClass = true;
      else if (source[at] === "]") inClass = false;
    }
    at += 1;
  };

  code("");
  return found.sort((a, b) => a.at - b.at);
}

/**
 * @param {string} before The code before a slash.
 * @returns {boolean}
 */
function beginsRegExp(before) {
  return /(?:^|[(,=:[!&|?{};+>]|=>|\breturn|\btypeof)\s*$/.test(before);
}

/** How an id of the catalogues looks. */
const ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * @param {string} source
 * @returns {{ ids: string[], literals: string[], prefixes: string[], suffixes: string[] }} `ids` are asked for by `t(…)` or `text(…)`; `literals`
 *   are all strings that look like an id; `prefixes` are the fixed beginnings of templates, `suffixes` their
 *   fixed ends where nothing stands before the expression.
 */
export function messageReferences(source) {
  /** @type {{ ids: string[], literals: string[], prefixes: string[], suffixes: string[] }} */
  const references = { ids: [], literals: [], prefixes: [], suffixes: [] };
  for (const { kind, tag, before, text } of tokens(source)) {
    if (kind === "string" && ID.test(text)) {
      references.literals.push(text);
      if (/(?:\bt|\.text)\($/.test(before)) references.ids.push(text);
    }
    const hole = text.indexOf(HOLE);
    if (kind === "template" && tag === "" && hole > 0) {
      const prefix = text.slice(0, hole);
      if (/^[a-z][a-z0-9]*-([a-z0-9]+-)*$/.test(prefix)) references.prefixes.push(prefix);
    }
    if (kind === "template" && tag === "" && hole === 0 && /^(?:-[a-z0-9]+)+$/.test(text.slice(1))) {
      references.suffixes.push(text.slice(1));
    }
  }
  return references;
}

/**
 * Words in the templates of elements: text between tags, and spoken attributes that are not an expression.
 * @param {string} source
 * @returns {string[]}
 */
export function hardCodedTexts(source) {
  return tokens(source)
    .filter(({ kind, tag }) => kind === "template" && (tag === "html" || tag === "svg"))
    .flatMap(({ text }) => wordsOf(text));
}

/**
 * @param {string} template
 * @returns {string[]}
 */
function wordsOf(template) {
  /** @type {string[]} */
  const found = [];
  const plain = template.replace(/<!--[\s\S]*?-->/g, "");
  const text = plain.replace(/<[/a-z\uFFFC](?:"[^"]*"|'[^']*'|[^>"'])*>/gi, (tag) => {
    for (const [, name = "", , double, single] of tag.matchAll(/\s([\w.?@-]+)=("([^"]*)"|'([^']*)')/g)) {
      const value = double ?? single ?? "";
      if (SPOKEN.has(name) && isLanguage(value)) found.push(`${name}="${value.replaceAll(HOLE, "…")}"`);
    }
    return "\n";
  });
  for (const line of text.split(/[\n\uFFFC]/)) {
    const words = line.replace(/&[a-z]+;/g, " ").trim();
    if (isLanguage(words)) found.push(words);
  }
  return found;
}

/**
 * @param {string} text
 * @returns {boolean}
 */
function isLanguage(text) {
  return /\p{L}/u.test(text) && !NAMES.has(text.trim());
}
