/**
 * Marks the words of a search in a message, by the engine's own highlights: the text is not touched. Which letters match is the core's to
 * say, so that what is marked is what was found.
 */
import { call } from "../bridge/index.js";
import { densest } from "./densest.js";

/** @import { MessageView } from "./message.js" */

const NAME = "found";
/** What holds words of its own: a match never goes from one of these into the next. */
const LEAVES = "p, li, td, th, h1, h2, h3, h4, h5, h6, pre, .stretch, .question";

/** Takes all marks away. */
export function clearMarks() {
  CSS.highlights?.delete(NAME);
}

/**
 * Marks the words in a message.
 * @param {MessageView} message On the page.
 * @param {string} query
 * @returns {Promise<Range | undefined>} The first place; absent where there is none.
 */
export async function showMarks(message, query) {
  clearMarks();
  const content = message.message?.value.content ?? "";
  const root = message.querySelector(".message-text");
  if (query.trim() === "" || !root) return undefined;
  // Of a long message only a part is on the page: the one with the first place comes there.
  const [places = []] = message.partial ? await call("search_marks", { query, texts: [content] }) : [];
  const holder = message.show(
    places[densest(places.map(({ start, end }) => [start, content.slice(start, end)]))]?.start ?? 0,
  );
  const leaves = textLeaves(root);
  const all = await call("search_marks", {
    query,
    texts: leaves.map((nodes) => nodes.map((each) => each.data).join("")),
  });
  let begin = 0;
  const marks = leaves.flatMap((nodes, n) => {
    const found = (all[n] ?? []).map(({ start, end }) => ({ at: begin + start, range: rangeIn(nodes, start, end) }));
    begin += nodes.reduce((sum, { length }) => sum + length, 0);
    return found;
  });
  if (CSS.highlights && typeof Highlight === "function" && marks.length > 0)
    CSS.highlights.set(NAME, new Highlight(...marks.map(({ range }) => range)));
  const near = marks.filter(({ range }) => holder.contains(range.startContainer));
  const shown = near.length > 0 ? near : marks;
  return shown[densest(shown.map(({ at, range }) => [at, range.toString()]))]?.range;
}

/**
 * @param {Element} root
 * @returns {Text[][]} The text nodes of each part that holds words of its own.
 */
function textLeaves(root) {
  /** @type {Map<Element, Text[]>} */
  const leaves = new Map();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const leaf = node.parentElement?.closest(LEAVES) ?? root;
    const nodes = leaves.get(leaf);
    if (nodes) nodes.push(/** @type {Text} */ (node));
    else leaves.set(leaf, [/** @type {Text} */ (node)]);
  }
  return [...leaves.values()];
}

/**
 * @param {Text[]} nodes
 * @param {number} start In their texts together.
 * @param {number} end
 */
function rangeIn(nodes, start, end) {
  const range = new Range();
  let at = 0;
  for (const node of nodes) {
    const after = at + node.length;
    if (start >= at && start < after) range.setStart(node, start - at);
    if (end > at && end <= after) {
      range.setEnd(node, end - at);
      break;
    }
    at = after;
  }
  return range;
}
