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

/**
 * @param {Page} page
 * @param {string} what
 */
const goOn = (page, what) => page.evaluate((each) => /** @type {any} */ (window).fakeHost.signIn(each), what);

/**
 * Opens the view and chooses a way.
 * @param {Page} page
 * @param {string} method
 */
async function begin(page, method) {
  await page.getByTestId("account").click();
  await page.locator(`.sign-in [data-testid="sign-in"][data-method="${method}"]`).click();
  await page.locator('.sign-in[data-stage="waiting"]').waitFor();
}

/** @param {Page} page */
async function openSection(page) {
  await page.keyboard.press("Control+,");
  await page.getByRole("button", { name: "Account and secrets" }).click();
  await page.locator('[data-testid="keeping-place"]').first().waitFor();
}

/** @param {Page} page */
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("data-testid"));

test("somebody signs in, and is shown before anything is stored", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", signin: "manual" });
  await page.getByTestId("composer").fill("a draft of nobody's");
  const row = page.getByTestId("account");
  assert.equal(await row.getAttribute("data-subject"), null);
  await begin(page, "oidc");
  assert.deepEqual(await calls(page, "sign_in_begin"), [{ method: "oidc" }]);
  assert.match((await page.getByTestId("sign-in-left").textContent()) ?? "", /[45]:\d\d/);
  await page.getByTestId("sign-in-open-again").click();
  await page.getByTestId("sign-in-copy-link").click();
  await page.locator(".sign-in", { hasText: "Link copied" }).waitFor();
  assert.equal((await calls(page, "sign_in_open_again")).length, 1);
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^https:\/\/id\.cooperativa\.example\/auth/);

  await goOn(page, "arrive");
  const confirm = page.getByTestId("identity-confirm");
  await confirm.waitFor();
  assert.equal(await page.getByTestId("identity-name").textContent(), "Ana Ñandú Öztürk");
  assert.equal(await page.getByTestId("identity-email").textContent(), "ana@cooperativa.example");
  for (const each of [confirm, page.getByTestId("identity-cancel")]) {
    assert.equal(await each.getAttribute("data-provider"), "https://id.cooperativa.example");
    assert.equal(await each.getAttribute("data-subject"), "248289761001");
  }
  assert.equal(await focused(page), "identity-confirm");
  assert.deepEqual(await calls(page, "sign_in_confirm"), []);
  assert.equal(await row.getAttribute("data-subject"), null, "nobody is signed in before it was confirmed");
  await page.locator(".sign-in-claims summary").click();
  await page.locator(".sign-in-claims dl", { hasText: "248289761001" }).waitFor();

  await confirm.click();
  await page.locator('[data-testid="account"][data-subject="248289761001"]').waitFor();
  await page.locator(".sign-in").waitFor({ state: "detached" });
  assert.equal(await row.getAttribute("data-provider"), "https://id.cooperativa.example");
  // a history of their own, with drafts of their own
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=conversation-item]").length === 0);
  assert.equal(await page.getByTestId("composer").inputValue(), "");
  assert.match((await page.getByTestId("status").textContent()) ?? "", /Signed in as Ana/);
  assert.deepEqual(misdeeds, CLEAN);
});

test("somebody who is not the user is sent away, and a second attempt goes its way", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", signin: "manual" });
  await begin(page, "github");
  await goOn(page, "arrive-without-email");
  await page.getByTestId("identity-confirm").waitFor();
  assert.equal(await page.getByTestId("identity-email").textContent(), "No e-mail");
  await page.getByTestId("identity-cancel").click();
  await page.locator('.sign-in[data-stage="choice"]').waitFor();
  assert.equal((await calls(page, "sign_in_cancel")).length, 1);
  assert.deepEqual(await calls(page, "sign_in_confirm"), []);
  await page.locator('.sign-in [data-testid="sign-in"][data-method="oidc"]').click();
  await page.getByTestId("sign-in-cancel").click();
  await page.locator('.sign-in[data-stage="choice"]').waitFor();
  await page.locator('.sign-in [data-testid="sign-in"][data-method="oidc"]').click();
  await page.locator('.sign-in[data-stage="waiting"]').waitFor();
  await goOn(page, "arrive");
  await page.getByTestId("identity-confirm").click();
  await page.locator('[data-testid="account"][data-subject="248289761001"]').waitFor();
  assert.deepEqual(misdeeds, CLEAN);
});

