/**
 * Asks axe about a page at rest: it reads colours, and one that is half way to another is nobody's. Only what axe calls serious or
 * critical fails; the rest is read by whoever changes a view.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** @import { Page } from "playwright-core" */

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * @param {Page} page
 * @returns {Promise<string[]>} One line per thing that is wrong: the rule and where.
 */
export async function seriousProblems(page) {
  // The source is long: it is sent once per page.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  await atRest(page);
  const violations = await page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"] });
    return /** @type {{ id: string, impact: string, nodes: { target: string[], failureSummary: string }[] }[]} */ (
      violations
    );
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
    );
}

/**
 * Waits until the letters are there, what moves has arrived, and two frames have drawn it.
 * @param {Page} page
 */
async function atRest(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const moving = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    // One that is cancelled has arrived as well.
    await Promise.allSettled(moving.map(({ finished }) => finished));
    for (let frame = 0; frame < 2; frame += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
  });
}
