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

const ITEM = '[data-testid="conversation-item"]';

/** @param {Page} page */
async function listed(page) {
  await page.locator(ITEM).first().waitFor();
  return page.locator(`${ITEM} .sidebar-title`).allTextContents();
}

/** @param {Page} page */
const focusedTitle = (page) =>
  page.evaluate(() => document.activeElement?.querySelector(".sidebar-title")?.textContent);

/**
 * @param {Page} page
 * @param {string} name
 * @returns {Promise<unknown[]>} The requests of all calls of this command so far.
 */
const calls = (page, name) =>
  page.evaluate(
    (wanted) =>
      /** @type {any} */ (window).fakeHost.calls
        .filter((/** @type {[string, unknown]} */ [called]) => called === wanted)
        .map((/** @type {[string, unknown]} */ [, request]) => request),
    name,
  );

test("conversations stand under their days, and one that is picked is shown and marked", async () => {
  const { page, misdeeds } = await browser.open({ locale: "es" });
  const titles = await listed(page);
  const [pinned] = await page.locator(".sidebar-heading").allTextContents();
  assert.equal(pinned, "Fijadas");
  await page.locator(ITEM).nth(1).click();
  await page.locator(`${ITEM}[data-active="true"]`).waitFor();
  assert.equal(await page.locator(`${ITEM}[data-active="true"] .sidebar-title`).textContent(), titles[1]);
  assert.equal(await page.locator('[aria-current="page"] .sidebar-title').textContent(), titles[1]);
  await page.getByTestId("new-chat").click();
  await page.locator(`${ITEM}[data-active="true"]`).waitFor({ state: "detached" });
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

test("one item is in the tab order; arrows, Home and End move between items", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  assert.equal(await page.locator('.sidebar-open[tabindex="0"]').count(), 1);
  // After the projects, which are one stop as well.
  await page.getByTestId("archive").focus();
  await page.keyboard.press("Tab");
  assert.equal(await focusedTitle(page), titles[0]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focusedTitle(page), titles[2]);
  await page.keyboard.press("End");
  assert.equal(await focusedTitle(page), titles.at(-1));
  await page.keyboard.press("ArrowDown");
  assert.equal(await focusedTitle(page), titles.at(-1));
  await page.keyboard.press("Home");
  assert.equal(await focusedTitle(page), titles[0]);
  assert.equal(await page.locator('.sidebar-open[tabindex="0"]').count(), 1);
});

test("a title is changed in its place; an input method's Enter does not end it, in either order of events", async () => {
  const { page } = await browser.open({ locale: "es" });
  await listed(page);
  await page.locator(`${ITEM} .sidebar-open`).nth(1).focus();
  await page.keyboard.press("F2");
  const field = page.locator(".sidebar-rename");
  await field.fill("日本");
  await field.evaluate((input) => {
    const press = (/** @type {KeyboardEventInit & { keyCode?: number }} */ init) =>
      input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init }));
    input.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    press({ isComposing: true });
    press({ keyCode: 229 });
    input.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    // WebKit tells the closing key after the end of the composition.
    press({});
  });
  assert.equal(await field.count(), 1);
  assert.deepEqual(await calls(page, "conversation_rename"), []);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  await page.keyboard.press("Enter");
  await field.waitFor({ state: "detached" });
  assert.equal(await focusedTitle(page), "日本");
  assert.deepEqual(
    (await calls(page, "conversation_rename")).map((request) => /** @type {{ title: string }} */ (request).title),
    ["日本"],
  );
});

test("an empty title is explained in its place, and Escape keeps the old one", async () => {
  const { page } = await browser.open({ locale: "es" });
  const titles = await listed(page);
  await page.locator(ITEM).nth(2).dblclick();
  await page.locator(".sidebar-rename").fill("   ");
  await page.keyboard.press("Enter");
  assert.equal((await page.locator(".sidebar-problem").textContent())?.trim(), "El título no puede quedar vacío.");
  assert.equal(await page.locator(".sidebar-rename").getAttribute("aria-invalid"), "true");
  await page.locator(".sidebar-rename").fill("x".repeat(201));
  await page.keyboard.press("Enter");
  assert.equal(
    (await page.locator(".sidebar-problem").textContent())?.trim(),
    "El título admite hasta 200 caracteres.",
  );
  await page.keyboard.press("Escape");
  assert.deepEqual(await listed(page), titles);
  assert.equal(await focusedTitle(page), titles[2]);
  assert.deepEqual(await calls(page, "conversation_rename"), []);
});

