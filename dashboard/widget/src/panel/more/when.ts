// An instant as the visitor would say it: in their zone, in their language, near ones by the day.

const DAY = 86_400_000;

/** "today at 9:00 AM", "tomorrow at 9:00 AM", "Monday, 9:00 AM", "Monday, January 5, 9:00 AM". */
export function when(iso: string, now: Date, locale?: string, timeZone?: string): string {
  const at = new Date(iso);
  const zone = timeZone === undefined ? {} : { timeZone };
  // The calendar day in that zone, as a number of days: what a clock change does to a day's length does not matter.
  const day = (date: Date) => {
    const [year, month, number] = new Intl.DateTimeFormat("en-CA", { ...zone, dateStyle: "short" })
      .format(date)
      .split("-")
      .map(Number);
    return Date.UTC(year ?? 0, (month ?? 1) - 1, number) / DAY;
  };
  const ahead = day(at) - day(now);
  const time = { hour: "numeric", minute: "2-digit", ...zone } as const;
  const clock = new Intl.DateTimeFormat(locale, time).format(at);
  if (ahead === 0 || ahead === 1) {
    const name = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(ahead, "day");
    return `${name}, ${clock}`;
  }
  const date =
    ahead > 1 && ahead < 7
      ? ({ weekday: "long" } as const)
      : ({ weekday: "long", month: "long", day: "numeric" } as const);
  return `${new Intl.DateTimeFormat(locale, { ...date, ...zone }).format(at)}, ${clock}`;
}

/** "2.4 MB", counted as the settings count what may be sent, in the visitor's way of writing numbers. */
export function size(bytes: number, locale?: string): string {
  const step = bytes < 1_024 ? 0 : bytes < 1_023.5 * 1_024 ? 1 : 2;
  const unit = ["byte", "kilobyte", "megabyte"][step];
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: step === 2 ? 1 : 0,
  }).format(bytes / 1_024 ** step);
}
