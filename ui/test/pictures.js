/**
 * Pictures of the window in many sizes and languages, for people to look at: `node test/pictures.js [part of a name]`. Not a test. Beside
 * the scenes below there is one of each view that axe is asked about (`browser/views.js`) in each of `LOOKS`.
 */
import { mkdirSync } from "node:fs";
import { VIEWS } from "./browser/views.js";
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
  ["account-menu-locks", { account: "two", locked: "own" }, {}, row],
  [
    "account-menu-gone",
    { account: "two", locked: "own" },
    {},
    async (page) => {
      await row(page);
      await page.getByTestId("account-own").click();
      await page.getByTestId("history-other").waitFor();
    },
  ],
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

/** Everything about asking several models: wide and narrow, light and dark, in both languages. */
const SEVERAL =
  /** @type {Array<[name: string, situation: Record<string, string>, question: [es: string, en: string], act: (page: Page) => Promise<void>]>} */ ([
    [
      "streaming-4",
      { pace: "manual" },
      ["Escribe una función en Python que valide un IBAN", "Write a Python function that validates an IBAN"],
      halfway,
    ],
    [
      "streaming-3",
      { pace: "manual", members: "3" },
      ["Escribe una función en Python que valide un IBAN", "Write a Python function that validates an IBAN"],
      halfway,
    ],
    [
      "streaming-2",
      { pace: "manual", members: "2" },
      ["Escribe una función en Python que valide un IBAN", "Write a Python function that validates an IBAN"],
      halfway,
    ],
    ["unanimous", {}, ["¿Cuánto es 6 * 7?", "How much is 6 * 7?"], decided],
    ["majority", {}, ["¿Cuál es la capital de Australia?", "What is the capital of Australia?"], decided],
    ["chosen", {}, ["¿Cuál es la capital de Australia?", "What is the capital of Australia?"], chosen],
    ["given-back", {}, ["¿Cuál es la capital de Australia?", "What is the capital of Australia?"], givenBack],
    ["whole", {}, ["¿Cuál es la capital de Australia?", "What is the capital of Australia?"], whole],
    ["vote", {}, ["¿Cuál es la capital de Australia?", "What is the capital of Australia?"], vote],
    ["split", {}, ["¿Cuándo fue, dividid?", "When was it, split?"], decided],
    ["none", {}, ["¿Están muertos todos?", "Is everybody dead?"], decided],
    ["alone", {}, ["¿Responde una sola?", "Does one answer alone?"], decided],
    ["refusal", {}, ["¿Se niega alguien? niega", "Does anybody refuse?"], decided],
    ["late", {}, ["¿Llega tarde el cuarenta y dos?", "Is forty-two late?"], decided],
    ["open", {}, ["Explica qué es una cooperativa", "Explain what a co-operative is"], decided],
    [
      "judge",
      { method: "judge" },
      ["¿Cuál es la capital de Australia?", "What is the capital of Australia?"],
      judgedVote,
    ],
    [
      "synthesis",
      { method: "synthesis" },
      ["¿Cuál es la capital de Australia?", "What is the capital of Australia?"],
      judgedVote,
    ],
    [
      "self-consistency",
      { method: "self-consistency" },
      ["¿Cuál es la capital de Australia?", "What is the capital of Australia?"],
      decided,
    ],
    ["presets", {}, ["", ""], presets],
    ["models", { used: "1", learned: "1" }, ["¿Cuánto es 6 * 7?", "How much is 6 * 7?"], models],
    ["learned", { learned: "1" }, ["", ""], learned],
  ]);
for (const [name, { method, members, ...situation }, [es, en], act] of SEVERAL) {
  for (const [suffix, locale, look] of /** @type {Array<[string, "es" | "en", object]>} */ ([
    ["light", "es", {}],
    ["dark", "en", { dark: true }],
    ["narrow", "es", { width: 480, height: 900 }],
    ["narrow-dark", "en", { width: 480, height: 900, dark: true }],
  ])) {
    PICTURES.push([
      `consensus-${name}-${suffix}`,
      { pace: "1", empty: "1", ...situation, locale },
      look,
      async (page) => {
        await page.getByTestId("mode-picker").selectOption("consensus");
        if (method !== undefined || members !== undefined) await planned(page, method, members);
        const question = locale === "es" ? es : en;
        if (question !== "") await ask(page, question);
        await act(page);
      },
    ]);
  }
}

