use super::*;

fn at(text: &str) -> Time {
    Time::from_micros(text.parse::<Timestamp>().expect("an instant").as_microsecond())
}

/// `9:00-17:00 18:00-20:00`, or nothing.
fn intervals(text: &str) -> Vec<Interval> {
    let one = |text: &str| {
        let (from, to) = text.split_once('-').expect("an interval");
        Interval::parse(from, to).expect("two times")
    };
    text.split_whitespace().map(one).collect()
}

/// `mon 9:00-17:00; tue ...`, `all 9:00-17:00`, and dates: `2026-12-24 9:00-12:00`.
fn hours(zone: &str, text: &str) -> Hours {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut hours = Hours { time_zone: zone.to_owned(), week: Default::default(), exceptions: Vec::new() };
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (day, open) = part.split_once(' ').unwrap_or((part, ""));
        match (day, DAYS.iter().position(|name| *name == day), date(day)) {
            ("all", _, _) => hours.week.iter_mut().for_each(|day| day.extend(intervals(open))),
            ("weekdays", _, _) => hours.week.iter_mut().take(5).for_each(|day| day.extend(intervals(open))),
            (_, Some(at), _) => hours.week[at].extend(intervals(open)),
            (_, None, Some(date)) => {
                hours.exceptions.push(Exception { date, name: format!("on {day}"), intervals: intervals(open) });
            }
            _ => panic!("{part}"),
        }
    }
    hours.checked().expect("hours that can be kept")
}

fn told(status: &Status) -> String {
    let change = status.changes_at.map_or("never".to_owned(), |at| at.to_string().replace(":00.000000Z", "Z"));
    let open = if status.open { "open" } else { "closed" };
    let name = status.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    format!("{open} {}{name} until {change}", status.because.as_str())
}

#[track_caller]
fn check(zone: &str, text: &str, instant: &str, expected: &str) {
    let schedule = Schedule::new(&hours(zone, text), []);
    let status = schedule.at(at(instant));
    assert_eq!(told(&status), expected, "{zone} {text} at {instant}");
    assert_eq!(schedule.is_open(at(instant)), status.open);
    assert_eq!(schedule.next_change(at(instant)), status.changes_at);
}

#[test]
fn nine_to_five_in_new_york() {
    // S134: 15:00 in New York is open, 19:00 is not, whatever the visitor's own clock shows.
    let week = "weekdays 9:00-17:00";
    check("America/New_York", week, "2026-11-25T20:00:00Z", "open WEEK until 2026-11-25T22:00Z");
    check("America/New_York", week, "2026-11-26T00:00:00Z", "closed WEEK until 2026-11-26T14:00Z");
    check("America/New_York", week, "2026-11-25T14:00:00Z", "open WEEK until 2026-11-25T22:00Z");
    check("America/New_York", week, "2026-11-25T13:59:59.999999Z", "closed WEEK until 2026-11-25T14:00Z");
    check("America/New_York", week, "2026-11-25T22:00:00Z", "closed WEEK until 2026-11-26T14:00Z");
    check("America/New_York", week, "2026-11-27T23:00:00Z", "closed WEEK until 2026-11-30T14:00Z");
    // In summer the same hours are an hour earlier.
    check("America/New_York", week, "2026-07-01T13:00:00Z", "open WEEK until 2026-07-01T21:00Z");
    // Over the week-end of the change: closed on Friday at 17:00 EST, open on Monday at 9:00 EDT.
    check("America/New_York", week, "2026-03-06T22:00:00Z", "closed WEEK until 2026-03-09T13:00Z");
}

#[test]
fn several_intervals_and_nights() {
    let lunch = "mon 9:00-12:00 13:00-17:30";
    check("UTC", lunch, "2026-11-23T11:00:00Z", "open WEEK until 2026-11-23T12:00Z");
    check("UTC", lunch, "2026-11-23T12:00:00Z", "closed WEEK until 2026-11-23T13:00Z");
    check("UTC", lunch, "2026-11-23T17:30:00Z", "closed WEEK until 2026-11-30T09:00Z");
    let night = "fri 22:00-6:00";
    check("UTC", night, "2026-11-27T21:59:00Z", "closed WEEK until 2026-11-27T22:00Z");
    check("UTC", night, "2026-11-28T05:59:00Z", "open WEEK until 2026-11-28T06:00Z");
    check("UTC", night, "2026-11-28T06:00:00Z", "closed WEEK until 2026-12-04T22:00Z");
    // From midnight to midnight is a day, however it is written, and days that touch are one.
    check("UTC", "mon 0:00-24:00; tue 0:00-0:00", "2026-11-23T12:00:00Z", "open WEEK until 2026-11-25T00:00Z");
    check("UTC", "mon 18:00-24:00; tue 0:00-3:00", "2026-11-23T20:00:00Z", "open WEEK until 2026-11-24T03:00Z");
    check("UTC", "all 0:00-24:00", "2026-11-23T12:00:00Z", "open WEEK until never");
    check("UTC", "all 12:00-12:00", "2026-11-23T12:00:00Z", "open WEEK until never");
    check("UTC", "", "2026-11-23T12:00:00Z", "closed WEEK until never");
}

