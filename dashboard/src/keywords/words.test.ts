import { describe, expect, it } from "vitest";
import { hitsLine, sayer, silences, termsLine, written } from "./words";

const word = (text: string) => ({ kind: "WORD" as const, text });

describe("what is said of a keyword alert", () => {
  it("lists the first terms, and says how many more there are", () => {
    expect(termsLine([word("refund"), { kind: "PATTERN", text: "\\d+" }])).toBe("“refund”, /\\d+/");
    expect(termsLine(["a", "b", "c", "d", "e", "f"].map(word))).toBe("“a”, “b”, “c”, “d” and 2 more");
  });

  it("counts what was found", () => {
    expect([0, 1, 2].map((hits) => hitsLine({ hits }))).toEqual([
      "Nothing found in 30 days",
      "Found in 1 message in 30 days",
      "Found in 2 messages in 30 days",
    ]);
  });

  it("names who said it as far as one may know", () => {
    expect(sayer({ speaker: "VISITOR", visitorName: "Ada" })).toBe("Ada");
    expect(sayer({ speaker: "VISITOR", visitorName: null })).toBe("A visitor");
    expect(sayer({ speaker: "OPERATOR", visitorName: "Ada" })).toBe("An operator");
  });

  it("sends no empty terms", () => {
    const cached = { ...word("a"), __typename: "KeywordTerm" };
    expect(written([word(" "), cached, word("")])).toEqual([word("a")]);
  });

  it("offers the usual silences, and the one that is set", () => {
    expect(silences(10).map((one) => one.label)).toContain("Once in 10 minutes");
    expect(silences(90).map((one) => one.value)).toEqual(["0", "5", "10", "30", "60", "90", "240", "1440"]);
    expect(silences(60).map((one) => one.label)).toEqual(
      expect.arrayContaining(["For each message", "Once in an hour", "Once in 24 hours"]),
    );
  });
});
