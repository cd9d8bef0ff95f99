/**
 * Every view and how one gets there, once for all who look at it: axe, the tests of what fits, and people (`node test/pictures.js`). What is
 * not here is looked at by nobody.
 */

import { ask, ended } from "./window.js";

/** @import { Page } from "playwright-core" */

/** @param {Page} page */
async function settings(page) {
  await page.keyboard.press("Control+,");
  await page.locator('dialog[open] [data-testid="theme-picker"]').waitFor();
}

/** @param {Page} page */
async function firstItem(page) {
  const item = page.locator('[data-testid="conversation-item"] .sidebar-open').first();
  // In a narrow window the list is a drawer.
  if (!(await item.isVisible())) await page.keyboard.press("Control+b");
  await item.waitFor();
  return item;
}

/** @param {Page} page */
async function accountRow(page) {
  await firstItem(page);
  await page.getByTestId("account").click();
}

/**
 * @param {Page} page
 * @param {string} [method] The way to choose.
 * @param {string} [stage] Where that leads.
 */
async function signIn(page, method, stage) {
  await accountRow(page);
  await page.locator(".sign-in").waitFor();
  if (method === undefined) return;
  await page.locator(`.sign-in [data-testid="sign-in"][data-method="${method}"]`).click();
  await page.locator(`.sign-in[data-stage="${stage}"]`).waitFor();
}

const ITEM = '[data-testid="conversation-item"]';

/**
 * Selects by keyboard, which a narrow window allows as well.
 * @param {Page} page
 * @param {number} count
 */
async function select(page, count) {
  await (await firstItem(page)).focus();
  for (let n = 1; n < count; n += 1) await page.keyboard.press("Shift+ArrowDown");
  await page.getByTestId("selection-bar").waitFor();
}

/** @param {Page} page @param {string} name */
async function makeProject(page, name) {
  await firstItem(page);
  await page.getByTestId("project-add").click();
  await page.getByTestId("project-name").fill(name);
  await page.keyboard.press("Enter");
  await page.getByTestId("project").filter({ hasText: name }).waitFor();
}

/** @param {Page} page */
async function manyProjects(page) {
  for (const name of ["Servidores", "Ríos y piedras de toda la cuenca del Paraná", "Asamblea"])
    await makeProject(page, name);
}

/** @param {Page} page @param {string} text */
async function find(page, text) {
  await firstItem(page);
  await page.getByTestId("search").fill(text);
}

/** @param {Page} page */
async function everyFilter(page) {
  await page.getByTestId("search-filters").click();
  await page.getByTestId("filter-date").selectOption("year");
  await page.getByTestId("filter-role").selectOption("assistant");
  await page.getByTestId("filter-model").selectOption({ index: 2 });
  await page.getByTestId("filter-code").click();
}

