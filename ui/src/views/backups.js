/**
 * The backups in the settings: what there is, one more now, what one holds, putting one in the place of the history, and how long they are
 * kept. Nothing is put back without saying what happens; what is here now is in a backup of its own afterwards, and the way back to it is
 * offered for as long as that backup is there.
 */
import { html, nothing } from "lit";
import { deeds } from "../deeds.js";
import { LightElement } from "../element.js";
import { i18n, t } from "../i18n.js";
import { navigation } from "../navigation.js";
import { backups } from "../state/index.js";
import "./backups.css";
import "./confirm.js";
import { size } from "./history/words.js";
import { ALERT, CHECK } from "./icons.js";

/** @import { BackupConversation, BackupEntry, BackupId, BackupPreview, Difference, Restored, Retention } from "../bridge/types.js" */
/** @import { Confirm } from "./confirm.js" */

/** How many backups are shown before the list is unfolded. */
const FEW = 6;
const KINDS = /** @type {const} */ (["daily", "weekly", "occasional"]);

export class BackupsSection extends LightElement {
  static properties = {
    wanted: { attribute: false },
    _open: { state: true },
    _preview: { state: true },
    _all: { state: true },
    _said: { state: true },
  };

  constructor() {
    super();
    /** The backup to look into at once. @type {string | undefined} */
    this.wanted = undefined;
    /** The backup that is looked into. @type {BackupId | undefined} */
    this._open = undefined;
    /** @type {BackupPreview | undefined} */
    this._preview = undefined;
    this._all = false;
    /** What the last thing has come to. */
    this._said = "";
    this.watch(backups);
  }

  connectedCallback() {
    super.connectedCallback();
    void backups.load();
  }

  firstUpdated() {
    if (this.wanted) void this.#look(this.wanted);
  }

