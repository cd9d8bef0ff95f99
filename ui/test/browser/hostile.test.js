import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CANARY, HOSTILE } from "./hostile.js";
import { ask, BrowserWindow, ended, release } from "./window.js";

/** @type {BrowserWindow} */
let browser;
before(async () => {
  browser = await BrowserWindow.start();
});
after(() => browser.stop());

/**
 * Everything a hostile text could have left in the page: elements that load or run, attributes that do, addresses that lead elsewhere.
 * @param {import("playwright-core").Page} page
 */
const remains = (page) =>
  page.evaluate(() => {
    const found = [];
    const texts = document.querySelectorAll(
      '[data-testid="message"], [data-testid="title"], c6-sidebar, c6-inspector, c6-overlay, c6-link-door',
    );
    for (const root of texts) {
      for (const element of root.querySelectorAll("*")) {
        const name = element.localName;
        if (/^(?:script|img|image|iframe|object|embed|video|audio|source|style|link|base|meta|template)$/.test(name))
          found.push(name);
        for (const { name: attribute, value } of element.attributes) {
          if (/^on/i.test(attribute)) found.push(`${name} ${attribute}`);
          if (
            /^(?:src|srcset|style|srcdoc|poster|action|formaction|ping|background|xlink:href)$/i.test(attribute) &&
            value !== ""
          ) {
            // Written by the window itself through CSSOM: the height of a growing field.
            if (!(attribute === "style" && name === "textarea")) found.push(`${name} ${attribute}`);
          }
          if (attribute === "href" && !/^(?:https?:\/\/|mailto:)/.test(value)) found.push(`${name} href=${value}`);
        }
      }
    }
    return found;
  });

test("no text runs a script, loads anything or leaves the page: as a question, while it streams, and finished", async () => {
  const { page, misdeeds } = await browser.open({ pace: "manual", empty: "1" });
  for (const text of HOSTILE) {
    await ask(page, `echo:${text}`);
    for (let piece = 0; piece < 6; piece += 1) {
      await release(page, 2);
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    await release(page, 1000);
    await ended(page);
    assert.deepEqual(await remains(page), [], text);
  }
  // What formulas and colours add comes later.
  await page.locator(".math[data-done]").first().waitFor();
  assert.deepEqual(await remains(page), []);
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

test("nor as a title, a model's name, an error's detail, a reasoning or an endpoint", async () => {
  const { page, misdeeds } = await browser.open({ pace: "1", empty: "1" });
  await ask(page, "What is a co-operative?");
  await ended(page);
  const id = await page.evaluate(() => localStorage.getItem("capibara6.conversation"));
  for (const [n, text] of HOSTILE.entries()) {
    await page.evaluate(
      ([conversation, hostile, number]) => {
        const { send } = /** @type {any} */ (window).fakeHost;
        send({
          type: "conversation-changed",
          conversation: { id: conversation, title: hostile, pinned: false, created_at: 0, updated_at: Date.now() },
        });
        send({
          type: "message-begun",
          message: {
            id: `x${number}`,
            conversation,
            role: "assistant",
            status: "failed",
            content: hostile,
            reasoning: hostile,
            model: hostile,
            scripted: true,
            parent: document.querySelector('[data-role="user"]')?.getAttribute("data-id"),
            routing: { mode: "auto", tier: "fast", rule: "otherwise", instead_of: hostile, because: "server" },
            error: { code: "server", detail: hostile },
            metrics: {},
            created_at: 0,
            versions: [`x${number}`],
          },
        });
        send({
          type: "health",
          endpoints: [
            {
              model: hostile,
              label: hostile,
              state: "down",
              since: 0,
              code: "server",
              served: [hostile],
              scripted: false,
            },
          ],
        });
      },
      /** @type {const} */ ([id, text, n]),
    );
    await page.locator(`[data-id="x${n}"]`).waitFor();
    assert.deepEqual(await remains(page), [], text);
  }
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

test("a canary that would be asked is seen: the test can fail", async () => {
  const { page, misdeeds } = await browser.open({ empty: "1" });
  await page.evaluate((address) => {
    const image = new Image();
    image.src = `${address}/proof`;
    document.body.append(image);
  }, CANARY);
  await page.waitForFunction(() => document.images.length === 1);
  await page.evaluate(() =>
    new Promise(
      (resolve) => document.images[0]?.addEventListener("error", resolve, { once: true }) ?? resolve(null),
    ).catch(() => {}),
  );
  assert.ok(misdeeds.violations.some((text) => text.includes("canary")) || misdeeds.requests.length > 0);
});