#[test]
fn exceptions_go_before_the_week() {
    let text = "all 9:00-17:00; 2026-12-24 9:00-12:00; 2026-12-25";
    check("UTC", text, "2026-12-24T10:00:00Z", "open EXCEPTION (on 2026-12-24) until 2026-12-24T12:00Z");
    check("UTC", text, "2026-12-24T13:00:00Z", "closed EXCEPTION (on 2026-12-24) until 2026-12-26T09:00Z");
    check("UTC", text, "2026-12-25T10:00:00Z", "closed EXCEPTION (on 2026-12-25) until 2026-12-26T09:00Z");
    // Nothing but an exception, a year ahead; and a night that began before a closed day runs to its end.
    check("UTC", "2027-11-26 8:00-9:00", "2026-11-23T12:00:00Z", "closed WEEK until 2027-11-26T08:00Z");
    check("UTC", "all 22:00-2:00; 2026-12-25", "2026-12-25T01:00:00Z", "open WEEK until 2026-12-25T02:00Z");
    check("UTC", "all 0:00-24:00; 2028-01-01", "2026-12-25T01:00:00Z", "open WEEK until 2028-01-01T00:00Z");
}

#[test]
fn a_time_that_is_skipped_is_the_change_of_the_clocks() {
    // Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00Z.
    let berlin = "Europe/Berlin";
    check(berlin, "sun 2:30-4:00", "2026-03-29T00:59:59Z", "closed WEEK until 2026-03-29T01:00Z");
    check(berlin, "sun 2:30-4:00", "2026-03-29T01:00:00Z", "open WEEK until 2026-03-29T02:00Z");
    check(berlin, "sun 1:00-2:30", "2026-03-29T00:59:59Z", "open WEEK until 2026-03-29T01:00Z");
    // All of it skipped: it is not open on that day.
    check(berlin, "sun 2:10-2:50", "2026-03-29T00:30:00Z", "closed WEEK until 2026-04-05T00:10Z");
    // Half an hour on Lord Howe, and midnight itself in Beirut.
    check("Australia/Lord_Howe", "sun 2:10-9:00", "2026-10-03T15:29:00Z", "closed WEEK until 2026-10-03T15:30Z");
    check("Asia/Beirut", "sun 0:00-1:30", "2026-03-28T21:59:00Z", "closed WEEK until 2026-03-28T22:00Z");
    check("Asia/Beirut", "sun 0:00-1:30", "2026-03-28T22:00:00Z", "open WEEK until 2026-03-28T22:30Z");
}

#[test]
fn of_a_time_that_comes_twice_the_first_counts() {
    // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00Z.
    let berlin = "Europe/Berlin";
    check(berlin, "sun 2:15-2:45", "2026-10-25T00:14:59Z", "closed WEEK until 2026-10-25T00:15Z");
    check(berlin, "sun 2:15-2:45", "2026-10-25T00:15:00Z", "open WEEK until 2026-10-25T00:45Z");
    check(berlin, "sun 2:15-2:45", "2026-10-25T01:20:00Z", "closed WEEK until 2026-11-01T01:15Z");
    check(berlin, "sun 2:30-4:00", "2026-10-25T00:30:00Z", "open WEEK until 2026-10-25T03:00Z");
    check(berlin, "sun 1:00-2:30; mon 1:00-2:00", "2026-10-25T01:30:00Z", "closed WEEK until 2026-10-26T00:00Z");
}

fn holiday(name: &str, when: When) -> Holiday {
    Holiday { name: name.to_owned(), when }
}

