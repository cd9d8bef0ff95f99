/**
 * How the endpoints do: a dot and a name each, always in sight, and the details on request. A dot's hue is the model's, its shape
 * the state, and the words say it too.
 */
import { html, nothing } from "lit";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { health, session } from "../state/index.js";
import "./health.css";

/** @import { EndpointState } from "../bridge/types.js" */

/**
 * A moment of today as a time, an older one as a date.
 * @param {number} moment
 */
function since(moment) {
  return Date.now() - moment < 20 * 3600 * 1000 ? i18n.time(moment) : i18n.date(moment);
}

/**
 * The details of one endpoint, here and in the inspector: how it stands and since when, and in a line below what else is known.
 * @param {EndpointState} endpoint
 */
export function endpointDetails(endpoint) {
  const standing = t(`health-${endpoint.state}`);
  const more = [
    endpoint.state !== "down" && endpoint.latency_ms !== undefined
      ? t(endpoint.latency_ms < 1 ? "health-latency-least" : "health-latency", { ms: i18n.number(endpoint.latency_ms) })
      : undefined,
    endpoint.scripted ? t("health-scripted") : undefined,
  ].filter((each) => each !== undefined);
  return html`<span class="endpoint-line"
      >${endpoint.state === "unknown" ? standing : `${standing} ${t("health-since", { time: since(endpoint.since) })}`}</span
    >
    ${more.length === 0 ? nothing : html`<span class="endpoint-line">${more.join(" · ")}</span>`}`;
}

export class HealthView extends LightElement {
  constructor() {
    super();
    this.watch(health, session);
  }

  render() {
    const { endpoints } = health;
    if (endpoints.length === 0) return nothing;
    return html`
      <button type="button" class="health" data-testid="health" popovertarget="health-details">
        <span class="sr-only">${t("health-label")}: </span>
        ${endpoints.map((each) => this.#dot(each))}
      </button>
      <div class="health-details" id="health-details" data-testid="health-details" popover role="dialog" @beforetoggle=${this.#place} aria-label=${t("health-label")}>
        <h2 class="label">${t("health-label")}</h2>
        <ul>
          ${endpoints.map(
            (each) => html`<li>
              <span class="dot" data-hue=${session.hueOf(each.model) ?? nothing} data-state=${each.state}></span>
              <div>
                <p class="health-name">${each.label}</p>
                <p class="hint">${endpointDetails(each)}</p>
                ${each.code ? html`<p class="hint health-code">${t(`error-${each.code}`)}</p>` : nothing}
              </div>
            </li>`,
          )}
        </ul>
        <button type="button" class="button" data-testid="health-refresh" @click=${() => void health.refresh()}>
          ${t("health-refresh")}
        </button>
      </div>
    `;
  }

  /** Under its button, whichever regions are shown. A custom property: the policy allows no style attribute. */
  #place() {
    const button = this.querySelector(".health")?.getBoundingClientRect();
    const details = this.querySelector(".health-details");
    if (!button || !(details instanceof HTMLElement)) return;
    const end = i18n.direction === "rtl" ? button.left : window.innerWidth - button.right;
    details.style.setProperty("--from-end", `${Math.max(8, Math.round(end))}px`);
  }

  /** @param {EndpointState} endpoint */
  #dot(endpoint) {
    const { model, label, state } = endpoint;
    const down = state === "down";
    return html`<span
      class="health-endpoint"
      data-testid="health-endpoint"
      data-endpoint=${model}
      data-state=${state}
      title=${t("health-endpoint", { model: label, state: t(`health-${state}`) })}
    >
      <span class="dot" data-hue=${session.hueOf(model) ?? nothing} data-state=${state}></span>
      <span class="health-label">${label}${down ? html` · ${t("health-down")} ${t("health-since", { time: since(endpoint.since) })}` : nothing}</span>
    </span>`;
  }
}

customElements.define("c6-health", HealthView);
