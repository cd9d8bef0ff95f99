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

/** @param {Page} page @param {string} title */
async function pick(page, title) {
  await page.getByTestId("conversation-item").filter({ hasText: title }).click();
}

/**
 * Scrolls as a wheel does, one step a frame, and looks at each frame after it was painted.
 * @param {Page} page
 * @param {{ step: number, frames: number }} how
 * @returns {Promise<{ jump: number, elements: number, blank: number, top: number }>} The worst of all frames.
 */
const roll = (page, how) =>
  page.evaluate(async ({ step, frames }) => {
    const scroller = /** @type {HTMLElement} */ (document.querySelector(".messages"));
    const worst = { jump: 0, elements: 0, blank: 0, top: 0 };
    const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const texts = () => [...document.querySelectorAll(".messages .block, .messages .question")];
    scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: step }));
    for (let n = 0; n < frames; n += 1) {
      const seen = texts().find((each) => each.getBoundingClientRect().bottom > 300);
      const before = seen?.getBoundingClientRect().top ?? 0;
      const { scrollTop } = scroller;
      scroller.scrollTop += step;
      const moved = scroller.scrollTop - scrollTop;
      await painted();
      if (seen?.isConnected) {
        worst.jump = Math.max(worst.jump, Math.abs(seen.getBoundingClientRect().top - before + moved));
      }
      worst.elements = Math.max(worst.elements, document.querySelectorAll("c6-message").length);
      const shown = texts().some((each) => {
        const { top, bottom } = each.getBoundingClientRect();
        return bottom > 100 && top < 700;
      });
      if (!shown) worst.blank += 1;
    }
    worst.top = scroller.scrollTop;
    return worst;
  }, how);

