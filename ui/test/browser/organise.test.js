import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, BrowserWindow, ended } from "./window.js";

/** @import { Page } from "playwright-core" */

/** @type {BrowserWindow} */
let browser;
before(async () => {
  browser = await BrowserWindow.start();
});
after(() => browser.stop());

const ITEM = '[data-testid="conversation-item"]';
const CLEAN = { requests: [], violations: [], errors: [] };

/** @param {Page} page */
async function listed(page) {
  await page.locator(ITEM).first().waitFor();
  return page.locator(`${ITEM} .sidebar-title`).allTextContents();
}

/** @param {Page} page @param {string[]} titles */
const until = (page, titles) =>
  page.waitForFunction(
    (wanted) =>
      JSON.stringify([...document.querySelectorAll(".sidebar-title")].map((each) => each.textContent)) === wanted,
    JSON.stringify(titles),
  );

/** @param {Page} page @param {string} name */
async function makeProject(page, name) {
  await page.getByTestId("project-add").click();
  await page.getByTestId("project-name").fill(name);
  await page.keyboard.press("Enter");
  await page.getByTestId("project").filter({ hasText: name }).waitFor();
}

/** @param {Page} page @param {import("playwright-core").Locator} from @param {import("playwright-core").Locator} to */
async function drag(page, from, to) {
  const [a, b] = [await from.boundingBox(), await to.boundingBox()];
  if (!a || !b) throw new Error("not on the screen");
  await page.mouse.move(a.x + 40, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(b.x + 60, b.y + b.height / 2, { steps: 6 });
  await page.mouse.up();
}

test("a conversation is dragged into a project and out of it again, and each can be undone", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await makeProject(page, "Servers");
  const project = page.getByTestId("project");
  await drag(page, page.locator(ITEM).nth(2), project);
  await until(page, titles.toSpliced(2, 1));
  await page.waitForFunction(() => document.querySelector(".projects-count")?.textContent?.startsWith("1"));
  // Letting go does not open what was dragged.
  assert.equal(await page.locator(`${ITEM}[data-active="true"]`).count(), 0);
  await page.getByTestId("undo").click();
  await until(page, titles);
  await drag(page, page.locator(ITEM).nth(2), project);
  await until(page, titles.toSpliced(2, 1));
  await project.locator(".projects-open").click();
  await page.locator('[data-testid="scope"][data-scope="project"]').waitFor();
  await until(page, [titles[2] ?? ""]);
  await drag(page, page.locator(ITEM).first(), page.getByTestId("scope-back"));
  await until(page, []);
  await page.getByTestId("scope-back").click();
  await until(page, titles);
  assert.deepEqual(misdeeds, CLEAN);
});

test("Escape ends a drag, and nothing was moved", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await makeProject(page, "Servers");
  const [a, b] = [await page.locator(ITEM).nth(1).boundingBox(), await page.getByTestId("project").boundingBox()];
  await page.mouse.move((a?.x ?? 0) + 40, (a?.y ?? 0) + 15);
  await page.mouse.down();
  await page.mouse.move((b?.x ?? 0) + 40, (b?.y ?? 0) + 15, { steps: 4 });
  await page.locator("[data-drop-over]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("[data-drop-over], .drag-ghost").waitFor({ state: "detached" });
  await page.mouse.up();
  assert.deepEqual(await listed(page), titles);
});

test("by keyboard alone: a project is made while moving into it, renamed, moved, deleted and brought back", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await page.locator(`${ITEM} .sidebar-open`).nth(1).focus();
  await page.keyboard.press("Shift+F10");
  await page.locator('[data-action="move"]').press("Enter");
  await page.getByTestId("move-new").press("Enter");
  await page.getByTestId("project-name").fill("First");
  await page.keyboard.press("Enter");
  await until(page, titles.toSpliced(1, 1));
  await page.locator(".projects-count", { hasText: "1" }).waitFor();
  await page.getByTestId("project-add").press("Enter");
  await page.getByTestId("project-name").fill("  ");
  await page.keyboard.press("Enter");
  await page.getByText("The name cannot be empty.").waitFor();
  await page.getByTestId("project-name").fill("Second");
  await page.keyboard.press("Enter");
  const names = () => page.locator(".projects-row[data-project] .projects-name").allTextContents();
  await page.waitForFunction(() => document.activeElement?.textContent?.includes("Second"));
  await page.keyboard.press("Alt+ArrowUp");
  await page.waitForFunction(() => document.querySelector(".projects-name")?.textContent === "Second");
  assert.deepEqual(await names(), ["Second", "First"]);
  await page.keyboard.press("F2");
  await page.getByTestId("project-name").fill("Renamed");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".projects-name")?.textContent === "Renamed");
  await page.locator(".projects-open", { hasText: "First" }).focus();
  await page.keyboard.press("Delete");
  await until(page, titles);
  assert.deepEqual(await names(), ["Renamed"]);
  await page.locator(`${ITEM} .sidebar-open`).first().focus();
  await page.keyboard.press("Control+z");
  await until(page, titles.toSpliced(1, 1));
  assert.deepEqual(await names(), ["Renamed", "First"]);
});

