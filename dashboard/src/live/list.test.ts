import { describe, expect, it } from "vitest";
import { appendPage, type Listed, patchRow, refreshFirstPage } from "./list";

const row = (id: string, at: number, rev = 1): Listed => ({
  id,
  rev,
  lastActivityAt: String(at).padStart(4, "0"),
});
const ids = (rows: readonly Listed[]) => rows.map((one) => one.id).join("");

describe("list", () => {
  it("takes the first page, newest first", () => {
    expect(ids(refreshFirstPage([], [row("a", 9), row("b", 8)], true))).toBe("ab");
  });

  it("keeps the pages below when the first one is read again", () => {
    const held = [row("a", 9), row("b", 8), row("c", 7), row("d", 6)];
    expect(ids(refreshFirstPage(held, [row("b", 10, 2), row("a", 9)], true))).toBe("bacd");
  });

  it("drops a row that belongs on the first page and is not there", () => {
    const held = [row("a", 9), row("b", 8), row("c", 7), row("d", 6)];
    expect(ids(refreshFirstPage(held, [row("a", 9), row("c", 7)], true))).toBe("acd");
  });

  it("is the page alone when there is no further one", () => {
    expect(ids(refreshFirstPage([row("a", 9), row("z", 1)], [row("a", 9)], false))).toBe("a");
    expect(refreshFirstPage([row("a", 9)], [], false)).toEqual([]);
  });

  it("does not go back to an older revision of a row", () => {
    const [first] = refreshFirstPage([row("a", 9, 5)], [row("a", 8, 4)], false);
    expect(first?.rev).toBe(5);
  });

  it("appends a page, each row once", () => {
    expect(ids(appendPage([row("a", 9), row("b", 8)], [row("b", 8), row("c", 7)]))).toBe("abc");
  });

  it("moves a row that changed to its place, and adds none", () => {
    const held = [row("a", 9), row("b", 8)];
    expect(ids(patchRow(held, row("b", 10, 2)))).toBe("ba");
    expect(patchRow(held, row("x", 10, 2))).toBe(held);
    expect(patchRow(held, row("b", 10, 1))).toBe(held);
  });
});
