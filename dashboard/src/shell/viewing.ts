/** Begun minutes: "1 minute left" until the very end, and 0 only when it is over. */
export function minutesLeft(expiresAt: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / 60_000));
}
