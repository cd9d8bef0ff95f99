/**
 * Every view, light and dark, in Spanish and in English, asked by axe; and at the narrowest and the largest type, whether
 * anything runs out of the window sideways.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { seriousProblems } from "./accessibility.js";
import { VIEWS } from "./views.js";
import { BrowserWindow } from "./window.js";

/** @type {BrowserWindow} */
let browser;
before(async () => {
  browser = await BrowserWindow.start();
});
after(() => browser.stop());

for (const [name, { situation = {}, tall = false, show }] of Object.entries(VIEWS)) {
  for (const [theme, locale] of [
    ["light", "es"],
    ["dark", "en"],
  ]) {
    test(`${name} in ${theme} and ${locale}: nothing serious for axe, no misdeed`, async () => {
      const { page, misdeeds } = await browser.open({ ...situation, theme: theme ?? "", locale: locale ?? "" });
      await show(page);
      assert.deepEqual(await seriousProblems(page), []);
      assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
      await page.context().close();
    });
  }

  test(`${name} fits a window of 480 px with letters twice as large`, async () => {
    const { page } = await browser.open({ ...situation, locale: "es" }, { width: 480, height: tall ? 1600 : 800 });
    await page.evaluate(() => document.documentElement.style.setProperty("--type-size", "200"));
    await show(page);
    const wide = await page.evaluate(() => {
      const edge = document.documentElement.clientWidth;
      const scrolls = (/** @type {Element | null} */ element) =>
        element !== null && ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
      return [
        ...document.querySelectorAll(
          "c6-sidebar *, c6-onboarding *, c6-locked *, .overlay *, c6-menu *, c6-account-notices *",
        ),
      ]
        .filter((element) => {
          const { left, right, width, height } = element.getBoundingClientRect();
          if (width === 0 || height <= 1 || (right <= edge + 1 && left >= -1)) return false;
          for (let at = element.parentElement; at; at = at.parentElement) if (scrolls(at)) return false;
          return true;
        })
        .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class")}`);
    });
    assert.deepEqual(wide, []);
    await page.context().close();
  });
}
