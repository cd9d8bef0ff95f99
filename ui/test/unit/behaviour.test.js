import assert from "node:assert/strict";
import { test } from "node:test";
import { EndFollower, isUpwardKey } from "../../src/chat/follow.js";
import { isComposing, watchComposition } from "../../src/ime.js";
import { destination, fromPunycode } from "../../src/link-destination.js";
import { directionOf, I18n } from "../../src/locale.js";
import { undoOf } from "../../src/undo-keys.js";

/**
 * A key press at `target`, with what an engine would say about it.
 * @param {EventTarget} target
 * @param {{ isComposing?: boolean, keyCode?: number }} [about]
 */
const key = (target, { isComposing: composing = false, keyCode = 13 } = {}) =>
  /** @type {KeyboardEvent} */ (
    /** @type {unknown} */ ({ target, composedPath: () => [target], isComposing: composing, keyCode })
  );

/**
 * @param {EventTarget} root
 * @param {string} type
 */
const fire = (root, type) => root.dispatchEvent(new Event(type));

test("Enter belongs to the input method while it composes, however the engine says so", () => {
  const field = new EventTarget();
  /** @type {Array<() => void>} */
  const tasks = [];
  watchComposition(field, (task) => tasks.push(task));
  assert.equal(isComposing(key(field)), false);
  assert.equal(isComposing(key(field, { isComposing: true })), true);
  assert.equal(isComposing(key(field, { keyCode: 229 })), true);
  fire(field, "compositionstart");
  assert.equal(isComposing(key(field)), true);
  fire(field, "compositionend");
  // WebKit sends the Enter that closed the composition after `compositionend`, in the same task.
  assert.equal(isComposing(key(field)), true);
  for (const task of tasks) task();
  assert.equal(isComposing(key(field)), false);
});

test("the end is followed only while the reader is there", () => {
  const follower = new EndFollower();
  const at = (/** @type {number} */ top, height = 1000) => ({ top, height, view: 400 });
  assert.equal(follower.resized(at(0)), true);
  follower.scrolled(at(600));
  assert.equal(follower.following, true);
  // Growth alone does not let go.
  assert.equal(follower.resized(at(600, 1200)), true);
  follower.scrolled(at(800, 1200));
  // Any upward intent does, also before anything moved.
  follower.upward();
  assert.equal(follower.resized(at(800, 1300)), false);
  follower.scrolled(at(850, 1300));
  assert.equal(follower.following, false);
  // Back at the end by oneself takes hold again, a rounding away from it too.
  follower.scrolled(at(898.5, 1300));
  assert.equal(follower.following, true);
  // The scroll bar is upward intent without a wheel or a key.
  follower.scrolled(at(700, 1300));
  assert.equal(follower.following, false);
  follower.toEnd();
  assert.equal(follower.following, true);
  // What shrinks moves the reader up without anybody's intent.
  follower.scrolled(at(500, 1000));
  assert.equal(follower.following, true);
});

test("the keys that take the reader up", () => {
  const up = ["ArrowUp", "PageUp", "Home"].map((name) => isUpwardKey({ key: name, shiftKey: false }));
  const other = ["ArrowDown", "End", " ", "a"].map((name) => isUpwardKey({ key: name, shiftKey: false }));
  assert.deepEqual(
    [up, other, isUpwardKey({ key: " ", shiftKey: true })],
    [up.map(() => true), other.map(() => false), true],
  );
});

test("the door knows where an address leads, and stays shut for everything else", () => {
  const leads = (/** @type {string} */ address) => {
    const found = destination(address);
    return found && [found.kind, found.host, found.mixed];
  };
  assert.deepEqual(leads("https://docs.example.org/a?b#c"), ["secure", "docs.example.org", false]);
  assert.deepEqual(leads("http://example.org"), ["plain", "example.org", false]);
  assert.deepEqual(leads("mailto:hello@example.org?subject=x"), ["mail", "hello@example.org", false]);
  assert.deepEqual(leads("https://gооgle.com/"), ["secure", "gооgle.com", true]);
  assert.deepEqual(leads("https://xn--80ak6aa92e.com/"), ["secure", "аррӏе.com", true]);
  assert.deepEqual(leads("https://xn--e1afmkfd.xn--p1ai/"), ["secure", "пример.рф", false]);
  assert.deepEqual(leads("https://münchen.example/"), ["secure", "münchen.example", false]);
  assert.deepEqual(leads("https://日本語.example/"), ["secure", "日本語.example", false]);
  // The name before the @ is not the host, and made to look like it.
  assert.deepEqual(leads("https://example.org@evil.example/"), ["secure", "evil.example", true]);
  for (const address of [
    "javascript:alert(1)",
    " JAVASCRIPT:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "smb://host/share",
    "ms-msdt:/id",
    "tauri://localhost",
    "ipc://localhost",
    "blob:https://x/1",
    "about:blank",
    "/relative",
    "x.html",
    "",
    "https://",
    "mailto:",
    "vbscript:x",
    "intent://x",
    "ftp://example.org",
  ]) {
    assert.equal(destination(address), undefined, address);
  }
});

test("a name in its own letters comes back from its exact form", () => {
  // The samples of RFC 3492 section 7.1 that are host names.
  assert.deepEqual(
    [
      "xn--ihqwcrb4cv8a8dqg056pqjye",
      "xn--porqunopuedensimplementehablarenespaol-fmd56a",
      "xn--bcher-kva.example",
      "xn--!",
      "plain",
    ].map(fromPunycode),
    ["他们为什么不说中文", "porquénopuedensimplementehablarenespañol", "bücher.example", "xn--!", "plain"],
  );
});

test("a language is the best match, falls back to English text by text, and formats as its readers do", async () => {
  const sources = {
    en: ["one = One\nboth = Both { $n }"],
    es: ["both = Ambos { $n }"],
    ar: ["both = كلاهما { $n }"],
  };
  const i18n = new I18n(Object.keys(sources), async (tag) => sources[/** @type {"en"} */ (tag)]);
  await i18n.use(["es-MX", "en"]);
  assert.deepEqual(
    [
      i18n.tag,
      i18n.direction,
      i18n.text("both", { n: "x" }),
      i18n.text("one"),
      i18n.text("never"),
      i18n.duration(412),
      i18n.duration(2340),
    ],
    ["es", "ltr", "Ambos x", "One", "never", "412 ms", "2,3 s"],
  );
  await i18n.use(["ar-EG"]);
  assert.deepEqual([i18n.tag, i18n.direction], ["ar", "rtl"]);
  await i18n.use(["xx"]);
  assert.equal(i18n.tag, "en");
  assert.deepEqual(["ar", "he-IL", "zh-Hans", "es"].map(directionOf), ["rtl", "rtl", "ltr", "ltr"]);
});

test("undo and redo have their keys only where the engine has none", () => {
  const none = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
  const ctrl = { ...none, ctrlKey: true };
  assert.deepEqual(
    [
      undoOf({ ...ctrl, key: "z" }, "linux"),
      undoOf({ ...ctrl, key: "Z", shiftKey: true }, "linux"),
      undoOf({ ...ctrl, key: "y" }, "linux"),
      undoOf({ ...none, key: "z" }, "linux"),
      undoOf({ ...ctrl, key: "z", altKey: true }, "linux"),
      undoOf({ ...ctrl, key: "z" }, "windows"),
      undoOf({ ...none, key: "z", metaKey: true }, "macos"),
    ],
    ["undo", "redo", "redo", undefined, undefined, undefined, undefined],
  );
});
