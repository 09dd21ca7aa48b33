/** Merging of pages of a list that is sorted by latest activity and changes while one looks at it. */

export interface Listed {
  readonly id: string;
  readonly rev: number;
  readonly lastActivityAt: string;
  readonly signals?: readonly string[];
}

type Order = (a: Listed, b: Listed) => number;

export const byActivity: Order = (a, b) =>
  b.lastActivityAt.localeCompare(a.lastActivityAt) || b.id.localeCompare(a.id);

/** The most worrying first: the order of the list of what needs attention. */
export const bySignals: Order = (a, b) =>
  (b.signals?.length ?? 0) - (a.signals?.length ?? 0) || byActivity(a, b);

function newer<R extends Listed>(held: R | undefined, row: R): R {
  return held && held.rev > row.rev ? held : row;
}

/**
 * The first page was read again. Held rows that would belong on it but are not there have left the list (they no
 * longer match the filter); rows below the page were loaded by scrolling and stay.
 */
export function refreshFirstPage<R extends Listed>(
  held: readonly R[],
  page: readonly R[],
  hasNext: boolean,
  order: Order = byActivity,
): readonly R[] {
  const known = new Map(held.map((row) => [row.id, row]));
  const first = page.map((row) => newer(known.get(row.id), row));
  const last = page.at(-1);
  if (!hasNext || !last) return [...first].sort(order);
  const onPage = new Set(page.map((row) => row.id));
  const below = held.filter((row) => !onPage.has(row.id) && order(last, row) < 0);
  return [...first, ...below].sort(order);
}

export function appendPage<R extends Listed>(
  held: readonly R[],
  page: readonly R[],
  order: Order = byActivity,
): readonly R[] {
  const rows = new Map(held.map((row) => [row.id, row]));
  for (const row of page) rows.set(row.id, newer(rows.get(row.id), row));
  return [...rows.values()].sort(order);
}

/** A change of one row that came by the stream. A row that is not in the list is not added: the filter decides. */
export function patchRow<R extends Listed>(
  held: readonly R[],
  row: R,
  order: Order = byActivity,
): readonly R[] {
  const current = held.find((other) => other.id === row.id);
  if (!current || row.rev <= current.rev) return held;
  return held.map((other) => (other.id === row.id ? row : other)).sort(order);
}
