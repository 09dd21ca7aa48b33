import { describe, expect, it } from "vitest";
import { appendRows } from "./infinite";

describe("the next page of a list", () => {
  it("adds what is new and nothing twice", () => {
    const held = [{ id: "a" }, { id: "b" }];
    expect(appendRows(held, [{ id: "b" }, { id: "c" }]).map((row) => row.id)).toEqual(["a", "b", "c"]);
    expect(appendRows(held, [])).toEqual(held);
  });
});
