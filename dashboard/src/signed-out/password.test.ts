import { describe, expect, it } from "vitest";
import { newPasswordProblem } from "./password";

describe("a password that is chosen", () => {
  it("has to be long enough, counted as people count", () => {
    expect(newPasswordProblem("1234567", "1234567")).toContain("8");
    expect(newPasswordProblem("🐝🐝🐝🐝🐝🐝🐝", "🐝🐝🐝🐝🐝🐝🐝")).toContain("8");
    expect(newPasswordProblem("🐝🐝🐝🐝🐝🐝🐝🐝", "🐝🐝🐝🐝🐝🐝🐝🐝")).toBeNull();
  });

  it("has to be typed the same twice", () => {
    expect(newPasswordProblem("correct horse", "correct house")).toContain("not the same");
    expect(newPasswordProblem("correct horse", "correct horse")).toBeNull();
  });
});
