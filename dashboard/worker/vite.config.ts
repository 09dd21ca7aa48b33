import { defineConfig } from "vite";

/** The service worker: one plain script, under an address that never changes. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: "../dist/worker",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    rollupOptions: {
      input: `${import.meta.dirname}/src/worker.ts`,
      output: { format: "iife", entryFileNames: "worker.js" },
    },
  },
});
