"""When are business hours open? Answered by Python's zoneinfo, for whoever wants to know whether another answer is right.

Written from the definition alone: a local time is the first instant at which a clock of the zone shows it or has gone past
it; an interval belongs to the day on which it begins, goes on to the next day when its end is not after its beginning, and
is open from its first instant up to, and without, its last; a date with an exception has that one's intervals.

Reads one JSON object from standard input:
    {"zones": [name], "from": "2025-01-01", "to": "2038-01-01", "days": 3,
     "schedules": [{"week": [[["09:00", "17:00"]], 6 more], "exceptions": {"2026-03-29": []}}]}
Writes a line for each zone with the seconds of its transitions, `Z name t t t`, and for each schedule around each of them
(around the middle of the years where there is none) one line, `W schedule instant open b b b`: whether it is open at the
beginning of the window, and each instant in it at which that changes.
"""

import bisect
import json
import os
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, reset_tzpath

# Only the data that is handed over counts, never what the machine has.
reset_tzpath([os.environ["ORACLE_TZPATH"]])

UTC = timezone.utc
DAY = 86400


def wall(zone, at):
    """Seconds that a clock of the zone is ahead of UTC at an instant."""
    offset = datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()
    return offset.days * DAY + offset.seconds


def transitions(zone, start, end):
    """Instants at which clocks are set, found by looking once a day and narrowing down."""
    found = []
    at, before = start, wall(zone, start)
    while at < end:
        then = min(at + DAY, end)
        after = wall(zone, then)
        if after != before:
            low, high = at, then
            while high - low > 1:
                middle = (low + high) // 2
                if wall(zone, middle) == before:
                    low = middle
                else:
                    high = middle
            found.append(high)
        at, before = then, after
    return found


class Clock:
    """The first instant at which a clock shows a local time, remembered."""

    def __init__(self, zone, changes):
        self.zone, self.changes, self.known = zone, changes, {}

    def first(self, day, minute):
        key = (day, minute)
        if key not in self.known:
            self.known[key] = self.look(day, minute)
        return self.known[key]

    def look(self, day, minute):
        shown = (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY + minute * 60
        # Between two changes a clock runs evenly: try each stretch that could show it, the earliest first.
        low = bisect.bisect_right(self.changes, shown - 2 * DAY)
        high = bisect.bisect_right(self.changes, shown + 2 * DAY)
        starts = [shown - 2 * DAY] + self.changes[low:high]
        for number, start in enumerate(starts):
            end = starts[number + 1] if number + 1 < len(starts) else shown + 2 * DAY
            at = shown - wall(self.zone, start)
            if at < start:
                # At the beginning of this stretch the clock has gone past it already.
                return start
            if at < end:
                return at
        raise AssertionError((self.zone.key, day, minute))


def minutes(text):
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


class Schedule:
    def __init__(self, said):
        def pairs(intervals):
            return [(minutes(one), minutes(other)) for one, other in intervals]

        self.week = [pairs(day) for day in said["week"]]
        self.exceptions = {date.fromisoformat(day): pairs(open) for day, open in said["exceptions"].items()}

    def on(self, day):
        return self.exceptions[day] if day in self.exceptions else self.week[day.weekday()]


def changes_within(clock, schedule, begin, end):
    """Whether it is open at `begin`, and when that changes before `end`."""
    spans = []
    day = datetime.fromtimestamp(begin, UTC).date() - timedelta(days=3)
    last = datetime.fromtimestamp(end, UTC).date() + timedelta(days=3)
    while day <= last:
        for opens, closes in schedule.on(day):
            first = clock.first(day, opens)
            other = day if closes > opens else day + timedelta(days=1)
            after = clock.first(other + timedelta(days=closes // 1440), closes % 1440)
            if first < after:
                spans.append((first, after))
        day += timedelta(days=1)
    spans.sort()
    merged = []
    for first, after in spans:
        if merged and first <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], after)
        else:
            merged.append([first, after])
    open_at_begin = any(first <= begin < after for first, after in merged)
    edges = [edge for span in merged for edge in span if begin < edge < end]
    return open_at_begin, edges


def main():
    asked = json.load(sys.stdin)
    out = sys.stdout.write

    def noon(text):
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())

    start, end, around = noon(asked["from"]), noon(asked["to"]), asked["days"] * DAY
    schedules = [Schedule(said) for said in asked["schedules"]]
    same = {}
    for name in asked["zones"]:
        zone = ZoneInfo(name)
        found = transitions(zone, start - 10 * DAY, end + 10 * DAY)
        clock = Clock(zone, found)
        inside = [at for at in found if start <= at < end]
        out("Z %s %s\n" % (name, " ".join(map(str, inside))))
        # A name that shows the same clocks as another has the same answers; they are written for both all the same.
        key = (tuple(found), tuple(wall(zone, at) for at in found), wall(zone, start))
        if key not in same:
            lines = []
            for at in inside or [(start + end) // 2]:
                for number, schedule in enumerate(schedules):
                    opened, edges = changes_within(clock, schedule, at - around, at + around)
                    lines.append("W %d %d %d %s\n" % (number, at, opened, " ".join(map(str, edges))))
            same[key] = "".join(lines)
        out(same[key])
    out("END\n")


main()
