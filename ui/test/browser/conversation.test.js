import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, BrowserWindow, ended, release } from "./window.js";

/** @type {BrowserWindow} */
let browser;
before(async () => {
  browser = await BrowserWindow.start();
});
after(() => browser.stop());

const CLEAN = { requests: [], violations: [], errors: [] };

/** @param {import("playwright-core").Page} page */
const lastText = (page) => page.getByTestId("message-text").last();

/** Two frames, so that what was sent has been painted. @param {import("playwright-core").Page} page */
const painted = (page) =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

test("an answer is painted while it arrives, and says who wrote it, why and how fast", async () => {
  const { page, misdeeds } = await browser.open({ pace: "manual", empty: "1" });
  await ask(page, "Write a Python function that validates an IBAN");
  const answer = page.locator('[data-testid="message"][data-role="assistant"]');
  assert.equal(await answer.getAttribute("data-status"), "streaming");
  assert.equal(await answer.getAttribute("data-model"), "qwen2.5-coder:1.5b");
  await page.getByTestId("waiting").waitFor();
  await release(page, 4);
  await page.getByText("This function").waitFor();
  await page.getByTestId("stop").waitFor();
  await release(page, 1000);
  await ended(page);
  assert.equal(await answer.getAttribute("data-status"), "complete");
  const metrics = page.getByTestId("metrics");
  assert.match((await metrics.getAttribute("data-ttft-ms")) ?? "", /^\d+$/);
  assert.match((await metrics.getAttribute("data-tokens")) ?? "", /^\d+$/);
  assert.match((await metrics.getAttribute("data-tokens-per-second")) ?? "", /^[\d.]+$/);
  const why = page.getByTestId("routing-reason");
  assert.deepEqual([await why.getAttribute("data-tier"), await why.getAttribute("data-rule")], ["code", "code-words"]);
  await page.getByTestId("scripted").waitFor();
  await page.locator("code .hljs-keyword").first().waitFor();
  assert.deepEqual(misdeeds, CLEAN);
});

test("what is selected in a finished block stays selected and stays the same element while more arrives", async () => {
  const { page } = await browser.open({ pace: "manual", empty: "1" });
  await ask(page, "Write a long text");
  await release(page, 120);
  await page.locator(".prose > .block").nth(3).waitFor();
  const selected = await page.evaluate(() => {
    const block = document.querySelectorAll(".prose > .block")[1];
    if (!block) throw new Error("no block");
    Object.assign(window, { kept: block });
    getSelection()?.selectAllChildren(block);
    return getSelection()?.toString();
  });
  await release(page, 5000);
  await ended(page);
  await painted(page);
  assert.deepEqual(
    await page.evaluate(() => [
      getSelection()?.toString(),
      document.querySelectorAll(".prose > .block")[1] === /** @type {any} */ (window).kept,
    ]),
    [selected, true],
  );
});

test("the reader owns the scroll", async () => {
  const { page } = await browser.open({ pace: "manual", empty: "1" }, { height: 600 });
  await ask(page, "Write a long text");
  await release(page, 900);
  const place = () =>
    page.evaluate(() => {
      const { scrollTop, scrollHeight, clientHeight } = /** @type {HTMLElement} */ (
        document.querySelector(".messages")
      );
      return { top: Math.round(scrollTop), below: Math.round(scrollHeight - clientHeight - scrollTop) };
    });
  await page.waitForFunction(() => (document.querySelector(".messages")?.scrollHeight ?? 0) > 1000);
  await painted(page);
  assert.equal((await place()).below, 0);
  await page.locator(".messages").hover();
  await page.mouse.wheel(0, -200);
  await page.getByTestId("to-end").waitFor();
  const { top } = await place();
  const height = await page.evaluate(() => document.querySelector(".messages")?.scrollHeight ?? 0);
  await release(page, 200);
  await page.waitForFunction(
    (before) => (document.querySelector(".messages")?.scrollHeight ?? 0) > before + 50,
    height,
  );
  assert.equal((await place()).top, top);
  await page.getByTestId("to-end").click();
  await release(page, 5000);
  await ended(page);
  await painted(page);
  assert.equal((await place()).below, 0);
  assert.equal(await page.getByTestId("to-end").isVisible(), false);
});

