/**
 * Plans of asking several models: who answers, how much each counts, how that becomes one answer, under a name. What cannot be used
 * says so next to its field and is not written. The core has the last word on every plan.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { delivered, draftOf, inUse, kept, METHODS, moved, numberOf, planOf } from "../plan.js";
import { conversation, health, session, settings } from "../state/index.js";
import { fieldNotes, textField } from "./form-field.js";
import { CLOSE } from "./icons.js";
import "./dialog.css";
import "./form-field.css";
import "./plan/plan.css";

/** @import { AppError, ConsensusMethod, ConsensusSettings } from "../bridge/types.js" */
/** @import { PlanDraft } from "../plan.js" */

export class Plan extends LightElement {
  static properties = {
    params: { attribute: false },
    draft: { state: true },
    former: { state: true },
    tried: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    /** @type {Readonly<Record<string, string>>} */
    this.params = {};
    /** The preset that is being edited; absent for a new one. @type {string | undefined} */
    this.former = undefined;
    /** @type {PlanDraft} */
    this.draft = draftOf(delivered(), session.models, "");
    /** Whether everything that is wrong is to be said. */
    this.tried = false;
    /** @type {AppError | undefined} */
    this.error = undefined;
    this.#edit(settings.values.consensus.preset);
    this.watch(session, settings, health);
  }

