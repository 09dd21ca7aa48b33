import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const sampleBrand = {
  name: "Sample",
  accent: "#2f5bd0",
  accentText: "#ffffff",
  accentDark: "#7fa2ff",
  accentDarkText: "#0b1020",
  radius: 6,
  font: "system-ui, sans-serif",
  logo: null,
  logoDark: null,
  supportEmail: null,
  termsUrl: null,
  privacyUrl: null,
};

/**
 * The server fills these placeholders for the host that was asked. They are put in after the bundler has read the
 * page, because it would otherwise try to parse them as style sheet and data.
 */
function brandPlaceholders(): Plugin {
  let serving = false;
  return {
    name: "brand-placeholders",
    configResolved(config) {
      serving = config.command === "serve";
    },
    transformIndexHtml: {
      order: "post",
      handler(html) {
        const page = html.replace(
          "</head>",
          `  <style nonce="{{nonce}}">:root{ {{brand.css}} }</style>\n` +
            `    <script type="application/json" id="brand">{{brand.json}}</script>\n  </head>`,
        );
        if (!serving) return page;
        const css =
          `--brand-accent:${sampleBrand.accent};--brand-accent-text:${sampleBrand.accentText};` +
          `--brand-accent-dark:${sampleBrand.accentDark};--brand-accent-dark-text:${sampleBrand.accentDarkText};` +
          `--brand-radius:${sampleBrand.radius}px;--brand-font:${sampleBrand.font}`;
        return page
          .replaceAll("{{brand.name}}", sampleBrand.name)
          .replaceAll("{{brand.css}}", css)
          .replaceAll("{{brand.json}}", JSON.stringify(sampleBrand))
          .replaceAll("{{nonce}}", "dev");
      },
    },
  };
}

/**
 * Nothing that is served may name the product behind the brand: the build stops when something does. The English word
 * that ends in the name is no mention of it.
 */
function whitelabel(): Plugin {
  return {
    name: "whitelabel",
    generateBundle(_, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        const text = file.type === "chunk" ? file.code : file.source.toString();
        const at = text.search(/(?<!de)livery/i);
        if (at >= 0) this.error(`${name} names the product: ${text.slice(Math.max(0, at - 40), at + 40)}`);
      }
    },
  };
}

const backend = process.env.DESK_BACKEND ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), brandPlaceholders(), whitelabel()],
  publicDir: false,
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    // Data addresses would need a wider content security policy than the server sends.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: { "/graphql": { target: backend, ws: true, changeOrigin: true }, "/favicon.svg": backend },
  },
  test: {
    include: ["src/**/*.test.ts", "widget/**/*.test.ts", "worker/**/*.test.ts", "scripts/**/*.test.mjs"],
    environment: "node",
  },
});
