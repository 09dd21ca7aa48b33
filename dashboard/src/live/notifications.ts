/** What the bell shows, kept from its list and its stream. Pure, like the rest of this folder. */

export interface BellEntry {
  readonly id: string;
  /** The last time it happened: what is told again moves up. */
  readonly happenedAt: string;
  readonly readAt: string | null;
}

export interface Bell<E extends BellEntry> {
  /** Null until the server has told it. */
  readonly unread: number | null;
  /** Newest first. */
  readonly entries: readonly E[];
  /** How far the list has been read. */
  readonly list: "none" | "loading" | "ready";
  readonly end: string | null;
  readonly more: boolean;
  /** What came while the first page was on its way: that page may have been made before. */
  readonly arrived: readonly E[];
  /** Some were read in another page, and nothing says which: the list has to be read again. */
  readonly stale: boolean;
}

export type BellAction<E extends BellEntry> =
  | { readonly type: "asked" }
  | {
      readonly type: "page";
      readonly first: boolean;
      readonly nodes: readonly E[];
      readonly end: string | null;
      readonly more: boolean;
    }
  | { readonly type: "arrived"; readonly entry: E; readonly unread: number }
  | { readonly type: "counted"; readonly unread: number; readonly at: string }
  /** Marked here, before the server has said so. Null is all of them. */
  | { readonly type: "read"; readonly ids: readonly string[] | null; readonly at: string }
  | { readonly type: "failed" }
  | { readonly type: "cleared" };

export function emptyBell<E extends BellEntry>(): Bell<E> {
  return { unread: null, entries: [], list: "none", end: null, more: false, arrived: [], stale: false };
}

/** Each once, as it was told last, and in the order in which they happened. */
function merged<E extends BellEntry>(held: readonly E[], told: readonly E[]): readonly E[] {
  const byId = new Map(held.map((one) => [one.id, one]));
  for (const one of told) {
    const before = byId.get(one.id);
    if (!before || one.happenedAt >= before.happenedAt) byId.set(one.id, one);
  }
  return [...byId.values()].sort(
    (a, b) => b.happenedAt.localeCompare(a.happenedAt) || b.id.localeCompare(a.id),
  );
}

function readAll<E extends BellEntry>(
  entries: readonly E[],
  ids: readonly string[] | null,
  at: string,
): readonly E[] {
  return entries.map((one) =>
    one.readAt === null && (ids === null || ids.includes(one.id)) ? { ...one, readAt: at } : one,
  );
}

export function reduceBell<E extends BellEntry>(bell: Bell<E>, action: BellAction<E>): Bell<E> {
  switch (action.type) {
    case "asked":
      return { ...bell, list: "loading", arrived: [], stale: false };
    case "page": {
      const { nodes, end, more } = action;
      const entries = action.first ? merged(nodes, bell.arrived) : merged(bell.entries, nodes);
      return { ...bell, entries, end, more, list: "ready", arrived: [] };
    }
    case "arrived": {
      const { entry, unread } = action;
      const arrived = bell.list === "loading" ? merged(bell.arrived, [entry]) : bell.arrived;
      // Without a list there is nothing to put it into: the list will have it when it is asked for.
      const entries = bell.list === "none" ? bell.entries : merged(bell.entries, [entry]);
      return { ...bell, entries, arrived, unread };
    }
    case "counted": {
      const { unread, at } = action;
      if (unread === 0) {
        return {
          ...bell,
          unread,
          entries: readAll(bell.entries, null, at),
          arrived: readAll(bell.arrived, null, at),
        };
      }
      const known = bell.unread === null || bell.unread === unread;
      return { ...bell, unread, stale: bell.stale || (!known && bell.list !== "none") };
    }
    case "read": {
      const { ids, at } = action;
      const entries = readAll(bell.entries, ids, at);
      const fewer = entries.filter((one, index) => one !== bell.entries[index]).length;
      const left = Math.max(0, (bell.unread ?? 0) - fewer);
      return {
        ...bell,
        entries,
        arrived: readAll(bell.arrived, ids, at),
        unread: bell.unread === null ? null : ids === null ? 0 : left,
      };
    }
    case "failed":
      return { ...bell, list: bell.entries.length > 0 ? "ready" : "none", arrived: [] };
    case "cleared":
      return emptyBell();
  }
}

/** "99+" at most: the number has to fit beside the bell. */
export function countWords(unread: number): string {
  return unread > 99 ? "99+" : String(unread);
}

export function bellName(unread: number | null): string {
  return unread ? `Notifications, ${unread} unread` : "Notifications, none unread";
}
