/** Colour arithmetic for the palette that is made from a brand's accent: OKLab for mixing, WCAG for contrast. */

export type Rgb = readonly [number, number, number];

export function parseHex(hex: string): Rgb | null {
  const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(hex.trim());
  if (!match?.[1]) return null;
  const digits = match[1].length === 3 ? match[1].replace(/./g, "$&$&") : match[1];
  const value = Number.parseInt(digits, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function toHex([r, g, b]: Rgb): string {
  const part = (n: number) =>
    Math.round(Math.min(255, Math.max(0, n)))
      .toString(16)
      .padStart(2, "0");
  return `#${part(r)}${part(g)}${part(b)}`;
}

const toLinear = (c: number) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
const fromLinear = (c: number) =>
  255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * Math.max(c, 0) ** (1 / 2.4) - 0.055);

type Lab = readonly [number, number, number];

function toLab([r, g, b]: Rgb): Lab {
  const [lr, lg, lb] = [toLinear(r), toLinear(g), toLinear(b)];
  const l = Math.cbrt(0.4122214708 * lr + 0.5363325363 * lg + 0.0514459929 * lb);
  const m = Math.cbrt(0.2119034982 * lr + 0.6806995451 * lg + 0.1073969566 * lb);
  const s = Math.cbrt(0.0883024619 * lr + 0.2817188376 * lg + 0.6299787005 * lb);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab([L, a, b]: Lab): Rgb {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** `share` of `other` mixed into `colour`. */
export function mix(colour: Rgb, other: Rgb, share: number): Rgb {
  const [x, y] = [toLab(colour), toLab(other)];
  const at = (i: 0 | 1 | 2) => x[i] * (1 - share) + y[i] * share;
  return fromLab([at(0), at(1), at(2)]);
}

export function contrast(one: Rgb, two: Rgb): number {
  const luminance = ([r, g, b]: Rgb) => 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b);
  const [high, low] = [luminance(one), luminance(two)].sort((p, q) => q - p) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];

/** The colour itself, or the nearest darker (lighter) one that reads on `surface` with at least 4.5 to 1. */
export function readableOn(colour: Rgb, surface: Rgb): Rgb {
  const towards = contrast(surface, white) > contrast(surface, black) ? white : black;
  for (let share = 0; share < 1; share += 0.04) {
    const candidate = mix(colour, towards, share);
    // A little above the limit: rounding to a byte must not fall below it.
    if (contrast(candidate, surface) >= 4.6) return candidate;
  }
  return towards;
}

/** Ten steps from nearly white to nearly black; the seventh is the accent itself. */
export function tenSteps(accent: Rgb): readonly string[] {
  const lighter = [0.94, 0.86, 0.72, 0.55, 0.37, 0.18].map((share) => toHex(mix(accent, white, share)));
  const darker = [0.14, 0.28, 0.42].map((share) => toHex(mix(accent, black, share)));
  return [...lighter, toHex(accent), ...darker];
}
