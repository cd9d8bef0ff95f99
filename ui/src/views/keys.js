/**
 * The API keys of the profile in use: whether each model has one, and a field to store or replace it. A key goes from the field
 * straight to the system's secret store; nothing can read it back, and it leaves the page as soon as it is sent.
 */
import { html, nothing } from "lit";
import { call } from "../bridge/index.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { isComposing } from "../ime.js";
import { accounts, session } from "../state/index.js";
import "./keys.css";

/** @import { AppError, ErrorCode, KeyStates, ModelEntry, ModelId } from "../bridge/types.js" */

export class Keys extends LightElement {
  static properties = {
    states: { state: true },
    editing: { state: true },
    busy: { state: true },
    failure: { state: true },
    announcement: { state: true },
  };

  /** The profile that the states belong to. @type {unknown} */
  #asked;
  /** Where secrets were kept when they were asked for, and how that went. */
  #keeping = "";

  constructor() {
    super();
    /** @type {KeyStates | undefined} */
    this.states = undefined;
    /** The model whose key is being typed. @type {ModelId | undefined} */
    this.editing = undefined;
    /** The model whose key is being stored or removed. @type {ModelId | undefined} */
    this.busy = undefined;
    /** @type {{ model?: ModelId, error: AppError } | undefined} */
    this.failure = undefined;
    this.announcement = "";
    this.watch(session, accounts);
  }

  willUpdate() {
    const { place, vault, trouble } = accounts.keeping;
    const keeping = [place, vault, trouble].join();
    if (this.#asked === session.profile && this.#keeping === keeping) return;
    this.#asked = session.profile;
    this.#keeping = keeping;
    this.states = undefined;
    this.editing = undefined;
    void this.#ask(() => call("key_states", null));
  }

  /** @param {ErrorCode} code */
  #trouble(code) {
    return html`
      <c6-error class="keys-error" .error=${{ code }}></c6-error>
      <button class="button" data-testid="keys-retry" @click=${() => this.#ask(() => call("key_states", null))}>
        ${t("action-retry")}
      </button>
    `;
  }

