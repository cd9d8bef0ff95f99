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

const ITEM = '[data-testid="conversation-item"]';
const CLEAN = { requests: [], violations: [], errors: [] };

/** @param {Page} page @param {string} name */
const calls = (page, name) =>
  page.evaluate(
    (wanted) =>
      /** @type {any} */ (window).fakeHost.calls
        .filter((/** @type {[string, unknown]} */ [called]) => called === wanted)
        .map((/** @type {[string, unknown]} */ [, request]) => request),
    name,
  );

/** @param {Page} page @param {string} name */
async function section(page, name) {
  await page.keyboard.press("Control+,");
  await page.locator(".settings-nav").getByRole("button", { name }).click();
}

test("one, several or all conversations are exported as what was chosen, with the way to the file", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en" });
  await page
    .locator(ITEM)
    .nth(1)
    .click({ modifiers: ["Control"] });
  await page
    .locator(ITEM)
    .nth(2)
    .click({ modifiers: ["Control"] });
  await page.getByTestId("selection-export").click();
  await page.getByTestId("export").getByText("2 conversations").waitFor();
  await page.getByTestId("export-html").check();
  await page.getByTestId("export-begin").click();
  await page.getByTestId("export").waitFor({ state: "detached" });
  await page.locator('[data-testid="transfer"][data-kind="export"][data-state="done"]').waitFor();
  await page.getByTestId("transfer-reveal").click();
  const [request] = /** @type {any[]} */ (await calls(page, "export_begin"));
  assert.deepEqual([request.format, request.what.scope, request.what.ids.length], ["html", "conversations", 2]);
  assert.equal((await calls(page, "transfer_reveal")).length, 1);
  assert.deepEqual(misdeeds, CLEAN);
});

test("whoever cancels the system's dialog is back where the format was chosen", async () => {
  const { page } = await browser.open({ locale: "en", dialog: "cancel" });
  await section(page, "Import and export");
  await page.getByTestId("export-all").click();
  await page.getByText("All conversations, also those in the archive.").waitFor();
  await page.getByTestId("export-begin").click();
  await page.waitForFunction(() =>
    /** @type {any} */ (window).fakeHost.calls.some((/** @type {string[]} */ [name]) => name === "export_begin"),
  );
  assert.equal(await page.getByTestId("export").isVisible(), true);
  assert.equal(await page.getByTestId("transfer").count(), 0);
});

test("an import shows how far it is, what was left out and why; it can be ended", async () => {
  const { page } = await browser.open({ locale: "en", import: "skips" });
  await section(page, "Import and export");
  await page.getByTestId("import").click();
  const line = page.locator('dialog [data-testid="transfer"]');
  await line.and(page.locator('[data-state="running"]')).waitFor();
  await line.and(page.locator('[data-state="done"]')).waitFor();
  await line.getByTestId("transfer-report").click();
  const details = page.getByTestId("transfer-details");
  await details.waitFor();
  assert.deepEqual(
    await details.locator("[data-code]").evaluateAll((all) => all.map((each) => each.getAttribute("data-code"))),
    ["shape", "syntax", "truncated"],
  );
  await details.getByText("record 7").waitFor();
  await details.getByRole("button", { name: "Close" }).last().click();
  await page.getByTestId("transfer").waitFor({ state: "detached" });
  // Files that are dropped onto the window are imported at once.
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.send({ type: "files-dropped", count: 2 }));
  await page.getByTestId("transfer-cancel").click();
  await page.locator('[data-testid="transfer"][data-state="cancelled"]').waitFor();
  assert.deepEqual(
    (await calls(page, "import_begin")).map((/** @type {unknown} */ each) => /** @type {any} */ (each).source),
    ["choose", "dropped"],
  );
});

test("a backup is made, looked into and restored after it was said what happens", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en" });
  await section(page, "Backups");
  assert.equal(await page.getByTestId("backup").count(), 2);
  await page.getByTestId("backup-create").click();
  await page.locator('[data-testid="backup"][data-reason="manual"]').waitFor();
  await page.getByText("was read from end to end.").waitFor();
  await page.locator('[data-reason="daily"]').getByTestId("backup-preview").click();
  await page.getByTestId("backup-holds").getByText("Everything that is here now is in it.").waitFor();
  await page.getByTestId("backup-restore").click();
  await page.getByText("takes the place of the history").waitFor();
  await page.locator("dialog .confirm .button").first().click();
  assert.deepEqual(await calls(page, "backup_restore"), []);
  await page.getByTestId("backup-restore").click();
  await page.locator("[data-confirm]").click();
  await page.getByTestId("undo-bar").getByText("The history is that of").waitFor();
  const before = page.locator('[data-testid="backup"][data-reason="before-restore"]');
  await before.waitFor();
  // The way back, which keeps what it replaces as well. It is there again with the settings.
  const id = await before.getAttribute("data-backup");
  await page.keyboard.press("Escape");
  await page.getByTestId("backup-restored").waitFor({ state: "detached" });
  await page.getByTestId("undo-bar").getByText("The history is that of").waitFor();
  await section(page, "Backups");
  assert.equal(await page.getByTestId("backup-restored").getAttribute("data-backup"), id);
  await page.getByTestId("backup-undo").click();
  await before.nth(1).waitFor();
  assert.deepEqual((await calls(page, "backup_restore"))[1], { id });
  assert.notEqual(await page.getByTestId("backup-restored").getAttribute("data-backup"), id);
  assert.deepEqual(misdeeds, CLEAN);
});