test("a conversation of 3,000 messages opens at its end; what is on the screen stays while all of it is read", async () => {
  const { page, misdeeds } = await browser.open({ messages: "3000" });
  await pick(page, "3000 messages");
  await page.getByText("Question number 1500").waitFor();
  const below = await page.evaluate(() => {
    const { scrollTop, scrollHeight, clientHeight } = /** @type {HTMLElement} */ (document.querySelector(".messages"));
    return Math.round(scrollHeight - clientHeight - scrollTop);
  });
  assert.equal(below, 0);
  const up = await roll(page, { step: -400, frames: 120 });
  assert.ok(up.jump <= 2, `moved by ${up.jump} px`);
  assert.ok(up.elements <= 40, `${up.elements} messages on the page`);
  assert.equal(up.blank, 0);
  const down = await roll(page, { step: 400, frames: 40 });
  assert.ok(down.jump <= 2 && down.elements <= 40 && down.blank === 0, JSON.stringify(down));
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

test("a far place of a long conversation is reached by dragging the bar, and the end by one button", async () => {
  const { page } = await browser.open({ messages: "400" });
  await pick(page, "400 messages");
  await page.getByText("Question number 200").waitFor();
  // All of it is read as the reader stays at the beginning.
  await page.locator(".messages").evaluate(async (scroller) => {
    scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: -10 }));
    while (document.querySelector('[data-testid="earlier"]') !== null) {
      scroller.scrollTop = 0;
      await new Promise(requestAnimationFrame);
    }
    scroller.scrollTop = 0;
  });
  await page.getByText("Question number 1", { exact: true }).waitFor();
  await page.locator(".messages").evaluate((scroller) => {
    scroller.scrollTop = scroller.scrollHeight / 2;
  });
  await page.waitForFunction(() => {
    const { top, bottom } = /** @type {HTMLElement} */ (document.querySelector(".messages")).getBoundingClientRect();
    return [...document.querySelectorAll(".messages .question")].some((each) => {
      const box = each.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
  });
  const first = page.locator("c6-message").first();
  assert.equal(await first.getAttribute("aria-setsize"), "400");
  assert.ok(Number(await first.getAttribute("aria-posinset")) > 100);
  await page.getByTestId("to-end").click();
  await page.getByText("Question number 200").waitFor();
});

test("a message that is being edited or selected stays on the page wherever the reader goes", async () => {
  const { page } = await browser.open({ messages: "400" });
  await pick(page, "400 messages");
  await page.getByText("Question number 200").waitFor();
  const question = page.locator('[data-role="user"]').last();
  await question.getByTestId("edit").click();
  await page.getByTestId("edit-text").fill("Half a thought");
  await roll(page, { step: -600, frames: 40 });
  assert.equal(await page.getByTestId("edit-text").inputValue(), "Half a thought");
  await page.getByTestId("edit-text").press("Escape");
  await page.getByTestId("to-end").click();
  const words = await page.evaluate(() => {
    const block = /** @type {Element} */ ([...document.querySelectorAll(".prose .block")].at(-1));
    getSelection()?.selectAllChildren(block);
    return getSelection()?.toString();
  });
  await roll(page, { step: -600, frames: 40 });
  assert.equal(await page.evaluate(() => getSelection()?.toString()), words);
});

test("one message of a million letters opens at its end, and only what is near is laid out", async () => {
  const { page, misdeeds } = await browser.open({ letters: "1000000" });
  await pick(page, "1000000 letters");
  await page.locator(".prose .block").first().waitFor();
  const end = await page.locator(".messages").evaluate((scroller) => ({
    below: Math.round(scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop),
    elements: scroller.querySelectorAll("*").length,
  }));
  assert.equal(end.below, 0);
  assert.ok(end.elements < 1500, `${end.elements} elements`);
  const up = await roll(page, { step: -500, frames: 100 });
  assert.ok(up.jump <= 2, `moved by ${up.jump} px`);
  assert.equal(up.blank, 0);
  assert.ok((await page.locator(".messages *").count()) < 6000);
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

test("no frame fills more than its share of a long message, and what is seen comes first", async () => {
  const { page, misdeeds } = await browser.open({ letters: "1000000" });
  // So high that many pieces are near at once.
  await page.setViewportSize({ width: 1200, height: 5000 });
  await pick(page, "1000000 letters");
  await page.locator(".prose .block").first().waitFor();
  const shares = await page.evaluate(async () => {
    const scroller = /** @type {HTMLElement} */ (document.querySelector(".messages"));
    /** @type {Array<{ filled: number, seen: boolean }>} Of each turn in which something was filled. */
    const shares = [];
    new MutationObserver((records) => {
      const filled = new Set(
        records
          .filter(
            ({ target, addedNodes }) => addedNodes.length > 0 && /** @type {Element} */ (target).matches(".stretch"),
          )
          .map(({ target }) => /** @type {Element} */ (target)),
      );
      if (filled.size === 0) return;
      const view = scroller.getBoundingClientRect();
      const seen = [...filled].some((each) => {
        const { top, bottom } = each.getBoundingClientRect();
        return bottom > view.top && top < view.bottom;
      });
      shares.push({ filled: filled.size, seen });
    }).observe(scroller, { childList: true, subtree: true });
    scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: -1 }));
    scroller.scrollTop /= 2;
    let quiet = 0;
    for (let known = 0; quiet < 10; known = shares.length) {
      await new Promise((done) => requestAnimationFrame(done));
      quiet = shares.length > 0 && shares.length === known ? quiet + 1 : 0;
    }
    return shares;
  });
  assert.ok(shares[0]?.seen, "the reader waits for what is around the view");
  assert.ok(
    shares.every(({ filled }) => filled <= 3),
    JSON.stringify(shares),
  );
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

for (const { from, to, which, pixels } of [
  { from: { width: 834, height: 840 }, to: { width: 423, height: 1641 }, which: 0.8, pixels: 756 },
  { from: { width: 1440, height: 300 }, to: { width: 532, height: 1737 }, which: 0.62, pixels: 838 },
  { from: { width: 1440, height: 300 }, to: { width: 400, height: 1900 }, which: 0.7, pixels: 1838 },
]) {
  test(`nothing is rendered while sizes are being told, which engines report as a loop: ${to.width} by ${to.height}`, async () => {
    const { page, misdeeds } = await browser.open({ messages: "400" }, from);
    const open = page.getByTestId("conversation-item").filter({ hasText: "400 messages" }).locator(".sidebar-open");
    // In a narrow window the sidebar is hidden.
    await open.evaluate((button) => /** @type {HTMLElement} */ (button).click());
    await page.getByText("Question number 200").waitFor();
    const atRest = () =>
      page.evaluate(async () => {
        for (let n = 0; n < 6; n += 1) await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      });
    await atRest();
    await page.setViewportSize(to);
    await atRest();
    // Something is opened above the end, as the reasoning of an answer and the candidates of a run are.
    const moved = await page.evaluate(
      async ({ which, pixels }) => {
        const all = [...document.querySelectorAll("c6-message")];
        const message = /** @type {Element} */ (all[Math.floor(all.length * which)]);
        const { top } = message.getBoundingClientRect();
        message.dispatchEvent(new CustomEvent("reading", { bubbles: true }));
        const opened = document.createElement("div");
        opened.style.height = `${pixels}px`;
        message.append(opened);
        // Painted once: what is on the screen stands right already then.
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        return Math.abs(message.getBoundingClientRect().top - top);
      },
      { which, pixels },
    );
    assert.ok(moved <= 2, `moved by ${moved} px`);
    await atRest();
    assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
  });
}
