/**
 * Whether a key press belongs to an input method. Every input that acts on Enter or Escape asks this and nothing else, because
 * engines differ: Blink and Gecko send the closing Enter before `compositionend` (with `isComposing`, or as keyCode 229),
 * WebKit after it. So the flag is held for one task after the composition has ended.
 */

/** @type {WeakSet<EventTarget>} */
const composing = new WeakSet();

/**
 * @param {Event} event
 * @returns {EventTarget | null} Where the event began, also inside an open shadow root.
 */
function origin(event) {
  return event.composedPath()[0] ?? event.target;
}

/**
 * Listens for compositions below `root`. Called once, for the document; tests call it for their own root.
 * @param {EventTarget} root
 * @param {(task: () => void) => void} [nextTask] Runs something one task later.
 */
export function watchComposition(root, nextTask = (task) => void setTimeout(task)) {
  root.addEventListener(
    "compositionstart",
    (event) => {
      const target = origin(event);
      if (target) composing.add(target);
    },
    true,
  );
  root.addEventListener(
    "compositionend",
    (event) => {
      const target = origin(event);
      if (target) nextTask(() => composing.delete(target));
    },
    true,
  );
}

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} True where the input method has the key: do nothing with it.
 */
export function isComposing(event) {
  const target = origin(event);
  return event.isComposing || event.keyCode === 229 || (target !== null && composing.has(target));
}
