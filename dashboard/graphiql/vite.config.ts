import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The explorer of demo mode; nothing of it is part of the dashboard. */
export default defineConfig({
  root: new URL(".", import.meta.url).pathname,
  base: "/graphiql/",
  plugins: [react()],
  publicDir: false,
  build: {
    outDir: "../dist/graphiql",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
});
