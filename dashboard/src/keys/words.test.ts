import { describe, expect, it } from "vitest";
import { daysOf, keyWords, lives } from "./words";

const NOW = Date.parse("2026-11-28T12:00:00Z");

describe("words of API keys", () => {
  const check = (state: "ACTIVE" | "EXPIRED" | "REVOKED", expiresAt: string | null, label: string) =>
    expect(keyWords({ state, expiresAt }, NOW).label).toBe(label);

  it("marks a key in the week before its end", () => {
    check("ACTIVE", null, "Active");
    check("ACTIVE", "2026-12-05T12:00:01Z", "Active");
    check("ACTIVE", "2026-12-05T12:00:00Z", "Expires soon");
    check("EXPIRED", "2026-11-28T11:00:00Z", "Expired");
    check("REVOKED", "2026-11-29T11:00:00Z", "Revoked");
  });

  it("offers ninety days, and no end at last", () => {
    expect(lives.map((life) => daysOf(life.value))).toEqual([7, 30, 90, 365, 730, null]);
  });
});
