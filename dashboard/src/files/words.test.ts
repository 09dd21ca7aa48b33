import { describe, expect, it } from "vitest";
import { refusal, sizeWords } from "./words";

describe("sizes", () => {
  it("are said as people say them", () => {
    expect([1, 1023, 1024, 1536 * 1024, 20 * 1024 * 1024].map(sizeWords)).toEqual([
      "1 B",
      "1023 B",
      "1 kB",
      "1.5 MB",
      "20 MB",
    ]);
  });

  it("that cannot go are refused before anything is sent", () => {
    expect(refusal(0, 10)).toBe("This file is empty.");
    expect(refusal(11, 10)).toContain("at most 10 B");
    expect(refusal(10, 10)).toBeNull();
  });
});
