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

const FIRST = { profile: "none", empty: "1" };

/**
 * @param {Page} page
 * @param {string} name
 */
const calls = (page, name) =>
  page.evaluate(
    (wanted) =>
      /** @type {any} */ (window).fakeHost.calls
        .filter((/** @type {[string, unknown]} */ [called]) => called === wanted)
        .map((/** @type {[string, unknown]} */ [, request]) => request),
    name,
  );

/** @param {Page} page */
const callNames = (page) =>
  page.evaluate(() =>
    /** @type {any} */ (window).fakeHost.calls.map((/** @type {[string, unknown]} */ [name]) => name),
  );

/** @param {Page} page */
const focused = (page) =>
  page.evaluate(() => {
    const { id, dataset } = /** @type {HTMLElement} */ (document.activeElement);
    return id || dataset.testid || "";
  });

test("the first run shows the profiles at hand and contacts nothing by itself", async () => {
  const { page, misdeeds } = await browser.open({ ...FIRST, locale: "es" });
  await page.getByTestId("onboarding").waitFor();
  const options = await page
    .getByTestId("profile-option")
    .evaluateAll((all) => all.map((option) => /** @type {HTMLElement} */ (option).dataset.profile));
  assert.deepEqual(options, ["capibara6", "local", "practice"]);
  assert.match((await page.locator('[data-profile="practice"]').textContent()) ?? "", /Respuestas con guion/);
  assert.deepEqual(
    (await callNames(page)).filter((/** @type {string} */ name) => !["boot", "window_ready"].includes(name)),
    [],
  );
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

test("a profile is picked by keyboard alone, and the conversation is there", async () => {
  const { page } = await browser.open({ ...FIRST, locale: "en" });
  await page.getByTestId("onboarding").waitFor();
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.locator('[data-profile="practice"]:focus').count()) break;
  }
  await page.keyboard.press("Enter");
  await page.getByTestId("conversation-list").waitFor();
  assert.deepEqual(await calls(page, "profile_select"), [{ id: "practice" }]);
});

test("a profile that cannot be used says why and the others stay usable", async () => {
  const { page } = await browser.open({ ...FIRST, locale: "es" });
  await page.evaluate(() =>
    /** @type {any} */ (window).fakeHost.failNext("profile_select", { code: "profile-invalid", detail: "line 3" }),
  );
  await page.locator('[data-profile="local"]').click();
  await page.locator('[data-code="profile-invalid"]').waitFor();
  assert.equal(await page.locator('[data-profile="practice"]').isEnabled(), true);
});

test("servers are looked for only when asked, and become a profile that is saved and used", async () => {
  const { page } = await browser.open({ ...FIRST, locale: "es" });
  await page.getByTestId("servers-scan").click();
  await page.getByTestId("found-server").first().waitFor();
  assert.equal((await calls(page, "servers_scan")).length, 1);
  await page.getByRole("button", { name: "Crear un perfil con todos" }).click();
  await page.locator("#profile-name").waitFor();
  assert.equal(await page.locator("#profile-name").inputValue(), "Este ordenador");
  assert.equal(await page.locator(".profile-form-model").count(), 3);
  await page.getByTestId("profile-use").click();
  await page.getByTestId("conversation-list").waitFor();
  assert.deepEqual(await calls(page, "profile_save"), [
    {
      profile: {
        name: "Este ordenador",
        models: [
          { id: "gpt-oss-20b", label: "", url: "http://127.0.0.1:8000/v1", tier: "complex", weight: 1 },
          { id: "qwen2.5-coder:1.5b", label: "", url: "http://127.0.0.1:11434/v1", tier: "code", weight: 1 },
          { id: "phi4:mini", label: "", url: "http://127.0.0.1:11434/v1", tier: "fast", weight: 1 },
        ],
        network: { connect_timeout_s: 5, first_token_timeout_s: 180, idle_timeout_s: 60 },
      },
    },
  ]);
});

test("a search that fails says why and can be repeated", async () => {
  const { page } = await browser.open({ ...FIRST, locale: "en" });
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.failNext("servers_scan", { code: "internal" }));
  await page.getByTestId("servers-scan").click();
  await page.locator('[data-code="internal"]').waitFor();
  await page.getByTestId("servers-scan").click();
  await page.getByTestId("found-server").first().waitFor();
  assert.equal(await page.locator('[data-code="internal"]').count(), 0);
});

