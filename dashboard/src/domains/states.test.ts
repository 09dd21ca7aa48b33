import { describe, expect, it } from "vitest";
import { missingWords, toHost } from "./states";

describe("a host", () => {
  it("is taken from what people paste", () => {
    expect(toHost(" https://Chat.Example.com/path?x=1 ")).toBe("chat.example.com");
    expect(toHost("chat.example.com.")).toBe("chat.example.com");
    expect(toHost("chat.example.com:8443")).toBe("chat.example.com");
    expect(toHost("bücher.example")).toBe("bücher.example");
    expect(toHost("")).toBe("");
  });
});

describe("what is missing", () => {
  it("is counted and named", () => {
    expect(missingWords([{ type: "TXT", ok: true }])).toBeNull();
    expect(missingWords([{ type: "TXT", ok: false }])).toBe("One record is missing: TXT.");
    expect(
      missingWords([
        { type: "TXT", ok: false },
        { type: "CNAME", ok: false },
        { type: "A", ok: true },
      ]),
    ).toBe("2 of 3 records are missing: TXT and CNAME.");
  });
});
