/**
 * Everything the window can do by name: the native menu, the keyboard, the palette and the sheet of shortcuts all read this one
 * table. Names are those of the bridge's `WindowAction` where the menu has the same.
 */
import { call } from "./bridge/index.js";
import { deeds } from "./deeds.js";
import { navigation } from "./navigation.js";
import { consensus, conversation, conversations, session, settings, transfers, undo } from "./state/index.js";

/** @import { Platform } from "./bridge/types.js" */

/**
 * @typedef {"new-chat" | "settings" | "find" | "palette" | "shortcuts" | "about" | "toggle-sidebar" | "toggle-inspector"
 *   | "larger-type" | "smaller-type" | "reset-type" | "stop" | "next-region" | "prev-region" | "send" | "newline" | "edit-last"
 *   | "undo" | "new-project" | "archive" | "pin" | "duplicate" | "delete" | "export" | "export-all" | "import" | "print" | "backups" | "sign-in" | "account" | "models" | "plan"
 *   | "show-archive" | "show-trash" | "select" | "select-range" | "select-all"} ActionId
 */

/**
 * @typedef {object} Action
 * @property {ActionId} id The palette's and the sheet's text is `shortcut-<id>`.
 * @property {string[]} [keys] Shortcuts, best first: `Mod+Shift+K`. `Mod` is ⌘ on macOS and Ctrl elsewhere.
 * @property {"general" | "conversation" | "list"} group The sheet's section: `shortcut-group-<group>`.
 * @property {boolean} [whileTyping] Whether a key without `Mod` also works inside an input.
 * @property {boolean} [local] An element does it by itself where it has the focus: for the sheet only.
 * @property {boolean} [listed] `false` keeps it out of the palette.
 * @property {() => boolean} [possible] Whether it can be done now.
 * @property {() => void} run
 */

/**
 * What only the shell can do, because it owns the regions. Filled in by the shell.
 * @typedef {object} Frame
 * @property {(region: "sidebar" | "inspector") => void} toggle
 * @property {(step: 1 | -1) => void} moveRegion
 * @property {() => void} focusComposer
 * @property {() => void} focusSearch
 * @property {() => void} newProject
 * @property {() => void} focusList
 */

/** @type {Frame} */
let frame = { toggle() {}, moveRegion() {}, focusComposer() {}, focusSearch() {}, newProject() {}, focusList() {} };

/** @param {Frame} shell */
export function setFrame(shell) {
  frame = shell;
}

const usable = () => session.phase === "ready" && !session.locked;

/** Whether the focus is where something is typed. */
const isTyping = () => document.activeElement?.matches("input:not([type=checkbox], [type=radio]), textarea") === true;

/** The open conversation, where it is one that something can be done with. */
const open = () =>
  conversation.id === undefined ? undefined : (conversations.get(conversation.id) ?? conversation.summary);
const isOpen = () => usable() && open() !== undefined;

/** @param {(item: import("./bridge/types.js").ConversationSummary) => unknown} act */
const withOpen = (act) => () => {
  const item = open();
  if (item) void act(item);
};

