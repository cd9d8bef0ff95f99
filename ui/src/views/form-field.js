/**
 * A labelled field of a form: its label, what it is for, and next to it why its value cannot be used. The input names both
 * texts as its description, so that a screen reader reads them with it.
 */
import { html, nothing } from "lit";
import { ifDefined } from "lit/directives/if-defined.js";
import { t } from "../i18n.js";
import "./form-field.css";

/** @import { TemplateResult } from "lit" */
/** @import { Problem } from "./profile-draft.js" */

/**
 * @typedef {object} FieldOptions
 * @property {string} id Of the input; unique in the document.
 * @property {string} path What the core calls the field.
 * @property {string} label
 * @property {string} [help]
 * @property {Problem} [problem]
 * @property {string} value
 * @property {string} [placeholder]
 * @property {"text" | "url" | "decimal" | "numeric"} [kind] Which keys an on-screen keyboard shows; the value stays text.
 * @property {string} [unit] Stands after the input.
 * @property {boolean} [autofocus]
 * @property {(value: string) => void} onInput
 * @property {() => void} [onLeave]
 */

/**
 * @param {FieldOptions} options
 * @returns {TemplateResult}
 */
export function textField(options) {
  const {
    id,
    path,
    label,
    help,
    problem,
    value,
    placeholder,
    kind = "text",
    unit,
    autofocus,
    onInput,
    onLeave,
  } = options;
  const machine = kind !== "text";
  return html`
    <div class="form-field" data-field=${path}>
      <label class="label" for=${id}>${label}</label>
      <span class="form-field-box">
        <input
          class="field"
          type="text"
          id=${id}
          inputmode=${kind}
          autocomplete="off"
          spellcheck="false"
          dir=${machine ? "ltr" : "auto"}
          ?autofocus=${autofocus ?? false}
          placeholder=${ifDefined(placeholder)}
          aria-invalid=${problem !== undefined}
          aria-describedby=${describedBy(id, help, problem) ?? nothing}
          .value=${value}
          @input=${(/** @type {InputEvent} */ event) => onInput(/** @type {HTMLInputElement} */ (event.target).value)}
          @blur=${() => onLeave?.()}
        />
        ${unit ? html`<span class="hint">${unit}</span>` : nothing}
      </span>
      ${fieldNotes(id, help, problem)}
    </div>
  `;
}

/**
 * What an input with this id is described by.
 * @param {string} id
 * @param {string | undefined} help
 * @param {Problem | undefined} problem
 * @returns {string | undefined}
 */
export function describedBy(id, help, problem) {
  const ids = [...(problem ? [`${id}-problem`] : []), ...(help ? [`${id}-help`] : [])];
  return ids.length > 0 ? ids.join(" ") : undefined;
}

/**
 * The two texts under an input.
 * @param {string} id
 * @param {string | undefined} help
 * @param {Problem | undefined} problem
 */
export function fieldNotes(id, help, problem) {
  return html`
    ${problem ? html`<p class="form-field-problem" id=${`${id}-problem`}>${t(problem.id, problem.args)}</p>` : nothing}
    ${help ? html`<p class="hint form-field-help" id=${`${id}-help`}>${help}</p>` : nothing}
  `;
}
