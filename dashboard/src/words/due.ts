/** Amber when half of the time is gone, red when all of it is. */
export function dueLevel(leftMs: number, wholeMs: number): "fine" | "waiting" | "overdue" {
  if (leftMs < 0) return "overdue";
  return leftMs * 2 < wholeMs ? "waiting" : "fine";
}
