/** Pictures of the window in many sizes and languages, for people to look at: `node test/pictures.js`. Not a test. */
import { mkdirSync } from "node:fs";
import { ask, BrowserWindow, ended } from "./browser/window.js";

const folder = new URL("pictures/", import.meta.url);
mkdirSync(folder, { recursive: true });
const only = process.argv[2];
const browser = await BrowserWindow.start();

/** @type {Array<[name: string, situation: Record<string, string>, look: object, act?: (page: import("playwright-core").Page) => Promise<void>]>} */
const PICTURES = [
  [
    "long-reasoning-dark",
    { locale: "es", pace: "1" },
    { dark: true, width: 1000 },
    async (page) => {
      await ask(page, "Explica por qué votar, texto largo finish:length omit");
      await ended(page);
      await page.getByTestId("regenerate").click();
      await ended(page);
      await page.locator(".messages").evaluate((each) => {
        each.dispatchEvent(new WheelEvent("wheel", { deltaY: -10 }));
        each.scrollTop = 0;
      });
      await page.locator(".reasoning summary").click();
    },
  ],
  [
    "versions",
    { locale: "es", pace: "1" },
    {},
    async (page) => {
      await ask(page, "¿Qué es una cooperativa? finish:length");
      await ended(page);
      await page.getByTestId("regenerate").click();
      await ended(page);
    },
  ],
  ["history", { locale: "es" }, {}, async (page) => page.getByText("Distancia sobre la Tierra").click()],
  ["settings", { locale: "es" }, { dark: true }, async (page) => page.keyboard.press("Control+,")],
  ["palette", { locale: "es" }, {}, async (page) => page.keyboard.press("Control+k")],
  ["onboarding", { locale: "es", profile: "none" }, {}],
  [
    "chat-light",
    { locale: "es", pace: "1" },
    {},
    async (page) => {
      await ask(page, "Escribe una función en Python que valide un IBAN");
      await ended(page);
    },
  ],
  [
    "chat-dark",
    { locale: "es", pace: "1" },
    { dark: true },
    async (page) => {
      await ask(page, "Escribe una función en Python que valide un IBAN");
      await ended(page);
    },
  ],
  [
    "table-1000",
    { locale: "en", pace: "1" },
    { width: 1000 },
    async (page) => {
      await ask(page, "Compare in a table renting and buying");
      await ended(page);
    },
  ],
  [
    "math-600",
    { locale: "en", pace: "1" },
    { width: 600 },
    async (page) => {
      await ask(page, "What is the math of distance?");
      await ended(page);
    },
  ],
  [
    "error",
    { locale: "es", pace: "1", insecure: "1" },
    {},
    async (page) => {
      await ask(page, "error:rate-limited after:14 ¿por qué?");
      await ended(page);
    },
  ],
  [
    "streaming-dark",
    { locale: "en", pace: "15" },
    { dark: true },
    async (page) => {
      await ask(page, "Write a long text about voting, and why");
      await page.waitForFunction(
        () => (document.querySelector('[data-testid="message"]:last-of-type .prose')?.textContent?.length ?? 0) > 500,
      );
    },
  ],
  [
    "links",
    { locale: "en", pace: "1" },
    {},
    async (page) => {
      await ask(page, "Give me links");
      await ended(page);
      await page.locator(".prose a").nth(1).click();
      await page.getByTestId("link-door").waitFor();
    },
  ],
  ["empty", { locale: "es", empty: "1" }, {}],
  ["empty-600-dark", { locale: "es", empty: "1" }, { dark: true, width: 600 }],
  [
    "health",
    { locale: "en", empty: "1" },
    { width: 1000 },
    async (page) => {
      await page.getByTestId("health").click();
    },
  ],
  [
    "inspector-1000",
    { locale: "es", pace: "1" },
    { width: 1000 },
    async (page) => {
      await ask(page, "¿Qué es una cooperativa?");
      await ended(page);
      await page.getByTestId("toggle-inspector").click();
    },
  ],
  [
    "edit",
    { locale: "en", pace: "1" },
    {},
    async (page) => {
      await ask(page, "What is a co-operative?");
      await ended(page);
      await page.getByTestId("composer").press("ArrowUp");
    },
  ],
];