test("the view may be closed while one waits, and comes back with whoever arrives", async () => {
  const { page } = await browser.open({ locale: "en", signin: "manual" });
  await begin(page, "oidc");
  await page.keyboard.press("Escape");
  await page.locator(".sign-in").waitFor({ state: "detached" });
  assert.deepEqual(await calls(page, "sign_in_cancel"), [], "closing gives nothing up");
  await page.locator('[data-testid="account"]', { hasText: "Go on in your browser" }).waitFor();
  assert.equal(await focused(page), "account");
  await goOn(page, "arrive");
  await page.getByTestId("identity-confirm").waitFor();
});

test("a code is shown large, and can be copied", async () => {
  const { page } = await browser.open({ locale: "en", signin: "manual" });
  await begin(page, "device");
  assert.equal(await page.getByTestId("device-code").textContent(), "WDJB-MJHT");
  assert.equal(await focused(page), "device-code-copy");
  await page.getByTestId("device-code-copy").click();
  await page.locator(".sign-in", { hasText: "Code copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "WDJB-MJHT");
  const size = await page
    .getByTestId("device-code")
    .evaluate((each) => Number.parseFloat(getComputedStyle(each).fontSize));
  assert.ok(size >= 28, `${size} px`);
});

test("where no browser opens, the link is what is left", async () => {
  const { page } = await browser.open({ locale: "en", signin: "manual", browser: "none" });
  await begin(page, "oidc");
  await page.locator(".sign-in", { hasText: "No browser could be opened" }).waitFor();
});

test("every way to fail has its own words, and another try", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", signin: "manual" });
  const seen = new Set();
  await begin(page, "github");
  for (const code of ["sign-in-refused", "sign-in-rejected", "sign-in-expired", "sign-in-unavailable", "port-taken"]) {
    await goOn(page, code);
    const failed = page.locator(`[data-testid="sign-in-failed"][data-code="${code}"]`);
    await failed.waitFor();
    seen.add(await failed.locator(".error-what").textContent());
    assert.equal(await focused(page), "sign-in-retry");
    if (code === "port-taken")
      await page.locator(".sign-in-note", { hasText: "python3 (4711) holds port 8000" }).waitFor();
    await page.getByTestId("sign-in-retry").click();
    await page.locator('.sign-in[data-stage="waiting"]').waitFor();
  }
  assert.equal(seen.size, 5, [...seen].join());
  assert.deepEqual(misdeeds, CLEAN);
});

test("nothing is sent unencrypted to another computer without a word", async () => {
  const { page } = await browser.open({ locale: "en", signin: "manual", plain: "1" });
  await page.getByTestId("account").click();
  await page.locator('.sign-in [data-testid="sign-in"][data-method="oidc"]').click();
  await page.locator('.sign-in[data-stage="unencrypted"]', { hasText: "http://192.0.2.10:5004" }).waitFor();
  await page.getByRole("button", { name: "Do not send it" }).click();
  await page.locator('.sign-in[data-stage="choice"]').waitFor();
  assert.deepEqual([await calls(page, "sign_in_begin"), await calls(page, "plain_consent_set")], [[], []]);
  await page.locator('.sign-in [data-testid="sign-in"][data-method="oidc"]').click();
  await page.getByTestId("plain-consent").click();
  await page.locator('.sign-in[data-stage="waiting"]').waitFor();
  assert.deepEqual(await calls(page, "plain_consent_set"), [{ origin: "http://192.0.2.10:5004", consent: "given" }]);
  await page.getByTestId("sign-in-cancel").click();
  await page.keyboard.press("Escape");
  await page.locator(".sign-in").waitFor({ state: "detached" });
  await openSection(page);
  await page.getByRole("button", { name: "Take back the consent for 192.0.2.10:5004" }).click();
  const address = page.locator('[data-testid="plain-address"][data-origin="http://192.0.2.10:5004"]');
  await address.and(page.locator('[data-consent="none"]')).waitFor();
  await page.getByRole("button", { name: "Allow… keys and sessions to 192.0.2.10:5004" }).click();
  await page.locator(".confirm", { hasText: "can be read on the way" }).waitFor();
  await page.locator("[data-confirm]").click();
  await address.and(page.locator('[data-consent="given"]')).waitFor();
});

test("a profile without sign-in says so, and leads to the keys", async () => {
  const { page } = await browser.open({ locale: "en", ways: "" });
  await page.getByTestId("account").click();
  await page.locator(".sign-in-none").waitFor();
  await page.locator('.sign-in [data-testid="sign-in"][data-method="api-key"]').click();
  await page.locator('dialog[open] [data-testid="settings"]').waitFor();
  await page.locator('.settings-link[aria-current="true"]', { hasText: "Keys" }).waitFor();
});

test("a session that ended is said quietly: the draft and the history stay", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", signin: "manual", account: "ana" });
  await page.getByTestId("composer").fill("half a thought");
  const before = await page.getByTestId("conversation-item").count();
  assert.ok(before > 0);
  await page.evaluate(() => /** @type {any} */ (window).fakeHost.expireSession());
  await page.getByTestId("session-expired").waitFor();
  assert.equal(await page.getByTestId("composer").inputValue(), "half a thought");
  assert.equal(await page.getByTestId("conversation-item").count(), before);
  await page.getByTestId("session-later").click();
  await page.getByTestId("session-expired").waitFor({ state: "detached" });

  await page.getByTestId("account").click();
  await page.getByTestId("account-renew").click();
  await page.locator('.sign-in[data-stage="waiting"]').waitFor();
  assert.deepEqual(await calls(page, "sign_in_begin"), [{ method: "oidc" }]);
  await goOn(page, "arrive");
  await page.getByTestId("identity-confirm").click();
  await page.locator('[data-testid="account"][data-state="confirmed"]').waitFor();
  assert.equal(await page.getByTestId("composer").inputValue(), "half a thought");
  assert.deepEqual(misdeeds, CLEAN);
});

