import { describe, expect, it } from "vitest";
import {
  type Bell,
  type BellAction,
  type BellEntry,
  bellName,
  countWords,
  emptyBell,
  reduceBell,
} from "./notifications";

type E = BellEntry;

const at = (minute: number) => `2026-11-20T10:${String(minute).padStart(2, "0")}:00Z`;
const entry = (id: string, minute: number, readAt: string | null = null): E => ({
  id,
  happenedAt: at(minute),
  readAt,
});
const run = (bell: Bell<E>, ...actions: readonly BellAction<E>[]) => actions.reduce(reduceBell<E>, bell);
const asked: BellAction<E> = { type: "asked" };
const page = (nodes: readonly E[], patch: Partial<BellAction<E> & { type: "page" }> = {}): BellAction<E> => ({
  type: "page",
  first: true,
  nodes,
  end: null,
  more: false,
  ...patch,
});
const arrived = (one: E, unread: number): BellAction<E> => ({ type: "arrived", entry: one, unread });
const counted = (unread: number): BellAction<E> => ({ type: "counted", unread, at: at(59) });
const ids = (bell: Bell<E>) => bell.entries.map((one) => one.id);
const filled = (...entries: E[]) =>
  run(emptyBell<E>(), counted(entries.filter((one) => one.readAt === null).length), asked, page(entries));

describe("the bell", () => {
  it("counts before its list was ever asked for, and keeps nothing yet", () => {
    const bell = run(emptyBell<E>(), counted(2), arrived(entry("a", 1), 3));
    expect(bell.unread).toBe(3);
    expect(bell.entries).toEqual([]);
    expect(bell.stale).toBe(false);
  });

  it("puts what arrives on top", () => {
    expect(ids(run(filled(entry("b", 2), entry("a", 1)), arrived(entry("c", 3), 3)))).toEqual([
      "c",
      "b",
      "a",
    ]);
  });

  it("replaces an entry that is there already, and moves it up", () => {
    const bell = run(filled(entry("b", 2), entry("a", 1, at(1))), arrived(entry("a", 3), 2));
    expect(ids(bell)).toEqual(["a", "b"]);
    expect(bell.entries[0]?.readAt).toBeNull();
    expect(bell.unread).toBe(2);
  });

  it("does not let an older telling undo a newer one", () => {
    const bell = run(filled(entry("a", 5)), arrived(entry("a", 3), 1));
    expect(bell.entries[0]?.happenedAt).toBe(at(5));
  });

  it("keeps what arrived while the first page was on its way", () => {
    const bell = run(emptyBell<E>(), asked, arrived(entry("c", 3), 1), page([entry("b", 2), entry("a", 1)]));
    expect(ids(bell)).toEqual(["c", "b", "a"]);
  });

  it("forgets at a first page what is no longer in it", () => {
    expect(ids(run(filled(entry("b", 2), entry("a", 1)), asked, page([entry("b", 2)])))).toEqual(["b"]);
  });

  it("goes on after the last page, without telling anything twice", () => {
    const bell = run(
      filled(entry("c", 3), entry("b", 2)),
      page([entry("b", 2), entry("a", 1)], { first: false, end: "z", more: true }),
    );
    expect(ids(bell)).toEqual(["c", "b", "a"]);
    expect([bell.end, bell.more]).toEqual(["z", true]);
  });

  it("marks at once what is read here, and the server's count then changes nothing", () => {
    const bell = run(filled(entry("b", 2), entry("a", 1)), { type: "read", ids: ["b"], at: at(9) });
    expect(bell.unread).toBe(1);
    expect(bell.entries.map((one) => one.readAt)).toEqual([at(9), null]);
    expect(run(bell, counted(1)).stale).toBe(false);
    expect(run(bell, { type: "read", ids: ["b"], at: at(10) }).unread).toBe(1);
  });

  it("marks all of them, also those that are not in the list", () => {
    const bell = run(filled(entry("a", 1)), counted(40), { type: "read", ids: null, at: at(9) });
    expect(bell.unread).toBe(0);
    expect(bell.entries.every((one) => one.readAt !== null)).toBe(true);
  });

  it("knows when some were read elsewhere: all of them, or the list has to be read again", () => {
    const none = run(filled(entry("b", 2), entry("a", 1)), counted(0));
    expect(none.stale).toBe(false);
    expect(none.entries.every((one) => one.readAt !== null)).toBe(true);
    const some = run(filled(entry("b", 2), entry("a", 1)), counted(1));
    expect(some.stale).toBe(true);
    expect(run(some, asked).stale).toBe(false);
  });

  it("says how many", () => {
    expect([countWords(3), countWords(99), countWords(100)]).toEqual(["3", "99", "99+"]);
    expect(bellName(3)).toBe("Notifications, 3 unread");
    expect(bellName(0)).toBe("Notifications, none unread");
    expect(bellName(null)).toBe("Notifications, none unread");
  });
});