test("several are selected with Ctrl, Shift and the keyboard, deleted together and brought back", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await page
    .locator(ITEM)
    .nth(1)
    .click({ modifiers: ["Control"] });
  await page
    .locator(ITEM)
    .nth(4)
    .click({ modifiers: ["Shift"] });
  await page.getByTestId("selection-bar").getByText("4 selected").waitFor();
  await page
    .locator(ITEM)
    .nth(2)
    .click({ modifiers: ["Control"] });
  await page.getByText("3 selected").waitFor();
  assert.equal(await page.locator(`${ITEM}[data-active="true"]`).count(), 0);
  await page.getByTestId("selection-delete").click();
  await until(page, [titles[0] ?? "", titles[2] ?? "", ...titles.slice(5)]);
  await page.getByTestId("undo-bar").getByText("3 conversations were deleted.").waitFor();
  await page.getByTestId("undo").click();
  await until(page, titles);

  await page.locator(`${ITEM} .sidebar-open`).first().focus();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByText("3 selected").waitFor();
  await page.keyboard.press("Control+Space");
  await page.getByText("2 selected").waitFor();
  await page.keyboard.press("Control+a");
  await page.getByText(`${titles.length} selected`).waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("selection-bar").waitFor({ state: "detached" });
});

test("where nothing can be held, the menu begins a selection and a tap goes on with it", async () => {
  const { page } = await browser.open({ locale: "en" });
  await listed(page);
  await page.locator(ITEM).nth(1).click({ button: "right" });
  await page.getByTestId("conversation-select").click();
  await page.getByText("1 selected").waitFor();
  await page.locator(ITEM).nth(3).click();
  await page.getByText("2 selected").waitFor();
  await page.getByTestId("selection-archive").click();
  await page.getByText("2 conversations are in the archive.").first().waitFor();
  await page.getByTestId("archive").click();
  await page.waitForFunction(() => document.querySelectorAll(".sidebar-title").length === 2);
  await page.getByTestId("scope-back").click();
  assert.equal((await listed(page)).length, 5);
});

test("merged messages say where they came from, once for each stretch, and merging can be undone", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await page
    .locator(ITEM)
    .nth(3)
    .click({ modifiers: ["Control"] });
  await page
    .locator(ITEM)
    .nth(4)
    .click({ modifiers: ["Control"] });
  await page.getByTestId("selection-merge").click();
  await page.getByTestId("origin").nth(1).waitFor();
  assert.deepEqual(
    (await page.getByTestId("origin").allTextContents()).map((each) => each.trim()).sort(),
    [`From “${titles[4]}”`, `From “${titles[3]}”`].sort(),
  );
  await page.getByTestId("undo").click();
  await until(page, titles);
});

test("a conversation goes on from any of its messages in another one", async () => {
  const { page } = await browser.open({ locale: "en", pace: "1", empty: "1" });
  await ask(page, "First question");
  await ended(page);
  await ask(page, "Second question");
  await ended(page);
  await page.getByTestId("branch").nth(1).click();
  await page.getByTestId("undo-bar").waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="message"]').length === 2);
  assert.equal((await listed(page)).length, 2);
  await ask(page, "Another second question");
  await ended(page);
  await page.locator(`${ITEM}[data-active="false"]`).click();
  await page.getByText("Second question", { exact: true }).waitFor();
});

test("what is in the trash comes back or goes for good, which is asked before", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await page.locator(`${ITEM} .sidebar-open`).first().press("Delete");
  await page.locator(`${ITEM} .sidebar-open`).first().press("Delete");
  await until(page, titles.slice(2));
  await page.getByTestId("trash").click();
  await until(page, [titles[1] ?? "", titles[0] ?? ""]);
  await page.locator(ITEM).first().click({ button: "right" });
  await page.getByTestId("conversation-purge").click();
  await page.getByText("Delete this conversation for good?").waitFor();
  await page.locator("[data-confirm]").click();
  await until(page, [titles[0] ?? ""]);
  await page.locator(ITEM).first().click({ button: "right" });
  await page.getByTestId("conversation-restore").click();
  await until(page, []);
  await page.getByTestId("scope-back").click();
  await until(page, titles.toSpliced(1, 1));
});

