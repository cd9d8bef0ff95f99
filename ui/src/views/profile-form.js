/**
 * A profile as a form: the models and where they are, how to reach them, and what else the fleet has. Everything stays text
 * until it is saved; what cannot be used is explained next to its field, by the rules of `profile-draft.js` first and by the
 * core's own answer in any case. Contacts the addresses only for a test that somebody asks for.
 *
 * Events: `profile-saved` with `{ id, use }`, `profile-deleted`, `profile-left`.
 */
import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { call } from "../bridge/index.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { session } from "../state/index.js";
import "./confirm.js";
import { endpointTest } from "./endpoint-test.js";
import { fieldNotes, textField } from "./form-field.js";
import { BACK, DOWN, REMOVE, UP } from "./icons.js";
import "./keys.js";
import { draftOf, emptyDraft, modelDraft, readDraft, SERVICES, TIERS } from "./profile-draft.js";
import "./profile-form.css";

/** @import { AppError, EndpointTest, ProfileId, ProfileOrigin, Tier } from "../bridge/types.js" */
/** @import { Confirm } from "./confirm.js" */
/** @import { FieldOptions } from "./form-field.js" */
/** @import { ModelDraft, NetworkDraft, Problem, ProfileDraft } from "./profile-draft.js" */

/**
 * What the form begins with: an existing profile, by its id (an example becomes a copy), or a draft.
 * @typedef {{ id: ProfileId } | { draft: ProfileDraft }} Start
 */

/**
 * @typedef {object} Test
 * @property {"running" | "done"} state
 * @property {Map<number, EndpointTest>} results By the key of the model.
 * @property {string} of The draft that was tested, to notice changes.
 */

/**
 * The fields of a model that are lines of text.
 * @type {Record<Exclude<keyof ModelDraft, "key" | "tier">, Pick<FieldOptions, "label" | "placeholder"> & { kind: FieldOptions["kind"] }>}
 */
const MODEL_FIELDS = {
  id: { label: "form-id", kind: "url" },
  label: { label: "form-label", kind: "text" },
  url: { label: "form-url", kind: "url", placeholder: "http://127.0.0.1:8000/v1" },
  weight: { label: "form-weight", kind: "decimal" },
  context: { label: "form-context", kind: "numeric" },
  temperature: { label: "form-temperature", kind: "decimal" },
  max_tokens: { label: "form-max-tokens", kind: "numeric" },
};

/** Those of them that most people leave alone. */
const MORE_FIELDS = /** @type {const} */ (["weight", "context", "temperature", "max_tokens"]);

/** @type {readonly { name: keyof NetworkDraft, label: string, help?: string, placeholder?: string }[]} */
const NETWORK_FIELDS = [
  { name: "ca_file", label: "form-ca-file", help: "form-ca-file-help", placeholder: "fleet-ca.pem" },
  { name: "proxy", label: "form-proxy", help: "form-proxy-help", placeholder: "http://127.0.0.1:3128" },
  { name: "connect_timeout_s", label: "form-connect-timeout" },
  { name: "first_token_timeout_s", label: "form-first-token-timeout" },
  { name: "idle_timeout_s", label: "form-idle-timeout" },
];

export class ProfileForm extends LightElement {
  static properties = {
    start: { attribute: false },
    draft: { state: true },
    origin: { state: true },
    visited: { state: true },
    submitted: { state: true },
    saving: { state: true },
    error: { state: true },
    test: { state: true },
    announcement: { state: true },
    refused: { state: true },
  };

  /** @type {AbortController | undefined} */
  #connection;
  /** The draft as it was loaded or saved. */
  #clean = "";

  constructor() {
    super();
    /** @type {Start} */
    this.start = { draft: emptyDraft() };
    /** @type {ProfileDraft | undefined} */
    this.draft = undefined;
    /** Where the profile that is edited comes from; absent for a new one. @type {ProfileOrigin | undefined} */
    this.origin = undefined;
    /** Paths of the fields that were left once: their problems are shown. @type {ReadonlySet<string>} */
    this.visited = new Set();
    /** Whether saving was tried: all problems are shown. */
    this.submitted = false;
    this.saving = false;
    /** @type {AppError | undefined} */
    this.error = undefined;
    /** @type {Test | undefined} */
    this.test = undefined;
    this.announcement = "";
    /** Whether the core does not delete this file. */
    this.refused = false;
    this.watch(session);
  }

  /** The profile that saving replaces; absent where saving makes a new one. @returns {ProfileId | undefined} */
  get replaces() {
    return this.origin === "file" && "id" in this.start ? this.start.id : undefined;
  }

