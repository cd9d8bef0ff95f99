/**
 * Dragging conversations onto a place that takes them (`data-drop`). By the pointer's own events: the platform's drag and drop is taken by
 * the files that can be dropped onto the window. Escape, or letting go elsewhere, leaves everything as it was. With a finger
 * the list scrolls; the menu does the same.
 */

/** How far the pointer must go before it is a drag, in pixels. */
const SLACK = 6;

/**
 * @typedef {object} Drag
 * @property {() => string} label What is being dragged, in words.
 * @property {(place: HTMLElement) => void} drop
 */

/**
 * @param {PointerEvent} event The pointer going down.
 * @param {Drag} drag
 */
export function watchDrag(event, { label, drop }) {
  if (event.button !== 0 || event.pointerType === "touch" || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const ending = new AbortController();
  const { signal } = ending;
  const { clientX, clientY, pointerId } = event;
  /** @type {HTMLElement | undefined} */
  let ghost;
  /** @type {HTMLElement | undefined} */
  let over;

  const leave = () => {
    over?.removeAttribute("data-drop-over");
    over = undefined;
  };
  const end = () => {
    ending.abort();
    leave();
    ghost?.remove();
    document.documentElement.removeAttribute("data-dragging");
  };

  document.addEventListener(
    "pointermove",
    (move) => {
      if (move.pointerId !== pointerId) return;
      if (!ghost) {
        if (Math.hypot(move.clientX - clientX, move.clientY - clientY) < SLACK) return;
        ghost = document.createElement("div");
        ghost.className = "drag-ghost";
        ghost.textContent = label();
        document.body.append(ghost);
        document.documentElement.dataset.dragging = "";
        document.getSelection()?.removeAllRanges();
      }
      ghost.style.transform = `translate(${move.clientX + 12}px, ${move.clientY + 8}px)`;
      const place = document.elementFromPoint(move.clientX, move.clientY)?.closest("[data-drop]");
      if (place === over) return;
      leave();
      if (place instanceof HTMLElement) {
        over = place;
        place.setAttribute("data-drop-over", "");
      }
    },
    { signal },
  );
  document.addEventListener(
    "pointerup",
    () => {
      const place = over;
      const dragged = ghost !== undefined;
      end();
      if (!dragged) return;
      // The click that follows was the end of the drag.
      const swallow = (/** @type {Event} */ click) => {
        click.stopPropagation();
        click.preventDefault();
      };
      document.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
      if (place) drop(place);
    },
    { signal },
  );
  document.addEventListener("pointercancel", end, { signal });
  window.addEventListener("blur", end, { signal });
  document.addEventListener(
    "keydown",
    (key) => {
      if (key.key !== "Escape" || !ghost) return;
      key.preventDefault();
      key.stopPropagation();
      end();
    },
    { signal, capture: true },
  );
}
