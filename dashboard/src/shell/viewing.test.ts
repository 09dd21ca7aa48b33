import { describe, expect, it } from "vitest";
import { minutesLeft } from "./viewing";

describe("minutes that a view as client has left", () => {
  const at = (time: string) => Date.parse(`2026-11-20T${time}Z`);
  it("counts begun ones, and is over only when it is", () => {
    const end = "2026-11-20T10:30:00.000000Z";
    expect(minutesLeft(end, at("10:00:00"))).toBe(30);
    expect(minutesLeft(end, at("10:00:01"))).toBe(30);
    expect(minutesLeft(end, at("10:29:59"))).toBe(1);
    expect(minutesLeft(end, at("10:30:00"))).toBe(0);
    expect(minutesLeft(end, at("11:00:00"))).toBe(0);
  });
});
