use super::*;

/// A line each: what has happened | what is so | bell | email | push.
const CASES: &str = include_str!("cases.txt");

/// 21:00 UTC on 10 June 2026, which is 17:00 in New York.
const NOW: Time = Time::from_micros(1_781_125_200_000_000);

fn minutes(clock: &str) -> u16 {
    let (hours, minutes) = clock.split_once(':').expect("a time of day");
    hours.parse::<u16>().expect("hours") * 60 + minutes.parse::<u16>().expect("minutes")
}

fn quiet(said: &str) -> Quiet {
    let (span, zone) = said.split_once('@').unwrap_or((said, "UTC"));
    let (from, until) = span.split_once('-').expect("a span");
    Quiet { from: minutes(from), until: minutes(until), zone: zone.to_owned() }
}

/// Somebody of whom nothing is so but what is said.
fn case(kind: &str, facts: &str) -> (Event, Person) {
    let kind = Kind::parse(kind).expect("a kind");
    let mut event = Event { kind, rehearsal: false, asked: None, cooling: false };
    let mut person = Person {
        user: UserId::from_number(1),
        author: false,
        suspended: false,
        permitted: true,
        admin: false,
        seen: false,
        looking: false,
        device: true,
        told: Vec::new(),
        wishes: Wishes::default(),
    };
    for fact in facts.split_whitespace() {
        match fact {
            "author" => person.author = true,
            "suspended" => person.suspended = true,
            "unpermitted" => person.permitted = false,
            "admin" => person.admin = true,
            "seen" => person.seen = true,
            "looking" => person.looking = true,
            "deviceless" => person.device = false,
            "told-bell" => person.told.push(Through::Bell),
            "told-email" => person.told.push(Through::Email),
            "told-push" => person.told.push(Through::Push),
            "email-off" => person.wishes.email = false,
            "push-off" => person.wishes.push = false,
            "requests" => person.wishes.events = Events::Requests,
            "none" => person.wishes.events = Events::None,
            "muted" => person.wishes.muted = true,
            "asked-bell" => event.asked = Some(Vec::new()),
            "rehearsal" => event.rehearsal = true,
            "cooling" => event.cooling = true,
            "asked-email" => event.asked.get_or_insert_default().push(Through::Email),
            "asked-push" => event.asked.get_or_insert_default().push(Through::Push),
            fact => {
                let said = fact.strip_prefix("quiet=").unwrap_or_else(|| panic!("what is {fact}?"));
                person.wishes.quiet = Some(quiet(said));
            }
        }
    }
    (event, person)
}

fn said(verdict: Verdict) -> String {
    match verdict {
        Verdict::Now => "now".to_owned(),
        Verdict::Later(at) => format!("+{}", at.since(NOW).as_secs()),
        Verdict::Held(until) => format!("held+{}", until.since(NOW).as_secs()),
        Verdict::Withheld(reason) => reason.as_str().to_owned(),
    }
}

#[test]
fn everybody_is_told_as_the_table_says() {
    let mut lines = 0;
    for line in CASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [kind, facts, expected @ ..] = columns.as_slice() else { panic!("{line}") };
        let (event, person) = case(kind, facts);
        let decided: Vec<String> = plan(&event, &[person], NOW).into_iter().map(|one| said(one.verdict)).collect();
        assert_eq!(decided, expected, "{line}");
        lines += 1;
    }
    assert!(lines >= 150, "{lines} lines");
}

#[test]
fn each_of_several_people_is_decided_alone_by_every_way() {
    let (event, person) = case("HANDOFF_REQUESTED", "");
    let other = Person { user: UserId::from_number(2), author: true, ..person.clone() };
    let decided = plan(&event, &[person.clone(), other.clone()], NOW);
    let of = |user: UserId| decided.iter().filter(|one| one.user == user).map(|one| one.verdict).collect::<Vec<_>>();
    assert_eq!(of(person.user), [Verdict::Now; 3]);
    assert_eq!(of(other.user), [Verdict::Withheld(Reason::Author); 3]);
}

#[test]
fn what_changed_meanwhile_keeps_a_message_back() {
    let nothing = Meanwhile::default();
    let check = |meanwhile: Meanwhile, expected: &dyn Fn(Kind) -> Option<Reason>| {
        for kind in Kind::ALL {
            assert_eq!(still(*kind, &meanwhile).err(), expected(*kind), "{kind:?} {meanwhile:?}");
        }
    };
    let waits = |kind| matches!(kind, Kind::HandoffRequested | Kind::HandoffWaiting);
    let open = |kind| matches!(kind, Kind::VisitorMessage | Kind::OfflineQuery | Kind::OfflineReply);
    check(nothing, &|_| None);
    check(Meanwhile { suspended: true, revoked: true, ..nothing }, &|_| Some(Reason::Suspended));
    check(Meanwhile { revoked: true, claimed: true, ..nothing }, &|_| Some(Reason::RevokedMeanwhile));
    check(Meanwhile { claimed: true, ..nothing }, &|kind| waits(kind).then_some(Reason::ClaimedMeanwhile));
    check(Meanwhile { over: true, ..nothing }, &|kind| (waits(kind) || open(kind)).then_some(Reason::OverMeanwhile));
    check(Meanwhile { read: true, ..nothing }, &|_| Some(Reason::ReadMeanwhile));
}

#[test]
fn quiet_hours_end_when_clocks_there_say_so() {
    let at = |text: &str| Time::from_micros(text.parse::<Timestamp>().expect("an instant").as_microsecond());
    let check = |span: &str, now: &str, expected: Option<&str>| {
        assert_eq!(quiet(span).holds_until(at(now)), expected.map(at), "{span} at {now}");
    };
    // The night in which the clocks go forward is an hour shorter, the other one an hour longer.
    check("22:00-07:00@Europe/Berlin", "2026-03-28T21:30:00Z", Some("2026-03-29T05:00:00Z"));
    check("22:00-07:00@Europe/Berlin", "2026-10-24T20:30:00Z", Some("2026-10-25T06:00:00Z"));
    // An end that the clocks skip is when they are changed.
    check("22:00-02:30@Europe/Berlin", "2026-03-28T22:30:00Z", Some("2026-03-29T01:00:00Z"));
    // Of an end that comes twice, the first counts.
    check("22:00-02:30@Europe/Berlin", "2026-10-25T00:15:00Z", Some("2026-10-25T00:30:00Z"));
    check("22:00-02:30@Europe/Berlin", "2026-10-25T01:15:00Z", None);
    check("12:00-13:00@Asia/Tokyo", "2026-06-10T03:59:59.999999Z", Some("2026-06-10T04:00:00Z"));
    check("12:00-13:00@Asia/Tokyo", "2026-06-10T04:00:00Z", None);
    check("12:00-13:00@Asia/Tokyo", "2026-06-10T02:59:59.999999Z", None);
}
