/**
 * Signing in, from the choice of a way to the person who is shown before anything is stored. It only shows what the core says
 * about the attempt: closing it gives nothing up, so that a click beside it costs nothing while somebody types their password
 * in the browser. It comes back by itself when somebody arrives (`account/notices.js`).
 */
import { html, nothing } from "lit";
import { copyText } from "../clipboard.js";
import { LightElement } from "../element.js";
import { t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { accounts, session } from "../state/index.js";
import { clock, hostOf, initial, personName, providerName } from "./account/words.js";
import { ALERT, BROWSER, CHECK, CLOSE, COPY, KEY, LOCK, PERSON } from "./icons.js";
import "./sign-in.css";

/** @import { AppError, SignedIn, SignInAttempt, SignInWay } from "../bridge/types.js" */

/** @template {SignInAttempt["stage"]} S @typedef {Extract<SignInAttempt, { stage: S }>} At */

export class SignIn extends LightElement {
  static properties = {
    params: { attribute: false },
    unencrypted: { state: true },
    busy: { state: true },
    error: { state: true },
    copied: { state: true },
    signed: { state: true },
  };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #tick;
  /** What was last said to a screen reader. */
  #heard = "";

  constructor() {
    super();
    /** `method`: begin with this way at once; `name`: who is expected back. @type {Readonly<Record<string, string>>} */
    this.params = {};
    /** The way that leads over an unencrypted connection, while the reader is asked about it. @type {SignInWay | undefined} */
    this.unencrypted = undefined;
    this.busy = false;
    /** Why the last thing could not be done. @type {AppError | undefined} */
    this.error = undefined;
    /** What was copied last. @type {"link" | "code" | undefined} */
    this.copied = undefined;
    /** Who signed in, where that could not be kept. @type {SignedIn | undefined} */
    this.signed = undefined;
    this.watch(accounts, session);
  }

  connectedCallback() {
    super.connectedCallback();
    if (accounts.attempt === undefined) void this.#arrive();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#tick);
  }

  /** Begins at once where the way is known, which somebody has chosen elsewhere. */
  async #arrive() {
    await accounts.load();
    const way = accounts.ways.find(({ method }) => method === this.params.method);
    if (way && way.method !== "api-key" && this.isConnected && accounts.attempt === undefined) this.#choose(way);
  }

  updated() {
    clearTimeout(this.#tick);
    const { attempt } = accounts;
    if (attempt?.stage === "waiting") {
      const left = attempt.expires_at - Date.now();
      if (left > 0) this.#tick = setTimeout(() => this.requestUpdate(), left % 1000 || 1000);
    }
    this.#focusWithin();
  }

  /** Each stage begins where its main button is, once the one before has gone. */
  #focusWithin() {
    const stage = this.#stage;
    if (stage === this.#heard) return;
    this.#heard = stage;
    const dialog = this.closest("dialog");
    if (!dialog?.open) return;
    /** @type {HTMLElement | null} */ (this.querySelector("[data-begin]"))?.focus();
  }

  get #stage() {
    if (this.signed) return "signed";
    if (this.unencrypted) return "unencrypted";
    return accounts.attempt?.stage ?? "choice";
  }

  render() {
    return html`
      <div class="sign-in" data-stage=${this.#stage} aria-busy=${this.busy}>
        <button class="button button--quiet sign-in-close" aria-label=${t("sign-in-close")} @click=${() => navigation.close()}>${CLOSE}</button>
        ${this.#content()}
        ${this.error ? html`<c6-error class="sign-in-error" .error=${this.error}></c6-error>` : nothing}
        <p class="sr-only" role="status">${this.#said()}</p>
      </div>
    `;
  }

  #content() {
    if (this.signed) return this.#notKept(this.signed);
    if (this.unencrypted) return this.#askAboutPlain(this.unencrypted);
    const { attempt } = accounts;
    if (!attempt) return this.#choice();
    switch (attempt.stage) {
      case "starting":
        return this.#starting(attempt);
      case "waiting":
        return attempt.device ? this.#device(attempt) : this.#waiting(attempt);
      case "arrived":
        return this.#arrived(attempt);
      case "failed":
        return this.#failed(attempt);
    }
  }

  /** What a screen reader hears: the stages, not the seconds. */
  #said() {
    if (this.copied) return t(`sign-in-copied-${this.copied}`);
    const { attempt } = accounts;
    if (!attempt || this.signed || this.unencrypted) return nothing;
    const provider = providerName(attempt.method, attempt.provider);
    if (attempt.stage === "starting") return t("sign-in-starting", { provider });
    if (attempt.stage === "waiting") return attempt.device ? nothing : t("sign-in-waiting-title");
    return attempt.stage === "arrived" ? t("sign-in-arrived-title") : t(`error-${attempt.error.code}`);
  }

  // ---- the choice -----------------------------------------------------------------------------------------------------------

  #choice() {
    const ways = accounts.ways.filter(({ method }) => method !== "api-key");
    const again = this.params.name;
    return html`
      <h2>${again ? t("sign-in-again-title", { name: again }) : t("sign-in-title")}</h2>
      <p class="sign-in-lead">${t("sign-in-lead")}</p>
      ${
        ways.length > 0
          ? html`<ul class="sign-in-ways">
              ${ways.map((way, at) => html`<li>${this.#way(way, at === 0)}</li>`)}
            </ul>`
          : accounts.loaded
            ? html`<p class="sign-in-none">${t("sign-in-no-ways")}</p>`
            : nothing
      }
      <div class="sign-in-without">
        <h3>${t("sign-in-without-title")}</h3>
        <p class="hint">${t("sign-in-without")}</p>
        <div class="sign-in-buttons">
          <button class="button" ?data-begin=${ways.length === 0} ?autofocus=${ways.length === 0} @click=${() => navigation.close()}>
            ${t("sign-in-stay")}
          </button>
          <button
            class="button button--quiet"
            data-testid="sign-in"
            data-method="api-key"
            @click=${() => navigation.open("settings", { section: "keys" })}
          >
            ${KEY}${t("sign-in-way-api-key")}
          </button>
        </div>
      </div>
    `;
  }

  /**
   * @param {SignInWay} way
   * @param {boolean} first
   */
  #way(way, first) {
    const name = providerName(way.method, way.provider);
    const host = way.provider === undefined ? "" : hostOf(way.provider);
    return html`
      <button
        class="sign-in-way"
        data-testid="sign-in"
        data-method=${way.method}
        ?data-begin=${first}
        ?autofocus=${first}
        ?disabled=${this.busy}
        @click=${() => this.#choose(way)}
      >
        <span class="sign-in-way-sign">${way.insecure ? ALERT : way.method === "device" ? BROWSER : PERSON}</span>
        <span class="sign-in-way-words">
          <span class="sign-in-way-name">${t(`sign-in-way-${way.method}`, { provider: name })}</span>
          <span class="hint">${t(`sign-in-way-${way.method}-help`, { host })}</span>
        </span>
      </button>
    `;
  }

  /** @param {SignInWay} way */
  #choose(way) {
    this.error = undefined;
    if (way.insecure !== undefined) this.unencrypted = way;
    else void this.#do(() => accounts.begin(way.method));
  }

  /** @param {SignInWay} way */
  #askAboutPlain(way) {
    const origin = way.insecure ?? "";
    return html`
      <h2>${t("sign-in-plain-title")}</h2>
      <p class="sign-in-lead">${t("sign-in-plain-what", { origin })}</p>
      <p class="hint">${t("sign-in-plain-help")}</p>
      <div class="sign-in-foot">
        <button class="button" data-begin @click=${() => this.#back()}>${t("sign-in-plain-no")}</button>
        <button class="button button--danger" data-testid="plain-consent" ?disabled=${this.busy} @click=${() => this.#consent(way, origin)}>
          ${t("sign-in-plain-yes")}
        </button>
      </div>
    `;
  }

  #back() {
    this.unencrypted = undefined;
    this.error = undefined;
  }

  /**
   * @param {SignInWay} way
   * @param {string} origin
   */
  async #consent(way, origin) {
    await this.#do(async () => {
      await accounts.consent(origin, "given");
      this.unencrypted = undefined;
      await accounts.begin(way.method);
    });
  }

  // ---- under way ------------------------------------------------------------------------------------------------------------

  /** @param {At<"starting">} attempt */
  #starting({ method, provider }) {
    return html`
      <h2>${t("sign-in-starting", { provider: providerName(method, provider) })}</h2>
      <p class="sign-in-lead"><span class="sign-in-pulse" aria-hidden="true"></span>${hostOf(provider)}</p>
      <div class="sign-in-foot">
        <button class="button" data-begin data-testid="sign-in-cancel" @click=${() => this.#cancel()}>${t("action-cancel")}</button>
      </div>
    `;
  }

  /** @param {At<"waiting">} attempt */
  #waiting(attempt) {
    const provider = providerName(attempt.method, attempt.provider);
    return html`
      <h2>${t("sign-in-waiting-title")}</h2>
      <p class="sign-in-lead">${t("sign-in-waiting", { provider, host: hostOf(attempt.provider) })}</p>
      ${this.#noBrowser(attempt)}
      ${this.#remaining(attempt)}
      ${this.#links(attempt, true)}
    `;
  }

  /** @param {At<"waiting">} attempt */
  #device(attempt) {
    const { user_code: code = "", address = "" } = attempt.device ?? {};
    const spelled = [...code].join(" ");
    return html`
      <h2>${t("sign-in-device-title")}</h2>
      <p class="sign-in-lead">${t("sign-in-device", { host: hostOf(address) })}</p>
      <div class="sign-in-code">
        <output data-testid="device-code" dir="ltr" aria-label=${t("sign-in-device-code", { code: spelled })}>${code}</output>
        <button class="button" data-begin data-testid="device-code-copy" @click=${() => this.#copy("code", async () => code)}>
          ${this.copied === "code" ? html`${CHECK}${t("sign-in-copied")}` : html`${COPY}${t("sign-in-copy-code")}`}
        </button>
      </div>
      <p class="hint sign-in-address" dir="ltr">${address}</p>
      ${this.#noBrowser(attempt)}
      ${this.#remaining(attempt)}
      ${this.#links(attempt, false)}
    `;
  }

  /** @param {At<"waiting">} attempt */
  #noBrowser({ browser }) {
    if (!browser) return nothing;
    return html`<p class="sign-in-note" role="alert">${ALERT}<span>${t("sign-in-no-browser")}</span></p>`;
  }

  /** @param {At<"waiting">} attempt */
  #remaining({ expires_at }) {
    const left = clock(expires_at - Date.now());
    return html`
      <p class="sign-in-left" role="timer" aria-live="off" data-testid="sign-in-left">
        <span class="sign-in-pulse" aria-hidden="true"></span>${t("sign-in-left", { left })}
      </p>
    `;
  }

  /**
   * @param {At<"waiting">} attempt
   * @param {boolean} first Whether the focus begins here.
   */
  #links(attempt, first) {
    return html`
      <div class="sign-in-foot">
        <button class="button button--quiet" data-testid="sign-in-cancel" @click=${() => this.#cancel()}>${t("action-cancel")}</button>
        <button class="button" data-testid="sign-in-copy-link" @click=${() => this.#copy("link", () => accounts.link())}>
          ${this.copied === "link" ? html`${CHECK}${t("sign-in-copied")}` : html`${COPY}${t("sign-in-copy-link")}`}
        </button>
        <button
          class="button button--primary"
          data-testid="sign-in-open-again"
          ?data-begin=${first}
          @click=${() => this.#do(() => accounts.openAgain())}
        >
          ${t(attempt.browser ? "sign-in-open" : "sign-in-open-again")}
        </button>
      </div>
    `;
  }

  // ---- somebody arrived -----------------------------------------------------------------------------------------------------

  /** @param {At<"arrived">} attempt */
  #arrived(attempt) {
    const { method, provider, subject, name, email } = attempt;
    const called = personName(attempt);
    return html`
      <h2>${t("sign-in-arrived-title")}</h2>
      <div class="sign-in-person">
        <span class="avatar sign-in-avatar" aria-hidden="true">${initial(called)}</span>
        <div>
          <p class="sign-in-name" data-testid="identity-name" dir="auto">${called}</p>
          <p class="hint" data-testid="identity-email" dir="auto">${email && name ? email : email ? nothing : t("sign-in-no-email")}</p>
          <p class="hint">${t("sign-in-vouched", { provider: providerName(method, provider) })}</p>
        </div>
      </div>
      <details class="sign-in-claims">
        <summary>${t("sign-in-claims")}</summary>
        <dl>
          ${this.#claim("name", name ?? t("sign-in-claim-none"))}
          ${this.#claim("email", email ?? t("sign-in-claim-none"))}
          ${this.#claim("subject", subject)}
          ${this.#claim("provider", provider)}
          ${this.#claim("method", t(`sign-in-method-${method}`))}
        </dl>
      </details>
      <p class="hint">${t("sign-in-arrived-help")}</p>
      <div class="sign-in-foot">
        <button
          class="button"
          data-testid="identity-cancel"
          data-provider=${provider}
          data-subject=${subject}
          ?disabled=${this.busy}
          @click=${() => this.#cancel()}
        >
          ${t("sign-in-not-me")}
        </button>
        <button
          class="button button--primary"
          data-begin
          data-testid="identity-confirm"
          data-provider=${provider}
          data-subject=${subject}
          ?disabled=${this.busy}
          @click=${() => this.#confirm()}
        >
          ${t("sign-in-confirm")}
        </button>
      </div>
    `;
  }

  /**
   * @param {"name" | "email" | "subject" | "provider" | "method"} what
   * @param {string} value
   */
  #claim(what, value) {
    return html`<div><dt>${t(`sign-in-claim-${what}`)}</dt><dd dir="auto">${value}</dd></div>`;
  }

  // ---- the end --------------------------------------------------------------------------------------------------------------

  /** @param {At<"failed">} attempt */
  #failed({ method, provider, error }) {
    const others = accounts.ways.some((way) => way.method !== "api-key" && way.method !== method);
    const held = error.code === "port-taken" ? /^port (\d+): (.+)$/.exec(error.detail ?? "") : null;
    return html`
      <h2>${t("sign-in-failed-title")}</h2>
      <c6-error class="sign-in-error" data-testid="sign-in-failed" data-code=${error.code} .error=${error}></c6-error>
      ${held ? html`<p class="sign-in-note">${ALERT}<span>${t("sign-in-port-held", { port: held[1] ?? "", program: held[2] ?? "" })}</span></p>` : nothing}
      <div class="sign-in-foot">
        <button class="button button--quiet" @click=${() => this.#leave()}>${t("action-close")}</button>
        ${others ? html`<button class="button" @click=${() => this.#cancel()}>${t("sign-in-other-way")}</button>` : nothing}
        <button class="button button--primary" data-begin data-testid="sign-in-retry" ?disabled=${this.busy} @click=${() => this.#do(() => accounts.begin(method))}>
          ${t("sign-in-retry", { provider: providerName(method, provider) })}
        </button>
      </div>
    `;
  }

  /** @param {SignedIn} signed */
  #notKept({ account, not_kept }) {
    return html`
      <h2>${t("sign-in-session-title", { name: personName(account) })}</h2>
      <p class="sign-in-lead">${t("sign-in-session")}</p>
      <c6-error class="sign-in-error" data-testid="sign-in-not-kept" data-code=${not_kept?.code ?? nothing} .error=${not_kept}></c6-error>
      <div class="sign-in-foot">
        <button class="button" data-begin @click=${() => navigation.close()}>${t("sign-in-session-fine")}</button>
        <button class="button button--primary" data-testid="sign-in-keep" @click=${() => navigation.open("settings", { section: "account" })}>
          ${LOCK}${t("sign-in-session-keep")}
        </button>
      </div>
    `;
  }

  // ---- what is done ---------------------------------------------------------------------------------------------------------

  /** @param {() => Promise<unknown>} what */
  async #do(what) {
    this.error = undefined;
    this.copied = undefined;
    this.busy = true;
    try {
      await what();
    } catch (error) {
      this.error = /** @type {AppError} */ (error);
    } finally {
      this.busy = false;
    }
  }

  async #cancel() {
    this.params = {};
    await this.#do(() => accounts.cancel());
  }

  async #leave() {
    await this.#cancel();
    navigation.close();
  }

  async #confirm() {
    await this.#do(async () => {
      const signed = await accounts.confirm();
      const said = t("sign-in-done", { name: personName(signed.account) });
      if (signed.not_kept) this.signed = signed;
      else navigation.close();
      document.dispatchEvent(new CustomEvent("announce", { detail: said }));
    });
  }

  /**
   * @param {"link" | "code"} what
   * @param {() => Promise<string>} read
   */
  async #copy(what, read) {
    await this.#do(async () => {
      if (await copyText(await read())) this.copied = what;
    });
  }
}

customElements.define("c6-sign-in", SignIn);
