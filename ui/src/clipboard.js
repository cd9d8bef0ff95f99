/**
 * Text into the system's clipboard. The asynchronous interface is missing or refused in some webviews (no secure context, a policy
 * of the desktop); the older command then does it from a field that nobody sees.
 */

/**
 * @param {string} text
 * @returns {Promise<boolean>} Whether it is there now.
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
}

/**
 * @param {string} text
 * @returns {boolean}
 */
function copyByCommand(text) {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  field.setAttribute("aria-hidden", "true");
  // Inside an open modal dialog nothing outside of it can have the focus.
  (focused?.closest("dialog") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
