/** Asks axe about a page. Only what axe calls serious or critical fails; the rest is read by whoever changes a view. */
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
