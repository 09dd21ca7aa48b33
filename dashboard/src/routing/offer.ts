/** What the queue knows of to whom a request is offered. Pure. */
export interface Offered {
  readonly offeredTo: { readonly id: string } | null;
  readonly offeredUntil: string | null;
}

/** Whether it is offered to somebody else now. What has run out is offered to nobody. */
export function isForOther(handoff: Offered | null, userId: string, now = Date.now()): boolean {
  if (!handoff?.offeredTo || handoff.offeredTo.id === userId) return false;
  return handoff.offeredUntil === null || Date.parse(handoff.offeredUntil) > now;
}

/** Whether it is this person whom a request calls. */
export function ringsFor(handoff: Offered | null, userId: string, now = Date.now()): boolean {
  return !isForOther(handoff, userId, now);
}