  get #presets() {
    return settings.values.consensus.presets;
  }

  /** @param {string | undefined} name A preset; a new plan where absent. */
  #edit(name) {
    const { consensus } = settings.values;
    this.former = name;
    this.tried = false;
    this.error = undefined;
    const plan = name === undefined ? delivered() : inUse({ presets: consensus.presets, preset: name });
    const draft = draftOf(plan, session.models, name ?? this.#freeName());
    const local = (/** @type {string} */ weight) =>
      i18n.number(Number(weight), { maximumFractionDigits: 4, useGrouping: false });
    this.draft = { ...draft, members: draft.members.map((each) => ({ ...each, weight: local(each.weight) })) };
  }

  /** A name that no preset has. */
  #freeName() {
    const base = t("plan-name-first");
    const taken = new Set(this.#presets.map(({ name }) => name));
    if (!taken.has(base)) return base;
    let number = 2;
    while (taken.has(`${base} ${number}`)) number += 1;
    return `${base} ${number}`;
  }

  /** @param {Partial<PlanDraft>} change */
  #change(change) {
    this.draft = { ...this.draft, ...change };
  }

  get #read() {
    const taken = this.#presets.map(({ name }) => name).filter((name) => name !== this.former);
    return planOf(this.draft, taken);
  }

  render() {
    const { draft } = this;
    const { problems } = this.#read;
    // A name is not missed before somebody tried to save without it.
    const shown = this.tried
      ? problems
      : Object.fromEntries(Object.entries(problems).filter(([field]) => field !== "name"));
    const alone = draft.method === "self-consistency";
    const judged = draft.method === "judge" || draft.method === "synthesis";
    return html`<form class="dialog plan" data-testid="plan" @submit=${this.#save}>
      <header class="dialog-head">
        <h2>${t("plan-title")}</h2>
        <button type="button" class="action" aria-label=${t("action-close")} @click=${() => navigation.close()}>${CLOSE}</button>
      </header>
      <p class="dialog-lead">${t("plan-lead")}</p>
      ${this.#list()}
      <div class="plan-form">
        ${textField({ id: "plan-name", path: "name", label: t("plan-name"), problem: shown.name, value: draft.name, autofocus: true, onInput: (name) => this.#change({ name }) })}
        <fieldset class="plan-methods">
          <legend class="label">${t("plan-method")}</legend>
          <div class="choices">${this.#methods().map((method) => this.#method(method))}</div>
        </fieldset>
        <fieldset class="plan-members" data-field="members">
          <legend class="label">${t("plan-members")}</legend>
          <ul>${draft.members.map((member, place) => this.#member(member, place, shown, alone))}</ul>
          ${fieldNotes("plan-members", undefined, shown.members)}
        </fieldset>
        <div class="plan-numbers">
          ${
            alone
              ? textField({
                  id: "plan-samples",
                  path: "samples",
                  label: t("plan-samples-label"),
                  kind: "numeric",
                  problem: shown.samples,
                  value: draft.samples,
                  onInput: (samples) => this.#change({ samples }),
                })
              : nothing
          }
          ${textField({ id: "plan-quorum", path: "quorum", label: t("plan-quorum"), help: t("plan-quorum-help"), kind: "numeric", problem: shown.quorum, value: draft.quorum, onInput: (quorum) => this.#change({ quorum }) })}
          ${textField({ id: "plan-deadline", path: "deadline_ms", label: t("plan-deadline"), help: t("plan-deadline-help"), kind: "decimal", unit: t("plan-seconds"), problem: shown.deadline, value: draft.deadline, onInput: (deadline) => this.#change({ deadline }) })}
        </div>
        ${judged ? this.#judge() : nothing}
        <div class="form-field">
          <label class="label" for="plan-weights">${t("plan-weights")}</label>
          <select class="field select" id="plan-weights" data-testid="plan-weights" @change=${(/** @type {Event} */ event) => this.#change({ weights: /** @type {HTMLSelectElement} */ (event.target).value === "learned" ? "learned" : "given" })}>
            ${/** @type {const} */ (["given", "learned"]).map((each) => html`<option value=${each} .selected=${draft.weights === each}>${t(`plan-weights-${each}`)}</option>`)}
          </select>
        </div>
        ${draft.method === "server" ? nothing : this.#form()}
      </div>
      ${this.error ? html`<c6-error .error=${this.error}></c6-error>` : nothing}
      <footer class="dialog-foot">
        ${
          this.former === undefined
            ? nothing
            : html`<button type="button" class="button button--danger" data-testid="plan-delete" @click=${this.#delete}>${t("plan-delete")}</button>`
        }
        <span class="dialog-gap"></span>
        <button type="button" class="button" @click=${() => navigation.close()}>${t("action-cancel")}</button>
        <button type="submit" class="button button--primary" data-testid="plan-save">${t("plan-save")}</button>
      </footer>
    </form>`;
  }

  #form() {
    const change = (/** @type {Event} */ event) =>
      this.#change({
        form: /** @type {HTMLSelectElement} */ (event.target).value === "last-line" ? "last-line" : "free",
      });
    return html`<div class="form-field">
      <label class="label" for="plan-form">${t("plan-form")}</label>
      <select class="field select" id="plan-form" data-testid="plan-form" @change=${change}>
        ${/** @type {const} */ (["last-line", "free"]).map((each) => html`<option value=${each} .selected=${this.draft.form === each}>${t(`plan-form-${each}`)}</option>`)}
      </select>
    </div>`;
  }

  #list() {
    const presets = this.#presets;
    const { preset } = settings.values.consensus;
    if (presets.length === 0) return html`<p class="hint">${t("plan-presets-none")}</p>`;
    return html`<ul class="rows plan-presets" aria-label=${t("plan-presets")}>
        ${presets.map(
          (
            { name },
            place,
          ) => html`<li class="row plan-preset" data-testid="plan-preset" data-name=${name} data-active=${name === preset}>
            <button type="button" class="plan-name" aria-label=${t("plan-edit", { name })} aria-current=${name === this.former ? "true" : nothing} @click=${() => this.#edit(name)} dir="auto">${name}</button>
            ${name === preset ? html`<span class="hint">${t("plan-in-use")}</span>` : html`<button type="button" class="button button--quiet" data-testid="plan-use" @click=${() => void this.#write({ presets: [...presets], preset: name })}>${t("plan-use")}</button>`}
            <button type="button" class="action" data-testid="plan-up" aria-label=${t("plan-up", { name })} ?disabled=${place === 0} @click=${() => this.#move(place, -1)}><span aria-hidden="true">↑</span></button>
            <button type="button" class="action" data-testid="plan-down" aria-label=${t("plan-down", { name })} ?disabled=${place === presets.length - 1} @click=${() => this.#move(place, 1)}><span aria-hidden="true">↓</span></button>
          </li>`,
        )}
      </ul>
      <button type="button" class="button plan-new" data-testid="plan-new" @click=${() => this.#edit(undefined)}>${t("plan-new")}</button>`;
  }

  /** The service is only offered where the profile has it. */
  #methods() {
    return METHODS.filter(
      (method) => method !== "server" || session.profile?.profile.services?.consensus !== undefined,
    );
  }

  /** @param {ConsensusMethod} method */
  #method(method) {
    return html`<label class="choice">
      <input type="radio" name="method" value=${method} data-testid=${`method-${method}`} .checked=${this.draft.method === method} @change=${() => this.#useMethod(method)} />
      <span><strong>${t(`method-${method}`)}</strong><span class="hint">${t(`method-${method}-help`)}</span></span>
    </label>`;
  }

  /** @param {ConsensusMethod} method */
  #useMethod(method) {
    const { members } = this.draft;
    const chosen = members.filter((each) => each.chosen);
    if (method === "self-consistency" && chosen.length > 1) {
      const [heaviest] = [...chosen].sort((a, b) => numberOf(b.weight) - numberOf(a.weight));
      this.#change({ method, members: members.map((each) => ({ ...each, chosen: each.model === heaviest?.model })) });
    } else if (this.draft.method === "self-consistency" && method !== "self-consistency") {
      this.#change({ method, members: members.map((each) => ({ ...each, chosen: true })) });
    } else this.#change({ method });
  }

  /**
   * @param {PlanDraft["members"][number]} member
   * @param {number} place
   * @param {Readonly<Record<string, import("./profile-draft.js").Problem>>} problems
   * @param {boolean} alone
   */
  #member({ model, weight, chosen }, place, problems, alone) {
    const label = session.labelOf(model);
    const missing = problems[`member:${model}`];
    const problem = missing ?? problems[`weight:${model}`];
    const set = (/** @type {Partial<PlanDraft["members"][number]>} */ change) =>
      this.#change({
        members: this.draft.members.map((each) =>
          each.model === model ? { ...each, ...change } : alone && change.chosen ? { ...each, chosen: false } : each,
        ),
      });
    return html`<li class="plan-member" data-testid="plan-member" data-model=${model}>
      <label class="plan-model">
        <input type=${alone ? "radio" : "checkbox"} name="member" aria-invalid=${missing ? "true" : nothing} aria-describedby=${missing ? `plan-weight-${place}-problem` : nothing} .checked=${chosen} @change=${(/** @type {Event} */ event) => set({ chosen: /** @type {HTMLInputElement} */ (event.target).checked })} />
        <span class="dot" data-hue=${session.hueOf(model) ?? nothing} data-state=${health.of(model)?.state ?? nothing}></span>
        <span class="plan-label">${label}</span>
      </label>
      ${
        alone
          ? nothing
          : html`<input class="field plan-weight" type="text" inputmode="decimal" autocomplete="off" dir="ltr"
              aria-label=${t("plan-weight", { model: label })} aria-invalid=${problem !== undefined && !missing} aria-describedby=${problem ? `plan-weight-${place}-problem` : nothing}
              ?disabled=${!chosen} .value=${weight}
              @input=${(/** @type {Event} */ event) => set({ weight: /** @type {HTMLInputElement} */ (event.target).value })} />`
      }
      ${fieldNotes(`plan-weight-${place}`, undefined, problem)}
    </li>`;
  }

  #judge() {
    const { judge } = this.draft;
    return html`<div class="form-field">
      <label class="label" for="plan-judge">${t("plan-judge")}</label>
      <select class="field select" id="plan-judge" data-testid="plan-judge" @change=${(/** @type {Event} */ event) => this.#change({ judge: /** @type {HTMLSelectElement} */ (event.target).value })}>
        <option value="" .selected=${judge === ""}>${t("plan-judge-delivered")}</option>
        ${session.models.map(({ id }) => html`<option value=${id} .selected=${judge === id}>${session.labelOf(id)}</option>`)}
      </select>
    </div>`;
  }

  /** @param {Event} event */
  async #save(event) {
    event.preventDefault();
    const { plan, problems } = this.#read;
    this.tried = true;
    if (Object.keys(problems).length > 0) {
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.querySelector('[aria-invalid="true"], .form-field-problem'))?.focus();
      const words = [...this.querySelectorAll(".form-field-problem")].map((each) => each.textContent?.trim() ?? "");
      this.dispatchEvent(new CustomEvent("announce", { bubbles: true, detail: i18n.list(words) }));
      return;
    }
    const name = this.draft.name.trim();
    const written = await this.#write({ presets: kept(this.#presets, this.former, { name, plan }), preset: name });
    if (!written) return;
    if (settings.values.mode !== "consensus") await settings.update({ mode: "consensus" });
    // What was wrong with the plan before is no longer so.
    conversation.dismissError();
    navigation.close();
  }

  async #delete() {
    const { preset } = settings.values.consensus;
    const presets = this.#presets.filter(({ name }) => name !== this.former);
    const still = preset !== undefined && presets.some(({ name }) => name === preset);
    if (await this.#write({ presets, ...(still ? { preset } : {}) })) this.#edit(undefined);
  }

  /** @param {number} place @param {1 | -1} step */
  #move(place, step) {
    void this.#write({ ...settings.values.consensus, presets: moved(this.#presets, place, step) });
  }

  /** @param {ConsensusSettings} consensus @returns {Promise<boolean>} Whether it is kept. */
  async #write(consensus) {
    await settings.update({ consensus });
    this.error = settings.error;
    return this.error === undefined;
  }
}

customElements.define("c6-plan", Plan);
