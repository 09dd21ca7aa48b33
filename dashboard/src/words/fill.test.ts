import { describe, expect, it } from "vitest";
import { fill, type Known, matching, typedAfter } from "./fill";

const known: Known = {
  "visitor.name": "Jo",
  topic: "an invoice",
  "operator.name": "Olivia",
  "ai_agent.name": "Crumb",
};
const nobody: Known = {
  "visitor.name": null,
  topic: " ",
  "operator.name": "Olivia",
  "ai_agent.name": "Crumb",
};

describe("variables of canned replies", () => {
  it("are filled with what is known", () => {
    expect(fill("Hello {visitor.name}, {operator.name} here, about {topic} ({ai_agent.name})", known)).toBe(
      "Hello Jo, Olivia here, about an invoice (Crumb)",
    );
  });

  it("have something to say when it is not", () => {
    expect(fill("Hello {visitor.name}", nobody)).toBe("Hello there");
    expect(fill("Hello {visitor.name|friend}, about {topic|it}", nobody)).toBe("Hello friend, about it");
  });

  it("do not fill what a visitor is called", () => {
    const hostile = { ...known, "visitor.name": "{operator.name}<img src=x onerror=alert(1)>" };
    expect(fill("Hi {visitor.name}", hostile)).toBe("Hi {operator.name}<img src=x onerror=alert(1)>");
    expect(fill("{unknown} {}", known)).toBe("{unknown} {}");
  });
});

describe("what is typed after a sign", () => {
  it("is found at the beginning and after white space alone", () => {
    expect(typedAfter("/", "/hel", 4)).toEqual({ at: 0, word: "hel" });
    expect(typedAfter("/", "Dear Jo, /", 10)).toEqual({ at: 9, word: "" });
    expect(typedAfter("/", "and/or", 6)).toBeNull();
    expect(typedAfter("/", "https://example", 15)).toBeNull();
    expect(typedAfter("/", "/hello you", 10)).toBeNull();
    expect(typedAfter("@", "ask @Olivia Ha", 14, 1)).toEqual({ at: 4, word: "Olivia Ha" });
  });
});

describe("the list", () => {
  const reply = (shortcut: string, title: string, tags: readonly string[] = []) => ({
    shortcut,
    title,
    text: "some words",
    tags,
  });
  const all = [
    reply("thanks", "Thank"),
    reply("hello", "Greeting", ["first"]),
    reply("bye", "Say hello again"),
  ];

  it("has shortcuts before titles and tags", () => {
    expect(matching(all, "hel").map((one) => one.shortcut)).toEqual(["hello", "bye"]);
    expect(matching(all, "first").map((one) => one.shortcut)).toEqual(["hello"]);
    expect(matching(all, "")).toHaveLength(3);
    expect(matching(all, "zzz")).toHaveLength(0);
  });
});
