import { describe, expect, it } from "vitest";
import { eventWords, senderName } from "./words";

describe("offline queries in words", () => {
  it("say who did what", () => {
    expect(eventWords("RECEIVED", null)).toBe("Left by the visitor");
    expect(eventWords("ANSWERED", "Olivia")).toBe("Answered by Olivia");
    expect(eventWords("REPLIED", "vera@visitor.test")).toBe("Reply by email from vera@visitor.test");
    expect(eventWords("CLOSED", "Olivia")).toBe("Closed by Olivia");
    expect(eventWords("REOPENED", null)).toBe("Opened again by somebody");
  });

  it("name whoever left it, or their address", () => {
    expect(senderName({ name: " Vera ", email: "v@x.test" })).toBe("Vera");
    expect(senderName({ name: " ", email: "v@x.test" })).toBe("v@x.test");
    expect(senderName({ name: null, email: "v@x.test" })).toBe("v@x.test");
  });
});