test("two accounts: neither history nor drafts of one are seen in the other", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", account: "two" });
  await page.getByTestId("composer").fill("Ana's draft");
  const titles = await page.locator(".sidebar-title").allTextContents();
  assert.ok(titles.length > 0);
  await page.getByTestId("account").click();
  await page.locator('[data-testid="account-switch"][data-subject="github_4711"]').click();
  await page.locator('[data-testid="account"][data-subject="github_4711"]').waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=conversation-item]").length === 0);
  assert.equal(await page.getByTestId("composer").inputValue(), "");
  await page.getByTestId("composer").fill("Leo's draft");
  await page.getByTestId("account").click();
  await page.locator('[data-testid="account-switch"][data-subject="248289761001"]').click();
  await page.locator('[data-testid="account"][data-subject="248289761001"]').waitFor();
  await page.waitForFunction(
    (count) => document.querySelectorAll("[data-testid=conversation-item]").length === count,
    titles.length,
  );
  assert.deepEqual(await page.locator(".sidebar-title").allTextContents(), titles);
  assert.equal(await page.getByTestId("composer").inputValue(), "Ana's draft");
  assert.deepEqual(misdeeds, CLEAN);
});

test("an answer that comes after the account has changed is not shown", async () => {
  const { page } = await browser.open({ locale: "en", account: "two", pace: "manual" });
  await page.getByTestId("composer").fill("a secret question");
  await page.getByTestId("composer").press("Enter");
  await page.locator('[data-testid="message"][data-role="assistant"]').waitFor();
  await page.getByTestId("account").click();
  await page.locator('[data-testid="account-switch"][data-subject="github_4711"]').click();
  await page.locator('[data-testid="account"][data-subject="github_4711"]').waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=message]").length === 0);
  assert.ok(!((await page.locator("body").textContent()) ?? "").includes("a secret question"));
});

test("signing out says what becomes of the history before it happens and after", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", account: "ana" });
  await page.getByTestId("account").click();
  await page.getByTestId("sign-out").click();
  const question = page.locator(".confirm");
  await question.getByText("closed, until you sign in again").waitFor();
  await question.getByRole("button", { name: "Cancel" }).click();
  assert.deepEqual(await calls(page, "sign_out"), []);
  assert.equal(await focused(page), "account");
  await page.getByTestId("account").click();
  await page.getByTestId("sign-out").click();
  await page.locator("[data-confirm]").click();
  await page.getByTestId("signed-out").waitFor();
  assert.match(
    (await page.getByTestId("signed-out").textContent()) ?? "",
    /closed until the next sign-in.* has ended the session/,
  );
  assert.deepEqual(await calls(page, "sign_out"), [{ account: "a1" }]);
  assert.equal(await page.getByTestId("account").getAttribute("data-subject"), null);
  assert.equal(await page.getByTestId("conversation-item").count(), 0);
  await page.getByTestId("signed-out-dismiss").click();
  await page.getByTestId("signed-out").waitFor({ state: "detached" });
  assert.deepEqual(misdeeds, CLEAN);
});

