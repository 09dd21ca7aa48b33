import { describe, expect, it } from "vitest";
import { parseTunes, parseVolume, tuneNames, tunes } from "./tunes";

describe("what a device has kept of its sounds", () => {
  it("is read, and what is no tune is left out", () => {
    expect(parseTunes('{"org_a":"bells","org_b":"trumpet","org_c":3}')).toEqual({ org_a: "bells" });
    for (const broken of [null, "", "[", "null", "7"]) expect(parseTunes(broken)).toEqual({});
  });

  it("is a volume between silence and all there is", () => {
    expect([null, "", "loud", "0", "30", "250", "-4"].map(parseVolume)).toEqual([50, 50, 50, 0, 30, 100, 0]);
  });

  it("ends before the next ring, whatever the tune", () => {
    for (const name of tuneNames)
      expect(Math.max(...tunes[name].map((tone) => tone.at + tone.lasts))).toBeLessThan(3);
  });
});
