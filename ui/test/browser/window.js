/**
 * The window in a plain browser, for tests: the built page served under the real window's policy, Chromium driven by Playwright, the
 * in-memory host behind the bridge. `UI_PAGE` names another built page than `dist-browser`. Nothing but loopback is reachable, and every request is counted.
 */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { preview } from "vite";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @import { Browser, Page } from "playwright-core" */

/**
 * What a page did that it must not do.
 * @typedef {object} Misdeeds
 * @property {string[]} requests To anywhere but the page's own files.
 * @property {string[]} violations Of the content security policy.
 * @property {string[]} errors Nobody caught.
 */

export class BrowserWindow {
  #server;
  #browser;
  #origin;

  /**
   * @param {Awaited<ReturnType<typeof preview>>} server
   * @param {Browser} browser
   */
  constructor(server, browser) {
    this.#server = server;
    this.#browser = browser;
    this.#origin = new URL(server.resolvedUrls?.local[0] ?? "").origin;
  }

  static async start() {
    const server = await preview({
      mode: "browser",
      logLevel: "error",
      build: { outDir: process.env.UI_PAGE ?? "dist-browser" },
      preview: { host: "127.0.0.1", port: 0 },
    });
    const executablePath = process.env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path));
    const browser = await chromium.launch({
      args: FLAGS,
      headless: true,
      ...(executablePath ? { executablePath } : {}),
    });
    return new BrowserWindow(server, browser);
  }

  async stop() {
    await this.#browser.close();
    await this.#server.close();
  }

  /**
   * @param {Record<string, string>} situation See `bridge/fake.js`.
   * @param {{ width?: number, height?: number, dark?: boolean, still?: boolean, ready?: boolean, zoom?: number, contrast?: boolean, forced?: boolean }} [look]
   *   `zoom`: as a person enlarges the whole window, `contrast`: who asks for more of it, `forced`: who sets all colours.
   * @returns {Promise<{ page: Page, misdeeds: Misdeeds }>}
   */
  async open(
    situation,
    {
      width = 1440,
      height = 900,
      dark = false,
      still = true,
      ready = true,
      zoom = 1,
      contrast = false,
      forced = false,
    } = {},
  ) {
    const context = await this.#browser.newContext({
      viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
      deviceScaleFactor: zoom,
      contrast: contrast ? "more" : "no-preference",
      forcedColors: forced ? "active" : "none",
      colorScheme: dark ? "dark" : "light",
      reducedMotion: still ? "reduce" : "no-preference",
      locale: situation.locale ?? "en",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    /** @type {Misdeeds} */
    const misdeeds = { requests: [], violations: [], errors: [] };
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${this.#origin}/`) && !url.startsWith("data:,")) misdeeds.requests.push(url);
    });
    page.on("pageerror", (error) => misdeeds.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") misdeeds.violations.push(message.text());
    });
    page.on("dialog", (dialog) => {
      misdeeds.errors.push(`a script opened a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    // What the engine itself reports (sizes that changed while they were told) reaches nobody but listeners of the page.
    await page.exposeFunction("reportMisdeed", (/** @type {string} */ message) => misdeeds.errors.push(message));
    await page.addInitScript(() => {
      window.addEventListener("error", ({ error, message }) => {
        if (error === null || error === undefined) /** @type {any} */ (window).reportMisdeed(message);
      });
    });
    // As in the real window.
    await page.addInitScript(() => Object.freeze(Object.prototype));
    await page.goto(`${this.#origin}/?${new URLSearchParams(situation)}`);
    if (ready) await page.waitForSelector('[data-testid="app"][data-ready="true"]', { state: "attached" });
    return { page, misdeeds };
  }
}

/**
 * Asks and waits until the answer has begun.
 * @param {Page} page
 * @param {string} text
 */
export async function ask(page, text) {
  const answers = '[data-testid="message"][data-role="assistant"]';
  // Only messages near the view are on the page: the last one is another one, however many there are.
  const before = await page.evaluate(
    (all) => [...document.querySelectorAll(all)].at(-1)?.getAttribute("data-id") ?? null,
    answers,
  );
  await page.getByTestId("composer").fill(text);
  await page.getByTestId("composer").press("Enter");
  await page.waitForFunction(
    ([all, former]) => {
      const last = [...document.querySelectorAll(all ?? "")].at(-1)?.getAttribute("data-id") ?? null;
      return last !== null && last !== former;
    },
    /** @type {const} */ ([answers, before]),
  );
}

/**
 * Waits until no answer is being written.
 * @param {Page} page
 */
export async function ended(page) {
  await page.waitForFunction(() => document.querySelector('[data-testid="message"][data-status="streaming"]') === null);
}

/**
 * Lets pieces of the answer go (`pace=manual`).
 * @param {Page} page
 * @param {number} pieces
 */
export async function release(page, pieces) {
  await page.evaluate((count) => /** @type {any} */ (window).fakeHost.release(count), pieces);
}