/** @type {readonly Action[]} */
export const ACTIONS = [
  {
    id: "palette",
    keys: ["Mod+K"],
    group: "general",
    listed: false,
    possible: usable,
    run: () => navigation.toggle("palette"),
  },
  {
    id: "new-chat",
    keys: ["Mod+N"],
    group: "general",
    possible: usable,
    run: () => {
      navigation.close();
      conversation.begin();
      frame.focusComposer();
    },
  },
  { id: "find", keys: ["Mod+F"], group: "general", possible: usable, run: () => frame.focusSearch() },
  { id: "settings", keys: ["Mod+,"], group: "general", run: () => navigation.open("settings") },
  { id: "shortcuts", keys: ["?", "Mod+/"], group: "general", run: () => navigation.toggle("shortcuts") },
  { id: "about", group: "general", run: () => navigation.open("about") },
  { id: "sign-in", group: "general", possible: usable, run: () => navigation.open("sign-in") },
  {
    id: "account",
    group: "general",
    possible: usable,
    run: () => navigation.open("settings", { section: "account" }),
  },
  {
    id: "stop",
    keys: ["Escape"],
    group: "conversation",
    whileTyping: true,
    possible: () =>
      navigation.current === undefined && (conversation.streaming !== undefined || consensus.gathering !== undefined),
    run: () => {
      const { gathering } = consensus;
      if (gathering) void consensus.stop(gathering);
      else void conversation.stop();
    },
  },
  { id: "send", keys: ["Enter"], group: "conversation", local: true, listed: false, run() {} },
  { id: "newline", keys: ["Shift+Enter"], group: "conversation", local: true, listed: false, run() {} },
  { id: "edit-last", keys: ["↑"], group: "conversation", local: true, listed: false, run() {} },
  {
    id: "next-region",
    keys: ["F6"],
    group: "general",
    whileTyping: true,
    listed: false,
    run: () => frame.moveRegion(1),
  },
  {
    id: "prev-region",
    keys: ["Shift+F6"],
    group: "general",
    whileTyping: true,
    listed: false,
    run: () => frame.moveRegion(-1),
  },
  { id: "toggle-sidebar", keys: ["Mod+B"], group: "general", possible: usable, run: () => frame.toggle("sidebar") },
  { id: "toggle-inspector", keys: ["Mod+I"], group: "general", possible: usable, run: () => frame.toggle("inspector") },
  {
    id: "undo",
    keys: ["Mod+Z"],
    group: "general",
    // In a field it undoes what was typed.
    possible: () => usable() && undo.latest !== undefined && !isTyping(),
    run: () => void deeds.undo(),
  },
  {
    id: "new-project",
    group: "general",
    possible: usable,
    run: () => {
      navigation.close();
      frame.newProject();
    },
  },
  {
    id: "import",
    group: "general",
    possible: usable,
    run: () => void transfers.import("choose"),
  },
  {
    id: "export-all",
    group: "general",
    possible: usable,
    run: () => navigation.open("export"),
  },
  {
    id: "backups",
    group: "general",
    possible: usable,
    run: () => navigation.open("settings", { section: "backups" }),
  },
  {
    id: "models",
    group: "general",
    possible: usable,
    run: () => navigation.open("models"),
  },
  {
    id: "plan",
    group: "general",
    possible: usable,
    run: () => navigation.open("plan"),
  },
  { id: "show-archive", group: "general", possible: usable, run: () => show("archived") },
  { id: "show-trash", group: "general", possible: usable, run: () => show("deleted") },
  {
    id: "archive",
    keys: ["Mod+Shift+A"],
    group: "conversation",
    possible: isOpen,
    run: withOpen((item) => deeds.archive([item], item.archived_at === undefined ? "archived" : "unarchived")),
  },
  {
    id: "pin",
    keys: ["Mod+Shift+P"],
    group: "conversation",
    possible: isOpen,
    run: withOpen((item) => deeds.pin([item], !item.pinned)),
  },
  {
    id: "duplicate",
    keys: ["Mod+Shift+D"],
    group: "conversation",
    possible: isOpen,
    run: withOpen((item) => deeds.duplicate(item)),
  },
  {
    id: "export",
    keys: ["Mod+Shift+E"],
    group: "conversation",
    possible: isOpen,
    run: withOpen(({ id }) => navigation.open("export", { ids: id })),
  },
  {
    id: "print",
    keys: ["Mod+P"],
    group: "conversation",
    possible: isOpen,
    run: withOpen(({ id }) => deeds.make(() => call("conversation_print", { id }))),
  },
  {
    id: "delete",
    group: "conversation",
    possible: isOpen,
    run: withOpen((item) => deeds.delete([item])),
  },
  { id: "select", keys: ["Mod+Space"], group: "list", local: true, listed: false, run() {} },
  { id: "select-range", keys: ["Shift+↓"], group: "list", local: true, listed: false, run() {} },
  { id: "select-all", keys: ["Mod+A"], group: "list", local: true, listed: false, run() {} },
  { id: "larger-type", keys: ["Mod++", "Mod+="], group: "general", run: () => void settings.resizeType("larger") },
  { id: "smaller-type", keys: ["Mod+-"], group: "general", run: () => void settings.resizeType("smaller") },
  { id: "reset-type", keys: ["Mod+0"], group: "general", run: () => void settings.resizeType("reset") },
];

/**
 * Shows other conversations in the sidebar.
 * @param {"archived" | "deleted"} kind
 */
function show(kind) {
  navigation.close();
  void conversations.show({ kind });
  frame.focusList();
}

/**
 * Does it, where it can be done now.
 * @param {string} id
 * @returns {boolean} Whether it was done.
 */
export function run(id) {
  const action = ACTIONS.find((each) => each.id === id);
  if (!action || action.local || action.possible?.() === false) return false;
  action.run();
  return true;
}

/**
 * Whether a key press is this shortcut.
 * @param {string} keys
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">} event
 * @param {Platform} platform
 */
export function matches(keys, event, platform) {
  const parts = keys.split(/\+(?!$)/);
  const key = parts.pop() ?? "";
  const mod = parts.includes("Mod");
  const [pressed, other] = platform === "macos" ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (pressed !== mod || other || event.altKey) return false;
  // A sign such as `?` or `+` says by itself whether Shift belongs to it.
  const letter = /^(?:[a-z0-9]|F\d+|Escape)$/i.test(key);
  if (letter && event.shiftKey !== parts.includes("Shift")) return false;
  return event.key.toLowerCase() === key.toLowerCase();
}

const SIGNS = /** @type {const} */ ({
  macos: { Mod: "⌘", Shift: "⇧", Escape: "esc" },
  other: { Mod: "Ctrl", Shift: "Shift", Escape: "Esc" },
});

/**
 * The keys of a shortcut as people of this system write them, one by one.
 * @param {string} keys
 * @param {Platform} platform
 * @returns {string[]}
 */
export function keyCaps(keys, platform) {
  /** @type {Record<string, string>} */
  const signs = platform === "macos" ? SIGNS.macos : SIGNS.other;
  return keys.split(/\+(?!$)/).map((part) => signs[part] ?? part);
}

/**
 * Does what a key press asks for. A key without `Mod` belongs to whoever types, unless the action says otherwise.
 * @param {KeyboardEvent} event
 * @param {boolean} typing Whether the focus is in an input.
 * @returns {boolean} Whether something was done.
 */
export function runByKey(event, typing) {
  for (const action of ACTIONS) {
    if (action.local) continue;
    const keys = action.keys?.find((each) => matches(each, event, session.platform));
    if (keys === undefined || (typing && !keys.includes("Mod") && !action.whileTyping)) continue;
    return run(action.id);
  }
  return false;
}
