import { describe, expect, it } from "vitest";
import { contrast, parseHex, type Rgb } from "./colour";
import { lookOf } from "./look";

const rgb = (hex: string) => parseHex(hex) as Rgb;

describe("the look of an accent", () => {
  it("is refused where text in it does not read on white", () => {
    const pale = lookOf("#ffd54a");
    expect(pale?.enough).toBe(false);
    expect(pale?.contrast).toBeLessThan(4.5);
    expect(lookOf("#2f4b7c")?.enough).toBe(true);
  });

  it("has text that reads on it, and an accent that reads in the dark", () => {
    for (const accent of ["#2f4b7c", "#7a1f3d", "#0b6b3a", "#000000", "#5b2ee5"]) {
      const look = lookOf(accent);
      if (!look) throw new Error(accent);
      for (const scheme of [look.light, look.dark]) {
        expect(contrast(rgb(scheme.accent), rgb(scheme.text))).toBeGreaterThan(4.2);
      }
      expect(contrast(rgb(look.dark.accent), [23, 24, 28])).toBeGreaterThanOrEqual(6.9);
      expect(look.palette).toHaveLength(10);
      expect(look.palette[6]).toBe(accent);
    }
  });

  it("takes the server's own dark accent where it is known", () => {
    expect(lookOf("#2f4b7c", "#9db8ea")?.dark.accent).toBe("#9db8ea");
  });

  it("is none for what is still being typed", () => {
    expect(lookOf("#2f4")).not.toBeNull();
    expect(lookOf("#2f4b")).toBeNull();
    expect(lookOf("blue")).toBeNull();
  });
});