test("nobody's history that is locked is seen beside an account's, opened by going there, and left again", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", account: "ana", locked: "own" });
  await page.getByTestId("composer").waitFor();
  assert.equal(await page.getByTestId("history-locked").count(), 0);
  const own = page.getByTestId("account-own");
  await page.getByTestId("account").click();
  await own.getByTestId("account-lock").waitFor();
  assert.match((await own.textContent()) ?? "", /On this computer\s+Without an account\s+Its history is locked/);
  assert.equal(await focused(page), "account-own");
  await page.keyboard.press("Enter");
  const locked = page.getByTestId("history-locked");
  await locked.waitFor();
  assert.match((await locked.textContent()) ?? "", /The history on this computer is locked/);
  assert.equal(await page.getByTestId("composer").count(), 0);
  assert.deepEqual(await calls(page, "sign_out"), []);
  // Back: nothing that was typed stays, and nobody had to sign in again.
  await page.getByTestId("history-passphrase").fill("half a phrase");
  await page.getByTestId("history-other").click();
  await page.getByTestId("composer").waitFor();
  assert.equal(await page.getByTestId("account").getAttribute("data-subject"), "248289761001");
  assert.deepEqual(await calls(page, "sign_in_begin"), []);

  await page.getByTestId("account").click();
  await own.click();
  await locked.waitFor();
  assert.equal(await page.getByTestId("history-passphrase").inputValue(), "");
  await page.getByTestId("history-passphrase").fill("correct horse");
  await page.keyboard.press("Enter");
  await page.getByTestId("composer").waitFor();
  assert.equal(await locked.count(), 0);
  await page.getByTestId("account").click();
  await page.getByTestId("account-switch").click();
  await page.locator('[data-testid="account"][data-subject="248289761001"]').waitFor();
  await page.getByTestId("account").click();
  await own.waitFor();
  await page.waitForFunction(() => document.querySelector('[data-testid="account-lock"]') === null);
  assert.deepEqual(misdeeds, CLEAN);
});

test("an account's history that is locked has its sign, its name, and the way back to the one before", async () => {
  const { page } = await browser.open({ locale: "en", account: "two", locked: "leo" });
  await page.getByTestId("account").click();
  const leo = page.locator('[data-testid="account-switch"][data-subject="github_4711"]');
  await leo.getByTestId("account-lock").waitFor();
  assert.equal(await page.getByTestId("account-lock").count(), 1);
  await leo.click();
  await page.getByTestId("history-locked").waitFor();
  assert.equal(await page.locator("#locked-title").textContent(), "The history of Leo is locked");
  assert.equal((await page.getByTestId("history-other").textContent())?.trim(), "Back to “Ana Ñandú Öztürk”");
  await page.getByTestId("history-other").click();
  await page.getByTestId("composer").waitFor();
  await page.locator('[data-testid="account"][data-subject="248289761001"]').waitFor();
});

test("the menu is worked with the keyboard alone", async () => {
  const { page } = await browser.open({ locale: "en", account: "two" });
  await page.getByTestId("account").focus();
  await page.keyboard.press("Enter");
  await page.locator(".account-menu:popover-open").waitFor();
  assert.equal(await focused(page), "account-switch");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(page), "sign-out");
  await page.keyboard.press("Home");
  assert.equal(await focused(page), "account-switch");
  await page.keyboard.press("Escape");
  await page.locator(".account-menu:popover-open").waitFor({ state: "detached" });
  assert.equal(await focused(page), "account");
});

test("an account is forgotten with or without its conversations", async () => {
  const { page } = await browser.open({ locale: "en", account: "two" });
  await openSection(page);
  await page.getByRole("button", { name: "Forget Leo" }).click();
  assert.equal(await focused(page), "forget-keep");
  await page.getByTestId("forget-keep").click();
  await page.locator('[data-testid="known-account"][data-subject="github_4711"]').waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Forget Ana Ñandú Öztürk" }).click();
  await page.getByTestId("forget-delete").click();
  await page.getByTestId("known-account").waitFor({ state: "detached" });
  assert.deepEqual(await calls(page, "account_forget"), [
    { account: "b2", history: "keep" },
    { account: "a1", history: "delete" },
  ]);
});

test("each trouble of the secret store has its own words, and a way on", async () => {
  const seen = new Set();
  for (const trouble of ["absent", "locked", "denied", "failed"]) {
    const { page, misdeeds } = await browser.open({ locale: "en", secrets: trouble });
    await openSection(page);
    const shown = page.locator(`[data-testid="keeping-trouble"][data-code="secret-store-${trouble}"]`);
    await shown.waitFor();
    seen.add(await shown.locator(".error-what").textContent());
    await page.getByTestId("keeping-check").click();
    await page.locator("#keeping-session").click();
    await page.getByTestId("keeping-use").click();
    await page.locator('[data-testid="keeping-place"][data-place="session"][data-active="true"]').waitFor();
    assert.deepEqual(await calls(page, "secret_keeping_set"), [{ place: "session" }]);
    assert.deepEqual(misdeeds, CLEAN);
    await page.context().close();
  }
  assert.equal(seen.size, 4, [...seen].join());
});

