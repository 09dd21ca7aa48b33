import { describe, expect, it } from "vitest";
import { isUnanswered, resolutions, resolutionWords } from "./words";

const entry = (kind: string, author: string) => ({ kind, author: { kind: author } });

describe("before a chat is completed", () => {
  it("is noticed when the visitor's last words have no answer", () => {
    expect(isUnanswered([])).toBe(false);
    expect(isUnanswered([entry("TEXT", "OPERATOR"), entry("TEXT", "VISITOR")])).toBe(true);
    expect(isUnanswered([entry("TEXT", "VISITOR"), entry("HANDOFF_ACCEPTED", "SYSTEM")])).toBe(true);
    expect(isUnanswered([entry("TEXT", "VISITOR"), entry("TEXT", "OPERATOR")])).toBe(false);
  });

  it("has words for every resolution", () => {
    for (const [word, words] of resolutions) expect(resolutionWords(word)).toBe(words);
  });
});
