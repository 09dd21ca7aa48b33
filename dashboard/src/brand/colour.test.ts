import { describe, expect, it } from "vitest";
import { parseBrand } from "./brand";
import { contrast, parseHex, type Rgb, readableOn, tenSteps } from "./colour";

const white: Rgb = [255, 255, 255];
const night: Rgb = [23, 24, 28];

describe("palette of a brand", () => {
  it("keeps the accent as the seventh of ten steps and goes from light to dark", () => {
    const steps = tenSteps(parseHex("#2f5bd0") ?? white);
    expect(steps).toHaveLength(10);
    expect(steps[6]).toBe("#2f5bd0");
    const toWhite = steps.map((step) => contrast(parseHex(step) ?? white, white));
    expect([...toWhite].sort((a, b) => a - b)).toEqual(toWhite);
  });

  it("finds ink that reads, for accents that do not", () => {
    for (const accent of ["#ffe600", "#00ffd0", "#111111", "#ffffff", "#7fa2ff", "#c00"]) {
      const colour = parseHex(accent) ?? white;
      for (const surface of [white, night]) {
        expect(contrast(readableOn(colour, surface), surface)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it("leaves an accent alone that reads already", () => {
    expect(readableOn([20, 40, 120], white).map(Math.round)).toEqual([20, 40, 120]);
  });

  it("reads short and long notation and refuses the rest", () => {
    expect(parseHex("#abc")).toEqual([170, 187, 204]);
    expect(parseHex("rebeccapurple")).toBeNull();
  });
});

describe("brand of the page", () => {
  it("falls back field by field", () => {
    const brand = parseBrand('{"name":"Bakery","radius":"big","logo":""}');
    expect(brand.name).toBe("Bakery");
    expect(brand.radius).toBe(6);
    expect(brand.logo).toBeNull();
    expect(parseBrand("{{brand.json}}").name).toBe("Dashboard");
  });
});