/** By what it shows; `tall` where both ends of something have to be seen. @type {Record<string, { situation?: Record<string, string>, tall?: boolean, show: (page: Page) => Promise<unknown> }>} */
export const VIEWS = {
  "search with hits and filters": {
    async show(page) {
      await firstItem(page);
      await page.getByTestId("search").fill("co");
      await page.getByTestId("search-result").first().waitFor();
      await page.keyboard.press("ArrowDown");
      await page.getByTestId("search-filters").click();
      await page.getByTestId("filter-date").waitFor();
    },
  },
  "search without hits": {
    situation: { index: "building" },
    async show(page) {
      await firstItem(page);
      await page.getByTestId("search").fill("xyzzy");
      await page.getByTestId("search-none").waitFor();
    },
  },
  "search narrowed by everything": {
    async show(page) {
      await manyProjects(page);
      await find(page, "a");
      await page.getByTestId("search-result").first().waitFor();
      await everyFilter(page);
      await page.getByTestId("search-result").first().waitFor();
    },
  },
  "search narrowed to nothing": {
    async show(page) {
      await find(page, "a");
      await everyFilter(page);
      await page.getByTestId("filter-pinned").click();
      await page.getByTestId("search-none").waitFor();
    },
  },
  "search in Chinese": {
    situation: { pace: "1" },
    async show(page) {
      await ask(page, "河流合作社的章程里，关于成员大会有什么规定？请按条款说明，并写出引用。");
      await ended(page);
      await find(page, "成员大会");
      await page.getByTestId("search-result").first().waitFor();
      await page.keyboard.press("Enter");
    },
  },
  projects: {
    show: manyProjects,
  },
  "a conversation over a project": {
    tall: true,
    async show(page) {
      await manyProjects(page);
      const [from, to] = [
        await page.locator(ITEM).nth(1).boundingBox(),
        await page.getByTestId("project").nth(1).boundingBox(),
      ];
      await page.mouse.move((from?.x ?? 0) + 40, (from?.y ?? 0) + 15);
      await page.mouse.down();
      await page.mouse.move((to?.x ?? 0) + 40, (to?.y ?? 0) + 15, { steps: 4 });
      await page.locator("[data-drop-over]").waitFor();
    },
  },
  "menu of a project": {
    async show(page) {
      await makeProject(page, "Servidores");
      await page.getByTestId("project-menu").click();
      await page.locator(".menu:popover-open").waitFor();
    },
  },
  "where to move a conversation": {
    async show(page) {
      await manyProjects(page);
      await (await firstItem(page)).focus();
      await page.keyboard.press("Shift+F10");
      await page.locator('[data-action="move"]').press("Enter");
      await page.getByTestId("move-new").waitFor();
    },
  },
  "an empty project": {
    async show(page) {
      await makeProject(page, "Servidores");
      await page.locator(".projects-open").first().click();
      await page.getByTestId("scope").waitFor();
    },
  },
  "merged conversations": {
    async show(page) {
      await select(page, 3);
      await page.getByTestId("selection-merge").click();
      await page.getByTestId("undo-bar").waitFor();
    },
  },
  "an archive": {
    async show(page) {
      await select(page, 3);
      await page.getByTestId("selection-archive").click();
      await page.getByTestId("selection-bar").waitFor({ state: "detached" });
      await page.getByTestId("archive").click();
      await page.getByTestId("scope").waitFor();
    },
  },
  "the trash and its question": {
    async show(page) {
      await (await firstItem(page)).press("Delete");
      await page.getByTestId("undo-bar").waitFor();
      await page.getByTestId("trash").click();
      await page.locator(ITEM).first().waitFor();
      await (await firstItem(page)).focus();
      await page.keyboard.press("Shift+F10");
      await page.getByTestId("conversation-purge").press("Enter");
      await page.locator(".confirm").waitFor();
    },
  },
  "an empty archive": {
    async show(page) {
      await firstItem(page);
      await page.getByTestId("archive").click();
      await page.getByTestId("scope").waitFor();
    },
  },
  "several selected": {
    async show(page) {
      await (await firstItem(page)).focus();
      await page.keyboard.press("Shift+ArrowDown");
      await page.getByTestId("selection-bar").waitFor();
    },
  },
  "several deleted": {
    async show(page) {
      await (await firstItem(page)).focus();
      await page.keyboard.press("Shift+ArrowDown");
      await page.keyboard.press("Delete");
      await page.getByTestId("undo-bar").waitFor();
    },
  },
  "choice of a format": {
    async show(page) {
      await settings(page);
      await page.getByTestId("export-all").click();
      await page.getByTestId("export").waitFor();
    },
  },
  "choice of a format for one": {
    async show(page) {
      await (await firstItem(page)).focus();
      await page.keyboard.press("Shift+F10");
      await page.getByTestId("conversation-export").press("Enter");
      await page.getByTestId("export").waitFor();
    },
  },
  "an import under way": {
    // It stands still while it is looked at.
    situation: { import: "held" },
    async show(page) {
      await settings(page);
      await page.getByTestId("import").click();
      await page.locator('dialog [data-testid="transfer"][data-state="running"]').waitFor();
    },
  },
  "imports and exports that ended": {
    situation: { import: "skips" },
    async show(page) {
      await firstItem(page);
      await page.evaluate(() => /** @type {any} */ (window).fakeHost.send({ type: "files-dropped", count: 2 }));
      await page.locator('[data-testid="transfer"][data-state="done"]').waitFor();
    },
  },
  "report of an import": {
    situation: { import: "skips" },
    async show(page) {
      await settings(page);
      await page.getByTestId("import").click();
      await page.locator('dialog [data-testid="transfer-report"]').click();
      await page.getByTestId("transfer-details").waitFor();
    },
  },
  backups: {
    situation: { backups: "damaged" },
    async show(page) {
      await settings(page);
      await page.getByTestId("backup-preview").first().click();
      await page.getByTestId("backup-holds").waitFor();
    },
  },
  "a backup that differs": {
    situation: { backups: "differ" },
    async show(page) {
      await settings(page);
      await page.getByTestId("backup-preview").last().click();
      await page.getByTestId("backup-holds").waitFor();
      await page.getByTestId("backup-holds").scrollIntoViewIfNeeded();
    },
  },
  "the question before a restore": {
    situation: { backups: "differ" },
    async show(page) {
      await settings(page);
      await page.getByTestId("backup-preview").last().click();
      await page.getByTestId("backup-restore").click();
      await page.locator(".confirm").waitFor();
    },
  },
  "a restore that can be undone": {
    situation: { backups: "differ" },
    async show(page) {
      await settings(page);
      await page.getByTestId("backup-preview").last().click();
      await page.getByTestId("backup-restore").click();
      await page.locator("[data-confirm]").click();
      await page.getByTestId("backup-undo").waitFor();
      await page.getByTestId("backup-create").scrollIntoViewIfNeeded();
    },
  },
  "no backup yet": {
    situation: { backups: "none", salvage: "1" },
    async show(page) {
      await page.getByTestId("salvage").waitFor();
      await page.keyboard.press("Escape");
      await settings(page);
      await page.getByTestId("backups-none").scrollIntoViewIfNeeded();
    },
  },
  "a damaged history": {
    situation: { salvage: "1" },
    show: (page) => page.getByTestId("salvage").waitFor(),
  },
  "a history that could hardly be read": {
    situation: { salvage: "much", backups: "none" },
    show: (page) => page.getByTestId("salvage").waitFor(),
  },
  "a damaged history of which nothing is missing": {
    situation: { salvage: "whole" },
    async show(page) {
      await page.getByTestId("salvage").waitFor();
      await page.locator(".salvage-details summary").click();
    },
  },
  ...Object.fromEntries(
    ["damaged", "failed", "full", "newer", "read-only"].map((trouble) => [
      `storage: ${trouble}`,
      {
        situation: { storage: trouble, insecure: "1" },
        show: (/** @type {Page} */ page) => page.getByTestId("storage-trouble").waitFor(),
      },
    ]),
  ),
  "first run": { situation: { profile: "none", empty: "1" }, show: (page) => page.getByTestId("onboarding").waitFor() },
  "servers found": {
    situation: { profile: "none", empty: "1" },
    async show(page) {
      await page.getByTestId("servers-scan").click();
      await page.getByTestId("found-server").first().waitFor();
    },
  },
  "no server found": {
    situation: { profile: "none", empty: "1", servers: "none" },
    async show(page) {
      await page.getByTestId("servers-scan").click();
      await page.locator(".onboarding-none").waitFor();
    },
  },
  "a profile that cannot be read": {
    situation: { profile: "none", empty: "1", profiles: "broken" },
    show: (page) => page.getByTestId("profile-broken").waitFor(),
  },
  "a server's profile": {
    situation: { profile: "none", empty: "1" },
    async show(page) {
      await page.getByTestId("servers-scan").click();
      await page.locator(".onboarding-all").click();
      await page.locator("#profile-name").waitFor();
    },
  },
  "a history with nothing in it": {
    situation: { empty: "1" },
    async show(page) {
      if (!(await page.getByTestId("search").isVisible())) await page.keyboard.press("Control+b");
      await page.getByTestId("search").waitFor();
    },
  },
  "profile form": {
    situation: { profile: "none", empty: "1" },
    async show(page) {
      await page.getByTestId("profile-add").click();
      await page.locator("#profile-name").waitFor();
      await page.locator(".profile-form summary").evaluateAll((all) => {
        for (const summary of all) /** @type {HTMLElement} */ (summary).click();
      });
      await page.getByTestId("profile-use").click();
      await page.locator(".form-field-problem").first().waitFor();
    },
  },
  "tested profile": {
    async show(page) {
      await settings(page);
      await page.getByTestId("profile-edit").first().click();
      await page.getByTestId("profile-test").click();
      await page.getByTestId("endpoint-test").first().waitFor();
    },
  },
  settings: {
    async show(page) {
      await settings(page);
      await page.getByTestId("settings-profile-use").first().click();
      await page.locator("[data-edit]").first().click();
      await page.getByTestId("diagnostics-show").click();
      await page.getByTestId("diagnostics").waitFor();
    },
  },
  "settings without a secret store": {
    situation: { secrets: "absent" },
    async show(page) {
      await settings(page);
      await page.getByTestId("settings-profile-use").first().click();
      await page.getByTestId("keys-retry").waitFor();
    },
  },
  sidebar: {
    async show(page) {
      await (await firstItem(page)).press("Delete");
      await page.locator(".sidebar-undo").waitFor();
      await page.keyboard.press("F2");
      await page.locator(".sidebar-rename").fill("");
      await page.keyboard.press("Enter");
      await page.locator(".sidebar-problem").waitFor();
    },
  },
  "menu of an item": {
    async show(page) {
      await (await firstItem(page)).focus();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.locator(".menu:popover-open").waitFor();
    },
  },
  palette: {
    async show(page) {
      await firstItem(page);
      await page.keyboard.press("Control+k");
      await page.locator("dialog[open] .palette-option").first().waitFor();
    },
  },
  shortcuts: {
    async show(page) {
      await firstItem(page);
      await page.keyboard.press("Control+/");
      await page.locator("dialog[open] .shortcuts").waitFor();
    },
  },
  "signing in": {
    situation: { signin: "manual" },
    show: (page) => signIn(page),
  },
  "an unencrypted way": {
    situation: { plain: "1" },
    show: (page) => signIn(page, "oidc", "unencrypted"),
  },
  "waiting for the browser": {
    situation: { signin: "manual", browser: "none" },
    show: (page) => signIn(page, "oidc", "waiting"),
  },
  "a device code": {
    situation: { signin: "manual" },
    show: (page) => signIn(page, "device", "waiting"),
  },
  "somebody who arrived": {
    situation: { signin: "manual" },
    async show(page) {
      await signIn(page, "oidc", "waiting");
      await page.evaluate(() => /** @type {any} */ (window).fakeHost.signIn("arrive"));
      await page.locator(".sign-in-claims summary").click();
    },
  },
  "nobody who arrived": {
    situation: { signin: "manual" },
    async show(page) {
      await signIn(page, "github", "waiting");
      await page.evaluate(() => /** @type {any} */ (window).fakeHost.signIn("port-taken"));
      await page.getByTestId("sign-in-failed").waitFor();
    },
  },
  "menu of the account": {
    situation: { account: "two" },
    async show(page) {
      await accountRow(page);
      await page.locator(".account-menu:popover-open").waitFor();
    },
  },
  "notices about accounts": {
    situation: { account: "expired" },
    show: (page) => page.getByTestId("session-expired").waitFor(),
  },
  "accounts and a locked vault": {
    situation: { account: "two", keeping: "locked" },
    async show(page) {
      await settings(page);
      await page.getByTestId("account-forget").first().click();
      await page.getByTestId("vault-unlock").waitFor();
    },
  },
  "a new vault": {
    situation: { secrets: "locked" },
    async show(page) {
      await settings(page);
      await page.locator("#keeping-vault").click();
      await page.getByTestId("passphrase-new").fill("rio barro sombra lenta canoa");
    },
  },
  "starting the vault over": {
    situation: { account: "two", keeping: "locked" },
    async show(page) {
      await settings(page);
      await page.getByTestId("vault-discard").click();
      await page.getByTestId("confirm-typed").fill("borr");
    },
  },
  "a vault in use": {
    situation: { keeping: "vault" },
    async show(page) {
      await settings(page);
      await page.locator("#keeping-vault").scrollIntoViewIfNeeded();
    },
  },
  "a locked history before everything": {
    situation: { encryption: "locked", profile: "none", empty: "1" },
    show: (page) => page.getByTestId("history-locked").waitFor(),
  },
  "somebody's locked history": {
    situation: { account: "two", locked: "own" },
    async show(page) {
      await accountRow(page);
      await page.getByTestId("account-own").click();
      await page.getByTestId("history-other").waitFor();
    },
  },
  "locked histories in the account menu": {
    situation: { account: "two", locked: "own" },
    async show(page) {
      await accountRow(page);
      await page.locator(".account-menu:popover-open").waitFor();
    },
  },
  "a locked history": {
    situation: { encryption: "locked", secrets: "locked" },
    async show(page) {
      await page.getByTestId("history-passphrase").fill("a wrong horse");
      await page.keyboard.press("Enter");
      await page.getByTestId("history-problem").waitFor();
    },
  },
  "encryption of the history": {
    async show(page) {
      await settings(page);
      await page.getByTestId("encryption-begin").click();
      await page.getByTestId("encryption-new").fill("rio barro");
    },
  },
  "another passphrase of the history": {
    situation: { encryption: "encrypted" },
    async show(page) {
      await settings(page);
      await page.getByTestId("encryption-change").click();
      await page.getByTestId("encryption-new").fill("rio barro sombra lenta canoa");
      await page.getByTestId("encryption-repeat").fill("rio");
      await page.keyboard.press("Enter");
      await page.locator("#encryption-mismatch").scrollIntoViewIfNeeded();
    },
  },
  "the question before encryption ends": {
    situation: { encryption: "encrypted" },
    async show(page) {
      await settings(page);
      await page.getByTestId("encryption-disable").click();
      await page.locator(".confirm").waitFor();
    },
  },
  "an encrypted history without a keyring": {
    situation: { encryption: "encrypted", secrets: "absent" },
    async show(page) {
      await settings(page);
      await page.getByTestId("encryption-key").waitFor();
    },
  },
  about: {
    async show(page) {
      await settings(page);
      await page.locator('[data-section="about"] .button').first().click();
      await page.locator("dialog[open] .about-versions").waitFor();
    },
  },
};
