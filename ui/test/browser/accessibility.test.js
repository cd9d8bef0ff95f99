import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { seriousProblems } from "./accessibility.js";
import { ask, BrowserWindow, ended, release } from "./window.js";

/** @type {BrowserWindow} */
let browser;
before(async () => {
  browser = await BrowserWindow.start();
});
after(() => browser.stop());

/** @import { Page } from "playwright-core" */

/** @type {Array<[name: string, situation: Record<string, string>, act: (page: Page) => Promise<unknown>]>} */
const SCENES = [
  ["an empty conversation", { empty: "1" }, async () => {}],
  [
    "code",
    { pace: "1" },
    async (page) => {
      await ask(page, "Write a Python function");
      await ended(page);
      await page.locator(".hljs-keyword").first().waitFor();
    },
  ],
  [
    "a table with tasks",
    { pace: "1" },
    async (page) => {
      await ask(page, "Compare renting and buying in a table");
      await ended(page);
    },
  ],
  [
    "formulas",
    { pace: "1" },
    async (page) => {
      await ask(page, "What is the math of distance?");
      await ended(page);
      await page.locator(".prose math").first().waitFor();
    },
  ],
  [
    "an error with its details, and warnings",
    { pace: "1", insecure: "1", storage: "read-only" },
    async (page) => {
      await ask(page, "Why? error:overloaded after:9 omit");
      await ended(page);
      await page.locator(".error summary").first().click();
    },
  ],
  [
    "links and their door",
    { pace: "1" },
    async (page) => {
      await ask(page, "Give me links");
      await ended(page);
      await page.locator(".prose a").nth(1).click();
      await page.getByTestId("link-door").waitFor();
    },
  ],
  [
    "an edit",
    { pace: "1" },
    async (page) => {
      await ask(page, "What is a co-operative?");
      await ended(page);
      await page.getByTestId("composer").press("ArrowUp");
      await page.getByTestId("edit-text").waitFor();
    },
  ],
  [
    "an answer that is being written",
    // It stands still while it is looked at.
    { pace: "manual" },
    async (page) => {
      await ask(page, "Write a long text, and why");
      await release(page, 60);
      await page.locator(".prose > .block").first().waitFor();
    },
  ],
  ["the endpoints' details", {}, (page) => page.getByTestId("health").click()],
];

for (const dark of [false, true]) {
  for (const width of [1440, 600]) {
    test(`nothing serious for axe, ${dark ? "dark" : "light"}, ${width} px`, async () => {
      for (const [name, situation, act] of SCENES) {
        const { page } = await browser.open(situation, { dark, width });
        await act(page);
        assert.deepEqual(await seriousProblems(page), [], name);
        await page.context().close();
      }
    });
  }
}

test("everything can be reached by keyboard: F6 walks the regions, Escape closes a drawer", async () => {
  const { page } = await browser.open({}, { width: 1440 });
  const region = () =>
    page.evaluate(() => document.activeElement?.closest("[data-region]")?.getAttribute("data-region"));
  await page.getByTestId("composer").focus();
  const walked = [await region()];
  for (let step = 0; step < 3; step += 1) {
    const from = walked.at(-1);
    await page.keyboard.press("F6");
    await page.waitForFunction(
      (before) => document.activeElement?.closest("[data-region]")?.getAttribute("data-region") !== before,
      from,
    );
    walked.push(await region());
  }
  assert.deepEqual(walked, ["main", "inspector", "sidebar", "main"]);
  await page.setViewportSize({ width: 600, height: 800 });
  await page.waitForFunction(() => document.querySelector('[data-region="sidebar"]')?.hasAttribute("inert"));
  await page.keyboard.press("Control+b");
  await page.waitForFunction(() => document.activeElement?.closest('[data-region="sidebar"]') !== null);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelector('[data-region="sidebar"]')?.hasAttribute("inert"));
  assert.equal(await region(), "main");
});
