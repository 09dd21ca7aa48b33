import { describe, expect, it } from "vitest";
import { isForOther, ringsFor } from "./offer";

const until = (ms: number) => new Date(ms).toISOString();

describe("whom a request calls", () => {
  it("everybody, as long as it is offered to nobody", () => {
    expect(ringsFor(null, "a", 0)).toBe(true);
    expect(ringsFor({ offeredTo: null, offeredUntil: null }, "a", 0)).toBe(true);
  });
  it("the one whom it is offered to, and nobody else", () => {
    const offered = { offeredTo: { id: "a" }, offeredUntil: until(10) };
    expect(ringsFor(offered, "a", 5)).toBe(true);
    expect(ringsFor(offered, "b", 5)).toBe(false);
    expect(isForOther(offered, "b", 5)).toBe(true);
  });
  it("everybody again once the offer has run out", () => {
    expect(ringsFor({ offeredTo: { id: "a" }, offeredUntil: until(10) }, "b", 11)).toBe(true);
  });
});
