/**
 * The generation parameters of one model at a time. What is empty is not sent: it comes from the profile, and where that says
 * nothing, from the server. Tells changes as `change-settings` events; a value that cannot be used is explained and not told.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { isComposing } from "../ime.js";
import { session, settings } from "../state/index.js";
import { describedBy, fieldNotes, textField } from "./form-field.js";
import { CLOSE } from "./icons.js";
import { COUNT, lengthProblem, readNumber, TEMPERATURE, TOP_P } from "./profile-draft.js";
import "./generation.css";

/** @import { ModelId, Parameters } from "../bridge/types.js" */
/** @import { Limits, Problem } from "./profile-draft.js" */

/** @typedef {"temperature" | "top_p" | "max_tokens" | "seed"} NumberName */
/** @typedef {NumberName | "system_prompt"} TypedName */

/** @type {readonly { name: NumberName, words: string, kind: "decimal" | "numeric", limits: Limits }[]} */
const NUMBERS = [
  { name: "temperature", words: "settings-temperature", kind: "decimal", limits: TEMPERATURE },
  { name: "top_p", words: "settings-top-p", kind: "decimal", limits: TOP_P },
  { name: "max_tokens", words: "settings-max-tokens", kind: "numeric", limits: COUNT },
  { name: "seed", words: "settings-seed", kind: "numeric", limits: { integer: true } },
];

/** The longest instructions, in characters, and the most stop texts that the core takes. */
const PROMPT_MAX = 20_000;
const STOPS_MAX = 16;

/** @type {Readonly<Parameters>} */
const NOTHING = { stop: [], system_prompt: "" };

export class Generation extends LightElement {
  static properties = { model: { state: true }, typed: { state: true } };

  constructor() {
    super();
    /** The model whose parameters are shown. @type {ModelId | undefined} */
    this.model = undefined;
    /**
     * What was typed for this model, as it was typed: nothing of it is lost when it cannot be kept.
     * @type {Readonly<Partial<Record<TypedName, string>>>}
     */
    this.typed = {};
    this.watch(session, settings);
  }

