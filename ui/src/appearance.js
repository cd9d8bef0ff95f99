/**
 * Language, colours and type size on the document's root. Values that only the reader knows (size) are set as custom
 * properties, which the content security policy allows where it forbids style attributes.
 */

/** @import { I18n } from "./locale.js" */
/** @import { Session } from "./state/session.js" */
/** @import { Settings } from "./state/settings.js" */

const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

/**
 * Keeps the root as the settings say, from now on. Settled once the language's catalogue is in use.
 * @param {Settings} settings
 * @param {Session} session
 * @param {I18n} i18n
 */
export async function followAppearance(settings, session, i18n) {
  const root = document.documentElement;
  /** @type {string | undefined} */
  let wished;
  const apply = async () => {
    const { theme, type_size, locale } = settings.values;
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    root.style.setProperty("--type-size", String(type_size));
    const app = document.querySelector("c6-app");
    const shown = theme === "system" ? (prefersDark.matches ? "dark" : "light") : theme;
    if (app instanceof HTMLElement) app.dataset.theme = shown;
    const locales = [locale, ...session.systemLocales, ...navigator.languages].filter((tag) => tag !== undefined);
    if (wished === locales.join()) return;
    wished = locales.join();
    await i18n.use(locales);
    root.lang = i18n.tag;
    root.dir = i18n.direction;
    if (app instanceof HTMLElement) app.dataset.locale = i18n.tag;
  };
  settings.observe(() => void apply());
  prefersDark.addEventListener("change", () => void apply());
  await apply();
}
