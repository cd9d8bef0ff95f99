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

/** @param {Page} page */
async function openPalette(page) {
  await page.locator('[data-testid="conversation-item"]').first().waitFor();
  await page.keyboard.press("Control+k");
  await page.locator("dialog[open] .palette-field:focus").waitFor();
}

/** @param {Page} page */
const chosen = (page) =>
  page.evaluate(() => {
    const id = document.activeElement?.getAttribute("aria-activedescendant") ?? "";
    const option = document.getElementById(id);
    return { words: option?.querySelector(".palette-words")?.textContent, selected: option?.ariaSelected };
  });

test("the field points at the chosen option, and arrows go round", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en" });
  await openPalette(page);
  const options = await page.locator(".palette-words").allTextContents();
  assert.deepEqual(await chosen(page), { words: options[0], selected: "true" });
  await page.keyboard.press("ArrowDown");
  assert.deepEqual(await chosen(page), { words: options[1], selected: "true" });
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.deepEqual(await chosen(page), { words: options.at(-1), selected: "true" });
  assert.equal(await page.locator('[role="option"][aria-selected="true"]').count(), 1);
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
});

test("a conversation is found by a few letters without accents, and opened", async () => {
  const { page } = await browser.open({ locale: "es" });
  await openPalette(page);
  await page.keyboard.type("documentacion enl");
  assert.equal((await chosen(page)).words, "Enlaces de la documentación");
  await page.keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  await page.locator('[data-testid="conversation-item"][data-active="true"]').waitFor();
  assert.equal(
    await page.locator('[data-testid="conversation-item"][data-active="true"] .sidebar-title').textContent(),
    "Enlaces de la documentación",
  );
});

test("model, mode, colours and language can be changed by name", async () => {
  const { page } = await browser.open({ locale: "en" });
  const choose = async (/** @type {string} */ words) => {
    await openPalette(page);
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
  };
  await choose("ask mixtral");
  await choose("appearance dark");
  await page.locator('[data-testid="app"][data-theme="dark"]').waitFor();
  await choose("espanol");
  await page.locator('[data-testid="app"][data-locale="es"]').waitFor();
  await choose("modo automatico");
  const sent = await page.evaluate(() =>
    /** @type {any} */ (window).fakeHost.calls
      .filter((/** @type {[string, unknown]} */ [name]) => name === "settings_set")
      .map((/** @type {[string, any]} */ [, { mode, model, theme, locale }]) => ({ mode, model, theme, locale })),
  );
  assert.deepEqual(sent, [
    { mode: "single", model: "mixtral", theme: "system", locale: "en" },
    { mode: "single", model: "mixtral", theme: "dark", locale: "en" },
    { mode: "single", model: "mixtral", theme: "dark", locale: "es" },
    { mode: "auto", model: "mixtral", theme: "dark", locale: "es" },
  ]);
});

test("a section of the settings is reached by name and shown at its place", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openPalette(page);
  await page.keyboard.type("settings diagnos");
  await page.keyboard.press("Enter");
  await page.locator('.settings-link[aria-current="true"]', { hasText: "Diagnostics" }).waitFor();
  assert.equal(await page.getByTestId("diagnostics-copy").isVisible(), true);
});

test("an input method's Enter runs nothing, and what matches nothing is searched for in everything", async () => {
  const { page } = await browser.open({ locale: "es" });
  await openPalette(page);
  await page.locator(".palette-field").evaluate((field) => {
    field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    field.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, isComposing: true }),
    );
  });
  assert.equal(await page.locator("dialog[open]").count(), 1);
  await page.locator(".palette-field").evaluate((field) => {
    field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  });
  await page.locator(".palette-field").fill("zzzz");
  // What has no name here may still have been said.
  await page.waitForFunction(() => document.querySelectorAll(".palette-option").length === 1);
  await page.keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  await page.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector('[data-testid="search"]')).value === "zzzz",
  );
});

test("Escape closes it and the focus goes back", async () => {
  const { page } = await browser.open({ locale: "en" });
  await page.locator('[data-testid="conversation-item"]').first().waitFor();
  await page.getByTestId("new-chat").focus();
  await openPalette(page);
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  assert.equal(
    await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.testid),
    "new-chat",
  );
});

test("the sheet of shortcuts opens on ? outside of inputs and lists what the keyboard does", async () => {
  const { page } = await browser.open({ locale: "es" });
  await page.getByTestId("search").focus();
  await page.keyboard.type("?");
  assert.equal(await page.getByTestId("search").inputValue(), "?");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await page.keyboard.press("Escape");
  await page.getByTestId("new-chat").focus();
  await page.keyboard.press("?");
  await page.locator("dialog[open] .shortcuts").waitFor();
  const lines = Object.fromEntries(
    await page
      .locator(".shortcuts-line")
      .evaluateAll((all) =>
        all.map((line) => [
          line.querySelector("dt")?.textContent,
          [...line.querySelectorAll(".shortcuts-keys")].map((keys) =>
            [...keys.querySelectorAll("kbd")].map((cap) => cap.textContent).join("+"),
          ),
        ]),
      ),
  );
  assert.deepEqual(lines["Abrir la paleta de órdenes"], ["Ctrl+K"]);
  assert.deepEqual(lines["Atajos de teclado"], ["?", "Ctrl+/"]);
  assert.deepEqual(lines["Cambiar el título"], ["F2"]);
  assert.deepEqual(lines.Eliminar, ["Supr"]);
  const untranslated = Object.keys(lines).filter((words) => /^[a-z]+(-[a-z]+)+$/.test(words));
  assert.deepEqual(untranslated, []);
});

test("the about box shows versions and copies them without the path of the data", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openPalette(page);
  await page.keyboard.type("about capibara");
  await page.keyboard.press("Enter");
  await page.locator("dialog[open] .about-versions").waitFor();
  await page.getByRole("button", { name: "Copy versions" }).click();
  await page.getByRole("button", { name: "Versions copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^Version: 0\.1\.0\nBuild: /);
  assert.doesNotMatch(copied, /Data in/);
});