test("stop keeps the words; continue goes on in the same message", async () => {
  const { page } = await browser.open({ pace: "manual", empty: "1" });
  await ask(page, "What is a co-operative?");
  await release(page, 12);
  await page.getByText("company").waitFor();
  await page.keyboard.press("Escape");
  const answer = page.locator('[data-testid="message"][data-role="assistant"]');
  await page.locator('[data-testid="message"][data-status="stopped"]').waitFor();
  const text = await lastText(page).innerText();
  const id = await answer.getAttribute("data-id");
  await page.getByTestId("continue").click();
  await release(page, 1000);
  await page.locator('[data-testid="message"][data-status="complete"][data-role="assistant"]').waitFor();
  const whole = await lastText(page).innerText();
  assert.ok(whole.startsWith(text) && whole.length > text.length);
  assert.equal(await answer.getAttribute("data-id"), id);
});

test("editing and regenerating make versions, and one can step between them", async () => {
  const { page } = await browser.open({ pace: "1", empty: "1" });
  await ask(page, "What is a co-operative?");
  await ended(page);
  await page.getByTestId("regenerate").click();
  await page.getByText("2 of 2").waitFor();
  await ended(page);
  await page.getByTestId("branch-prev").click();
  await page.getByText("1 of 2").waitFor();
  await page.getByTestId("composer").press("ArrowUp");
  await page.getByTestId("edit-text").fill("What is the math of distance?");
  await page.getByTestId("edit-text").press("Enter");
  await page.locator('[data-role="user"]').getByText("2 of 2").waitFor();
  await ended(page);
  await page.locator(".prose math").first().waitFor();
  await page.locator('[data-role="user"]').getByTestId("branch-prev").click();
  await page.locator('[data-role="user"]').getByText("1 of 2").waitFor();
  assert.equal(await page.getByTestId("message-text").first().innerText(), "What is a co-operative?");
  assert.equal(await page.getByTestId("message").count(), 2);
});

test("a reload in mid-stream shows the same message still growing, and the draft", async () => {
  const { page } = await browser.open({ pace: "40", empty: "1" });
  await ask(page, "Write a long text");
  await page.waitForFunction(() => (document.querySelector(".prose")?.textContent?.length ?? 0) > 60);
  await page.getByTestId("composer").fill("not sent yet");
  const [id, text] = await page.evaluate(() => [
    document.querySelector('[data-role="assistant"]')?.getAttribute("data-id"),
    document.querySelector(".prose")?.textContent?.trim() ?? "",
  ]);
  await page.reload();
  await page.locator(`[data-id="${id}"][data-status="streaming"]`).waitFor();
  await page.waitForFunction(
    (before) => (document.querySelector(".prose")?.textContent?.length ?? 0) > before + 20,
    text?.length ?? 0,
  );
  assert.ok(
    (await page.evaluate(() => document.querySelector(".prose")?.textContent?.trim() ?? "")).startsWith(text ?? "-"),
  );
  assert.equal(await page.getByTestId("composer").inputValue(), "not sent yet");
});

test("a frame that is lost is noticed, and what was in it is shown", async () => {
  const { page } = await browser.open({ pace: "manual", empty: "1" });
  await ask(page, "What is a co-operative?");
  await release(page, 3);
  await page.getByText("worker").waitFor();
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.loseNextFrame());
  await release(page, 5);
  await painted(page);
  await release(page, 1000);
  await ended(page);
  assert.match(
    await lastText(page).innerText(),
    /^A worker co-operative is a company owned by the people who work in it\. Each member has one vote, whatever capital they brought in\. Surpluses are shared by work done, and a part stays in reserve for the co-operative itself\.$/,
  );
});