/** How people may have their window. @type {Array<[suffix: string, locale: string, look: object, type?: string]>} */
const LOOKS = [
  ["es", "es", {}],
  ["en-dark", "en", { dark: true }],
  ["es-narrow-dark", "es", { width: 480, height: 800, dark: true }],
  ["en-narrow", "en", { width: 480, height: 800 }],
  ["es-zoom", "es", { zoom: 2 }],
  ["es-large", "es", {}, "200"],
  ["es-narrow-large", "es", { width: 480, height: 800 }, "200"],
  ["en-contrast", "en", { contrast: true }],
  ["en-forced", "en", { forced: true, dark: true }],
];
for (const [name, { situation = {}, tall = false, show }] of Object.entries(VIEWS)) {
  for (const [suffix, locale, look, type] of LOOKS) {
    PICTURES.push([
      `view-${name.replaceAll(/[^a-z]+/gi, "-")}-${suffix}`,
      { ...situation, locale },
      tall ? { ...look, height: 1800 } : look,
      async (page) => {
        if (type !== undefined)
          await page.evaluate((size) => document.documentElement.style.setProperty("--type-size", size), type);
        await show(page);
      },
    ]);
  }
}

/** @typedef {import("playwright-core").Page} Page */

/** Sets a plan up. @param {Page} page @param {string | undefined} method @param {string | undefined} members */
async function planned(page, method, members) {
  await page.getByTestId("plan-picker").selectOption({ index: 1 });
  await page.getByTestId("plan").waitFor();
  if (method !== undefined) await page.getByTestId(`method-${method}`).check();
  if (members !== undefined)
    for (const box of (await page.locator('[data-testid="plan"] input[type="checkbox"]').all()).slice(Number(members)))
      await box.uncheck();
  if (members === "2") await page.locator("#plan-quorum").fill("2");
  await page.getByTestId("plan-save").click();
  await page.getByTestId("plan").waitFor({ state: "detached" });
}

/** @param {Page} page */
async function halfway(page) {
  await page.getByTestId("candidate").first().waitFor();
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let n = 0; n < 120; n += 1) {
      /** @type {any} */ (window).fakeHost.release(2);
      await frame();
    }
  });
}

/** @param {Page} page */
async function decided(page) {
  await page.locator('[data-testid="consensus"][data-state="ended"]').waitFor();
}

/** @param {Page} page */
async function chosen(page) {
  await decided(page);
  await page.getByTestId("candidate-open").nth(2).focus();
  await page.keyboard.press("Enter");
  await page.locator('[data-testid="verdict"][data-by="user"]').waitFor();
}

/** @param {Page} page */
async function givenBack(page) {
  await chosen(page);
  await page.getByTestId("consensus-undo").click();
  await page.locator('[data-testid="verdict"][data-by="method"]').waitFor();
}

/** @param {Page} page */
async function whole(page) {
  await decided(page);
  await page.getByTestId("candidate-open").nth(1).click();
  await page.getByTestId("candidate-whole").waitFor();
}

/** @param {Page} page */
async function vote(page) {
  await decided(page);
  await page.getByTestId("vote-open").click();
  await page.locator('[data-fact="seed"]').waitFor();
}

/** @param {Page} page */
async function judgedVote(page) {
  await decided(page);
  await page.getByTestId("vote-open").click();
  await page.locator('[data-part="vote-synthesis"], [data-part="vote-judge"]').scrollIntoViewIfNeeded();
}

/** @param {Page} page */
async function presets(page) {
  for (const [name, method] of [
    ["Rápido", "majority"],
    ["A fondo", "judge"],
  ]) {
    await page.getByTestId("plan-picker").selectOption("\u0000set-up");
    await page.getByTestId("plan").waitFor();
    if (await page.getByTestId("plan-new").isVisible()) await page.getByTestId("plan-new").click();
    await page.locator("#plan-name").fill(name ?? "");
    await page.getByTestId(`method-${method}`).check();
    await page.getByTestId("plan-save").click();
    await page.getByTestId("plan").waitFor({ state: "detached" });
  }
  await page.getByTestId("plan-picker").selectOption("\u0000set-up");
  await page.getByTestId("plan").waitFor();
}

/** @param {Page} page */
async function models(page) {
  await decided(page);
  if (!(await page.getByTestId("models-open").isVisible())) await page.keyboard.press("Control+i");
  await page.getByTestId("models-open").click();
  await page.getByTestId("model-use").first().waitFor();
}

/** @param {Page} page */
async function learned(page) {
  await page.keyboard.press("Control+,");
  await page.locator('dialog[open] [data-testid="settings"]').waitFor();
  await page.locator(".settings-nav .settings-link", { hasText: /Consens/ }).click();
}

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
  page.setDefaultTimeout(8_000);
  // One that cannot be shown is no reason to have none of the others.
  await act?.(page).catch((error) => misdeeds.errors.push(String(error).split("\n")[0] ?? ""));
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 250)));
  await page.screenshot({ path: new URL(`${name}.png`, folder).pathname });
  const wrong = [...misdeeds.requests, ...misdeeds.violations, ...misdeeds.errors];
  process.stdout.write(`${name}${wrong.length > 0 ? `: ${JSON.stringify(wrong)}` : ""}\n`);
  await page.context().close();
}
await browser.stop();
