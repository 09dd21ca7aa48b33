// Builds what a client's page loads, into dist/widget: `w.js` (the loader: one classic script, no modules) and the panel
// (`frame.html`, and under assets/ its script and stylesheet, and a second script that is loaded later; all with content
// hashes in their names).

import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const out = here("../dist/widget");

/** The demo page needs no building; it lies beside the rest so that the server finds everything in one place. */
const demo: Plugin = {
  name: "demo-page",
  applyToEnvironment: (environment) => environment.name === "client",
  closeBundle: () => cpSync(here("demo"), `${out}/demo`, { recursive: true }),
};

/** The one part that is imported later needs nothing but itself; the bundler's helper for that weighs as much as a form. */
const bareImports: Plugin = {
  name: "bare-imports",
  enforce: "pre",
  load: (id) =>
    id.includes("vite/preload-helper") ? "export const __vitePreload = (load) => load();" : undefined,
};

export default defineConfig({
  root: here("."),
  base: "/widget/",
  publicDir: false,
  plugins: [bareImports, demo],
  build: {
    outDir: out,
    target: "es2022",
    // Newer than the scripts' target, or the minifier adds fallbacks for `color-scheme` that weigh more than the rest.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  environments: {
    client: {
      build: { emptyOutDir: true, rolldownOptions: { input: here("frame.html") } },
    },
    loader: {
      consumer: "client",
      build: {
        emptyOutDir: false,
        lib: { entry: here("src/loader/main.ts"), formats: ["iife"], name: "w", fileName: () => "w.js" },
      },
    },
    sdk: {
      consumer: "client",
      build: {
        emptyOutDir: false,
        lib: { entry: here("src/loader/sdk.ts"), formats: ["iife"], name: "s", fileName: () => "sdk.js" },
      },
    },
  },
  builder: {
    // One after the other: the first empties the directory.
    async buildApp(builder) {
      for (const name of ["client", "loader", "sdk"]) {
        const environment = builder.environments[name];
        if (environment !== undefined) await builder.build(environment);
      }
    },
  },
});
