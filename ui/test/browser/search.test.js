import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BrowserWindow } from "./window.js";

/** @import { Page } from "playwright-core" */

/** @type {BrowserWindow} */
let browser;
before(async () => {
  browser = await BrowserWindow.start();
});
after(() => browser.stop());

const HIT = '[data-testid="search-result"]';
const CLEAN = { requests: [], violations: [], errors: [] };

/** @param {Page} page @param {string} text */
async function look(page, text) {
  await page.keyboard.press("Control+f");
  await page.getByTestId("search").fill(text);
}

/** @param {Page} page @param {string} name */
const calls = (page, name) =>
  page.evaluate(
    (wanted) =>
      /** @type {any} */ (window).fakeHost.calls
        .filter((/** @type {[string, unknown]} */ [called]) => called === wanted)
        .map((/** @type {[string, unknown]} */ [, request]) => request),
    name,
  );

/** What the engine marks, as words. @param {Page} page */
const marked = (page) => page.evaluate(() => [...(CSS.highlights.get("found") ?? [])].map((range) => range.toString()));

test("as one types, what was said is found without accents, conversation by conversation, with the words marked", async () => {
  const { page, misdeeds } = await browser.open({ locale: "es" });
  await look(page, "FORMULA dist");
  await page.locator(HIT).first().waitFor();
  const titles = await page.locator(".results-head .results-title").allTextContents();
  assert.deepEqual(titles, ["Distancia sobre la Tierra"]);
  assert.deepEqual(
    (await page.locator(`${HIT} mark`).allTextContents()).map((each) => each.toLowerCase()).slice(0, 2),
    ["fórmula", "dist"],
  );
  assert.equal(await page.getByTestId("new-chat").count(), 0);
  assert.deepEqual(misdeeds, CLEAN);
});

test("arrows go through the hits, Enter opens the conversation at the message with its words marked, Escape lets go", async () => {
  const { page } = await browser.open({ messages: "1200", locale: "en" });
  await look(page, "number 77");
  await page.locator(HIT).first().waitFor();
  const field = page.getByTestId("search");
  await page.keyboard.press("ArrowDown");
  const chosen = page.locator(`${HIT}[aria-selected="true"]`);
  const message = (await chosen.getAttribute("data-message")) ?? "";
  assert.equal(await field.getAttribute("aria-activedescendant"), await chosen.getAttribute("id"));
  await page.keyboard.press("Enter");
  const shown = page.locator(`[data-testid="message"][data-id="${message}"]`);
  await shown.waitFor();
  await page.waitForFunction(() => (CSS.highlights.get("found")?.size ?? 0) > 0);
  assert.deepEqual(await marked(page), ["number", "77"]);
  const place = await shown.evaluate((each) => {
    const scroller = /** @type {HTMLElement} */ (document.querySelector(".messages"));
    return each.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  });
  assert.ok(place >= 0 && place < 500, `${place} px from the top`);
  // The conversation goes on on both sides of it.
  assert.ok((await page.getByTestId("message").count()) > 3);
  assert.equal(await field.evaluate((each) => each === document.activeElement), true);
  await page.keyboard.press("Escape");
  await page.getByTestId("conversation-item").first().waitFor();
  assert.equal(await field.inputValue(), "");
  await page.getByTestId("to-end").click();
  await page.getByText("Question number 600").waitFor();
});

test("a hit deep in a message of a million letters is shown and marked", async () => {
  const { page } = await browser.open({ letters: "1000000", locale: "en" });
  await look(page, "Part 333");
  await page.locator(`${HIT}[data-message]`).first().click();
  await page.waitForFunction(() => (CSS.highlights.get("found")?.size ?? 0) > 0);
  await page.getByRole("heading", { name: "Part 333", exact: true }).waitFor();
  await page.waitForFunction(() => {
    const range = [...(CSS.highlights.get("found") ?? [])].find((each) => each.toString() === "333");
    if (!(range instanceof Range)) return false;
    const { top, bottom } = /** @type {HTMLElement} */ (document.querySelector(".messages")).getBoundingClientRect();
    const box = range.getBoundingClientRect();
    return box.top >= top && box.bottom <= bottom;
  });
});

