export {};

declare global {
  /** True in the build that runs in a plain browser with the in-memory host. */
  const __BROWSER_HOST__: boolean;

  interface ImportMeta {
    glob<T>(
      pattern: string | string[],
      options?: { query?: string; import?: string },
    ): Record<string, () => Promise<T>>;
  }

  interface Window {
    __TAURI_INTERNALS__?: unknown;
  }
}