/** Both looks of everything about accounts. */
for (const [name, situation, look, act] of /** @type {typeof PICTURES} */ ([
  ["sign-in", { signin: "manual" }, {}, signIn],
  ["sign-in-none", { ways: "" }, {}, signIn],
  ["sign-in-plain", { plain: "1" }, {}, (page) => way(page, "oidc")],
  ["sign-in-waiting", { signin: "manual" }, {}, (page) => waiting(page, "oidc")],
  ["sign-in-no-browser", { signin: "manual", browser: "none" }, {}, (page) => waiting(page, "oidc")],
  ["sign-in-device", { signin: "manual" }, {}, (page) => waiting(page, "device")],
  ["sign-in-arrived", { signin: "manual" }, {}, (page) => arrived(page, "oidc")],
  ["sign-in-failed", { signin: "manual" }, {}, (page) => failed(page, "github")],
  [
    "sign-in-not-kept",
    { signin: "manual", secrets: "absent" },
    {},
    async (page) => {
      await arrived(page, "oidc");
      await page.getByTestId("identity-confirm").click();
      await page.getByTestId("sign-in-not-kept").waitFor();
    },
  ],
  ["account-menu", { account: "two" }, {}, row],
  ["account-left", { account: "left" }, {}, row],
  ["account-expired", { account: "expired" }, {}, async () => {}],
  ["account-locked", { account: "expired", keeping: "locked" }, { width: 700 }, async () => {}],
  [
    "account-sign-out",
    { account: "ana" },
    {},
    async (page) => {
      await row(page);
      await page.getByTestId("sign-out").click();
      await page.locator(".confirm").waitFor();
    },
  ],
  [
    "account-signed-out",
    { account: "ana" },
    {},
    async (page) => {
      await row(page);
      await page.getByTestId("sign-out").click();
      await page.locator("[data-confirm]").click();
      await page.getByTestId("signed-out").waitFor();
    },
  ],
  ["secrets", { account: "two" }, {}, section],
  [
    "secrets-plain",
    { plain: "1" },
    {},
    async (page) => {
      await section(page);
      await page.getByTestId("plain-address").first().scrollIntoViewIfNeeded();
    },
  ],
  ["secrets-absent", { secrets: "absent" }, {}, section],
  ["secrets-locked", { keeping: "locked", account: "expired" }, {}, section],
  [
    "secrets-vault",
    { secrets: "locked" },
    {},
    async (page) => {
      await section(page);
      await page.locator("#keeping-vault").click();
      await page.getByTestId("passphrase-new").fill("rio barro sombra");
      await page.getByTestId("passphrase-new").scrollIntoViewIfNeeded();
      await page.locator(".settings-page").evaluate((each) => each.scrollBy(0, 240));
    },
  ],
  ["locked", { encryption: "locked" }, {}, async () => {}],
  [
    "encryption",
    {},
    {},
    async (page) => {
      await section(page);
      await page.getByTestId("encryption-begin").click();
      await page.getByTestId("encryption-new").fill("rio barro");
      await page.getByTestId("encryption-confirm").scrollIntoViewIfNeeded();
    },
  ],
  [
    "encrypted",
    { encryption: "encrypted", secrets: "absent" },
    {},
    async (page) => {
      await section(page);
      await page.getByTestId("encryption-key").scrollIntoViewIfNeeded();
    },
  ],
  [
    "secrets-forget",
    { account: "two" },
    {},
    async (page) => {
      await section(page);
      await page.getByTestId("account-forget").first().click();
    },
  ],
])) {
  PICTURES.push([`${name}-light`, { locale: "es", ...situation }, look, act]);
  PICTURES.push([`${name}-dark`, { locale: "en", ...situation }, { ...look, dark: true }, act]);
  PICTURES.push([`${name}-narrow`, { locale: "es", ...situation }, { ...look, width: 480, height: 800 }, act]);
}

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page */
async function row(page) {
  // In a narrow window it is in a drawer.
  if (!(await page.getByTestId("account").isVisible())) await page.keyboard.press("Control+b");
  await page.getByTestId("account").click();
}

/** @param {Page} page */
async function signIn(page) {
  await row(page);
  await page.locator(".sign-in").waitFor();
}

/** @param {Page} page @param {string} method */
async function way(page, method) {
  await signIn(page);
  await page.locator(`.sign-in [data-testid="sign-in"][data-method="${method}"]`).click();
}

/** @param {Page} page @param {string} method */
async function waiting(page, method) {
  await way(page, method);
  await page.locator('.sign-in[data-stage="waiting"]').waitFor();
}

/** @param {Page} page @param {string} method */
async function arrived(page, method) {
  await waiting(page, method);
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.signIn("arrive"));
  await page.getByTestId("identity-confirm").waitFor();
  await page.locator(".sign-in-claims summary").click();
}

/** @param {Page} page @param {string} method */
async function failed(page, method) {
  await waiting(page, method);
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.signIn("port-taken"));
  await page.getByTestId("sign-in-failed").waitFor();
}

/** @param {Page} page */
async function section(page) {
  await page.keyboard.press("Control+,");
  await page.locator('dialog[open] [data-testid="settings"]').waitFor();
  await page.locator(".settings-nav .settings-link", { hasText: /Account and secrets|Cuenta y secretos/ }).click();
}

for (const [name, situation, look, act] of PICTURES) {
  if (only && !name.includes(only)) continue;
  const { page, misdeeds } = await browser.open(situation, look);
  await act?.(page);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 250)));
  await page.screenshot({ path: new URL(`${name}.png`, folder).pathname });
  const wrong = [...misdeeds.requests, ...misdeeds.violations, ...misdeeds.errors];
  process.stdout.write(`${name}${wrong.length > 0 ? `: ${JSON.stringify(wrong)}` : ""}\n`);
  await page.context().close();
}
await browser.stop();