test("a failure says what happened, what to do, and keeps the server's words behind a disclosure", async () => {
  const { page, misdeeds } = await browser.open({ pace: "1", empty: "1" });
  await ask(page, "Why? error:rate-limited after:20");
  await ended(page);
  const error = page.getByTestId("message-error");
  assert.equal(await error.getAttribute("data-code"), "rate-limited");
  await error.getByText("The server asks for a pause.").waitFor();
  await error.getByText(/Try again in \d seconds?/).waitFor();
  assert.equal(await error.locator("pre").isVisible(), false);
  await error.locator("summary").click();
  assert.match(await error.locator("pre").innerText(), /<img src=x onerror=alert\(1\)>/);
  assert.deepEqual(misdeeds, CLEAN);
});

test("a question that cannot be sent comes back into the field with the reason beside it", async () => {
  const { page } = await browser.open({ empty: "1" });
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.failNext("chat_send", { code: "storage-full" }));
  await page.getByTestId("composer").fill("Important");
  await page.getByTestId("send").click();
  await page.locator('[data-testid="conversation-error"][data-code="storage-full"]').waitFor();
  assert.equal(await page.getByTestId("composer").inputValue(), "Important");
});

test("Enter sends, Shift+Enter breaks the line, Enter in a composition does neither", async () => {
  const { page } = await browser.open({ empty: "1" });
  const composer = page.getByTestId("composer");
  await composer.fill("one");
  await composer.press("Shift+Enter");
  await composer.pressSequentially("two");
  assert.equal(await composer.inputValue(), "one\ntwo");
  await composer.evaluate((area) => {
    area.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    area.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, isComposing: true }),
    );
    area.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  });
  assert.equal(await page.getByTestId("message").count(), 0);
  await composer.press("Enter");
  await page.getByTestId("message").first().waitFor();
  assert.equal(await page.getByTestId("message-text").first().innerText(), "one\ntwo");
});

test("choosing a model pins it", async () => {
  const { page } = await browser.open({ pace: "1", empty: "1" });
  await page.getByTestId("model-picker").selectOption("mixtral");
  await page.locator('[data-testid="mode-picker"][data-value="single"]').waitFor();
  assert.equal(await page.getByTestId("model-picker").getAttribute("data-value"), "mixtral");
  await ask(page, "Hello");
  assert.equal(await page.locator('[data-role="assistant"]').getAttribute("data-model"), "mixtral");
  assert.equal(await page.getByTestId("routing-reason").getAttribute("data-rule"), "pinned");
});

test("a link shows where it leads and nothing navigates; an address that deceives is said to", async () => {
  const { page, misdeeds } = await browser.open({ pace: "1", empty: "1" });
  await ask(page, "Give me links");
  await ended(page);
  const address = page.url();
  await page.locator(".prose a").first().click({ button: "middle" });
  await page.locator('[data-testid="link-door"][data-host="docs.vllm.ai"]').waitFor();
  await page.getByTestId("link-open").click();
  await page.getByTestId("link-door").waitFor({ state: "detached" });
  await page.locator(".prose a").nth(1).click();
  await page.getByTestId("link-homograph").getByText("xn--ggle-55da.com").waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("link-door").waitFor({ state: "detached" });
  await page.locator(".prose a.picture").click();
  await page.locator('[data-testid="link-door"][data-host="example.org"]').waitFor();
  assert.equal(page.url(), address);
  assert.equal(page.context().pages().length, 1);
  const calls = await page.evaluate(() =>
    /** @type {any} */ (window).fakeHost.calls.filter((/** @type {[string]} */ [name]) => name === "link_open"),
  );
  assert.deepEqual(calls, [["link_open", { url: "https://docs.vllm.ai/en/latest/" }]]);
  assert.deepEqual(misdeeds, CLEAN);
});

