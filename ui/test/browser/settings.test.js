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
async function openSettings(page) {
  await page.getByTestId("settings").click();
  await page.locator('dialog[open] [data-testid="settings"]').waitFor();
}

/**
 * Uses a profile that is not the practice fleet.
 * @param {Page} page
 */
async function useCapibara6(page) {
  await page
    .locator('[data-testid="settings-profile"][data-profile="capibara6"] [data-testid="settings-profile-use"]')
    .click();
  await page.locator('[data-testid="settings-profile"][data-profile="capibara6"][data-active="true"]').waitFor();
}

test("language and colours change at once, visibly, and are written", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en" });
  await openSettings(page);
  await page.getByTestId("locale-picker").selectOption("es");
  await page.locator('[data-testid="app"][data-locale="es"]').waitFor();
  await page.getByRole("heading", { name: "Ajustes" }).waitFor();
  await page.getByTestId("theme-picker").selectOption("dark");
  await page.locator('[data-testid="app"][data-theme="dark"]').waitFor();
  await page.locator(".settings-saved", { hasText: "Guardado" }).waitFor();
  await page.getByTestId("type-size").fill("120");
  await page.waitForFunction(() => document.documentElement.style.getPropertyValue("--type-size") === "120");
  const last = /** @type {any} */ ((await calls(page, "settings_set")).at(-1));
  assert.deepEqual(
    { locale: last.locale, theme: last.theme, type_size: last.type_size },
    { locale: "es", theme: "dark", type_size: 120 },
  );
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

test("the system's language can be chosen again", async () => {
  const { page } = await browser.open({ locale: "es" });
  await openSettings(page);
  assert.equal(await page.getByTestId("locale-picker").inputValue(), "es");
  await page.getByTestId("locale-picker").selectOption("");
  await page.waitForFunction(() =>
    /** @type {any} */ (window).fakeHost.calls.some((/** @type {string[]} */ [name]) => name === "settings_set"),
  );
  assert.equal(/** @type {any} */ ((await calls(page, "settings_set")).at(-1)).locale, undefined);
});

test("a change that cannot be written is taken back and says why", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSettings(page);
  await page.evaluate(() =>
    /** @type {any} */ (window).fakeHost.failNext("settings_set", { code: "storage-read-only" }),
  );
  await page.getByTestId("setting-notify").click();
  await page.locator('dialog [data-code="storage-read-only"]').waitFor();
  assert.equal(await page.getByTestId("setting-notify").isChecked(), true);
  await page.locator(".settings-saved", { hasText: "Not saved" }).waitFor();
});

test("generation parameters are kept per model, in the reader's numbers, and can be reset", async () => {
  const { page } = await browser.open({ locale: "es" });
  await openSettings(page);
  await page.getByTestId("parameters-model").selectOption("qwen2.5-coder:1.5b");
  await page.getByLabel("Temperatura").fill("0,4");
  await page.getByLabel("Semilla").fill("7");
  await page.getByTestId("system-prompt").fill("Responde breve.");
  await page.getByTestId("stop-text").fill("###");
  await page.getByTestId("stop-text").press("Enter");
  await page.locator(".generation-stops code").waitFor();
  const kept = async () => /** @type {any} */ ((await calls(page, "settings_set")).at(-1)).parameters;
  assert.deepEqual(await kept(), {
    "qwen2.5-coder:1.5b": { temperature: 0.4, seed: 7, stop: ["###"], system_prompt: "Responde breve." },
  });
  await page.getByTestId("parameters-model").selectOption("mixtral");
  assert.equal(await page.getByLabel("Temperatura").inputValue(), "");
  await page.getByTestId("parameters-model").selectOption("qwen2.5-coder:1.5b");
  assert.equal(await page.getByLabel("Temperatura").inputValue(), "0,4");
  await page.getByTestId("parameters-reset").click();
  assert.equal(await page.getByLabel("Temperatura").inputValue(), "");
  assert.deepEqual(await kept(), {});
});

test("a value that cannot be used is explained next to its field and not written", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSettings(page);
  await page.getByLabel("Top-p").fill("2");
  const field = page.locator('[data-field="parameters.top_p"]');
  assert.equal(await field.locator(".form-field-problem").textContent(), "It must be between 0 and 1.");
  assert.equal(await page.getByLabel("Top-p").getAttribute("aria-invalid"), "true");
  assert.deepEqual(await calls(page, "settings_set"), []);
  await page.getByLabel("Top-p").fill("0.9");
  assert.equal(await field.locator(".form-field-problem").count(), 0);
  assert.equal(/** @type {any} */ ((await calls(page, "settings_set")).at(-1)).parameters["gpt-oss-20b"].top_p, 0.9);
});

