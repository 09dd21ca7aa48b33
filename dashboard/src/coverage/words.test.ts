import { describe, expect, it } from "vitest";
import { endOf, hoursOf, weekOf } from "./words";

describe("hours of an agreement", () => {
  it("are a week and back again", () => {
    const hours = [
      { day: 1, from: "20:00", to: "06:00" },
      { day: 7, from: "08:00", to: "12:00" },
      { day: 7, from: "13:00", to: "18:00" },
    ];
    const week = weekOf(hours);
    expect(week.map((day) => day.length)).toEqual([1, 0, 0, 0, 0, 0, 2]);
    expect(hoursOf(week)).toEqual(hours);
  });

  it("end with a day in their zone, or not at all", () => {
    expect(endOf("", "UTC", () => "x")).toBeNull();
    expect(endOf("2026-03-01", "UTC", (zone, local) => `${local} ${zone}`)).toBe("2026-03-01T23:59 UTC");
  });
});