  /** @returns {ModelId | undefined} */
  get #shown() {
    const { models } = session;
    return models.some(({ id }) => id === this.model) ? this.model : models[0]?.id;
  }

  render() {
    const model = this.#shown;
    if (model === undefined) return html`<p class="hint">${t("settings-generation-none")}</p>`;
    const parameters = this.#parameters(model);
    const label = session.labelOf(model);
    const untouched = Object.keys(settings.values.parameters[model] ?? NOTHING).every((name) =>
      isEmpty(parameters[/** @type {keyof Parameters} */ (name)]),
    );
    return html`
      <p class="hint">${t("settings-generation-lead")}</p>
      <div class="generation-head">
        <label class="sr-only" for="generation-model">${t("settings-generation-model")}</label>
        <select class="field select generation-model" id="generation-model" data-testid="parameters-model" @change=${this.#onModel}>
          ${session.models.map(({ id }) => html`<option value=${id} ?selected=${id === model}>${session.labelOf(id)}</option>`)}
        </select>
        <button
          class="button button--quiet"
          data-testid="parameters-reset"
          aria-label=${t("settings-parameters-reset-named", { model: label })}
          ?disabled=${untouched && Object.keys(this.typed).length === 0}
          @click=${() => this.#reset(model)}
        >
          ${t("settings-parameters-reset")}
        </button>
      </div>
      <div class="generation-numbers">${NUMBERS.map((each) => this.#number(model, parameters, each))}</div>
      ${this.#prompt(model, parameters)} ${this.#stops(model, parameters)}
    `;
  }

  /**
   * @param {ModelId} model
   * @returns {Parameters}
   */
  #parameters(model) {
    return { ...NOTHING, ...settings.values.parameters[model] };
  }

  /**
   * @param {ModelId} model
   * @param {Parameters} parameters
   * @param {typeof NUMBERS[number]} number
   */
  #number(model, parameters, { name, words, kind, limits }) {
    const value = parameters[name];
    const text = this.typed[name] ?? (value === undefined ? "" : write(value));
    const problem = readNumber(text, limits).problem ?? this.#refused(model, name);
    return textField({
      id: `generation-${name}`,
      path: `parameters.${name}`,
      label: t(words),
      help: t(`${words}-help`),
      placeholder: this.#otherwise(model, name),
      kind,
      value: text,
      ...(problem ? { problem } : {}),
      onInput: (typed) => {
        this.typed = { ...this.typed, [name]: typed };
        const read = readNumber(typed, limits);
        if (!read.problem) this.#change(model, { [name]: read.value });
      },
    });
  }

  /**
   * What holds where the field is empty.
   * @param {ModelId} model
   * @param {NumberName} name
   */
  #otherwise(model, name) {
    const entry = session.models.find(({ id }) => id === model);
    const value = name === "temperature" || name === "max_tokens" ? entry?.[name] : undefined;
    return value === undefined ? t("settings-from-server") : t("settings-from-profile", { value: write(value) });
  }

  /**
   * @param {ModelId} model
   * @param {Parameters} parameters
   */
  #prompt(model, parameters) {
    const id = "generation-prompt";
    const text = this.typed.system_prompt ?? parameters.system_prompt;
    const problem = lengthProblem(text, PROMPT_MAX) ?? this.#refused(model, "system_prompt");
    const help = t("settings-system-prompt-help");
    return html`
      <div class="form-field" data-field="parameters.system_prompt">
        <label class="label" for=${id}>${t("settings-system-prompt")}</label>
        <textarea
          class="field generation-prompt"
          id=${id}
          data-testid="system-prompt"
          rows="4"
          dir="auto"
          aria-invalid=${problem !== undefined}
          aria-describedby=${describedBy(id, help, problem) ?? nothing}
          .value=${text}
          @input=${(/** @type {InputEvent} */ event) => {
            const typed = /** @type {HTMLTextAreaElement} */ (event.target).value;
            this.typed = { ...this.typed, system_prompt: typed };
            if (!lengthProblem(typed, PROMPT_MAX)) this.#change(model, { system_prompt: typed });
          }}
        ></textarea>
        ${fieldNotes(id, help, problem)}
      </div>
    `;
  }

  /**
   * What the core did not take of this model's parameters, where it was this one.
   * @param {ModelId} model
   * @param {keyof Parameters} name
   * @returns {Problem | undefined}
   */
  #refused(model, name) {
    return settings.error?.field === `parameters.${model}.${name}` ? { id: "field-rejected" } : undefined;
  }

  /**
   * @param {ModelId} model
   * @param {Parameters} parameters
   */
  #stops(model, { stop }) {
    const full = stop.length >= STOPS_MAX;
    return html`
      <fieldset class="generation-stops">
        <legend class="label">${t("settings-stop")}</legend>
        <p class="hint">${t("settings-stop-help")}</p>
        ${
          stop.length > 0
            ? html`<ul>
                ${stop.map(
                  (text, index) => html`<li>
                    <code dir="auto">${text}</code>
                    <button
                      class="button button--quiet generation-remove"
                      aria-label=${t("settings-stop-remove-named", { text })}
                      @click=${() => this.#removeStop(model, stop, index)}
                    >
                      ${CLOSE}
                    </button>
                  </li>`,
                )}
              </ul>`
            : nothing
        }
        ${full ? html`<p class="hint">${t("field-too-many", { max: STOPS_MAX })}</p>` : nothing}
        <div class="generation-add" ?hidden=${full}>
          <input
            class="field"
            type="text"
            autocomplete="off"
            spellcheck="false"
            dir="auto"
            data-testid="stop-text"
            aria-label=${t("settings-stop-new")}
            placeholder=${t("settings-stop-new")}
            @keydown=${(/** @type {KeyboardEvent} */ event) => {
              if (event.key !== "Enter" || isComposing(event)) return;
              event.preventDefault();
              this.#addStop(model, stop);
            }}
          />
          <button class="button" @click=${() => this.#addStop(model, stop)}>${t("settings-stop-add")}</button>
        </div>
      </fieldset>
    `;
  }

  /**
   * @param {ModelId} model
   * @param {string[]} stop
   */
  #addStop(model, stop) {
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector("[data-testid=stop-text]"));
    // White space can be meant; only nothing at all cannot.
    if (!field || field.value === "") {
      field?.focus();
      return;
    }
    if (!stop.includes(field.value)) this.#change(model, { stop: [...stop, field.value] });
    field.value = "";
    field.focus();
  }

  /**
   * @param {ModelId} model
   * @param {string[]} stop
   * @param {number} index
   */
  async #removeStop(model, stop, index) {
    this.#change(model, { stop: stop.filter((_, place) => place !== index) });
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector("[data-testid=stop-text]"))?.focus();
  }

  /** @param {Event} event */
  #onModel(event) {
    this.model = /** @type {HTMLSelectElement} */ (event.target).value;
    this.typed = {};
  }

  /**
   * @param {ModelId} model
   * @param {Partial<Parameters>} change
   */
  #change(model, change) {
    const changed = { ...this.#parameters(model), ...change };
    const kept = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
    this.#tell({ ...settings.values.parameters, [model]: /** @type {Parameters} */ (kept) });
  }

  /** @param {ModelId} model */
  #reset(model) {
    this.typed = {};
    const { [model]: _, ...others } = settings.values.parameters;
    this.#tell(others);
    this.querySelector("select")?.focus();
  }

  /** @param {Record<ModelId, Parameters>} parameters */
  #tell(parameters) {
    this.dispatchEvent(new CustomEvent("change-settings", { detail: { parameters } }));
  }
}

/** @param {Parameters[keyof Parameters]} value */
function isEmpty(value) {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/** @param {number} value */
function write(value) {
  return i18n.number(value, { useGrouping: false, maximumFractionDigits: 12 });
}

customElements.define("c6-generation", Generation);
