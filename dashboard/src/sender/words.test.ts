import { describe, expect, it } from "vitest";
import { kindWords, portFor, senderWords } from "./words";

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

  it("names kinds of mails", () => {
    expect(kindWords("password_reset")).toBe("Password reset");
  });
});
