import { expect, it } from "vitest";
import { size, when } from "./when";

const spoken = (text: string) => text.replace(/[\u202f\u00a0]/g, " ");

it.each([
  // The same instant, as a visitor in each zone would say it.
  ["2026-03-02T14:00:00Z", "2026-03-02T08:00:00Z", "en-US", "America/New_York", "today, 9:00 AM"],
  ["2026-03-02T14:00:00Z", "2026-03-02T08:00:00Z", "de", "Europe/Berlin", "heute, 15:00"],
  ["2026-03-02T14:00:00Z", "2026-03-01T08:00:00Z", "en-US", "America/New_York", "tomorrow, 9:00 AM"],
  // Already the next day there.
  ["2026-03-02T14:00:00Z", "2026-03-02T08:00:00Z", "en-US", "Pacific/Kiritimati", "tomorrow, 4:00 AM"],
  ["2026-03-05T14:00:00Z", "2026-03-02T08:00:00Z", "en-US", "America/New_York", "Thursday, 9:00 AM"],
  ["2026-03-09T13:00:00Z", "2026-03-02T08:00:00Z", "en-US", "America/New_York", "Monday, March 9, 9:00 AM"],
  // The night in between is an hour shorter.
  ["2026-03-08T13:00:00Z", "2026-03-07T13:30:00Z", "en-US", "America/New_York", "tomorrow, 9:00 AM"],
])("%s, seen at %s in %s, %s: %s", (at, now, locale, zone, expected) => {
  expect(spoken(when(at, new Date(now), locale, zone))).toBe(expected);
});

it.each([
  [812, "812 bytes"],
  [248_000, "242 kB"],
  [1_048_200, "1 MB"],
  [3_440_000, "3.3 MB"],
  [10 * 1_024 * 1_024, "10 MB"],
])("%d bytes are %s", (bytes, expected) => {
  expect(spoken(size(bytes, "en-US"))).toBe(expected);
});
