/**
 * What the reader's own verdicts taught about each model, by kind of question; each weight can be set by hand and given back. Nothing
 * here counts by itself: a plan has to say so.
 */
import { html, nothing } from "lit";
import { run } from "../actions.js";
import { call } from "../bridge/index.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { session } from "../state/index.js";
import "./learned.css";

/** @import { AppError, ClassWeights, LearnedWeight, LearnedWeightSet, LearnedWeights } from "../bridge/types.js" */

/** From how many verdicts on learned weights are worth it, by the simulation in `docs/consensus.md`. */
const ENOUGH = 50;

export class Learned extends LightElement {
  static properties = { learned: { state: true }, wrong: { state: true }, error: { state: true } };

  constructor() {
    super();
    /** @type {LearnedWeights | undefined} */
    this.learned = undefined;
    /** Which field holds what cannot be used. @type {string | undefined} */
    this.wrong = undefined;
    /** @type {AppError | undefined} */
    this.error = undefined;
    this.watch(session);
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#exchange(() => call("consensus_weights", null));
  }

  /** @param {() => Promise<LearnedWeights>} ask */
  async #exchange(ask) {
    try {
      this.learned = await ask();
      this.error = undefined;
    } catch (error) {
      this.error = /** @type {AppError} */ (error);
    }
  }

  render() {
    const classes = this.learned?.classes ?? [];
    return html`<p class="hint">${t("learned-lead")}</p>
      <p><button type="button" class="button" data-testid="plan-open" @click=${() => run("plan")}>${t("learned-plans")}</button></p>
      ${this.error ? html`<c6-error .error=${this.error}></c6-error>` : nothing}
      ${
        this.learned === undefined
          ? nothing
          : classes.length === 0
            ? html`<p class="hint" data-testid="learned-none">${t("learned-none")}</p>`
            : classes.map((each) => this.#class(each))
      }`;
  }

  /** @param {ClassWeights} of */
  #class({ class: of, verdicts, models, n_eff: independent }) {
    const notes = [
      t("learned-verdicts", { count: verdicts }),
      verdicts < ENOUGH ? t("learned-few") : undefined,
      independent === undefined
        ? undefined
        : t("vote-neff-value", { value: i18n.number(independent, { maximumFractionDigits: 1 }) }),
    ].filter((each) => each !== undefined);
    return html`<section class="learned" data-testid="learned" data-class=${of}>
      <h4>${t(`class-${of}`)} <span class="hint">${notes.join(" · ")}</span></h4>
      <ul>${models.map((each) => this.#model(of, each))}</ul>
    </section>`;
  }

  /** @param {ClassWeights["class"]} of @param {LearnedWeight} model */
  #model(of, { model, right, judged, learned, edited }) {
    const label = session.labelOf(model);
    const id = `learned-${of}-${model}`;
    const wrong = this.wrong === id;
    const count = (/** @type {number} */ value) => i18n.number(value, { maximumFractionDigits: 1 });
    return html`<li data-testid="learned-weight" data-model=${model} data-edited=${edited !== undefined}>
      <span class="dot" data-hue=${session.hueOf(model) ?? nothing}></span>
      <span class="learned-name">${label}<span class="hint">${t("learned-right", { right: count(right), judged: count(judged) })}${edited === undefined ? nothing : ` · ${t("learned-set")}`}</span></span>
      ${
        edited === undefined
          ? nothing
          : html`<button type="button" class="button button--quiet" data-testid="learned-reset" @click=${() => this.#set({ class: of, model })}>${t("learned-reset")}</button>`
      }
      <input class="field learned-field" type="text" inputmode="decimal" autocomplete="off" dir="ltr"
        aria-label=${t("learned-weight", { model: label, class: t(`class-${of}`) })}
        aria-invalid=${wrong}
        aria-describedby=${wrong ? `${id}-problem` : nothing}
        .value=${i18n.number(edited ?? learned, { maximumFractionDigits: 2, useGrouping: false })}
        @change=${(/** @type {Event} */ event) => this.#typed(of, model, id, /** @type {HTMLInputElement} */ (event.target).value)} />
      ${wrong ? html`<p class="form-field-problem" id=${`${id}-problem`}>${t("plan-problem-weight")}</p>` : nothing}
    </li>`;
  }

  /** @param {ClassWeights["class"]} of @param {string} model @param {string} id @param {string} text */
  #typed(of, model, id, text) {
    const weight = text.trim() === "" ? Number.NaN : Number(text.trim().replace(",", "."));
    const right = Number.isFinite(weight) && weight >= 0;
    this.wrong = right ? undefined : id;
    if (right) void this.#set({ class: of, model, weight });
  }

  /** @param {LearnedWeightSet} set */
  async #set(set) {
    this.wrong = undefined;
    await this.#exchange(() => call("consensus_weights_set", set));
  }
}

customElements.define("c6-learned", Learned);
