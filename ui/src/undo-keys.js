/**
 * Undo and redo by keyboard where the webview gives them no keys: WebKitGTK undoes only when a menu tells it to. Elsewhere the engine
 * does it by itself, and nothing is done here.
 */

/** @import { Platform } from "./bridge/types.js" */

/**
 * What a key press in a field asks for.
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">} event
 * @param {Platform} platform
 * @returns {"undo" | "redo" | undefined}
 */
export function undoOf({ key, ctrlKey, metaKey, shiftKey, altKey }, platform) {
  if (platform !== "linux" || !ctrlKey || metaKey || altKey) return undefined;
  const letter = key.toLowerCase();
  if (letter === "z") return shiftKey ? "redo" : "undo";
  return letter === "y" && !shiftKey ? "redo" : undefined;
}
