/** Composes the window: language and appearance before the first paint, then the shell. */
import { run } from "./actions.js";
import { loadPlaced } from "./app-shell.js";
import { followAppearance } from "./appearance.js";
import { call } from "./bridge/index.js";
import { i18n } from "./i18n.js";
import { watchComposition } from "./ime.js";
import { session, settings, start } from "./state/index.js";

watchComposition(document);

async function main() {
  await start((event) => {
    if (event.type === "request") run(event.action);
  });
  await Promise.all([followAppearance(settings, session, i18n), loadPlaced()]);
  const app = document.querySelector("c6-app");
  if (app instanceof HTMLElement) {
    await /** @type {import("./app-shell.js").AppShell} */ (app).updateComplete;
    app.dataset.ready = "true";
  }
  await call("window_ready", null).catch(() => {});
}

void main();
