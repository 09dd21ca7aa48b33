import { describe, expect, it } from "vitest";
import { dueLevel } from "./due";

describe("a first response that is due", () => {
  it("is fine, then urgent, then overdue", () => {
    expect(dueLevel(20_000, 30_000)).toBe("fine");
    expect(dueLevel(14_000, 30_000)).toBe("waiting");
    expect(dueLevel(0, 30_000)).toBe("waiting");
    expect(dueLevel(-1, 30_000)).toBe("overdue");
  });
});