test("filters narrow what is found, say that they are set, and are taken away together", async () => {
  const { page } = await browser.open({ locale: "en" });
  await look(page, "co");
  await page.locator(HIT).first().waitFor();
  const all = await page.locator(HIT).count();
  await page.getByTestId("search-filters").click();
  await page.getByTestId("filter-code").click();
  await page.waitForFunction(
    (before) => document.querySelectorAll('[data-testid="search-result"]').length < before,
    all,
  );
  assert.equal(await page.getByTestId("filter-code").getAttribute("aria-pressed"), "true");
  await page.getByTestId("filter-role").selectOption("user");
  await page.getByTestId("search-none").waitFor();
  await page.getByTestId("search-filters").click();
  await page.waitForFunction(
    (before) => document.querySelectorAll('[data-testid="search-result"]').length === before,
    all,
  );
  await page.getByTestId("search-filters").click();
  for (const [name, value] of [
    ["model", "qwen2.5-coder:1.5b"],
    ["date", "week"],
    ["archive", "exclude"],
  ]) {
    await page.getByTestId(`filter-${name}`).selectOption(value ?? "");
  }
  await page.getByTestId("filter-pinned").click();
  const last = /** @type {any} */ ((await calls(page, "search")).at(-1));
  const { from, ...filters } = last.filters;
  assert.ok(Math.abs(Date.now() - 7 * 86_400_000 - from) < 60_000);
  assert.deepEqual(filters, { pinned: true, has_code: false, archive: "exclude", model: "qwen2.5-coder:1.5b" });
});

test("any text is a query; an answer for older words never takes the place of a newer one", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en" });
  for (const text of ['"', "AND OR NOT (", "foo::bar(", "* ^ NEAR/3", "' -- ;", "描述"]) {
    await page.getByTestId("search").fill(text);
    await page.waitForFunction(() => document.querySelector("c6-search-results [aria-busy='true']") === null);
    assert.equal(await page.locator("c6-search-results c6-error").count(), 0, text);
  }
  await page.evaluate(() => {
    const { fakeHost } = /** @type {any} */ (window);
    fakeHost.calls.length = 0;
  });
  // Typed faster than answered: one question at a time, and the last words are answered last.
  await page.getByTestId("search").evaluate((field) => {
    for (const text of ["c", "co", "coo", "coop", "cooperativa"]) {
      /** @type {HTMLInputElement} */ (field).value = text;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  });
  await page.locator(HIT).first().waitFor();
  const asked = (await calls(page, "search")).map((/** @type {unknown} */ each) => /** @type {any} */ (each).text);
  assert.deepEqual([asked.length, asked.at(-1)], [2, "cooperativa"]);
  assert.deepEqual(misdeeds, CLEAN);
});

test("an index that is not complete says so, and what it finds later appears by itself", async () => {
  const { page } = await browser.open({ locale: "en", index: "building" });
  await look(page, "cooperativa");
  await page.getByTestId("search-building").getByText("4,200 messages cannot be found yet").waitFor();
  const before = (await calls(page, "search")).length;
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.send({ type: "search-indexed", pending: 0 }));
  await page.waitForFunction(
    (count) =>
      /** @type {any} */ (window).fakeHost.calls.filter((/** @type {string[]} */ [name]) => name === "search").length >
      count,
    before,
  );
});

test("a search that fails says why where the hits would be", async () => {
  const { page } = await browser.open({ locale: "en" });
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.failNext("search", { code: "storage-failed" }));
  await look(page, "cooperativa");
  await page.locator('c6-search-results [data-code="storage-failed"]').waitFor();
  await page.getByTestId("search").fill("cooperativ");
  await page.locator(HIT).first().waitFor();
});

test("Enter in a composition chooses nothing", async () => {
  const { page } = await browser.open({ locale: "en" });
  await look(page, "cooperativa");
  await page.locator(HIT).first().waitFor();
  await page.getByTestId("search").evaluate((field) => {
    const init = { key: "Enter", bubbles: true, cancelable: true };
    field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent("keydown", { ...init, isComposing: true }));
    field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent("keydown", init));
  });
  assert.deepEqual(await calls(page, "conversation_open"), []);
});