test("pinning, other names and what came out of the trash are undone like all else", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  const undone = async () => {
    await page.getByTestId("undo").click();
    await until(page, titles);
  };
  const [first = "", second = "", third = ""] = titles;
  const menuOf = async (/** @type {number} */ at, /** @type {string} */ action) => {
    await page.locator(ITEM).nth(at).click({ button: "right" });
    await page.getByTestId(`conversation-${action}`).click();
  };
  await menuOf(2, "pin");
  await page.getByTestId("undo-bar").getByText(`“${third}” is pinned.`).waitFor();
  await until(page, [third, first, ...titles.slice(1).toSpliced(1, 1)]);
  await undone();

  await menuOf(1, "rename");
  await page.getByTestId("rename").fill("Another name");
  await page.keyboard.press("Enter");
  await page.getByTestId("undo-bar").getByText(`“${second}” is called “Another name” now.`).waitFor();
  await undone();

  await makeProject(page, "Servers");
  await page.getByTestId("project").locator(".projects-open").focus();
  await page.keyboard.press("F2");
  await page.getByTestId("project-name").fill("Machines");
  await page.keyboard.press("Enter");
  await page.getByTestId("undo-bar").getByText("“Servers” is called “Machines” now.").waitFor();
  await page.getByTestId("undo").click();
  await page.getByTestId("project").filter({ hasText: "Servers" }).waitFor();

  // Out of the trash and back into it.
  await menuOf(1, "delete");
  await page.getByTestId("trash").click();
  await until(page, [second]);
  await menuOf(0, "restore");
  await until(page, []);
  await page.getByTestId("undo-bar").getByText(`“${second}” is back.`).waitFor();
  await page.getByTestId("undo").click();
  await until(page, [second]);
  assert.deepEqual(misdeeds, CLEAN);
});

test("what is gone for good cannot be undone, says so, and does not stand in the way of what was done before", async () => {
  const { page } = await browser.open({ locale: "en" });
  const titles = await listed(page);
  await page.locator(ITEM).nth(3).click({ button: "right" });
  await page.getByTestId("conversation-archive").click();
  await until(page, titles.toSpliced(3, 1));
  await page.locator(ITEM).nth(1).click({ button: "right" });
  await page.getByTestId("conversation-delete").click();
  await page.getByTestId("trash").click();
  await until(page, [titles[1] ?? ""]);
  await page.locator(ITEM).first().click({ button: "right" });
  await page.getByTestId("conversation-purge").click();
  assert.match((await page.locator(".confirm").textContent()) ?? "", /cannot be undone/i);
  await page.locator("[data-confirm]").click();
  await until(page, []);
  await page.getByTestId("undo").click();
  await page.locator('[data-testid="error"][data-code="not-found"]').waitFor();
  await page.getByTestId("scope-back").click();
  await page.getByTestId("undo").click();
  await until(page, titles.toSpliced(1, 1));
});

test("the palette and the keys reach all of it", async () => {
  const { page } = await browser.open({ locale: "en" });
  await page.locator(ITEM).nth(2).click();
  await page.locator(`${ITEM}[data-active="true"]`).waitFor();
  await page.keyboard.press("Control+Shift+e");
  await page.getByTestId("export").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+d");
  await page.getByText("was duplicated").first().waitFor();
  // The copy is open and is told apart; a copy of it is a further one of the same.
  const title = (await page.locator(ITEM).nth(3).locator(".sidebar-title").textContent()) ?? "";
  await page
    .getByTestId("title")
    .filter({ hasText: `${title} (copy)` })
    .waitFor();
  await page.keyboard.press("Control+Shift+d");
  await page
    .getByTestId("title")
    .filter({ hasText: `${title} (copy 2)` })
    .waitFor();
  await page.keyboard.press("Control+k");
  await page.locator(".palette-field").fill("cooperativa acta");
  await page.locator('[data-entry="search"]').click();
  await page.locator('[data-testid="search"]:focus').waitFor();
  assert.equal(await page.getByTestId("search").inputValue(), "cooperativa acta");
});

test("what is begun inside a project belongs to it", async () => {
  const { page } = await browser.open({ locale: "en", pace: "1" });
  const titles = await listed(page);
  await makeProject(page, "Servers");
  await page.getByTestId("project").locator(".projects-open").click();
  await page.getByTestId("scope").waitFor();
  await page.getByTestId("new-chat").click();
  await ask(page, "How many racks?");
  await until(page, ["How many racks?"]);
  await page.getByTestId("scope-back").click();
  await until(page, titles);
});