test("a session that cannot be kept is said at once", async () => {
  const { page } = await browser.open({ locale: "en", signin: "manual", secrets: "absent" });
  await begin(page, "oidc");
  await goOn(page, "arrive");
  await page.getByTestId("identity-confirm").click();
  await page.getByTestId("sign-in-not-kept").waitFor();
  await page.locator('[data-testid="account"][data-subject="248289761001"]').waitFor({ state: "attached" });
  await page.getByTestId("sign-in-keep").click();
  await page.locator('.settings-link[aria-current="true"]', { hasText: "Account and secrets" }).waitFor();
});

test("a vault is made with a passphrase that was typed twice, and no passphrase stays in the page", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", secrets: "absent" });
  await openSection(page);
  await page.locator("#keeping-vault").click();
  await page.locator(".keeping-form", { hasText: "never the conversations" }).waitFor();
  const strength = page.locator(".keeping-strength");
  for (const [typed, expected] of [
    ["short", "short"],
    ["aaaaaaaaaaaa", "weak"],
    ["rio barro sombra lenta canoa", "good"],
  ]) {
    await page.getByTestId("passphrase-new").fill(typed ?? "");
    await page.waitForFunction(
      (wanted) => document.querySelector(".keeping-strength")?.getAttribute("data-strength") === wanted,
      expected,
    );
  }
  assert.equal(await strength.textContent().then((text) => text?.trim()), "Good.");
  await page.getByTestId("passphrase-repeat").fill("rio barro");
  await page.getByTestId("keeping-use").click();
  await page.locator("#keeping-mismatch", { hasText: "not the same" }).waitFor();
  assert.deepEqual(await calls(page, "secret_keeping_set"), []);
  await page.getByTestId("passphrase-repeat").fill("rio barro sombra lenta canoa");
  await page.getByTestId("passphrase-repeat").press("Enter");
  await page.locator('[data-testid="keeping-place"][data-place="vault"][data-active="true"]').waitFor();
  assert.deepEqual(await calls(page, "secret_keeping_set"), [
    { place: "vault", passphrase: "rio barro sombra lenta canoa" },
  ]);
  const left = await page.evaluate(() => [...document.querySelectorAll("input")].map((each) => each.value).join());
  assert.ok(!left.includes("sombra"), left);
  assert.deepEqual(misdeeds, CLEAN);
});

test("a locked vault asks for its passphrase, and says when it is another one", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", keeping: "locked", account: "expired" });
  await page.getByTestId("vault-locked").waitFor();
  assert.equal(await page.getByTestId("session-expired").count(), 0, "the vault may bring the session back");
  await page.getByTestId("vault-open").click();
  await page.getByTestId("passphrase-unlock").fill("wrong");
  await page.getByTestId("passphrase-unlock").press("Enter");
  await page.locator('[data-testid="error"][data-code="vault-wrong-passphrase"]').waitFor();
  assert.equal(await page.getByTestId("passphrase-unlock").inputValue(), "");
  await page.getByTestId("passphrase-unlock").fill("correct horse");
  await page.getByTestId("passphrase-unlock").press("Enter");
  await page.getByTestId("vault-unlock").waitFor({ state: "detached" });
  assert.deepEqual(misdeeds, CLEAN);
});

test("a vault whose passphrase is forgotten is deleted once the word is typed", async () => {
  const { page, misdeeds } = await browser.open({ locale: "en", keeping: "locked", account: "expired" });
  await page.keyboard.press("Control+,");
  await page.locator('dialog[open] [data-testid="settings"]').waitFor();
  await page.locator(".settings-nav .settings-link", { hasText: "Account and secrets" }).click();
  await page.getByTestId("vault-discard").click();
  const yes = page.locator("[data-confirm]");
  assert.equal(await yes.isDisabled(), true);
  await page.getByTestId("confirm-typed").fill("delet");
  assert.equal(await yes.isDisabled(), true);
  await page.getByTestId("confirm-typed").fill("Delete");
  await yes.click();
  await page.locator('[data-testid="keeping-place"][data-place="system"][data-active="true"]').waitFor();
  assert.equal(await page.getByTestId("vault-unlock").count(), 0);
  assert.deepEqual(misdeeds, { requests: [], violations: [], errors: [] });
  await page.context().close();
});
