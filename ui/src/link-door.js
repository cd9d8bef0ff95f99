/** Placeholder of this commit: no link leads anywhere. */
/**
 * @param {Document} root
 * @param {AbortSignal} signal
 */
export function watchLinks(root, signal) {
  for (const type of ["click", "auxclick"]) {
    root.addEventListener(
      type,
      (event) => {
        const target = event
          .composedPath()
          .find((each) => each instanceof HTMLAnchorElement && each.hasAttribute("href"));
        if (target) event.preventDefault();
      },
      { capture: true, signal },
    );
  }
}
