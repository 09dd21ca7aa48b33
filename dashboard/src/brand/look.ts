import { contrast, mix, parseHex, type Rgb, readableOn, tenSteps, toHex } from "./colour";
import { darkSurface, lightSurface } from "./theme";

/** What is made of one accent, as the server makes it: good enough to look at until its own answer is there. */
export interface Look {
  readonly light: Scheme;
  readonly dark: Scheme;
  /** The lesser of its contrast against white ground and against the text on it. */
  readonly contrast: number;
  readonly enough: boolean;
  readonly palette: readonly string[];
}

export interface Scheme {
  readonly accent: string;
  readonly text: string;
  readonly ink: string;
}

/** WCAG 2.2, 1.4.3. */
export const ENOUGH = 4.5;

const white: Rgb = [255, 255, 255];
const ink: Rgb = [16, 20, 24];
const night: Rgb = [23, 24, 28];

function textOn(colour: Rgb): Rgb {
  return contrast(colour, white) >= contrast(colour, ink) ? white : ink;
}

function inTheDark(accent: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const lighter = mix(accent, white, share);
    if (contrast(lighter, night) >= 7) return lighter;
  }
  return white;
}

function schemeOf(accent: Rgb, surface: Rgb): Scheme {
  return { accent: toHex(accent), text: toHex(textOn(accent)), ink: toHex(readableOn(accent, surface)) };
}

/** Null for what is no colour (yet). The server's dark accent is used where it is known. */
export function lookOf(accent: string, dark?: string | null): Look | null {
  const colour = parseHex(accent);
  if (!colour) return null;
  const ratio = Math.min(contrast(colour, white), contrast(colour, textOn(colour)));
  return {
    light: schemeOf(colour, lightSurface),
    dark: schemeOf(parseHex(dark ?? "") ?? inTheDark(colour), darkSurface),
    contrast: ratio,
    enough: ratio >= ENOUGH,
    palette: tenSteps(colour),
  };
}
