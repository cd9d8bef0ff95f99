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

const CLEAN = { requests: [], violations: [], errors: [] };

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
async function openSection(page) {
  await page.keyboard.press("Control+,");
  await page.getByRole("button", { name: "Privacy" }).click();
  await page.getByTestId("encryption").waitFor();
}

/**
 * @param {Page} page
 * @param {string} state
 */
const is = (page, state) => page.locator(`[data-testid="encryption"][data-state="${state}"]`).waitFor();

/** @param {Page} page */
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("data-testid"));

test("the history is encrypted by the keyboard, its passphrase changes, and it is plain again after a question", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en" });
  await openSection(page);
  await is(page, "plain");
  await page.getByTestId("encryption-begin").focus();
  await page.keyboard.press("Enter");
  await page.locator(".encryption-backups legend", { hasText: "There are 2 backups" }).waitFor();
  assert.equal(await focused(page), "encryption-new");
  // too short, then two that differ: nothing is asked of the core
  await page.keyboard.type("short");
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "encryption-new");
  await page.keyboard.type(" but now long");
  await page.getByTestId("encryption-repeat").fill("something else");
  await page.keyboard.press("Enter");
  await page.locator("#encryption-mismatch", { hasText: "not the same" }).waitFor();
  assert.deepEqual(await calls(page, "encryption_enable"), []);
  await page.getByTestId("encryption-repeat").fill("short but now long");
  await page.keyboard.press("Enter");
  await is(page, "encrypted");
  assert.deepEqual(await calls(page, "encryption_enable"), [
    { passphrase: "short but now long", plain_backups: "delete" },
  ]);
  assert.equal(await page.getByTestId("encryption-key").getAttribute("data-code"), null);
  assert.equal(await page.locator('.settings input[type="password"][id^="encryption"]').count(), 0);
  assert.ok(!(await page.content()).includes("short but now long"));

  await page.getByTestId("encryption-change").click();
  await page.getByTestId("encryption-new").fill("another long one");
  await page.getByTestId("encryption-repeat").fill("another long one");
  await page.getByTestId("encryption-confirm").click();
  await page.locator(".encryption-said", { hasText: "new passphrase" }).waitFor();
  assert.deepEqual(await calls(page, "encryption_passphrase_set"), [{ passphrase: "another long one" }]);
  assert.equal(await focused(page), "encryption-change");

  await page.getByTestId("encryption-disable").click();
  await page.locator("dialog.confirm[open]").waitFor();
  await page.keyboard.press("Escape");
  await is(page, "encrypted");
  assert.deepEqual(await calls(page, "encryption_disable"), []);
  await page.getByTestId("encryption-disable").click();
  await page.locator("[data-confirm]").click();
  await is(page, "plain");
  assert.deepEqual(misdeeds, CLEAN);
});

test("plain backups may stay, and a key without a keyring says what follows", async () => {
  const { page } = await browser.open({ locale: "en", secrets: "absent" });
  await openSection(page);
  await page.getByTestId("encryption-begin").click();
  await page.getByTestId("plain-backups-keep").check();
  await page.getByTestId("encryption-new").fill("rio barro sombra");
  await page.getByTestId("encryption-repeat").fill("rio barro sombra");
  await page.getByTestId("encryption-confirm").click();
  await is(page, "encrypted");
  assert.deepEqual(await calls(page, "encryption_enable"), [{ passphrase: "rio barro sombra", plain_backups: "keep" }]);
  const key = page.getByTestId("encryption-key");
  assert.equal(await key.getAttribute("data-code"), "secret-store-absent");
  assert.match((await key.textContent()) ?? "", /ask for the recovery passphrase/);
});

test("what fails leaves the form and its words", async () => {
  const { page } = await browser.open({ locale: "en" });
  await openSection(page);
  await page.getByTestId("encryption-begin").click();
  await page.getByTestId("encryption-new").fill("rio barro sombra");
  await page.getByTestId("encryption-repeat").fill("rio barro sombra");
  await page.evaluate(() =>
    /** @type {any} */ (window).fakeHost.failNext("encryption_enable", { code: "storage-full" }),
  );
  await page.getByTestId("encryption-confirm").click();
  await page.locator('.encryption-form [data-testid="error"][data-code="storage-full"]').waitFor();
  assert.equal(await page.getByTestId("encryption-new").inputValue(), "rio barro sombra");
  await is(page, "plain");
});

for (const profile of [undefined, "none"]) {
  test(`a locked history asks calmly ${profile ? "before any profile is known" : "beside the way to the settings"}`, async () => {
    const situation = { locale: "en", encryption: "locked", ...(profile ? { profile, empty: "1" } : {}) };
    const { page, misdeeds } = await browser.open(situation);
    const locked = page.getByTestId("history-locked");
    await locked.waitFor();
    assert.match((await locked.textContent()) ?? "", /Nothing is lost/);
    assert.equal(await focused(page), "history-passphrase");
    for (const gone of ["composer", "conversation-list", "new-chat", "search", "onboarding"]) {
      assert.equal(await page.getByTestId(gone).count(), 0, gone);
    }
    assert.deepEqual(await calls(page, "conversation_list"), [], "what cannot be read is not asked for");
    await page.keyboard.press("Enter");
    await page.locator('[data-testid="history-problem"][data-code="empty"]').waitFor();
    await page.getByTestId("history-keyring").click();
    await page.locator('[data-testid="history-problem"][data-code="history-locked"]').waitFor();
    await page.getByTestId("history-passphrase").fill("a wrong horse");
    await page.keyboard.press("Enter");
    await page.locator('[data-testid="history-problem"][data-code="vault-wrong-passphrase"]').waitFor();
    assert.equal(await page.getByTestId("history-passphrase").inputValue(), "");
    assert.equal(await focused(page), "history-passphrase");
    await page.keyboard.type("correct horse");
    await page.keyboard.press("Enter");
    await page.getByTestId(profile ? "onboarding" : "composer").waitFor();
    assert.equal(await locked.count(), 0);
    if (!profile) await page.locator('[data-testid="conversation-item"]').first().waitFor();
    assert.deepEqual(misdeeds, CLEAN);
  });
}