  render() {
    const { list, storage, error, doing, salvage } = backups;
    const entries = list?.entries ?? [];
    const shown = this._all ? entries : entries.slice(0, FEW);
    return html`
      <p class="hint">${t("backups-lead")}</p>
      ${
        salvage
          ? html`<p class="backups-salvage">
              ${ALERT}<span>${t("backups-salvage")}</span>
              <button class="button" data-testid="salvage-open" @click=${() => navigation.open("salvage")}>${t("backups-salvage-open")}</button>
            </p>`
          : nothing
      }
      ${
        list?.failure
          ? html`<div class="backups-failure" data-testid="backup-failure">
              <p class="hint">${t("backups-failure", { date: moment(list.failure.at) })}</p>
              <c6-error .error=${list.failure.error}></c6-error>
            </div>`
          : nothing
      }
      <div class="settings-buttons">
        <button class="button" data-testid="backup-create" ?disabled=${doing !== undefined} @click=${this.#create}>
          ${doing === "create" ? t("backups-making") : t("backups-make")}
        </button>
        ${this.#progress()}
        <span class="backups-said" role="status">${this._said === "" ? nothing : html`${CHECK}${this._said}`}</span>
      </div>
      ${list?.restored ? this.#wayBack(list.restored) : nothing}
      ${error ? html`<c6-error class="settings-error" .error=${error}></c6-error>` : nothing}
      ${
        list && entries.length === 0
          ? html`<p class="backups-none" data-testid="backups-none">${t("backups-none")}</p>`
          : html`<ul class="backups-list">
              ${shown.map((entry) => this.#entry(entry))}
            </ul>`
      }
      ${
        entries.length > shown.length
          ? html`<button class="button button--quiet" @click=${() => {
              this._all = true;
            }}>${t("backups-all", { count: entries.length })}</button>`
          : nothing
      }
      ${list ? this.#retention(list.retention) : nothing}
      ${storage ? html`<p class="hint backups-storage">${this.#storage()}</p>` : nothing}
      <c6-confirm></c6-confirm>
    `;
  }

  /** After one was put back, where that is undone. @param {HTMLElement} lost */
  focusHome({ dataset }) {
    return dataset.testid === "backup-restore" ? this.querySelector("[data-testid=backup-undo]") : null;
  }

  /** @param {Restored} restored */
  #wayBack({ at, to, before }) {
    return html`<div class="backups-restored" data-testid="backup-restored" data-backup=${before}>
      <p class="hint">${t("backup-way-back", { at: moment(at), to: moment(to) })}</p>
      <button
        class="button"
        data-testid="backup-undo"
        ?disabled=${backups.doing !== undefined}
        @click=${() => this.#put(before)}
      >
        ${t("backup-go-back")}
      </button>
    </div>`;
  }

  #progress() {
    const { progress, doing } = backups;
    if (!progress || doing === undefined) return nothing;
    const words = t(`backup-step-${progress.step}`);
    return html`<span class="backups-progress">
      <progress class="transfer-bar" max="100" .value=${progress.percent} aria-label=${words}></progress>
      <span class="hint">${words}</span>
    </span>`;
  }

  #storage() {
    const { storage } = backups;
    if (!storage) return nothing;
    const parts = [
      t("backups-storage", { history: size(storage.bytes), backups: size(storage.backup_bytes) }),
      storage.free_bytes === undefined ? "" : t("backups-free", { free: size(storage.free_bytes) }),
      storage.checked_at === undefined ? "" : t("backups-checked", { date: moment(storage.checked_at) }),
    ];
    return parts.filter(Boolean).join(" ");
  }

  /** @param {BackupEntry} entry */
  #entry(entry) {
    const { id, created_at: at, bytes, reason, state, conversations, messages } = entry;
    const open = this._open === id;
    const when = moment(at);
    return html`<li class="backup" data-testid="backup" data-backup=${id} data-state=${state} data-reason=${reason}>
      <div class="backup-line">
        <div class="backup-words">
          <p>${when}</p>
          <p class="hint">
            ${
              state === "good"
                ? [t(`backup-reason-${reason}`), t("backup-holds", { conversations, messages }), size(bytes)].join(
                    " · ",
                  )
                : html`<span class="backup-bad">${t(`backup-state-${state}`)}</span> · ${size(bytes)}`
            }
          </p>
        </div>
        <div class="backup-buttons">
          ${
            state === "good"
              ? html`<button
                  class="button button--quiet"
                  data-testid="backup-preview"
                  aria-expanded=${open}
                  aria-label=${`${t(open ? "backup-shut" : "backup-look")}: ${when}`}
                  ?disabled=${backups.doing !== undefined && !open}
                  @click=${() => (open ? this.#shut() : this.#look(id))}
                >
                  ${t(open ? "backup-shut" : "backup-look")}
                </button>`
              : nothing
          }
          <button
            class="button button--quiet"
            data-testid="backup-delete"
            aria-label=${t("backup-delete-named", { date: when })}
            ?disabled=${backups.doing !== undefined}
            @click=${() => this.#delete(entry)}
          >
            ${t("action-delete")}
          </button>
        </div>
      </div>
      ${open ? this.#preview(entry) : nothing}
    </li>`;
  }

  /** @param {BackupEntry} entry */
  #preview(entry) {
    const preview = this._preview;
    if (!preview)
      return html`<p class="hint backup-preview" role="status">${backups.error ? nothing : t("backup-reading")}</p>`;
    return html`<div class="backup-preview" data-testid="backup-holds">
      <p class="hint">${t("backup-verified")}</p>
      ${this.#difference("only-here", preview.only_here)} ${this.#difference("only-there", preview.only_there)}
      <h4 class="backup-sub">${t("backup-newest")}</h4>
      <ul class="backup-conversations">
        ${preview.newest.slice(0, 8).map((each) => this.#conversation(each))}
      </ul>
      <div class="backup-actions">
        <button class="button" data-testid="backup-restore" ?disabled=${backups.doing !== undefined} @click=${() => this.#restore(entry, preview)}>
          ${backups.doing === "restore" ? t("backup-restoring") : t("backup-restore")}
        </button>
      </div>
    </div>`;
  }

  /**
   * @param {"only-here" | "only-there"} which
   * @param {Difference} difference
   */
  #difference(which, { conversations, messages, newest }) {
    if (messages === 0 && conversations === 0) return html`<p>${t(`backup-${which}-none`)}</p>`;
    return html`<p>${t(`backup-${which}`, { conversations, messages })}</p>
      ${
        newest.length === 0
          ? nothing
          : html`<ul class="backup-conversations">
              ${newest.slice(0, 5).map((each) => this.#conversation(each))}
            </ul>`
      }`;
  }

  /** @param {BackupConversation} conversation */
  #conversation({ title, updated_at: at, messages }) {
    return html`<li>
      <span class="backup-title" dir="auto">${title}</span>
      <span class="hint">${t("backup-messages", { count: messages })} · ${i18n.date(at, { dateStyle: "medium" })}</span>
    </li>`;
  }

  /** @param {Retention} retention */
  #retention(retention) {
    return html`
      <fieldset class="retention" data-testid="retention">
        <legend class="settings-label">${t("retention-title")}</legend>
        <p class="hint">${t("retention-help")}</p>
        <div class="retention-fields">
          ${KINDS.map((kind) => this.#count(kind, retention))}
          <label class="retention-field">
            <span>${t("retention-limit")}</span>
            <input
              class="field retention-number"
              type="number"
              inputmode="numeric"
              min="0"
              max="10000"
              step="1"
              data-testid="retention-limit"
              .value=${String(Math.round(retention.limit_mib / 1024))}
              @change=${(/** @type {Event} */ event) => {
                const value = whole(event);
                if (value !== undefined)
                  void this.#keep({ ...retention, limit_mib: value * 1024 }, event, retention.limit_mib / 1024);
              }}
            />
            <span class="hint">${t("retention-limit-unit")}</span>
          </label>
        </div>
      </fieldset>
    `;
  }

  /**
   * @param {"daily" | "weekly" | "occasional"} kind
   * @param {Retention} retention
   */
  #count(kind, retention) {
    return html`<label class="retention-field">
      <span>${t(`retention-${kind}`)}</span>
      <input
        class="field retention-number"
        type="number"
        inputmode="numeric"
        min="0"
        max="365"
        step="1"
        data-testid=${`retention-${kind}`}
        .value=${String(retention[kind])}
        @change=${(/** @type {Event} */ event) => {
          const value = whole(event);
          if (value !== undefined) void this.#keep({ ...retention, [kind]: value }, event, retention[kind]);
        }}
      />
    </label>`;
  }

  // ---- what happens ---------------------------------------------------------------------------------------------------------

  async #create() {
    this._said = "";
    const made = await backups.create();
    if (made) this._said = t("backups-made");
  }

  /** @param {BackupId} id */
  async #look(id) {
    this._said = "";
    this._open = id;
    this._preview = undefined;
    const preview = await backups.preview(id);
    if (this._open === id) this._preview = preview;
  }

  #shut() {
    this._open = undefined;
    this._preview = undefined;
    backups.dismissError();
  }

  /** @param {import("./confirm.js").Question} question */
  async #sure(question) {
    const confirm = /** @type {Confirm | null} */ (this.querySelector("c6-confirm"));
    return (await confirm?.ask(question)) === true;
  }

  /**
   * @param {BackupEntry} entry
   * @param {BackupPreview} preview
   */
  async #restore(entry, preview) {
    const { conversations, messages } = preview.only_here;
    const sure = await this.#sure({
      title: t("restore-title", { date: moment(entry.created_at) }),
      help: `${t("restore-help", { conversations, messages })} ${t("restore-help-answers")}`,
      yes: t("restore-yes"),
    });
    if (!sure) return;
    await this.#put(entry.id);
  }

  /** @param {BackupId} id */
  async #put(id) {
    this._said = "";
    if (await deeds.putBack(id)) this.#shut();
  }

  /**
   * Those that are too many are deleted at once, and cannot be brought back.
   * @param {Retention} wanted
   * @param {Event} event Of the field.
   * @param {number} before What the field said.
   */
  async #keep(wanted, event, before) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    const now = backups.list?.retention;
    if (!now) return;
    const room = (/** @type {Retention} */ { limit_mib: limit }) => (limit === 0 ? Infinity : limit);
    const fewer = KINDS.some((kind) => wanted[kind] < now[kind]) || room(wanted) < room(now);
    const sure =
      !fewer ||
      (await this.#sure({
        title: t("retention-fewer-title"),
        help: t("retention-fewer-help"),
        yes: t("retention-fewer-yes"),
      }));
    if (sure) await backups.keep(wanted);
    else field.value = String(Math.round(before));
  }

  /** @param {BackupEntry} entry */
  async #delete(entry) {
    const sure = await this.#sure({
      title: t("backup-delete-title", { date: moment(entry.created_at) }),
      help: t("backup-delete-help"),
      yes: t("action-delete"),
    });
    if (sure) await backups.delete(entry.id);
  }
}

/** @param {number} at */
function moment(at) {
  return i18n.date(at, { dateStyle: "medium", timeStyle: "short" });
}

/**
 * @param {Event} event
 * @returns {number | undefined} The number in the field; nothing where there is none that can be used.
 */
function whole(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  return field.value !== "" && field.validity.valid ? field.valueAsNumber : undefined;
}

customElements.define("c6-backups", BackupsSection);
