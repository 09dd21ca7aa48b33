import { useSyncExternalStore } from "react";
import { serverNow } from "../api/clock";

/** One clock for the whole page: every "since" on it moves at the same moment, and none runs in a hidden tab. */
const listeners = new Set<() => void>();
let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = serverNow();
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    tick();
    timer = setInterval(() => {
      if (document.visibilityState === "visible") tick();
    }, 1_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time. With a step, the component is drawn again only when the time enters the next step. */
export function useNow(stepMs = 1_000): number {
  return useSyncExternalStore(listen, () => Math.floor(now / stepMs) * stepMs);
}

/** The zone that the reader chose in their account; the browser's own until they do. */
let zone: string | undefined;

export function readInZone(chosen: string | null): void {
  try {
    zone = chosen
      ? new Intl.DateTimeFormat("en", { timeZone: chosen }).resolvedOptions().timeZone
      : undefined;
  } catch {
    // A zone that this browser does not know: its own is the better guess.
    zone = undefined;
  }
}

export function exact(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium", timeZone: zone });
}

export function clockTime(at: string): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", timeZone: zone });
}

const relativeFormat = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_557_600_000],
  ["month", 2_629_800_000],
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "in 3 days": how long something still goes on; "now" when that is over. */
export function ahead(at: string, from: number): string {
  const left = Date.parse(at) - from;
  for (const [unit, length] of steps) {
    if (left >= length) return relativeFormat.format(Math.floor(left / length), unit);
  }
  return left > 0 ? "in less than a minute" : "now";
}

export function relative(at: string, from: number): string {
  const passed = Math.max(0, from - Date.parse(at));
  for (const [unit, length] of steps) {
    if (passed >= length) return relativeFormat.format(-Math.floor(passed / length), unit);
  }
  return "just now";
}

/** 0:42, 12:05, 2 h 05 min: a wait, as it counts up. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (n: number) => String(n).padStart(2, "0");
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

export function Ago({ at }: { readonly at: string }) {
  const from = useNow(15_000);
  return (
    <time dateTime={at} title={exact(at)}>
      {relative(at, from)}
    </time>
  );
}

/** The counterpart of Ago, for what is still to come. */
export function Until({ at }: { readonly at: string }) {
  const from = useNow(15_000);
  return (
    <time dateTime={at} title={exact(at)}>
      {ahead(at, from)}
    </time>
  );
}