#[test]
fn holidays_close_what_the_week_opens() {
    let week = hours("America/New_York", "all 9:00-17:00; 2026-12-26 10:00-11:00");
    let days = |from: &str, to: &str| When::Days(date(from).expect("a date"), date(to).expect("a date"));
    let local = |text: &str| text.parse::<DateTime>().expect("a local time");
    let holidays = [
        holiday("Christmas", days("2026-12-25", "2026-12-27")),
        holiday("Party", When::Local(local("2026-12-22T15:00"), local("2026-12-22T20:00"))),
        holiday("Drill", When::Instants(at("2026-12-23T15:00:00Z"), at("2026-12-23T16:00:00Z"))),
    ];
    let schedule = Schedule::new(&week, &holidays);
    let check = |instant: &str, expected: &str| assert_eq!(told(&schedule.at(at(instant))), expected, "{instant}");
    check("2026-12-25T15:00:00Z", "closed HOLIDAY (Christmas) until 2026-12-26T15:00Z");
    // Somebody's own exception goes before a calendar.
    check("2026-12-26T15:30:00Z", "open EXCEPTION (on 2026-12-26) until 2026-12-26T16:00Z");
    check("2026-12-22T19:00:00Z", "open WEEK until 2026-12-22T20:00Z");
    check("2026-12-22T20:00:00Z", "closed HOLIDAY (Party) until 2026-12-23T14:00Z");
    check("2026-12-23T14:30:00Z", "open WEEK until 2026-12-23T15:00Z");
    check("2026-12-23T15:30:00Z", "closed HOLIDAY (Drill) until 2026-12-23T16:00Z");
    check("2026-12-23T16:00:00Z", "open WEEK until 2026-12-23T22:00Z");
}

#[test]
fn an_opening_time_is_told_while_it_is_closed() {
    let schedule = Schedule::new(&hours("UTC", "all 9:00-17:00"), []);
    assert_eq!(schedule.at(at("2026-12-23T10:00:00Z")).opens_at(), None);
    assert_eq!(schedule.at(at("2026-12-23T17:00:00Z")).opens_at(), Some(at("2026-12-24T09:00:00Z")));
    assert_eq!(Status::ALWAYS.opens_at(), None);
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    let schedule = Schedule::new(&hours("Europe/Berlin", "all 9:00-17:00"), []);
    for micros in [i64::MIN, i64::MAX, 0, -1, 253_402_300_799_000_000, -377_705_023_201_000_000] {
        let at = Time::from_micros(micros);
        assert_eq!(schedule.at(at).open, schedule.is_open(at));
    }
}

#[test]
fn times_are_written_in_one_way() {
    #[track_caller]
    fn check(from: &str, to: &str, expected: Option<(&str, &str)>) {
        let found = Interval::parse(from, to).map(Interval::written);
        let expected = expected.map(|(from, to)| (from.to_owned(), to.to_owned()));
        assert_eq!(found, expected, "{from} {to}");
    }
    check("9:00", "17:00", Some(("09:00", "17:00")));
    check(" 09:05", "24:00", Some(("09:05", "24:00")));
    check("22:00", "2:00", Some(("22:00", "02:00")));
    check("24:00", "24:00", None);
    for wrong in ["", "9", "9:0", "9:60", "24:01", "25:00", "-1:00", "+9:00", "9:00 AM", "123:00", "９:00", "::"] {
        check(wrong, "17:00", None);
        check("8:00", wrong, None);
    }
}

#[test]
fn hours_are_refused_by_field() {
    #[track_caller]
    fn check(hours: Hours, expected: &str) {
        let error = hours.checked().expect_err("refused");
        assert_eq!(format!("{} {}", error.field.unwrap_or_default(), error.reason), expected);
    }
    let usual = || Hours::usual("UTC");
    check(Hours { time_zone: "Mars/Olympus".to_owned(), ..usual() }, "timeZone NOT_A_TIME_ZONE");
    let day = |text: &str| {
        let mut hours = usual();
        hours.week[6] = intervals(text);
        hours
    };
    check(day("9:00-12:00 11:59-13:00"), "week OVERLAP");
    check(day("22:00-2:00 23:00-23:30"), "week OVERLAP");
    check(
        day("0:00-1:00 1:00-2:00 2:00-3:00 3:00-4:00 4:00-5:00 5:00-6:00 6:00-7:00 7:00-8:00 8:00-9:00"),
        "week TOO_MANY",
    );
    assert_eq!(day("13:00-17:00 9:00-13:00").checked().expect("in order").week[6], intervals("9:00-13:00 13:00-17:00"));
    let on = |text: &str| Exception { date: date(text).expect("a date"), name: " ".to_owned(), intervals: Vec::new() };
    check(Hours { exceptions: vec![on("2026-12-24"), on("2026-12-24")], ..usual() }, "exceptions TWICE");
    let many = (0..201).map(|days| Exception { date: Date::constant(2026, 1, 1) + days.days(), ..on("2026-01-01") });
    check(Hours { exceptions: many.collect(), ..usual() }, "exceptions TOO_MANY");
    let name = "x".repeat(121);
    check(Hours { exceptions: vec![Exception { name, ..on("2026-12-24") }], ..usual() }, "exceptions TOO_LONG");
}
