import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";
import type { Brand } from "./brand";
import { mix, parseHex, type Rgb, readableOn, tenSteps, toHex } from "./colour";

export const lightSurface: Rgb = [244, 245, 247];
export const darkSurface: Rgb = [34, 36, 41];
const greyFallback: Rgb = [59, 66, 82];

function tuple(steps: readonly string[]): MantineColorsTuple {
  const [a = "", b = "", c = "", d = "", e = "", f = "", g = "", h = "", i = "", j = ""] = steps;
  return [a, b, c, d, e, f, g, h, i, j];
}

const neutral = tuple([
  "#f8f8f9",
  "#f1f2f4",
  "#e6e7ea",
  "#d5d7dc",
  "#b4b8c0",
  "#8b909b",
  "#656a75",
  "#4a4e57",
  "#2c2f36",
  "#16181c",
]);

const darkNeutral = tuple([
  "#e8e9ec",
  "#c9ccd3",
  "#a5aab5",
  "#7d828d",
  "#3b3f47",
  "#2f3239",
  "#222429",
  "#191b1f",
  "#121316",
  "#0c0d0f",
]);

export function brandTheme(brand: Brand) {
  const accent = parseHex(brand.accent) ?? greyFallback;
  // The brand says which text reads on its accent; computing it again could disagree with its other pages.
  const variantColorResolver: VariantColorsResolver = (input) => {
    const resolved = defaultVariantColorsResolver(input);
    if (input.variant === "filled" && (input.color ?? "brand") === "brand") {
      return { ...resolved, color: "var(--accent-text)" };
    }
    return resolved;
  };
  return createTheme({
    colors: { brand: tuple(tenSteps(accent)), gray: neutral, dark: darkNeutral },
    primaryColor: "brand",
    primaryShade: 6,
    defaultRadius: brand.radius,
    fontFamily: brand.font,
    fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
    headings: { fontFamily: brand.font, fontWeight: "600" },
    cursorType: "pointer",
    respectReducedMotion: true,
    variantColorResolver,
    components: {
      Button: { defaultProps: { size: "xs" } },
      ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
      Menu: { defaultProps: { shadow: "md", position: "bottom-end" } },
      Modal: {
        defaultProps: { closeButtonProps: { "aria-label": "Close" } },
        styles: { title: { fontWeight: 600 } },
      },
      Drawer: {
        defaultProps: { closeButtonProps: { "aria-label": "Close" } },
        styles: { title: { fontWeight: 600 } },
      },
      TextInput: { defaultProps: { size: "sm" } },
      Textarea: { defaultProps: { size: "sm" } },
      PasswordInput: { defaultProps: { size: "sm" } },
    },
  });
}

/** What the components of the library read, tied to the brand and to our neutral surfaces, for both schemes. */
export function brandVariables(brand: Brand): CSSVariablesResolver {
  const accent = parseHex(brand.accent) ?? greyFallback;
  const accentDark = parseHex(brand.accentDark) ?? accent;
  const scheme = (own: Rgb, text: string, surface: Rgb, hoverTowards: Rgb) => {
    const ink = toHex(readableOn(own, surface));
    const filled = toHex(own);
    const hover = toHex(mix(own, hoverTowards, 0.12));
    return {
      "--accent": filled,
      "--accent-text": text,
      "--accent-ink": ink,
      "--accent-hover": hover,
      "--mantine-color-brand-filled": filled,
      "--mantine-color-brand-filled-hover": hover,
      "--mantine-primary-color-filled": filled,
      "--mantine-primary-color-filled-hover": hover,
      "--mantine-primary-color-contrast": text,
      "--mantine-color-brand-light-color": ink,
      "--mantine-color-brand-text": ink,
      "--mantine-color-brand-outline": ink,
      "--mantine-color-anchor": ink,
      "--mantine-color-body": "var(--c-panel)",
      "--mantine-color-text": "var(--c-text)",
      "--mantine-color-dimmed": "var(--c-dim)",
      "--mantine-color-placeholder": "var(--c-faint)",
      "--mantine-color-default": "var(--c-panel)",
      "--mantine-color-default-hover": "var(--c-sunken)",
      "--mantine-color-default-color": "var(--c-text)",
      "--mantine-color-default-border": "var(--c-line-strong)",
      // Red means waiting too long and nothing else: a refused field is told by its words, its sign and its border.
      "--mantine-color-error": "var(--c-text)",
    };
  };
  const white: Rgb = [255, 255, 255];
  const black: Rgb = [0, 0, 0];
  return () => ({
    variables: {},
    light: scheme(accent, brand.accentText, lightSurface, black),
    dark: scheme(accentDark, brand.accentDarkText, darkSurface, white),
  });
}
