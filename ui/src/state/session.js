/**
 * The window's own state: whether it can be used yet, which profile is in use, and what troubles the storage. Everything the
 * first paint needs comes with one call that waited for no network.
 */
import { Observable } from "./observable.js";

/** @import { AppError, Boot, ErrorCode, Event, ModelEntry, ModelId, Platform, Profile, ProfileId, ProfileOption, ProfileView } from "../bridge/types.js" */
/** @import { Call } from "./index.js" */

/**
 * - `starting`: nothing is known yet
 * - `onboarding`: no profile is chosen
 * - `ready`: a conversation can be had
 * - `failed`: the core could not be asked; `error` says why
 * @typedef {"starting" | "onboarding" | "ready" | "failed"} Phase
 */

export class Session extends Observable {
  #call;
  /** @type {Phase} */
  #phase = "starting";
  /** @type {Boot | undefined} */
  #boot;
  /** @type {ProfileView | undefined} */
  #profile;
  /** @type {ProfileOption[]} */
  #profiles = [];
  /** @type {ErrorCode | undefined} */
  #storageTrouble;
  /** @type {AppError | undefined} */
  #error;

  /** @param {Call} call */
  constructor(call) {
    super();
    this.#call = call;
  }

  get phase() {
    return this.#phase;
  }

  /** Why the start failed. */
  get error() {
    return this.#error;
  }

  get version() {
    return this.#boot?.version ?? "";
  }

  /** @returns {Platform} */
  get platform() {
    return this.#boot?.platform ?? "linux";
  }

  get systemLocales() {
    return this.#boot?.system_locales ?? [];
  }

  /** The profile in use. */
  get profile() {
    return this.#profile;
  }

  /** The profiles at hand. */
  get profiles() {
    return this.#profiles;
  }

  /** The models of the profile in use. @returns {ModelEntry[]} */
  get models() {
    return this.#profile?.profile.models ?? [];
  }

  /** Why history cannot be written, when it cannot. */
  get storageTrouble() {
    return this.#storageTrouble;
  }

  /** Whether the history is encrypted and its key is not at hand. */
  get locked() {
    return this.#storageTrouble === "history-locked";
  }

  /**
   * The name people see; the id where the profile does not know the model.
   * @param {ModelId | undefined} model
   * @returns {string}
   */
  labelOf(model) {
    return this.models.find(({ id }) => id === model)?.label || (model ?? "");
  }

  /**
   * Which of the four fixed hues a model has: its place in the profile.
   * @param {ModelId | undefined} model
   * @returns {"1" | "2" | "3" | "4" | undefined}
   */
  hueOf(model) {
    const place = this.models.findIndex(({ id }) => id === model);
    return place < 0 ? undefined : /** @type {const} */ (["1", "2", "3", "4"])[place % 4];
  }

  /** @returns {Promise<Boot | undefined>} What the core said; absent where it could not be asked. */
  async start() {
    try {
      const boot = await this.#call("boot", null);
      this.#boot = boot;
      this.#profile = boot.profile;
      this.#profiles = boot.profiles;
      this.#storageTrouble = boot.storage_trouble;
      this.#phase = boot.profile ? "ready" : "onboarding";
      return boot;
    } catch (error) {
      this.#error = /** @type {AppError} */ (error);
      this.#phase = "failed";
      return undefined;
    } finally {
      this.changed();
    }
  }

  /**
   * Uses a profile from now on.
   * @param {ProfileId} id
   */
  async selectProfile(id) {
    this.#profile = await this.#call("profile_select", { id });
    this.#phase = "ready";
    this.changed();
  }

  /** Reads the list of profiles again. */
  async loadProfiles() {
    this.#profiles = await this.#call("profile_list", null);
    this.changed();
  }

  /**
   * @param {Profile} profile
   * @param {ProfileId} [id] The one to replace.
   * @returns {Promise<ProfileOption>}
   */
  async saveProfile(profile, id) {
    const saved = await this.#call("profile_save", id === undefined ? { profile } : { id, profile });
    await this.loadProfiles();
    if (saved.id === this.#profile?.id) await this.selectProfile(saved.id);
    return saved;
  }

  /** @param {ProfileId} id */
  async deleteProfile(id) {
    await this.#call("profile_delete", { id });
    await this.loadProfiles();
  }

  /** @param {Event} event */
  apply(event) {
    if (event.type === "storage-trouble") this.#storageTrouble = event.error.code;
    else if (event.type === "storage-recovered") this.#storageTrouble = undefined;
    else return;
    this.changed();
  }
}
