/**
 * What a connection test found at one model's address: how fast it answered and what it offers, or in words why not and what to
 * do. The errors' own help speaks of answers and of what is saved; during a test neither is at stake, so the help is another one.
 */
import { html, nothing } from "lit";
import { i18n, t } from "../i18n.js";
import { ALERT, CHECK } from "./icons.js";

/** @import { AppError, EndpointTest, ErrorCode } from "../bridge/types.js" */

/** @type {Partial<Record<ErrorCode, string>>} */
const HELP = {
  unreachable: "test-help-unreachable",
  refused: "test-help-refused",
  "timeout-connect": "test-help-timeout",
  "timeout-first-token": "test-help-timeout",
  "timeout-idle": "test-help-timeout",
  tls: "test-help-tls",
  unauthorised: "test-help-unauthorised",
  "rate-limited": "test-help-busy",
  overloaded: "test-help-busy",
  "model-not-found": "test-help-model-not-found",
  server: "test-help-server",
  "bad-request": "test-help-protocol",
  malformed: "test-help-protocol",
  truncated: "test-help-protocol",
  simulated: "test-help-protocol",
  "insecure-transport": "test-help-insecure-transport",
};

/**
 * @param {EndpointTest} test
 * @param {{ name: string, id: string }} model How the model is called, and its id as it stands in the form now.
 * @param {(id: string) => void} onPick Takes another id that the server offers.
 */
export function endpointTest({ model, error, served, latency_ms }, { name, id }, onPick) {
  return html`
    <div
      class="profile-form-result"
      data-testid="endpoint-test"
      data-model=${model}
      data-state=${error ? "failed" : "ok"}
    >
      ${error ? failed(error) : answered(name, latency_ms ?? 0)}
      ${served.length > 0 ? offered(served, id, onPick) : nothing}
      ${served.length === 0 && (!error || error.code === "model-not-found") ? offersNothing() : nothing}
    </div>
  `;
}

/** @param {AppError} error */
function failed({ code, detail }) {
  return html`
    <p class="profile-form-bad">${ALERT}${t(`error-${code}`)}</p>
    <p class="hint">${t(HELP[code] ?? "test-help-other")}</p>
    ${
      detail
        ? html`<details>
            <summary>${t("error-details")}</summary>
            <pre dir="ltr" tabindex="0">${detail}</pre>
          </details>`
        : nothing
    }
  `;
}

/**
 * @param {string} label
 * @param {number} latency In milliseconds.
 */
function answered(label, latency) {
  const ms = i18n.number(Math.round(latency));
  return html`<p class="profile-form-ok">${CHECK}${t("form-test-ok", { label, ms })}</p>`;
}

function offersNothing() {
  return html`<p class="hint">${t("form-test-serves-none")}</p>`;
}

/**
 * The models that the server offers; where the form's is not among them, one can be taken with a click.
 * @param {string[]} served
 * @param {string} id
 * @param {(id: string) => void} onPick
 */
function offered(served, id, onPick) {
  if (served.includes(id)) return html`<p class="hint">${t("form-test-serves", { models: i18n.list(served) })}</p>`;
  return html`
    <p class="hint">${t("form-test-pick")}</p>
    <p class="profile-form-served">
      ${served.map(
        (each) => html`<button
          class="button"
          aria-label=${t("form-test-pick-named", { model: each })}
          @click=${() => onPick(each)}
        >
          ${each}
        </button>`,
      )}
    </p>
  `;
}
