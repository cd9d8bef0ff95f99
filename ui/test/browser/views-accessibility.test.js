/**
 * Every view, light and dark, in Spanish and in English, asked by axe; and at the narrowest and the largest type, whether
 * anything runs out of the window sideways.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { seriousProblems } from "./accessibility.js";
import { BrowserWindow } from "./window.js";

/** @import { Page } from "playwright-core" */

/** @type {BrowserWindow} */
let browser;
before(async () => {
  browser = await BrowserWindow.start();
});
after(() => browser.stop());

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

/** @type {Record<string, { situation?: Record<string, string>, show: (page: Page) => Promise<unknown> }>} */
const VIEWS = {
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
  projects: {
    async show(page) {
      await firstItem(page);
      await page.getByTestId("project-add").click();
      await page.getByTestId("project-name").fill("Ríos y piedras de toda la cuenca del Paraná");
      await page.keyboard.press("Enter");
      await page.getByTestId("project").waitFor();
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
  "a damaged history": {
    situation: { salvage: "1" },
    show: (page) => page.getByTestId("salvage").waitFor(),
  },
  "first run": { situation: { profile: "none", empty: "1" }, show: (page) => page.getByTestId("onboarding").waitFor() },
  "servers found": {
    situation: { profile: "none", empty: "1" },
    async show(page) {
      await page.getByTestId("servers-scan").click();
      await page.getByTestId("found-server").first().waitFor();
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

for (const [name, { situation = {}, show }] of Object.entries(VIEWS)) {
  for (const [theme, locale] of [
    ["light", "es"],
    ["dark", "en"],
  ]) {
    test(`${name} in ${theme} and ${locale}: nothing serious for axe, no misdeed`, async () => {
      const { page, misdeeds } = await browser.open({ ...situation, theme: theme ?? "", locale: locale ?? "" });
      await show(page);
      assert.deepEqual(await seriousProblems(page), []);
      assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
      await page.context().close();
    });
  }

  test(`${name} fits a window of 600 px with the largest type`, async () => {
    const { page } = await browser.open({ ...situation, locale: "es" }, { width: 600, height: 800 });
    await page.evaluate(() => document.documentElement.style.setProperty("--type-size", "160"));
    await show(page);
    const wide = await page.evaluate(() => {
      const edge = document.documentElement.clientWidth;
      const scrolls = (/** @type {Element | null} */ element) =>
        element !== null && ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
      return [
        ...document.querySelectorAll(
          "c6-sidebar *, c6-onboarding *, c6-locked *, .overlay *, c6-menu *, c6-account-notices *",
        ),
      ]
        .filter((element) => {
          const { left, right, width, height } = element.getBoundingClientRect();
          if (width === 0 || height <= 1 || (right <= edge + 1 && left >= -1)) return false;
          for (let at = element.parentElement; at; at = at.parentElement) if (scrolls(at)) return false;
          return true;
        })
        .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class")}`);
    });
    assert.deepEqual(wide, []);
    await page.context().close();
  });
}
