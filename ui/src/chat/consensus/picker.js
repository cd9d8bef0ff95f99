/**
 * Which plan asks several models: the one as delivered, one of the reader's own, or a new one. A native list under a pill, beside the
 * mode; what the plan consists of is set in a view of its own.
 */
import { html } from "lit";
import { LightElement } from "../../element.js";
import { t } from "../../i18n.js";
import { navigation } from "../../navigation.js";
import { inUse, membersOf } from "../../plan.js";
import { conversation, session, settings } from "../../state/index.js";
import { CARET } from "../icons.js";

const SET_UP = "\u0000set-up";

export class PlanPicker extends LightElement {
  constructor() {
    super();
    this.watch(session, settings);
  }

  /** @param {Event} event */
  #onChange(event) {
    const select = /** @type {HTMLSelectElement} */ (event.target);
    const { value } = select;
    const { presets, preset } = settings.values.consensus;
    if (value === SET_UP) {
      // The list goes back to what is in use.
      select.value = preset ?? "";
      navigation.open("plan");
    } else {
      conversation.dismissError();
      void settings.update({ consensus: value === "" ? { presets } : { presets, preset: value } });
    }
  }

  render() {
    const { consensus } = settings.values;
    const { presets, preset } = consensus;
    const plan = inUse(consensus);
    const count = membersOf(plan, session.models).length;
    const words =
      plan.method === "self-consistency"
        ? t("plan-samples", { count: plan.samples ?? 5 })
        : t("plan-models", { count });
    return html`<span class="pill ${preset === undefined ? "" : "pill--chosen"}">
      <select
        aria-label=${t("plan-label")}
        data-testid="plan-picker"
        data-value=${preset ?? ""}
        title=${t(`method-${plan.method}-help`)}
        @change=${this.#onChange}
      >
        <option value="" data-value="" .selected=${preset === undefined}>${t("plan-delivered", { count: session.models.length })}</option>
        ${presets.map(({ name }) => html`<option value=${name} data-value=${name} .selected=${preset === name}>${name}</option>`)}
        <option value=${SET_UP} data-value="set-up">${t("plan-set-up")}</option>
      </select>
      <span class="pill-text" aria-hidden="true"><span class="pill-name">${preset === undefined ? words : `${preset} · ${words}`}</span>${CARET}</span>
    </span>`;
  }
}

customElements.define("c6-plan-picker", PlanPicker);
