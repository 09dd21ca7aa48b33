import { describe, expect, it } from "vitest";
import { lacking, lackingWords } from "./browser";

describe("what live chats need of a browser", () => {
  it("is named where it is missing", () => {
    expect(lacking({ socket: true, random: true, channel: true })).toEqual([]);
    expect(lacking({ socket: false, random: true, channel: true })).toEqual(["live connections"]);
    expect(lackingWords(["live connections"])).toContain("lacks live connections:");
  });
});
