// Where the focus is after what had it was taken away. Never nowhere: a person with a keyboard or a screen reader would begin anew.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, BrowserWindow, ended, release } from "./window.js";

/** @import { Page } from "playwright-core" */

/** @type {BrowserWindow} */
let browser;
before(async () => {
  browser = await BrowserWindow.start();
});
after(() => browser.stop());

const ITEM = '[data-testid="conversation-item"]';
const CLEAN = { requests: [], violations: [], errors: [] };

/**
 * Waits until the focus is on what matches, which says so where it is something else.
 * @param {Page} page
 * @param {string} css
 */
async function focused(page, css) {
  const there = page.waitForFunction((each) => document.activeElement?.matches(each), css, { timeout: 5_000 });
  await there.catch(async () => {
    assert.fail(
      `${css} has not the focus but ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`,
    );
  });
}

/** @param {Page} page @param {number} n */
const idOf = async (page, n) => (await page.locator(ITEM).nth(n).getAttribute("data-id")) ?? "";

/** @param {string} id */
const item = (id) => `${ITEM}[data-id="${id}"] .sidebar-open`;

/** @param {Page} page @param {number} n @param {string} entry */
async function choose(page, n, entry) {
  await page.locator(ITEM).nth(n).hover();
  await page.locator(ITEM).nth(n).getByTestId("conversation-menu").click();
  await page.getByTestId(`conversation-${entry}`).click();
}

for (const entry of ["archive", "delete"]) {
  test(`after ${entry} in the menu of a conversation the next one has the focus, and the one that comes back after undoing it`, async () => {
    const { page, misdeeds } = await browser.open({});
    await page.locator(ITEM).first().waitFor();
    const [gone, next] = [await idOf(page, 1), await idOf(page, 2)];
    await choose(page, 1, entry);
    await page.locator(item(gone)).waitFor({ state: "detached" });
    await focused(page, item(next));
    await page.getByTestId("undo").click();
    await focused(page, item(gone));
    assert.deepEqual(misdeeds, CLEAN);
  });
}

test("after all that are selected were archived what is left of the list has the focus, and the way to a new one where nothing is left", async () => {
  const { page, misdeeds } = await browser.open({});
  await page.locator(ITEM).first().waitFor();
  const count = await page.locator(ITEM).count();
  const last = await idOf(page, count - 1);
  await choose(page, 0, "select");
  for (let n = 1; n < count - 1; n += 1) await page.locator(ITEM).nth(n).getByTestId("conversation-select").click();
  await page.getByTestId("selection-archive").click();
  await page.getByTestId("selection-bar").waitFor({ state: "detached" });
  await focused(page, item(last));
  await choose(page, 0, "select");
  await page.getByTestId("selection-archive").click();
  await page.locator(ITEM).first().waitFor({ state: "detached" });
  await focused(page, ".sidebar-new");
  assert.deepEqual(misdeeds, CLEAN);
});

test("after a conversation was restored or purged from the trash the next one has the focus", async () => {
  const { page, misdeeds } = await browser.open({});
  await page.locator(ITEM).first().waitFor();
  await choose(page, 0, "delete");
  await choose(page, 0, "delete");
  await choose(page, 0, "delete");
  await page.getByTestId("trash").click();
  await page.waitForFunction((each) => document.querySelectorAll(each).length === 3, ITEM);
  const [second, third] = [await idOf(page, 1), await idOf(page, 2)];
  await choose(page, 0, "restore");
  await focused(page, item(second));
  await choose(page, 0, "purge");
  await page.locator("[data-confirm]").click();
  await focused(page, item(third));
  assert.deepEqual(misdeeds, CLEAN);
});

test("a project that is deleted leaves the focus among the others", async () => {
  const { page, misdeeds } = await browser.open({});
  for (const name of ["Cheese", "Servers"]) {
    await page.getByTestId("project-add").click();
    await page.getByTestId("project-name").fill(name);
    await page.keyboard.press("Enter");
    await page.getByTestId("project").filter({ hasText: name }).waitFor();
  }
  const cheese = page.getByTestId("project").filter({ hasText: "Cheese" });
  await page.getByTestId("project").filter({ hasText: "Servers" }).hover();
  await page.getByTestId("project").filter({ hasText: "Servers" }).getByTestId("project-menu").click();
  await page.getByTestId("project-delete").click();
  await focused(page, `[data-project="${await cheese.getAttribute("data-project")}"] .projects-open`);
  // From inside of it, too.
  await cheese.locator(".projects-open").click();
  await page.getByTestId("scope").getByTestId("project-menu").click();
  await page.getByTestId("project-delete").click();
  await page.getByTestId("scope").waitFor({ state: "detached" });
  await focused(page, '[data-testid="archive"]');
  assert.deepEqual(misdeeds, CLEAN);
});

