import { describe, expect, it } from "vitest";
import { copyDay, draftOf, endWords, following, instantIn, localIn, weekWords, withoutWords } from "./week";

const nine = { from: "09:00", to: "17:00" };

describe("a week", () => {
  it("begins with Monday to Friday from nine to five", () => {
    const draft = draftOf(true, null, "Europe/Berlin");
    expect(draft.week.map((day) => day.length)).toEqual([1, 1, 1, 1, 1, 0, 0]);
    expect(draft.timeZone).toBe("Europe/Berlin");
  });

  it("shows the end of a day as midnight", () => {
    const week = [{ day: "MONDAY" as const, intervals: [{ from: "18:00", to: "24:00" }] }];
    const draft = draftOf(true, { timeZone: "UTC", week, exceptions: [], calendars: [] }, "UTC");
    expect(draft.week[0]).toEqual([{ from: "18:00", to: "00:00" }]);
    expect(endWords({ from: "18:00", to: "00:00" })).toBe("until midnight");
    expect(endWords({ from: "22:00", to: "06:00" })).toBe("on the next day");
    expect(endWords(nine)).toBeNull();
    expect(endWords({ from: "09:00", to: "" })).toBeNull();
  });

  it("is said in few words", () => {
    const week = [[nine], [nine], [nine], [nine], [nine], [{ from: "10:00", to: "14:00" }], []];
    expect(weekWords(week)).toBe("Monday to Friday 09:00–17:00, Saturday 10:00–14:00");
    expect(weekWords(week.map(() => [nine]))).toBe("Every day 09:00–17:00");
    expect(weekWords(week.map(() => []))).toBe("Closed on every day of the week");
  });

  it("is copied from one day to others", () => {
    const week = [[nine], [], [{ from: "10:00", to: "11:00" }], [], [], [], []];
    expect(copyDay(week, 0, "weekdays").map((day) => day.length)).toEqual([1, 1, 1, 1, 1, 0, 0]);
    expect(copyDay(week, 0, "all")).toEqual(week.map(() => [nine]));
    expect(copyDay(week, 0, "open").map((day) => day[0]?.from)).toEqual([
      "09:00",
      undefined,
      "09:00",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("goes on after its last interval", () => {
    expect(following([])).toEqual(nine);
    expect(following([{ from: "09:00", to: "12:30" }])).toEqual({ from: "13:30", to: "17:30" });
    expect(following([{ from: "09:00", to: "22:30" }])).toEqual({ from: "22:30", to: "00:00" });
  });
});

describe("a local time", () => {
  it.each([
    ["America/New_York", "2026-11-27T09:00", "2026-11-27T14:00:00.000Z"],
    ["America/New_York", "2026-07-01T09:00", "2026-07-01T13:00:00.000Z"],
    ["Asia/Kathmandu", "2026-07-01T00:00", "2026-06-30T18:15:00.000Z"],
    // Twice: the first. Skipped: after it.
    ["Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00.000Z"],
    ["Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00.000Z"],
  ])("is an instant: %s %s", (zone, local, instant) => {
    expect(instantIn(zone, local)).toBe(instant);
  });

  it("is none when nothing was typed", () => {
    expect(instantIn("UTC", "")).toBeNull();
  });

  it("is what clocks show there", () => {
    expect(localIn("America/New_York", Date.UTC(2026, 10, 27, 14, 5))).toBe("2026-11-27T09:05");
    expect(localIn("Pacific/Auckland", Date.UTC(2026, 11, 31, 12, 0))).toBe("2027-01-01T01:00");
  });
});

describe("a calendar on its way", () => {
  it("loses what says nothing of when, and keeps its line numbers", () => {
    const text =
      "BEGIN:VEVENT\r\nDESCRIPTION:Long\r\n  and longer\r\nSUMMARY:Day\r\n off\r\nDTSTAMP:1\r\nX-A;B=C:1\r\nDTSTART:20261225\r\n";
    expect(withoutWords(text)).toBe("BEGIN:VEVENT\n\n\nSUMMARY:Day\n off\n\n\nDTSTART:20261225\n");
  });
});
