import "./shell/library-styles-first";
import "./brand/tokens.css";
import "./shell/base.css";
import { MantineProvider } from "@mantine/core";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { start } from "./api/auth";
import { brand, pageNonce } from "./brand/brand";
import { brandTheme, brandVariables } from "./brand/theme";
import { App } from "./shell/app";

const nonce = pageNonce();
// The scroll lock of dialogs writes a style element of its own, past the provider.
if (nonce) setNonce(nonce);

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={brandTheme(brand)}
      cssVariablesResolver={brandVariables(brand)}
      defaultColorScheme="auto"
      {...(nonce ? { getStyleNonce: () => nonce } : {})}
    >
      <App />
    </MantineProvider>
  </StrictMode>,
);

void start();