  /**
   * @param {() => Promise<KeyStates>} ask
   * @param {ModelId} [model]
   * @returns {Promise<boolean>}
   */
  async #ask(ask, model) {
    this.failure = undefined;
    this.busy = model;
    const profile = session.profile;
    try {
      const states = await ask();
      if (profile === session.profile) this.states = states;
      return true;
    } catch (error) {
      this.failure = { ...(model === undefined ? {} : { model }), error: /** @type {AppError} */ (error) };
      return false;
    } finally {
      this.busy = undefined;
    }
  }

  render() {
    const { states } = this;
    const insecure = (session.profile?.insecure ?? []).map((id) => session.labelOf(id));
    if (session.profile?.origin === "practice") return html`<p class="hint">${t("keys-practice")}</p>`;
    if (session.models.length === 0) return html`<p class="hint">${t("keys-none")}</p>`;
    return html`
      <p class="hint">${t("keys-lead")}</p>
      ${insecure.length > 0 ? html`<p class="hint keys-note">${t("keys-insecure", { models: i18n.list(insecure) })}</p>` : nothing}
      ${states?.trouble ? this.#trouble(states.trouble) : nothing}
      ${this.failure && this.failure.model === undefined ? html`<c6-error class="keys-error" .error=${this.failure.error}></c6-error>` : nothing}
      <ul class="keys" aria-busy=${states === undefined && this.failure === undefined}>
        ${session.models.map((model) => this.#row(model))}
      </ul>
      <p class="sr-only" role="status">${this.announcement}</p>
    `;
  }

  /** @param {ModelEntry} model */
  #row(model) {
    const { id } = model;
    const label = session.labelOf(id);
    const present = this.states?.present.includes(id) ?? false;
    const usable = this.states !== undefined && this.states.trouble === undefined && this.busy === undefined;
    return html`
      <li class="keys-row" data-testid="key" data-model=${id} data-present=${present}>
        <div class="keys-line">
          <span class="dot" data-hue=${session.hueOf(id) ?? nothing}></span>
          <span class="keys-name">${label}</span>
          <span class="hint keys-state">${this.#stateWords(present)}</span>
          ${
            this.editing === id
              ? nothing
              : html`
                  ${
                    present
                      ? html`<button
                          class="button button--quiet"
                          aria-label=${t("keys-clear-named", { model: label })}
                          ?disabled=${!usable}
                          @click=${() => this.#clear(id, label)}
                        >
                          ${t("keys-clear")}
                        </button>`
                      : nothing
                  }
                  <button
                    class="button"
                    data-edit=${id}
                    aria-label=${t(present ? "keys-change-named" : "keys-add-named", { model: label })}
                    ?disabled=${!usable}
                    @click=${() => this.#edit(id)}
                  >
                    ${t(present ? "keys-change" : "keys-add")}
                  </button>
                `
          }
        </div>
        ${this.editing === id ? this.#form(id, label, present) : nothing}
        ${this.failure?.model === id ? html`<c6-error class="keys-error" .error=${this.failure.error}></c6-error>` : nothing}
      </li>
    `;
  }

  /**
   * @param {ModelId} id
   * @param {string} label
   * @param {boolean} present
   */
  #form(id, label, present) {
    const busy = this.busy === id;
    return html`
      <div class="keys-form">
        <input
          class="field"
          type="password"
          autocomplete="off"
          spellcheck="false"
          aria-label=${t(present ? "keys-input-new" : "keys-input", { model: label })}
          placeholder=${t("keys-placeholder")}
          ?readonly=${busy}
          @keydown=${(/** @type {KeyboardEvent} */ event) => this.#onKey(event, id, label)}
        />
        <button
          class="button button--primary"
          aria-label=${t("keys-set-named", { model: label })}
          ?disabled=${busy}
          @click=${() => this.#set(id, label)}
        >
          ${t("keys-set")}
        </button>
        <button class="button button--quiet" ?disabled=${busy} @click=${() => this.#close(id)}>${t("keys-cancel")}</button>
      </div>
    `;
  }

  /**
   * What is said about a key. A store that cannot be asked leaves it open.
   * @param {boolean} present
   */
  #stateWords(present) {
    if (this.states === undefined) return this.failure ? nothing : t("keys-loading");
    return this.states.trouble ? nothing : t(present ? "keys-present" : "keys-absent");
  }

  /** @returns {HTMLInputElement | null} */
  get #field() {
    return this.querySelector("input[type=password]");
  }

  /**
   * @param {KeyboardEvent} event
   * @param {ModelId} id
   * @param {string} label
   */
  #onKey(event, id, label) {
    if (isComposing(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void this.#set(id, label);
    } else if (event.key === "Escape") {
      // Only the field is left, not the dialog around it.
      event.preventDefault();
      event.stopPropagation();
      void this.#close(id);
    }
  }

  /** @param {ModelId} id */
  async #edit(id) {
    this.editing = id;
    this.failure = undefined;
    await this.updateComplete;
    this.#field?.focus();
  }

  /** @param {ModelId} id */
  async #close(id) {
    this.editing = undefined;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector(`[data-edit="${CSS.escape(id)}"]`))?.focus();
  }

  /**
   * @param {ModelId} model
   * @param {string} label
   */
  async #set(model, label) {
    const key = this.#field?.value.trim() ?? "";
    if (key === "") {
      this.#field?.focus();
      return;
    }
    if (await this.#ask(() => call("key_set", { model, key }), model)) {
      this.announcement = t("keys-saved", { model: label });
      await this.#close(model);
    }
  }

  /**
   * @param {ModelId} model
   * @param {string} label
   */
  async #clear(model, label) {
    if (await this.#ask(() => call("key_clear", { model }), model)) {
      this.announcement = t("keys-cleared", { model: label });
      await this.#close(model);
    }
  }
}

customElements.define("c6-keys", Keys);