test("a restore is undone from the window once the settings are closed, and not where its backup is gone", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en" });
  await section(page, "Backups");
  const restore = async () => {
    await page.locator('[data-reason="daily"]').getByTestId("backup-preview").click();
    await page.getByTestId("backup-restore").click();
    await page.locator("[data-confirm]").click();
    await page.getByTestId("backup-restored").waitFor();
  };
  await restore();
  const id = await page.getByTestId("backup-restored").getAttribute("data-backup");
  await page.keyboard.press("Escape");
  await page.getByTestId("undo").click();
  await page.getByText("The history is as it was before.").waitFor({ state: "attached" });
  assert.deepEqual((await calls(page, "backup_restore"))[1], { id });
  await page.getByTestId("undo-bar").waitFor({ state: "detached" });

  await section(page, "Backups");
  await page.getByTestId("backup-restored").waitFor();
  const back = await page.getByTestId("backup-restored").getAttribute("data-backup");
  await page.locator(`[data-testid="backup"][data-backup="${back}"]`).getByTestId("backup-delete").click();
  await page.locator("[data-confirm]").click();
  await page.getByTestId("backup-restored").waitFor({ state: "detached" });
  assert.deepEqual(misdeeds, CLEAN);
});

test("how long backups are kept is written at once, and what is no number is not", async () => {
  const { page } = await browser.open({ locale: "en" });
  await section(page, "Backups");
  const days = page.getByTestId("retention-daily");
  await days.fill("14");
  await days.press("Tab");
  await page.getByTestId("retention-limit").fill("-3");
  await page.getByTestId("retention-limit").press("Tab");
  await page.waitForFunction(() =>
    /** @type {any} */ (window).fakeHost.calls.some(
      (/** @type {string[]} */ [name]) => name === "backup_retention_set",
    ),
  );
  assert.deepEqual(await calls(page, "backup_retention_set"), [
    { daily: 14, weekly: 4, occasional: 3, limit_mib: 10_240 },
  ]);
  // Fewer are deleted at once: that is asked before.
  await days.fill("2");
  await days.press("Tab");
  assert.match((await page.locator(".confirm").textContent()) ?? "", /cannot be brought back/);
  await page.keyboard.press("Escape");
  await page.waitForFunction(
    () => /** @type {HTMLInputElement} */ (document.querySelector('[data-testid="retention-daily"]')).value === "14",
  );
  assert.equal((await calls(page, "backup_retention_set")).length, 1);
  await page.getByTestId("retention-limit").fill("5");
  await page.getByTestId("retention-limit").press("Tab");
  await page.locator("[data-confirm]").click();
  await page.waitForFunction(
    () =>
      /** @type {any} */ (window).fakeHost.calls.filter(
        (/** @type {string[]} */ [name]) => name === "backup_retention_set",
      ).length === 2,
  );
  assert.deepEqual((await calls(page, "backup_retention_set"))[1], {
    daily: 14,
    weekly: 4,
    occasional: 3,
    limit_mib: 5_120,
  });
});

test("a damaged backup cannot be restored; one that could not be made says why", async () => {
  const { page } = await browser.open({ locale: "en", backups: "damaged" });
  await section(page, "Backups");
  const damaged = page.locator('[data-testid="backup"][data-state="damaged"]');
  await damaged.getByText("it cannot be restored").waitFor();
  assert.equal(await damaged.getByTestId("backup-preview").count(), 0);
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.failNext("backup_create", { code: "storage-full" }));
  await page.getByTestId("backup-create").click();
  await page.locator('c6-backups [data-code="storage-full"]').waitFor();
});

test("what a damaged history lost is said at the start, and again from the settings until it was read", async () => {
  const { page } = await browser.open({ locale: "en", salvage: "1" });
  const report = page.getByTestId("salvage");
  await report.waitFor();
  assert.equal(await report.getAttribute("data-lost"), "7");
  assert.equal(await page.getByTestId("salvage-lost").locator("li").count(), 1);
  await page.keyboard.press("Escape");
  await report.waitFor({ state: "detached" });
  await section(page, "Backups");
  await page.getByTestId("salvage-open").click();
  await page.getByTestId("salvage-dismiss").click();
  await report.waitFor({ state: "detached" });
  await section(page, "Backups");
  await page.getByTestId("backup").first().waitFor();
  assert.equal(await page.getByTestId("salvage-open").count(), 0);
});
