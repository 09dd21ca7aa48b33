/** How the state of an organization is told, in lists and on its page. */

export function stateWord(state: "ACTIVE" | "SUSPENDED" | "DELETED"): string {
  switch (state) {
    case "ACTIVE":
      return "Active";
    case "SUSPENDED":
      return "Suspended";
    case "DELETED":
      return "In the bin";
  }
}

/** Whole days until it is gone for good; the last one counts as one. */
export function daysLeft(purgeAt: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(purgeAt) - now) / 86_400_000));
}

export function daysLeftWords(purgeAt: string, now: number): string {
  const days = daysLeft(purgeAt, now);
  if (days === 0) return "Is being removed now";
  return days === 1 ? "1 day left to restore" : `${days} days left to restore`;
}

export function countWords(count: number, one: string, many: string): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}