test("what is closed in the sidebar leaves the focus in its list", async () => {
  const { page } = await browser.open({});
  await page.locator(ITEM).first().waitFor();
  const first = await idOf(page, 0);
  await choose(page, 0, "select");
  await page.getByTestId("selection-close").click();
  await focused(page, item(first));
  await choose(page, 0, "pin");
  await page.getByTestId("undo-bar").locator(".sidebar-undo-close").click();
  await focused(page, item(first));
});

test("sending, stopping, asking again and going on by the mouse leave the focus in the field", async () => {
  const { page, misdeeds } = await browser.open({ pace: "manual", empty: "1" });
  await page.getByTestId("composer").fill("What is a co-operative?");
  await page.getByTestId("send").click();
  await page.getByTestId("stop").waitFor();
  await focused(page, ".composer-text");
  await release(page, 3);
  await page.getByTestId("stop").click();
  await ended(page);
  await focused(page, ".composer-text");
  await page.getByTestId("continue").click();
  await page.getByTestId("stop").waitFor();
  await focused(page, ".composer-text");
  await release(page, 1000);
  await ended(page);
  await page.getByTestId("regenerate").click();
  await page.getByTestId("stop").waitFor();
  await focused(page, ".composer-text");
  await release(page, 1000);
  await ended(page);
  assert.deepEqual(misdeeds, CLEAN);
});

test("the way to other versions of an answer keeps the focus, at the other way where it ends", async () => {
  const { page, misdeeds } = await browser.open({ empty: "1", pace: "0" });
  await ask(page, "Hello");
  await ended(page);
  for (let n = 2; n <= 3; n += 1) {
    await page.getByTestId("regenerate").click();
    await page
      .locator(".versions-place")
      .filter({ hasText: `${n}` })
      .first()
      .waitFor();
    await ended(page);
  }
  const answer = '[data-role="assistant"]';
  await page.getByTestId("branch-prev").focus();
  await page.keyboard.press("Enter");
  await page.locator(".versions-place").filter({ hasText: /^2/ }).waitFor();
  await focused(page, `${answer} [data-testid="branch-prev"]`);
  await page.keyboard.press("Enter");
  await page.locator(".versions-place").filter({ hasText: /^1/ }).waitFor();
  await focused(page, `${answer} [data-testid="branch-next"]`);
  assert.deepEqual(misdeeds, CLEAN);
});

test("choosing a candidate leads to the way back, and the way back to the choice", async () => {
  const { page, misdeeds } = await browser.open({ empty: "1", pace: "0" });
  await page.getByTestId("mode-picker").selectOption("consensus");
  await ask(page, "Write a Python function that validates an IBAN");
  await page.locator('[data-testid="consensus"][data-state="ended"]').waitFor();
  await page.locator('[data-testid="candidate"]:not([data-winner]) [data-testid="candidate-open"]').first().click();
  const slot = await page.getByTestId("candidate-whole").getAttribute("data-slot");
  await page.getByTestId("candidate-choose").click();
  await page.locator('[data-testid="verdict"][data-by="user"]').waitFor();
  await focused(page, '[data-testid="consensus-undo"]');
  await page.keyboard.press("Enter");
  await page.getByTestId("consensus-redo").waitFor();
  await focused(page, '[data-testid="consensus-redo"]');
  await page.keyboard.press("Enter");
  await page.getByTestId("consensus-undo").waitFor();
  await focused(page, '[data-testid="consensus-undo"]');
  await page.getByTestId("candidate-close").click();
  await focused(page, `[data-testid="candidate"][data-slot="${slot}"] .candidate-open`);
  assert.deepEqual(misdeeds, CLEAN);
});

