import { describe, expect, it } from "vitest";
import { zoneChoices, zoneLabel } from "./time-zones";

const winter = new Date("2026-01-15T12:00:00Z");
const summer = new Date("2026-07-15T12:00:00Z");

describe("names of time zones", () => {
  it("begin with the city and end with the offset of the day", () => {
    expect(zoneLabel("Europe/Zurich", winter)).toBe("Zurich, Europe (UTC+01:00)");
    expect(zoneLabel("Europe/Zurich", summer)).toBe("Zurich, Europe (UTC+02:00)");
    expect(zoneLabel("America/Argentina/Buenos_Aires", winter)).toBe(
      "Buenos Aires, Argentina, America (UTC-03:00)",
    );
    expect(zoneLabel("UTC", winter)).toBe("UTC");
  });

  it("are all there, once each", () => {
    const values = zoneChoices(winter).map((choice) => choice.value);
    expect(values).toContain("UTC");
    expect(values).toContain("Asia/Tokyo");
    expect(new Set(values).size).toBe(values.length);
  });
});
