import { describe, expect, it } from "vitest";
import { bounceWords, isGivenUp, kindWords, portFor, senderWords } from "./words";

describe("the sender in words", () => {
  it("says what happens to mails meanwhile", () => {
    const base = { neutralAddress: "mail@neutral.example" };
    expect(senderWords({ ...base, state: "UNPROVED", fallback: "NEUTRAL" }).text).toContain(
      "mail@neutral.example",
    );
    expect(senderWords({ ...base, state: "UNPROVED", fallback: "REFUSE" }).text).toContain(
      "no mail goes out",
    );
    expect(senderWords({ ...base, state: "NONE", fallback: "REFUSE" }).text).toContain("No mail goes out");
  });

  it("proposes the usual port and keeps an unusual one", () => {
    expect(portFor("TLS", 587)).toBe(465);
    expect(portFor("STARTTLS", 465)).toBe(587);
    expect(portFor("STARTTLS", 2525)).toBe(2525);
  });

  it("counts what came back, and warns when it is a lot", () => {
    expect(bounceWords(0, 0)).toBe("");
    expect(bounceWords(40, 0)).toBe("In the last 30 days none of 40 came back.");
    expect(bounceWords(95, 5)).toBe("In the last 30 days 5 of 100 came back (5 %).");
    expect(bounceWords(94, 6)).toContain("6 of 100 came back (6 %). That is a lot");
    expect(bounceWords(3, 1)).toBe("In the last 30 days 1 of 4 came back (25 %).");
    expect(bounceWords(999, 1)).toContain("(less than 1 %)");
    expect(
      (["QUEUED", "SENT", "BOUNCED", "FAILED", "REFUSED", "DROPPED"] as const).filter(isGivenUp),
    ).toEqual(["BOUNCED", "FAILED", "REFUSED"]);
  });

  it("names kinds of mails", () => {
    expect(kindWords("password_reset")).toBe("Password reset");
  });
});
