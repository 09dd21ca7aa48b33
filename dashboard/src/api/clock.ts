/** The server's clock decides how long somebody has waited; the reader's own may be minutes off. */
let offsetMs = 0;

/** A date header has whole seconds, so a difference below two seconds says nothing. */
export function observeServerTime(header: string | null): void {
  const server = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(server)) return;
  const difference = server - Date.now();
  offsetMs = Math.abs(difference) < 2_000 ? 0 : difference;
}

export function serverNow(): number {
  return Date.now() + offsetMs;
}
