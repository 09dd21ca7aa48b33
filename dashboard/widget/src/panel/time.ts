// Times in the visitor's own zone and habit. What the server sends is UTC.
import { texts } from "./texts";

export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

export function exact(iso: string): string {
  return new Date(iso).toLocaleString([], { dateStyle: "full", timeStyle: "medium" });
}

/** One value per calendar day, to see where a new day begins. */
export function dayKey(iso: string): string {
  return new Date(iso).toDateString();
}

export function dayName(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (date.toDateString() === now.toDateString()) return texts.today;
  if (date.toDateString() === yesterday.toDateString()) return texts.yesterday;
  return date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}