  get dirty() {
    return this.draft !== undefined && written(this.draft) !== this.#clean;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#connection = new AbortController();
    void this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.abort();
  }

  firstUpdated() {
    // Inside a dialog, Escape and a click beside it would close it with everything that was typed.
    const dialog = this.closest("dialog");
    const signal = this.#connection?.signal;
    if (!dialog || !signal) return;
    const guard = (/** @type {Event} */ event) => {
      if (event.target !== dialog || !this.dirty) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void this.#leave();
    };
    dialog.addEventListener("cancel", guard, { signal, capture: true });
    dialog.addEventListener("pointerdown", guard, { signal, capture: true });
  }

  async #load() {
    const { start } = this;
    if ("draft" in start) {
      this.#begin(start.draft, undefined);
      return;
    }
    try {
      const { profile, origin } = await call("profile_read", { id: start.id });
      const write = (/** @type {number} */ value) =>
        i18n.number(value, { useGrouping: false, maximumFractionDigits: 12 });
      this.#begin(draftOf(profile, write), origin);
    } catch (error) {
      this.error = /** @type {AppError} */ (error);
    }
  }

  /**
   * @param {ProfileDraft} draft
   * @param {ProfileOrigin | undefined} origin
   */
  #begin(draft, origin) {
    this.draft = draft;
    this.origin = origin;
    // A draft that comes from elsewhere, such as servers that were found, is not saved yet.
    this.#clean = written(origin === undefined ? emptyDraft() : draft);
    void this.updateComplete.then(() =>
      /** @type {HTMLElement | null} */ (this.querySelector("#profile-name"))?.focus(),
    );
  }

  render() {
    const { draft } = this;
    const title = this.replaces ? "form-title-edit" : this.origin ? "form-title-copy" : "form-title-new";
    return html`
      <div class="profile-form" data-testid="profile-form">
        <header class="profile-form-head">
          <button class="button button--quiet profile-form-back" @click=${this.#leave}>${BACK}${t("form-back")}</button>
          <h2>${t(title)}</h2>
          <p class="hint">${t("form-lead")}</p>
        </header>
        ${draft ? this.#form(draft) : nothing}
        ${draft || this.error ? nothing : html`<p class="hint">${t("form-loading")}</p>`}
        ${this.error && !this.#placed(this.error) ? html`<c6-error .error=${this.error}></c6-error>` : nothing}
        ${this.refused ? html`<p class="hint" role="alert">${t("form-delete-refused")}</p>` : nothing}
        ${draft ? this.#buttons() : nothing}
        <p class="sr-only" role="status">${this.announcement}</p>
        <c6-confirm></c6-confirm>
      </div>
    `;
  }

  /** @param {ProfileDraft} draft */
  #form(draft) {
    return html`
      ${this.#field({
        id: "profile-name",
        path: "name",
        label: t("form-name"),
        placeholder: t("form-name-placeholder"),
        value: draft.name,
        onInput: (name) => this.#change({ ...draft, name }),
      })}
      <section class="profile-form-section">
        <h3>${t("form-models")}</h3>
        <p class="hint">${t("form-models-help")}</p>
        ${this.#problem("models") ? fieldNotes("profile-models", undefined, this.#problem("models")) : nothing}
        <ol class="profile-form-models">
          ${repeat(
            draft.models,
            (model) => model.key,
            (model, index) => this.#model(model, index, draft.models.length),
          )}
        </ol>
        <button class="button" data-testid="model-add" @click=${this.#addModel}>${t("form-model-add")}</button>
      </section>
      ${this.#network(draft)} ${this.#services(draft)}
      ${draft.oidc ? html`<p class="hint">${t("form-oidc-kept", { issuer: draft.oidc.issuer })}</p>` : nothing}
      <section class="profile-form-section">
        <h3>${t("keys-title")}</h3>
        ${
          this.replaces !== undefined && this.replaces === session.profile?.id
            ? html`<c6-keys></c6-keys>`
            : html`<p class="hint">${t("keys-form-active")}</p>`
        }
      </section>
    `;
  }

  /**
   * @param {ModelDraft} model
   * @param {number} index
   * @param {number} count
   */
  #model(model, index, count) {
    const at = `models[${index}]`;
    const id = `profile-model-${model.key}`;
    const name = nameOf(model, index);
    const legend = model.label || model.id ? t("form-model-named", { position: index + 1, name }) : name;
    const set = (/** @type {Partial<ModelDraft>} */ change) => this.#setModel(model.key, change);
    const field = (/** @type {keyof typeof MODEL_FIELDS} */ key) => {
      const { label, ...rest } = MODEL_FIELDS[key];
      return this.#field({
        ...rest,
        id: `${id}-${key}`,
        path: `${at}.${key}`,
        label: t(label),
        help: t(`${label}-help`),
        value: model[key],
        onInput: (value) => set({ [key]: value }),
      });
    };
    const wrong = MORE_FIELDS.some((key) => this.#problem(`${at}.${key}`) !== undefined);
    const result = this.test?.results.get(model.key);
    const up = { what: "up", sign: UP, label: t("form-model-up-named", { name }), disabled: index === 0 };
    const down = {
      what: "down",
      sign: DOWN,
      label: t("form-model-down-named", { name }),
      disabled: index === count - 1,
    };
    const remove = { what: "remove", sign: REMOVE, label: t("form-model-remove-named", { name }), disabled: false };
    return html`
      <li class="profile-form-model" data-key=${model.key}>
        <fieldset>
          <legend class="sr-only">${legend}</legend>
          <div class="profile-form-bar">
            <span class="profile-form-legend" aria-hidden="true">${legend}</span>
            ${this.#iconButton(up, () => this.#move(index, index - 1))}
            ${this.#iconButton(down, () => this.#move(index, index + 1))}
            ${this.#iconButton(remove, () => this.#remove(index))}
          </div>
          <div class="profile-form-grid">
            ${field("id")} ${field("label")} ${field("url")}
            <div class="form-field" data-field=${`${at}.tier`}>
              <label class="label" for=${`${id}-tier`}>${t("form-tier")}</label>
              <select
                class="field select"
                id=${`${id}-tier`}
                .value=${model.tier}
                @change=${(/** @type {Event} */ event) => {
                  set({ tier: /** @type {Tier} */ (/** @type {HTMLSelectElement} */ (event.target).value) });
                }}
              >
                ${TIERS.map(
                  (tier) =>
                    html`<option value=${tier} ?selected=${tier === model.tier}>${t(`form-tier-${tier}`)}</option>`,
                )}
              </select>
            </div>
          </div>
          <details class="profile-form-more" ?open=${wrong}>
            <summary>${t("form-more")}</summary>
            <div class="profile-form-grid profile-form-grid--four">${MORE_FIELDS.map(field)}</div>
          </details>
          ${result ? endpointTest(result, { name, id: model.id.trim() }, (picked) => set({ id: picked })) : nothing}
        </fieldset>
      </li>
    `;
  }

  /**
   * @param {{ what: string, sign: unknown, label: string, disabled: boolean }} button
   * @param {() => void} act
   */
  #iconButton({ what, sign, label, disabled }, act) {
    return html`
      <button
        class="button button--quiet profile-form-icon"
        data-do=${what}
        aria-label=${label}
        title=${label}
        ?disabled=${disabled}
        @click=${act}
      >
        ${sign}
      </button>
    `;
  }

  /** @param {ProfileDraft} draft */
  #network(draft) {
    const { network } = draft;
    const field = (/** @type {typeof NETWORK_FIELDS[number]} */ { name, label, help, placeholder }) =>
      this.#field({
        id: `profile-${name}`,
        path: `network.${name}`,
        label: t(label),
        ...(help ? { help: t(help), kind: "url" } : { unit: t("form-seconds"), kind: "numeric" }),
        ...(placeholder ? { placeholder } : {}),
        value: network[name],
        onInput: (value) => this.#change({ ...draft, network: { ...network, [name]: value } }),
      });
    const wrong = NETWORK_FIELDS.some(({ name }) => this.#problem(`network.${name}`) !== undefined);
    const [authority, proxy, ...timeouts] = NETWORK_FIELDS;
    return html`
      <details class="profile-form-section" ?open=${wrong}>
        <summary><h3>${t("form-network")}</h3><span class="hint">${t("form-network-summary")}</span></summary>
        <div class="profile-form-grid">${[authority, proxy].map((each) => each && field(each))}</div>
        <div class="profile-form-grid profile-form-grid--three">${timeouts.map(field)}</div>
      </details>
    `;
  }

  /** @param {ProfileDraft} draft */
  #services(draft) {
    return html`
      <details class="profile-form-section" ?open=${SERVICES.some((service) => this.#problem(`services.${service}`))}>
        <summary><h3>${t("form-services")}</h3><span class="hint">${t("form-services-summary")}</span></summary>
        <p class="hint">${t("form-services-help")}</p>
        <div class="profile-form-grid">
          ${SERVICES.map((service) =>
            this.#field({
              id: `profile-service-${service}`,
              path: `services.${service}`,
              label: t(`service-${service}`),
              value: draft.services[service],
              kind: "url",
              onInput: (value) => this.#change({ ...draft, services: { ...draft.services, [service]: value } }),
            }),
          )}
        </div>
      </details>
    `;
  }

  #buttons() {
    const active = this.replaces !== undefined && this.replaces === session.profile?.id;
    const running = this.test?.state === "running";
    return html`
      <footer class="profile-form-foot">
        <div class="profile-form-test">
          <button class="button" data-testid="profile-test" aria-describedby="profile-test-lead" ?disabled=${running} @click=${this.#runTest}>
            ${running ? t("form-test-running") : t("form-test")}
          </button>
          <p class="hint" id="profile-test-lead">${this.#testWords()}</p>
        </div>
        <div class="profile-form-actions">
          ${
            this.replaces !== undefined
              ? html`<button
                  class="button button--quiet button--danger profile-form-delete"
                  data-testid="profile-delete"
                  ?disabled=${active || this.saving}
                  title=${active ? t("form-delete-active") : nothing}
                  @click=${this.#delete}
                >
                  ${t("form-delete")}
                </button>`
              : nothing
          }
          ${
            active
              ? nothing
              : html`<button
                  class="button"
                  data-testid="profile-save"
                  ?disabled=${this.saving}
                  @click=${() => this.#save(false)}
                >
                  ${t("form-save")}
                </button>`
          }
          <button class="button button--primary" data-testid="profile-use" ?disabled=${this.saving} @click=${() => this.#save(true)}>
            ${this.saving ? t("form-saving") : active ? t("form-save") : t("form-save-use")}
          </button>
        </div>
      </footer>
    `;
  }

  /** @returns {string} */
  #testWords() {
    const { test } = this;
    if (test?.state !== "done") return t("form-test-lead");
    const results = [...test.results.values()];
    const summary = t("form-test-summary", { ok: results.filter(({ error }) => !error).length, count: results.length });
    return test.of === written(this.draft) ? summary : `${summary} ${t("form-test-stale")}`;
  }

  /** @param {Omit<FieldOptions, "problem">} options */
  #field(options) {
    const problem = this.#problem(options.path);
    return textField({
      ...options,
      ...(problem ? { problem } : {}),
      onLeave: () => {
        // Passing through an empty field on the way to another is no mistake yet.
        if (options.value.trim() !== "") this.visited = new Set([...this.visited, options.path]);
      },
    });
  }

  /**
   * The problem that is shown at a field, if any.
   * @param {string} path
   * @returns {Problem | undefined}
   */
  #problem(path) {
    if (!this.draft) return undefined;
    if (this.error?.field === path) return { id: "field-rejected" };
    const problem = readDraft(this.draft).problems.get(path);
    return this.submitted || this.visited.has(path) ? problem : undefined;
  }

  /**
   * Whether an error stands at a field of the form.
   * @param {AppError} error
   */
  #placed({ field }) {
    return field !== undefined && this.querySelector(`[data-field="${CSS.escape(field)}"]`) !== null;
  }

  /** @param {ProfileDraft} draft */
  #change(draft) {
    this.draft = draft;
    this.error = undefined;
  }

  /**
   * @param {number} key
   * @param {Partial<ModelDraft>} change
   */
  #setModel(key, change) {
    const { draft } = this;
    if (!draft) return;
    this.#change({
      ...draft,
      models: draft.models.map((model) => (model.key === key ? { ...model, ...change } : model)),
    });
  }

  async #addModel() {
    const { draft } = this;
    if (!draft) return;
    const before = draft.models.at(-1);
    // Several models often stand behind one address.
    const model = modelDraft(before ? { url: before.url } : {});
    this.#change({ ...draft, models: [...draft.models, model] });
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector(`#profile-model-${model.key}-id`))?.focus();
  }

  /** @param {number} index */
  async #remove(index) {
    const { draft } = this;
    const model = draft?.models[index];
    if (!draft || !model) return;
    this.#change({ ...draft, models: draft.models.filter((each) => each !== model) });
    this.announcement = t("form-model-removed", { name: nameOf(model, index) });
    await this.updateComplete;
    const next = this.draft?.models[Math.min(index, draft.models.length - 2)];
    const target = next ? `[data-key="${next.key}"] [data-do=remove]` : "[data-testid=model-add]";
    /** @type {HTMLElement | null} */ (this.querySelector(target))?.focus();
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  async #move(from, to) {
    const { draft } = this;
    const model = draft?.models[from];
    if (!draft || !model) return;
    const models = draft.models.filter((each) => each !== model);
    models.splice(to, 0, model);
    this.#change({ ...draft, models });
    this.announcement = t("form-model-moved", { name: nameOf(model, from), position: to + 1, count: models.length });
    await this.updateComplete;
    // The focus goes with the model; at an end, the button that still does something takes it.
    const way = to < from ? "up" : "down";
    const other = way === "up" ? "down" : "up";
    const button = (/** @type {string} */ what) =>
      /** @type {HTMLButtonElement | null} */ (this.querySelector(`[data-key="${model.key}"] [data-do=${what}]`));
    (button(way)?.disabled ? button(other) : button(way))?.focus();
  }

  async #runTest() {
    const { draft } = this;
    if (!draft || !(await this.#valid())) return;
    const of = written(draft);
    this.error = undefined;
    this.test = { state: "running", results: new Map(), of };
    try {
      const results = await call("profile_test", readDraft(draft).profile);
      // One result per model, in the order of the profile.
      this.test = {
        state: "done",
        results: new Map(results.map((each, index) => [draft.models[index]?.key ?? -1, each])),
        of,
      };
      this.announcement = this.#testWords();
    } catch (error) {
      this.test = undefined;
      this.error = /** @type {AppError} */ (error);
    }
  }

  /** @returns {Promise<boolean>} Whether the draft can be used; if not, shows why and goes to the first problem. */
  async #valid() {
    if (!this.draft) return false;
    const { problems } = readDraft(this.draft);
    if (problems.size === 0) return true;
    this.submitted = true;
    this.announcement = t("form-errors", { count: problems.size });
    await this.#focusField([...problems.keys()][0]);
    return false;
  }

  /** @param {string | undefined} path */
  async #focusField(path) {
    await this.updateComplete;
    const field = this.querySelector(`[data-field="${CSS.escape(path ?? "")}"]`);
    /** @type {HTMLElement | null | undefined} */ (field?.querySelector("input, select"))?.focus();
  }

  /** @param {boolean} use Whether the profile is put to use, too. */
  async #save(use) {
    if (!this.draft || this.saving || !(await this.#valid()) || !this.draft) return;
    const { profile } = readDraft(this.draft);
    this.saving = true;
    this.error = undefined;
    try {
      const { id } = await session.saveProfile(profile, this.replaces);
      this.#clean = written(this.draft);
      this.#tell("profile-saved", { id, use });
    } catch (error) {
      this.error = /** @type {AppError} */ (error);
      await this.#focusField(this.error.field);
    } finally {
      this.saving = false;
    }
  }

  async #delete() {
    const { replaces: id, draft } = this;
    const yes = await this.#confirm?.ask({
      title: t("form-delete-title", { name: draft?.name ?? "" }),
      help: t("form-delete-help"),
      yes: t("form-delete-confirm"),
    });
    if (!yes || id === undefined) return;
    this.refused = false;
    try {
      await session.deleteProfile(id);
      this.#tell("profile-deleted", { id });
    } catch (error) {
      const { code } = /** @type {AppError} */ (error);
      this.refused = code === "invalid-input";
      this.error = this.refused ? undefined : /** @type {AppError} */ (error);
    }
  }

  async #leave() {
    if (this.dirty) {
      const yes = await this.#confirm?.ask({
        title: t("form-discard-title"),
        help: t("form-discard-help"),
        yes: t("form-discard-confirm"),
        no: t("form-discard-stay"),
      });
      if (!yes) return;
    }
    this.#tell("profile-left", {});
  }

  /** @returns {Confirm | null} */
  get #confirm() {
    return this.querySelector("c6-confirm");
  }

  /**
   * @param {"profile-saved" | "profile-deleted" | "profile-left"} name
   * @param {Record<string, unknown>} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/**
 * What somebody has written, to compare; the keys of models are ours.
 * @param {ProfileDraft | undefined} draft
 * @returns {string}
 */
function written(draft) {
  return JSON.stringify(draft, (name, value) => (name === "key" ? undefined : value));
}

/**
 * @param {ModelDraft} model
 * @param {number} index
 * @returns {string}
 */
function nameOf(model, index) {
  return model.label.trim() || model.id.trim() || t("form-model", { position: index + 1 });
}

customElements.define("c6-profile-form", ProfileForm);
