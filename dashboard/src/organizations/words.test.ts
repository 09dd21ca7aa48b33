import { describe, expect, it } from "vitest";
import { daysLeft, daysLeftWords } from "./words";

describe("days that a deleted organization has left", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  it("counts a begun day as one, down to none", () => {
    expect(daysLeft("2026-12-20T12:00:00Z", now)).toBe(30);
    expect(daysLeft("2026-11-21T11:00:00Z", now)).toBe(1);
    expect(daysLeft("2026-11-20T11:59:59Z", now)).toBe(0);
  });

  it("says it in words", () => {
    expect(daysLeftWords("2026-11-21T11:00:00Z", now)).toBe("1 day left to restore");
    expect(daysLeftWords("2026-11-25T11:00:00Z", now)).toBe("5 days left to restore");
    expect(daysLeftWords("2026-11-01T00:00:00Z", now)).toBe("Is being removed now");
  });
});
