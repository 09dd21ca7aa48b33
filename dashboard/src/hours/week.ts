import type { Schedule } from "./documents";

export const days = [
  ["MONDAY", "Monday"],
  ["TUESDAY", "Tuesday"],
  ["WEDNESDAY", "Wednesday"],
  ["THURSDAY", "Thursday"],
  ["FRIDAY", "Friday"],
  ["SATURDAY", "Saturday"],
  ["SUNDAY", "Sunday"],
] as const;

export interface Interval {
  readonly from: string;
  readonly to: string;
}

export interface Exception {
  readonly date: string;
  readonly name: string;
  readonly intervals: readonly Interval[];
}

/** What the form holds. */
export interface Draft {
  readonly enabled: boolean;
  readonly timeZone: string;
  /** Monday first. */
  readonly week: readonly (readonly Interval[])[];
  readonly exceptions: readonly Exception[];
  readonly calendarIds: readonly string[];
}

export const usual: Interval = { from: "09:00", to: "17:00" };

/** Browsers know no 24:00; as an end, midnight is the same. */
function shown(interval: Interval): Interval {
  return { from: interval.from, to: interval.to === "24:00" ? "00:00" : interval.to };
}

/** What to begin with: what was set here, or what counts here now, or Monday to Friday from nine to five. */
export function draftOf(enabled: boolean, from: Schedule | null, usualTimeZone: string): Draft {
  if (!from) {
    const week = days.map((_, at) => (at < 5 ? [usual] : []));
    return { enabled, timeZone: usualTimeZone, week, exceptions: [], calendarIds: [] };
  }
  return {
    enabled,
    timeZone: from.timeZone,
    week: from.week.map((day) => day.intervals.map(shown)),
    exceptions: from.exceptions.map((one) => ({ ...one, intervals: one.intervals.map(shown) })),
    calendarIds: from.calendars.map((calendar) => calendar.id),
  };
}

export function isOvernight(interval: Interval): boolean {
  return interval.from !== "" && interval.to !== "" && interval.to <= interval.from;
}

/** What a person has to know of an end that is not on the same day. */
export function endWords(interval: Interval): string | null {
  if (!isOvernight(interval)) return null;
  return interval.to === "00:00" ? "until midnight" : "on the next day";
}

/** The next interval of a day begins an hour after the last one ends, as far as the day goes. */
export function following(intervals: readonly Interval[]): Interval {
  const last = intervals[intervals.length - 1];
  if (!last || isOvernight(last)) return usual;
  const hour = Number(last.to.slice(0, 2));
  const two = (number: number) => String(number).padStart(2, "0");
  return hour >= 22
    ? { from: last.to, to: "00:00" }
    : {
        from: `${two(hour + 1)}${last.to.slice(2)}`,
        to: `${two(Math.min(hour + 5, 23))}${last.to.slice(2)}`,
      };
}

export type Target = "weekdays" | "all" | "open";

export function copyDay(week: Draft["week"], from: number, target: Target): Draft["week"] {
  return week.map((day, at) => {
    const meant =
      target === "all" || (target === "weekdays" && at < 5) || (target === "open" && day.length > 0);
    return meant ? (week[from] ?? []) : day;
  });
}

/** "Monday to Friday 09:00–17:00, Saturday 10:00–14:00": days with the same hours stand together. */
export function weekWords(week: readonly (readonly Interval[])[]): string {
  const words = week.map((day) => day.map((one) => `${one.from}–${one.to}`).join(" and "));
  const parts: string[] = [];
  let at = 0;
  while (at < words.length) {
    let end = at;
    while (end + 1 < words.length && words[end + 1] === words[at]) end += 1;
    if (words[at] !== "") {
      const [first, last] = [days[at]?.[1] ?? "", days[end]?.[1] ?? ""];
      const name = at === 0 && end === 6 ? "Every day" : end === at ? first : `${first} to ${last}`;
      parts.push(`${name} ${words[at]}`);
    }
    at = end + 1;
  }
  return parts.length > 0 ? parts.join(", ") : "Closed on every day of the week";
}

/** Milliseconds that a zone's clocks are ahead of UTC at an instant. */
function aheadAt(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const number = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(
    number("year"),
    number("month") - 1,
    number("day"),
    number("hour"),
    number("minute"),
    number("second"),
  );
  return wall - Math.floor(at / 1_000) * 1_000;
}

/** The instant at which clocks of a zone show a local time, as in 2026-11-27T09:00; of two, the first. */
export function instantIn(zone: string, local: string): string | null {
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) return null;
  const candidates = [aheadAt(zone, wall - 86_400_000), aheadAt(zone, wall + 86_400_000)]
    .map((ahead) => wall - ahead)
    .sort((one, two) => one - two);
  const exact = candidates.find((at) => at + aheadAt(zone, at) === wall);
  return new Date(exact ?? candidates[1] ?? wall).toISOString();
}

/** What clocks of a zone show at an instant, as an input for dates and times has it. */
export function localIn(zone: string, at: number): string {
  return new Date(at + aheadAt(zone, at)).toISOString().slice(0, 16);
}

const ignored =
  /^(DESCRIPTION|DTSTAMP|CREATED|LAST-MODIFIED|SEQUENCE|CLASS|TRANSP|PRIORITY|LOCATION|URL|CATEGORIES|ORGANIZER|ATTENDEE|COMMENT|CONTACT|ATTACH|GEO|X-[^:;]*)[:;]/i;

/**
 * A calendar's text without the lines that say nothing of when: exports are mostly descriptions, and a request has its
 * limits. Line ends stay, so that the server's line numbers are those of the file.
 */
export function withoutWords(text: string): string {
  let dropping = false;
  return text
    .split(/\r?\n/)
    .map((line) => {
      const continued = /^[ \t]/.test(line);
      if (!continued) dropping = ignored.test(line);
      return dropping ? "" : line;
    })
    .join("\n");
}
