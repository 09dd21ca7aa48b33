use super::*;
use proptest::prelude::*;

fn now() -> Time {
    Time::from_micros("2026-11-27T12:00:00Z".parse::<Timestamp>().expect("an instant").as_microsecond())
}

fn wrap(event: &str) -> String {
    let event = event.replace(' ', "\n").replace('~', " ");
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n")
}

fn told(holidays: &[Holiday]) -> String {
    let one = |holiday: &Holiday| match holiday.when {
        When::Days(from, to) if from.tomorrow().is_ok_and(|next| next == to) => from.to_string(),
        When::Days(from, to) => format!("{from}/{to}"),
        When::Local(from, to) => format!("{from}/{to}"),
        When::Instants(from, to) => format!("{from}/{to}").replace(":00.000000Z", "Z"),
    };
    holidays.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// The lines of one event, with blanks between them, and the first dates that come of it.
#[track_caller]
fn check(event: &str, expected: &str) {
    let found = parse(&wrap(event), now()).unwrap_or_else(|error| panic!("{event}: {error}"));
    let told = told(&found);
    assert!(told == expected || told.starts_with(&format!("{expected} ")), "{event}\n{told}\n{expected}");
}

/// The same, and there is no more.
#[track_caller]
fn exactly(event: &str, expected: &str) {
    assert_eq!(told(&parse(&wrap(event), now()).expect(event)), expected, "{event}");
}

#[track_caller]
fn refused(text: &str, reason: &str, message: &str) {
    let error = parse(text, now()).expect_err("refused");
    assert_eq!((error.field, error.reason), (Some("text"), reason), "{error}");
    assert!(error.message.contains(message), "{error}");
}

#[test]
fn whole_days_and_some_hours() {
    exactly("DTSTART;VALUE=DATE:20261225", "2026-12-25");
    exactly("DTSTART:20261225 DTEND:20261227", "2026-12-25/2026-12-27");
    exactly("DTSTART:20261225 DTEND:20261225", "2026-12-25");
    exactly("DTSTART:20261225 DURATION:P2D", "2026-12-25/2026-12-27");
    exactly("DTSTART:20261225 DURATION:P1W", "2026-12-25/2027-01-01");
    exactly("DTSTART:20261224T120000 DTEND:20261224T180000", "2026-12-24T12:00:00/2026-12-24T18:00:00");
    exactly("DTSTART:20261224T120000Z DURATION:PT1H30M", "2026-12-24T12:00Z/2026-12-24T13:30Z");
    exactly("DTSTART;TZID=America/New_York:20261224T120000 DURATION:PT6H", "2026-12-24T17:00Z/2026-12-24T23:00Z");
    exactly("DTSTART;TZID=\"Europe/Berlin\":20260701T120000 DURATION:PT1H", "2026-07-01T10:00Z/2026-07-01T11:00Z");
}

#[test]
fn what_comes_every_year() {
    check("DTSTART:20201225 RRULE:FREQ=YEARLY", "2025-12-25 2026-12-25 2027-12-25 2028-12-25");
    check("DTSTART:20260101 RRULE:FREQ=YEARLY;COUNT=3", "2026-01-01 2027-01-01 2028-01-01");
    exactly("DTSTART:20260101 RRULE:FREQ=YEARLY;UNTIL=20280101", "2026-01-01 2027-01-01 2028-01-01");
    exactly("DTSTART:20260101 RRULE:FREQ=YEARLY;UNTIL=20271231", "2026-01-01 2027-01-01");
    check("DTSTART:20260704 RRULE:FREQ=YEARLY;INTERVAL=2", "2026-07-04 2028-07-04 2030-07-04");
    check("DTSTART:20240229 RRULE:FREQ=YEARLY", "2028-02-29 2032-02-29");
    // The fourth Thursday of November; the last Monday of May; the first Monday of the year.
    check("DTSTART:20261126 RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2026-11-26 2027-11-25 2028-11-23");
    check("DTSTART:20260525 RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "2026-05-25 2027-05-31 2028-05-29");
    check("DTSTART:20260105 RRULE:FREQ=YEARLY;BYDAY=1MO", "2026-01-05 2027-01-04 2028-01-03");
    check("DTSTART:20260101 RRULE:FREQ=YEARLY;BYMONTH=1,5;BYMONTHDAY=1", "2026-01-01 2026-05-01 2027-01-01");
    check("DTSTART:20260131 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31 2026-02-28 2026-03-31");
    check("DTSTART:20260131 RRULE:FREQ=MONTHLY", "2026-01-31 2026-03-31 2026-05-31");
    check("DTSTART:20260113 RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "2026-01-13 2026-02-13 2026-03-13 2026-11-13");
    check("DTSTART:20260105 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "2026-01-05 2026-01-07 2026-01-19 2026-01-21");
    // RFC 5545, 3.3.10: the start of the week makes a difference.
    exactly(
        "DTSTART:20260804 RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "2026-08-04 2026-08-09 2026-08-18 2026-08-23",
    );
    exactly(
        "DTSTART:20260804 RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "2026-08-04 2026-08-16 2026-08-18 2026-08-30",
    );
    exactly("DTSTART:20261230 RRULE:FREQ=DAILY;INTERVAL=3;COUNT=3", "2026-12-30 2027-01-02 2027-01-05");
    // By the clock on the wall, over a change of clocks.
    check(
        "DTSTART;TZID=Europe/Berlin:20260328T120000 DURATION:PT2H RRULE:FREQ=DAILY;COUNT=2",
        "2026-03-28T11:00Z/2026-03-28T13:00Z 2026-03-29T10:00Z/2026-03-29T12:00Z",
    );
}

#[test]
fn what_is_taken_out_and_put_in() {
    exactly("DTSTART:20261224 RRULE:FREQ=DAILY;COUNT=4 EXDATE:20261225,20261226", "2026-12-24 2026-12-27");
    exactly("DTSTART:20261224 RDATE:20261231", "2026-12-24 2026-12-31");
    exactly(
        "DTSTART:20261224T100000Z DURATION:PT1H RRULE:FREQ=DAILY;COUNT=2 EXDATE:20261224T100000Z",
        "2026-12-25T10:00Z/2026-12-25T11:00Z",
    );
    let moved = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101\r\nRRULE:FREQ=YEARLY;COUNT=3\r\nEND:VEVENT\r\n\
                 BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20270101\r\nDTSTART:20270104\r\nEND:VEVENT\r\n\
                 BEGIN:VEVENT\r\nUID:b\r\nSTATUS:CANCELLED\r\nDTSTART:20270105\r\nEND:VEVENT\r\nEND:VCALENDAR";
    assert_eq!(told(&parse(moved, now()).expect("a calendar")), "2026-01-01 2027-01-04 2028-01-01");
    // What is long over is left out of what repeats, and what is said twice counts once.
    let twice = wrap("DTSTART:20261225 SUMMARY:A")
        .replace("END:VCALENDAR", "BEGIN:VEVENT\nDTSTART:20261225\nSUMMARY:A\nEND:VEVENT\nEND:VCALENDAR");
    assert_eq!(told(&parse(&twice, now()).expect("a calendar")), "2026-12-25");
}

#[test]
fn names_are_plain_lines() {
    let name = |summary: &str| {
        parse(&wrap(&format!("DTSTART:20261225 SUMMARY{summary}")), now()).expect(summary)[0].name.clone()
    };
    assert_eq!(name(":Boxing~Day"), "Boxing Day");
    assert_eq!(name(";LANGUAGE=en:Fish\\,~chips\\;~peas\\nmore"), "Fish, chips; peas more");
    assert_eq!(name(":"), "Holiday");
    assert_eq!(name(":<b>\u{7}bold</b>"), "<b> bold</b>");
    assert_eq!(name(&format!(":{}", "x".repeat(500))).len(), 120);
    // A line goes on after a line end and a blank, even in the middle of a word.
    let folded = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Thanks\r\n giving\r\n\t Day\r\nDTSTART:2026\r\n 1126\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let found = parse(folded, now()).expect("folded");
    assert_eq!((found[0].name.as_str(), told(&found).as_str()), ("Thanksgiving Day", "2026-11-26"));
}

#[test]
fn what_stands_around_events_is_skipped() {
    let text = "\u{feff}BEGIN:VCALENDAR\nX-WR-CALNAME:Mine\nBEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:19701025T030000\n\
                RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;BYSETPOS=1\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\n\
                BEGIN:VALARM\nDURATION:nonsense\nEND:VALARM\nDTSTART:20261225\nEND:VEVENT\nEND:VCALENDAR\n";
    assert_eq!(told(&parse(text, now()).expect("a calendar")), "2026-12-25");
}

#[test]
fn what_is_no_calendar_is_refused_with_its_line() {
    refused("", "NOT_A_CALENDAR", "does not begin");
    refused("hello", "NOT_A_CALENDAR", "Line 1: “hello” is no line");
    refused("X:1\n", "NOT_A_CALENDAR", "Line 1: A calendar begins");
    refused("BEGIN:VCALENDAR\n", "NOT_A_CALENDAR", "cut off");
    refused("BEGIN:VCALENDAR\nEND:VEVENT\n", "NOT_A_CALENDAR", "Line 2: END does not fit");
    refused("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "NO_HOLIDAYS", "no holidays");
    refused(&format!("BEGIN:VCALENDAR\n{}", "BEGIN:A\n".repeat(9)), "NOT_A_CALENDAR", "nested");
    refused(&wrap("SUMMARY:x"), "NOT_A_CALENDAR", "Line 3: The event has no DTSTART");
    refused(&wrap("DTSTART:20261301"), "NOT_A_CALENDAR", "Line 4: “20261301” is not a date");
    refused(&wrap("DTSTART:20260230"), "NOT_A_CALENDAR", "is not a date");
    refused(&wrap("DTSTART:99991231"), "NOT_A_CALENDAR", "too far away");
    refused(&wrap("DTSTART:2026é1"), "NOT_A_CALENDAR", "is not a date");
    refused(&wrap("DTSTART:20261225 DTSTART:20261226"), "NOT_A_CALENDAR", "Line 5: DTSTART stands twice");
    refused(&wrap("DTSTART:20261225 DTEND:20261224"), "NOT_A_CALENDAR", "ends before");
    refused(&wrap("DTSTART:20261225 DTEND:20261225T100000"), "NOT_A_CALENDAR", "not of one kind");
    refused(&wrap("DTSTART:20261225 DURATION:PT1H"), "NOT_A_CALENDAR", "lasts days");
    refused(&wrap("DTSTART:20261225 DURATION:P999999W"), "NOT_A_CALENDAR", "longer than a year");
    refused(&wrap("DTSTART:20261225 DTEND:20990101"), "NOT_A_CALENDAR", "longer than a year");
    for duration in ["P", "PT", "1D", "P1H", "PT1D", "P-1D", "P1", "PTT1H", "P1234567D"] {
        refused(&wrap(&format!("DTSTART:20261225T000000 DURATION:{duration}")), "NOT_A_CALENDAR", "is not a duration");
    }
    refused(&wrap("DTSTART;TZID=Mars/Olympus:20261225T000000"), "UNKNOWN_TIME_ZONE", "Mars/Olympus");
    for rule in [
        "FREQ=HOURLY",
        "FREQ=YEARLY;BYSETPOS=1",
        "FREQ=YEARLY;BYWEEKNO=1",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=YEARLY;COUNT=1;UNTIL=20270101",
    ] {
        refused(&wrap(&format!("DTSTART:20261225 RRULE:{rule}")), "UNSUPPORTED_RULE", "Line 5: The rule");
    }
    for rule in [
        "",
        "FREQ",
        "INTERVAL=1",
        "FREQ=YEARLY;INTERVAL=0",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYDAY=XX",
        "FREQ=YEARLY;BYMONTHDAY=0",
    ] {
        refused(&wrap(&format!("DTSTART:20261225 RRULE:{rule}")), "NOT_A_CALENDAR", "");
    }
}

#[test]
fn nothing_is_too_much_for_it() {
    refused(&"X".repeat(LONGEST + 1), "TOO_LARGE", "512 kB");
    refused(&format!("BEGIN:VCALENDAR\nX:{}\n", "x".repeat(20_000)), "NOT_A_CALENDAR", "Line 2: The line is too long");
    let event = "BEGIN:VEVENT\nDTSTART:20261225\nEND:VEVENT\n";
    refused(&format!("BEGIN:VCALENDAR\n{}END:VCALENDAR", event.repeat(2_001)), "TOO_MANY", "2000 events");
    let daily = "BEGIN:VEVENT\nDTSTART:20200101\nRRULE:FREQ=DAILY\nEND:VEVENT\n";
    refused(&format!("BEGIN:VCALENDAR\n{daily}END:VCALENDAR"), "TOO_MANY", "");
    // Every day is looked at, and none fits: the steps run out, not the time.
    let never = "BEGIN:VEVENT\nDTSTART:16000101\nRRULE:FREQ=DAILY;COUNT=100000;BYMONTHDAY=31;BYMONTH=2\nEND:VEVENT\n";
    refused(&format!("BEGIN:VCALENDAR\n{}END:VCALENDAR", never.repeat(500)), "TOO_MANY", "too much to repeat");
}

proptest! {
    #[test]
    fn no_text_brings_it_down(text in "\\PC{0,400}") {
        let _ = parse(&text, now());
    }

    #[test]
    fn no_event_brings_it_down(lines in prop::collection::vec("(DTSTART|DTEND|DURATION|RRULE|EXDATE|RDATE|SUMMARY|RECURRENCE-ID|BEGIN|END)(;TZID=[A-Za-z/]{0,12})?:[A-Z0-9=;,+-]{0,24}", 0..12)) {
        let _ = parse(&wrap(&lines.join(" ")), now());
    }

    #[test]
    fn no_rule_brings_it_down(
        year in 1600i32..2200, freq in prop::sample::select(vec!["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]), interval in 1u32..1000,
        more in "(;BYMONTH=[0-9]{1,2})?(;BYDAY=-?[0-9]{0,2}(MO|SU|FR))?(;BYMONTHDAY=-?[0-9]{1,2})?(;COUNT=[0-9]{1,6})?",
    ) {
        let _ = parse(&wrap(&format!("DTSTART:{year}0228 RRULE:FREQ={freq};INTERVAL={interval}{more}")), now());
    }
}