test("the language of the first run can be changed before anything else", async () => {
  const { page } = await browser.open({ ...FIRST, locale: "en" });
  await page.getByText("Where are your models?").waitFor();
  await page.locator(".onboarding-language select").selectOption("es");
  await page.getByText("¿Dónde están tus modelos?").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "es");
});

test("a form with mistakes names each next to its field, goes to the first, and saves nothing", async () => {
  const { page } = await browser.open({ ...FIRST, locale: "es" });
  await page.getByTestId("profile-add").click();
  await page.locator("#profile-name:focus").waitFor();
  await page.getByTestId("profile-use").click();
  const problems = async () =>
    Object.fromEntries(
      await page
        .locator(".form-field-problem")
        .evaluateAll((all) =>
          all.map((problem) => [problem.closest("[data-field]")?.getAttribute("data-field"), problem.textContent]),
        ),
    );
  await page.locator(".form-field-problem").first().waitFor();
  assert.deepEqual(await problems(), {
    name: "Hay que rellenar este campo.",
    "models[0].id": "Hay que rellenar este campo.",
    "models[0].url": "Hay que rellenar este campo.",
  });
  assert.equal(await focused(page), "profile-name");
  await page.locator("#profile-name").fill("Casa");
  await page.getByLabel("Identificador").fill("m");
  await page.getByLabel("Dirección", { exact: true }).fill("127.0.0.1:8000");
  await page.getByTestId("profile-use").click();
  assert.deepEqual(await problems(), {
    "models[0].url": "Escribe una dirección http o https completa, como http://127.0.0.1:8000/v1.",
  });
  assert.equal(await page.getByLabel("Dirección", { exact: true }).getAttribute("aria-invalid"), "true");
  assert.deepEqual(await calls(page, "profile_save"), []);
});

test("what the core refuses stands at the field that it names", async () => {
  const { page } = await browser.open({ ...FIRST, locale: "en" });
  await page.getByTestId("profile-add").click();
  await page.locator("#profile-name").fill("Home");
  await page.getByLabel("Id", { exact: true }).fill("m");
  await page.getByLabel("Address", { exact: true }).fill("http://127.0.0.1:8000/v1");
  await page.evaluate(() =>
    /** @type {any} */ (window).fakeHost.failNext("profile_save", { code: "invalid-input", field: "network.proxy" }),
  );
  await page.getByTestId("profile-save").click();
  await page.locator('[data-field="network.proxy"] .form-field-problem').waitFor();
  assert.equal(await focused(page), "profile-proxy");
});

test("models are added, moved and removed by keyboard, and the focus goes with them", async () => {
  const { page } = await browser.open({ ...FIRST, locale: "en" });
  await page.getByTestId("profile-add").click();
  await page.getByLabel("Id", { exact: true }).fill("first");
  await page.getByTestId("model-add").press("Enter");
  await page.waitForFunction(() => document.activeElement?.id.endsWith("-id"));
  await page.keyboard.type("second");
  const order = () => page.locator(".profile-form-legend").allTextContents();
  assert.deepEqual(await order(), ["Model 1: first", "Model 2: second"]);
  await page.getByRole("button", { name: "Move second up" }).press("Enter");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Move second down");
  assert.deepEqual(await order(), ["Model 1: second", "Model 2: first"]);
  await page.getByText("second is now in position 1 of 2.").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Remove second" }).press("Enter");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Remove first");
  await page.getByRole("button", { name: "Remove first" }).press("Enter");
  await page.waitForFunction(() => /** @type {HTMLElement} */ (document.activeElement).dataset.testid === "model-add");
  await page.getByTestId("profile-save").click();
  await page.getByText("The profile needs at least one model.").waitFor();
});

test("leaving a form with changes asks first; without changes it does not", async () => {
  const { page } = await browser.open({ ...FIRST, locale: "es" });
  await page.getByTestId("profile-add").click();
  await page.getByRole("button", { name: "Volver" }).click();
  await page.locator('[data-testid="profile-add"]:focus').waitFor();
  await page.getByTestId("profile-add").click();
  await page.locator("#profile-name").fill("Casa");
  await page.getByRole("button", { name: "Volver" }).click();
  await page.getByText("¿Salir sin guardar?").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  assert.equal(await page.locator("#profile-name").inputValue(), "Casa");
  await page.getByRole("button", { name: "Volver" }).click();
  await page.locator("[data-confirm]").click();
  await page.locator('[data-testid="profile-add"]:focus').waitFor();
});