test("what is deleted comes back, in order, and is open again where it was open", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await page.locator(ITEM).nth(3).click();
  await page.locator(`${ITEM}[data-active="true"]`).waitFor();
  await page.locator(`${ITEM} .sidebar-open`).nth(3).press("Delete");
  await page.locator(".sidebar-undo").waitFor();
  assert.equal(await focusedTitle(page), titles[4]);
  await page.keyboard.press("Delete");
  await page.getByText(`“${titles[4]}” was deleted.`).first().waitFor();
  assert.deepEqual(await listed(page), titles.toSpliced(3, 2));
  const undo = page.locator(".sidebar-undo-action");
  await undo.press("Enter");
  await page.getByText(`“${titles[3]}” was deleted.`).first().waitFor();
  await undo.press("Enter");
  await page.locator(".sidebar-undo").waitFor({ state: "detached" });
  assert.deepEqual(await listed(page), titles);
  await page.locator(`${ITEM}[data-active="true"]`).waitFor();
  assert.equal(await page.locator(`${ITEM}[data-active="true"] .sidebar-title`).textContent(), titles[3]);
  assert.equal(await focusedTitle(page), titles[3]);
});

test("a deletion that fails leaves the conversation and says why", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await page.evaluate(() =>
    /** @type {any} */ (window).fakeHost.failNext("conversations_delete", { code: "storage-full" }),
  );
  await page.locator(`${ITEM} .sidebar-open`).nth(1).press("Delete");
  await page.locator('.sidebar-error [data-code="storage-full"]').waitFor();
  assert.deepEqual(await listed(page), titles);
  assert.equal(await page.locator(".sidebar-undo").count(), 0);
});

test("the menu of an item works by keyboard alone and gives the focus back", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await page.locator(`${ITEM} .sidebar-open`).nth(2).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const chosen = () => page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.action);
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "menuitem");
  assert.equal(await chosen(), "rename");
  await page.keyboard.press("ArrowUp");
  assert.equal(await chosen(), "delete");
  await page.keyboard.press("Escape");
  assert.equal(
    await page.evaluate(() => document.activeElement?.getAttribute("aria-label")),
    `Actions for “${titles[2]}”`,
  );
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "menuitem");
  await page.keyboard.press("ArrowDown");
  assert.equal(await chosen(), "pin");
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    (title) => document.querySelector(".sidebar-group")?.textContent?.includes(title),
    titles[2] ?? "",
  );
  assert.equal(await focusedTitle(page), titles[2]);
});

test("an empty history says where conversations will be kept", async () => {
  const { page } = await browser.open({ locale: "es", empty: "1" });
  await page.getByText("Aquí quedarán tus conversaciones.").waitFor();
  assert.equal(await page.locator(ITEM).count(), 0);
});

test("a long list is read page by page as its end comes near, and only what is near is on the page", async () => {
  const { page } = await browser.open({ locale: "en", conversations: "450" });
  await listed(page);
  assert.equal((await calls(page, "conversation_list")).length, 1);
  assert.ok((await page.locator(ITEM).count()) < 60);
  const list = page.locator(".sidebar-list");
  for (const n of [2, 3]) {
    await list.evaluate((each) => {
      each.scrollTop = each.scrollHeight;
    });
    await page.waitForFunction(
      (wanted) =>
        /** @type {any} */ (window).fakeHost.calls.filter(
          (/** @type {string[]} */ [name]) => name === "conversation_list",
        ).length === wanted,
      n,
    );
  }
  await list.evaluate((each) => {
    each.scrollTop = each.scrollHeight;
  });
  await page.getByText("Conversation 450").waitFor();
  assert.equal(await page.locator(".sidebar-next").count(), 0);
  assert.ok((await page.locator(ITEM).count()) < 60);
});

test("20,000 conversations scroll without a jump or an empty place, and the day stays in sight", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", conversations: "20000" });
  await listed(page);
  const worst = await page.locator(".sidebar-list").evaluate(async (scroller) => {
    const worst = { elements: 0, empty: 0, headless: 0 };
    for (let n = 0; n < 150; n += 1) {
      scroller.scrollTop += 350;
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const { top, bottom } = scroller.getBoundingClientRect();
      const within = (/** @type {Element} */ each) => {
        const box = each.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
      };
      const items = [...document.querySelectorAll('[data-testid="conversation-item"]')];
      worst.elements = Math.max(worst.elements, items.length);
      const filled = items.filter(within).reduce((sum, each) => sum + each.getBoundingClientRect().height, 0);
      if (filled < (bottom - top) * 0.6) worst.empty += 1;
      // Past the projects there is always a heading at the top.
      const head = [...document.querySelectorAll(".sidebar-heading")].some(
        (each) => Math.abs(each.getBoundingClientRect().top - top) < 60,
      );
      if (n > 5 && !head) worst.headless += 1;
    }
    return worst;
  });
  assert.ok(worst.elements < 80, `${worst.elements} items on the page`);
  assert.deepEqual([worst.empty, worst.headless], [0, 0]);
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

test("in a narrow window the drawer closes when a conversation is picked", async () => {
  const { page } = await browser.open({ locale: "es" }, { width: 600 });
  await page.keyboard.press("Control+b");
  await page.locator(ITEM).nth(1).click();
  await page.locator('[data-region="sidebar"][inert]').waitFor({ state: "attached" });
  assert.equal(await page.getByTestId("composer").isVisible(), true);
  await page.keyboard.press("Control+b");
  await page.getByTestId("new-chat").click();
  await page.locator('[data-testid="composer"]:focus').waitFor();
  assert.equal(await page.locator('[data-region="sidebar"][inert]').count(), 1);
});