test("the end of an answer is said once, whole, in a status of its own", async () => {
  const { page } = await browser.open({ pace: "manual", empty: "1" });
  await page.evaluate(() => {
    /** @type {string[]} */
    const said = [];
    const status = document.querySelector('[data-testid="status"]');
    if (!status) throw new Error("no status");
    new MutationObserver(() => said.push(status.textContent ?? "")).observe(status, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    Object.assign(window, { said });
  });
  await ask(page, "What is a co-operative?");
  await release(page, 1000);
  await ended(page);
  await page.waitForFunction(() => /** @type {any} */ (window).said.length >= 2);
  const said = await page.evaluate(() => /** @type {any} */ (window).said);
  assert.equal(said.length, 2);
  assert.equal(said[0], "Phi-4 mini is answering.");
  assert.match(said[1], /^Phi-4 mini has finished\. A worker co-operative .* itself\.$/);
});

test("a plain connection to a public address is said until it is dismissed", async () => {
  const { page } = await browser.open({ insecure: "1", empty: "1" });
  await page.getByTestId("insecure-warning").waitFor();
  await page.getByTestId("insecure-dismiss").click();
  await page.getByTestId("insecure-warning").waitFor({ state: "detached" });
  await page.reload();
  await page.locator('[data-testid="app"][data-ready="true"]').waitFor();
  assert.equal(await page.getByTestId("insecure-warning").count(), 0);
});

test("each endpoint's state is a name, a shape and words", async () => {
  const { page } = await browser.open({ empty: "1" });
  await page.getByTestId("health-endpoint").first().waitFor();
  const states = await page
    .getByTestId("health-endpoint")
    .evaluateAll((all) => all.map((each) => [each.getAttribute("data-endpoint"), each.getAttribute("data-state")]));
  assert.deepEqual(states, [
    ["gpt-oss-20b", "up"],
    ["qwen2.5-coder:1.5b", "up"],
    ["phi4:mini", "degraded"],
    ["mixtral", "down"],
  ]);
  await page.getByTestId("health").click();
  await page.getByTestId("health-details").getByText("The server did not answer in time.").waitFor();
});

test("each block runs as its script does, and code and formulas always from left to right", async () => {
  const { page } = await browser.open({ pace: "1", empty: "1" });
  await ask(page, "What is the math of distance?");
  await ended(page);
  await page.locator(".prose math").first().waitFor();
  const ways = await page.evaluate(async () => {
    const prose = /** @type {HTMLElement} */ (document.querySelector(".prose"));
    const block = /** @type {HTMLElement} */ (prose.querySelector(".block"));
    const foreign = /** @type {HTMLElement} */ (block.cloneNode());
    foreign.textContent = "مرحبا بالعالم";
    prose.append(foreign);
    const way = (/** @type {Element | null} */ element) => element && getComputedStyle(element).direction;
    return [way(block), way(foreign), way(prose.querySelector(".math"))];
  });
  assert.deepEqual(ways, ["ltr", "rtl", "ltr"]);
});

test("named operators in a formula keep their distance", async () => {
  const { page } = await browser.open({ pace: "1", empty: "1" });
  await ask(page, "What is the math of distance?");
  await ended(page);
  await page.locator(".prose math").first().waitFor();
  const spaces = await page.evaluate(() =>
    [...document.querySelectorAll(".prose mi")]
      .filter((each) => each.textContent === "arcsin")
      .map((each) => [
        each.previousElementSibling?.localName === "mspace",
        each.nextElementSibling?.nextElementSibling?.localName === "mspace",
      ]),
  );
  assert.ok(spaces.length > 0);
  assert.ok(
    spaces.every(([before, after]) => before && after),
    JSON.stringify(spaces),
  );
});

test("an answer without a word can be asked for again, but neither copied nor continued", async () => {
  const { page } = await browser.open({ pace: "1", empty: "1" });
  await ask(page, "error:unauthorised after:0");
  await page.getByTestId("message-error").waitFor();
  const answer = page.locator('[data-role="assistant"]');
  await answer.getByTestId("regenerate").waitFor();
  assert.equal(await answer.getByTestId("continue").count(), 0);
  assert.equal(await answer.getByTestId("copy").count(), 0);
});