test("a key is typed into a password field, stored, and never in the page again", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSettings(page);
  await useCapibara6(page);
  const row = page.locator('[data-testid="key"][data-model="mixtral"]');
  await row.getByRole("button", { name: "Add a key for Mixtral" }).click();
  const input = row.locator("input");
  assert.equal(await input.getAttribute("type"), "password");
  await page.keyboard.type("sk-very-secret");
  await page.keyboard.press("Enter");
  await page.locator('[data-testid="key"][data-model="mixtral"][data-present="true"]').waitFor();
  assert.deepEqual(await calls(page, "key_set"), [{ model: "mixtral", key: "sk-very-secret" }]);
  assert.equal(await row.locator("input").count(), 0);
  assert.doesNotMatch(await page.content(), /sk-very-secret/);
  await row.getByRole("button", { name: "Remove the key of Mixtral" }).click();
  await page.locator('[data-testid="key"][data-model="mixtral"][data-present="false"]').waitFor();
  assert.deepEqual(await calls(page, "key_clear"), [{ model: "mixtral" }]);
});

test("Escape in the field of a key leaves the field and not the settings", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSettings(page);
  await useCapibara6(page);
  await page.getByRole("button", { name: "Add a key for Mixtral" }).click();
  await page.keyboard.type("abc");
  await page.keyboard.press("Escape");
  await page.locator('[data-edit="mixtral"]:focus').waitFor();
  assert.equal(await page.locator("dialog[open]").count(), 1);
  assert.deepEqual(await calls(page, "key_set"), []);
});

test("a secret store that cannot be asked says so in words, claims nothing about keys, and can be asked again", async () => {
  const { page } = await browser.open({ locale: "es", secrets: "locked" });
  await openSettings(page);
  await useCapibara6(page);
  await page.locator("c6-keys").getByText("El almacén de claves está bloqueado.").waitFor();
  assert.equal(await page.getByText("Sin clave", { exact: true }).count(), 0);
  assert.equal(await page.locator("[data-edit]").first().isDisabled(), true);
  const before = (await calls(page, "key_states")).length;
  await page.getByTestId("keys-retry").click();
  await page.waitForFunction(
    (count) =>
      /** @type {any} */ (window).fakeHost.calls.filter((/** @type {string[]} */ [name]) => name === "key_states")
        .length > count,
    before,
  );
});

test("an example is copied, a profile of one's own is edited, tested and deleted", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSettings(page);
  await page.getByRole("button", { name: "Copy to edit: Capibara6" }).click();
  await page.locator("#profile-name").fill("Mine");
  await page.getByTestId("profile-test").click();
  await page.locator('[data-testid="endpoint-test"][data-model="mixtral"][data-state="failed"]').waitFor();
  assert.match(
    (await page.locator('[data-testid="endpoint-test"][data-model="mixtral"]').textContent()) ?? "",
    /The server did not answer in time\./,
  );
  assert.match(
    (await page.locator('[data-testid="endpoint-test"][data-model="gpt-oss-20b"]').textContent()) ?? "",
    /GPT-OSS 20B answers in 14 ms\s+Offers gpt-oss-20b/,
  );
  await page.getByText("3 of 4 answer.").first().waitFor();
  await page.getByTestId("profile-save").click();
  const mine = page.locator('[data-testid="settings-profile"][data-profile="mine"]');
  await mine.waitFor();
  assert.equal(await mine.getAttribute("data-active"), "false");
  await mine.getByTestId("profile-edit").click();
  await page.locator("#profile-name").waitFor();
  assert.equal(await page.locator("#profile-name").inputValue(), "Mine");
  await page.getByTestId("profile-delete").click();
  await page.getByText("Delete the profile “Mine”?").waitFor();
  await page.locator("[data-confirm]").click();
  await page.getByTestId("theme-picker").waitFor();
  await mine.waitFor({ state: "detached" });
  assert.deepEqual(await calls(page, "profile_delete"), [{ id: "mine" }]);
});

test("Escape does not throw away a profile that is being written", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSettings(page);
  await page.getByTestId("profile-add").click();
  await page.locator("#profile-name").fill("Half");
  await page.keyboard.press("Escape");
  await page.getByText("Leave without saving?").waitFor();
  await page.getByRole("button", { name: "Keep editing" }).click();
  assert.equal(await page.locator("#profile-name").inputValue(), "Half");
  await page.mouse.click(4, 4);
  await page.getByText("Leave without saving?").waitFor();
  await page.locator("[data-confirm]").click();
  await page.getByTestId("theme-picker").waitFor();
});

test("diagnostics are shown before they are copied", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSettings(page);
  await page.getByTestId("diagnostics-copy").click();
  await page.getByTestId("diagnostics").waitFor();
  const shown = await page.getByTestId("diagnostics").textContent();
  await page.getByRole("button", { name: "Diagnostics copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), shown);
});

test("Escape closes the settings and the focus goes back to their button", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSettings(page);
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  assert.equal(
    await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.testid),
    "settings",
  );
});

test("the section that is asked for is the one that is named, also near the end", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSettings(page);
  for (const name of ["Appearance", "Keys", "About", "Profile"]) {
    await page.locator(".settings-link", { hasText: name }).click();
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.equal((await page.locator('.settings-link[aria-current="true"]').textContent())?.trim(), name);
  }
  await page.locator(".settings-page").evaluate((element) => {
    element.scrollTop = element.scrollHeight;
  });
  await page.locator('.settings-link[aria-current="true"]', { hasText: "About" }).waitFor();
});
