import type { Interval } from "../hours/week";

interface HoursOfDay extends Interval {
  readonly day: number;
}

/** Hours as the week's editor takes them: Monday first. */
export function weekOf(hours: readonly HoursOfDay[]): readonly (readonly Interval[])[] {
  return Array.from({ length: 7 }, (_, at) =>
    hours.filter((one) => one.day === at + 1).map(({ from, to }) => ({ from, to })),
  );
}

/** And back, as the server takes them. */
export function hoursOf(week: readonly (readonly Interval[])[]): HoursOfDay[] {
  return week.flatMap((day, at) => day.map(({ from, to }) => ({ day: at + 1, from, to })));
}

/** The end of a day in a zone, as an instant; null for nothing chosen. `instant` says what a local time is there. */
export function endOf(
  day: string,
  zone: string,
  instant: (zone: string, local: string) => string | null,
): string | null {
  return day === "" ? null : instant(zone, `${day}T23:59`);
}