test("what stopped a candidate or all of them leads to what is shown in its place", async () => {
  const { page } = await browser.open({ empty: "1", pace: "manual" });
  await page.getByTestId("mode-picker").selectOption("consensus");
  await ask(page, "Write a Python function that validates an IBAN");
  await release(page, 8);
  const one = page.getByTestId("candidate").nth(1);
  const slot = await one.getAttribute("data-slot");
  await one.getByTestId("candidate-stop").click();
  await focused(page, `[data-testid="candidate"][data-slot="${slot}"] .candidate-open`);
  await page.getByTestId("consensus-stop").click();
  await page.locator('[data-testid="consensus"][data-state="ended"]').waitFor();
  await focused(page, '[data-testid="vote-open"], .composer-text');
});

test("what goes away in the conversation leaves the focus there", async () => {
  const { page } = await browser.open({ insecure: "1", messages: "400" });
  await page.getByTestId("insecure-dismiss").click();
  await focused(page, ".composer-text");
  await page.locator(ITEM).filter({ hasText: "400 messages" }).click();
  await page.getByText("Question number 200").waitFor();
  await page.locator(".messages").hover();
  await page.mouse.wheel(0, -500);
  await page.getByTestId("to-end").click();
  await page.getByTestId("to-end").waitFor({ state: "hidden" });
  await focused(page, ".messages");
  const branch = page.locator('[data-testid="message"]').last().getByTestId("branch");
  await branch.click();
  await page.getByTestId("undo-bar").waitFor();
  await focused(page, ".composer-text");
});

test("whoever presses where nothing takes the focus has let go of it", async () => {
  const { page } = await browser.open({});
  await page.locator(ITEM).first().locator(".sidebar-open").focus();
  await page.getByTestId("title").click();
  await page
    .getByTestId("composer")
    .evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  await focused(page, "body");
});

test("nothing in the record of a run scrolls the window out of place", async () => {
  const { page, misdeeds } = await browser.open({ empty: "1", pace: "0" }, { width: 1200, height: 500 });
  await page.getByTestId("mode-picker").selectOption("consensus");
  await ask(page, "Write a Python function that validates an IBAN");
  await page.locator('[data-testid="consensus"][data-state="ended"]').waitFor();
  await page.getByTestId("vote-open").click();
  await page.getByTestId("vote").waitFor();
  const moved = await page.evaluate(() => {
    for (const details of document.querySelectorAll("c6-vote details")) details.setAttribute("open", "");
    for (const each of document.querySelectorAll("c6-message *"))
      each.scrollIntoView({ block: "center", inline: "center" });
    return [...document.querySelectorAll("*")]
      .filter((each) => (each.scrollTop !== 0 || each.scrollLeft !== 0) && each.closest(".messages") === null)
      .map((each) => each.className || each.localName);
  });
  assert.deepEqual(moved, []);
  assert.deepEqual(misdeeds, CLEAN);
});

test("after a backup was put back its undoing has the focus, and after one was deleted another one", async () => {
  const { page, misdeeds } = await browser.open({});
  await page.keyboard.press("Control+,");
  await page.getByRole("button", { name: "Backups" }).click();
  const daily = page.locator('[data-testid="backup"][data-reason="daily"]').first();
  await daily.getByTestId("backup-preview").click();
  await page.getByTestId("backup-restore").click();
  await page.locator("[data-confirm]").click();
  await page.getByTestId("backup-restored").waitFor();
  await focused(page, '[data-testid="backup-undo"]');
  const count = await page.getByTestId("backup").count();
  await page.getByTestId("backup-delete").first().click();
  await page.locator("[data-confirm]").click();
  await page.waitForFunction((n) => document.querySelectorAll('[data-testid="backup"]').length === n, count - 1);
  await focused(page, '[data-testid="backup"] *');
  assert.deepEqual(misdeeds, CLEAN);
});

test("what a screen reader was told is gone in another language", async () => {
  const { page } = await browser.open({ locale: "en", pace: "0", empty: "1" });
  await ask(page, "Hello");
  await ended(page);
  await page.locator('[data-testid="status"]').filter({ hasText: "has finished" }).waitFor({ state: "attached" });
  await choose(page, 0, "pin");
  const statuses = () => page.locator('.sr-only[role="status"]').allTextContents();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[role="status"]')].some((each) => each.textContent?.includes("pinned")),
  );
  await page.keyboard.press("Control+,");
  await page.getByTestId("locale-picker").selectOption("es");
  await page.locator('[data-testid="app"][data-locale="es"]').waitFor();
  assert.deepEqual(
    (await statuses()).filter((each) => each.trim() !== ""),
    [],
  );
});
