import { defineConfig } from "vite";
import { contentSecurityPolicy } from "./csp.js";

// Two builds. `vite build` is what ships: it holds no in-memory host. `--mode browser` adds it, so that the whole window runs
// in a plain browser, for development and for the browser tests; it goes to a folder that is never shipped.
export default defineConfig(({ mode }) => ({
  base: "./",
  define: { __BROWSER_HOST__: JSON.stringify(mode === "browser") },
  build: {
    outDir: mode === "browser" ? "dist-browser" : "dist",
    emptyOutDir: true,
    target: ["safari17.4", "chrome123", "firefox128"],
    cssTarget: ["safari17.5", "chrome123", "firefox128"],
    assetsInlineLimit: 0,
    sourcemap: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { host: "127.0.0.1" },
  preview: {
    host: "127.0.0.1",
    // The same policy as in the real window, so that a violation shows in the browser tests already.
    headers: { "Content-Security-Policy": contentSecurityPolicy },
  },
}));
