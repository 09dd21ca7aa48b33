import { describe, expect, it } from "vitest";
import { languageName, localTime } from "./local";

describe("what a visitor's browser says of where they are", () => {
  it("gives their time, or nothing", () => {
    const noon = Date.UTC(2026, 0, 15, 12);
    expect(localTime("Asia/Tokyo", noon)).toMatch(/9|21/);
    expect(localTime("<script>", noon)).toBeNull();
  });

  it("gives a language its name", () => {
    expect(languageName("de")).not.toBe("");
    expect(languageName("not a language")).toBe("not a language");
  });
});
