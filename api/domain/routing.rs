//! Who is there, which team a request goes to, whose turn it is, and how long a visitor will wait. Pure.

use std::time::Duration;

use super::answer::normalise;
use super::conversation::words;
use super::id::{AgencyId, ConversationId, HandoffId, OrganizationId, TeamId, UserId};
use super::time::Time;

words! {
    /// Whether somebody is there to answer.
    Presence {
        /// There, and takes chats.
        Online "ONLINE",
        /// There, and takes no new ones.
        Away "AWAY",
        /// Not there, or does not want to be.
        Offline "OFFLINE",
    }
}

words! {
    /// Who is offered a request.
    Mode {
        /// Everybody; whoever accepts first has it.
        Manual "MANUAL",
        /// One after the other, whoever has waited longest for a turn.
        RoundRobin "ROUND_ROBIN",
        /// Whoever has the fewest chats.
        LeastBusy "LEAST_BUSY",
    }
}

/// How long after the last sign of life somebody still counts as there. The streams give one every [`SIGN_EVERY`], so that a
/// sign that comes late, and a page that is loaded anew, change nothing.
pub const PRESENT_FOR: Duration = Duration::from_secs(60);

/// How often an open inbox gives a sign of life.
pub const SIGN_EVERY: Duration = Duration::from_secs(20);

/// Longest name of a team, in characters.
pub const TEAM_NAME: usize = 80;

/// How many teams an organization has at most.
pub const TEAMS_AT_MOST: usize = 100;

/// How many topics a team has at most.
pub const TOPICS_AT_MOST: usize = 50;

/// Longest topic, in characters.
pub const TOPIC: usize = 60;

/// Longest note to a transfer, in characters.
pub const NOTE: usize = 2_000;

/// What is known of somebody's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// Whose.
    pub user: UserId,
    /// What they chose to be.
    pub choice: Presence,
    /// Since when: since the choice, or since they came back.
    pub since: Time,
    /// When they were last heard of.
    pub seen_at: Time,
    /// How many of their chats went back to the queue while they were gone, and they have not been told of.
    pub lost: i64,
}

impl Sign {
    /// What they are now: what they chose, as long as they give signs of life.
    pub fn presence(&self, now: Time) -> Presence {
        if now.since(self.seen_at) > PRESENT_FOR { Presence::Offline } else { self.choice }
    }

    /// Since when.
    pub fn since(&self, now: Time) -> Time {
        if now.since(self.seen_at) > PRESENT_FOR { self.since.max(self.seen_at) } else { self.since }
    }
}

/// Some operators of an organization, and what visitors want when they are the right ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// The agency.
    pub agency: AgencyId,
    /// The organization.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: String,
    /// What kinds of queries it is for: words or short phrases, one a line.
    pub topics: String,
    /// When it was made.
    pub created_at: Time,
}

impl Team {
    /// Whether what a visitor wants is one of the team's topics: all words of a topic, one after the other.
    pub fn fits(&self, wanted: &str) -> bool {
        let wanted = spaced(wanted);
        self.topics.lines().any(|topic| {
            let topic = spaced(topic);
            topic.trim() != "" && wanted.contains(&topic)
        })
    }
}

/// Words in lower case without diacritics, each with a space before and after it.
fn spaced(text: &str) -> String {
    let normal = normalise(text);
    let words: Vec<&str> = normal.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

/// Which way a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The request.
    pub handoff: HandoffId,
    /// The team it is for.
    pub team: Option<TeamId>,
    /// Who is offered it, or was last.
    pub offered_to: Option<UserId>,
    /// Until when.
    pub offered_until: Option<Time>,
    /// Who was offered it and did not take it.
    pub tried: Vec<UserId>,
    /// It went back to the queue once: how long it waited says little.
    pub requeued: bool,
}

impl Route {
    /// Of a request that nothing is known of.
    pub fn new(handoff: HandoffId) -> Self {
        Self { handoff, team: None, offered_to: None, offered_until: None, tried: Vec::new(), requeued: false }
    }

    /// Who alone may accept it now; none when everybody may.
    pub fn reserved(&self, now: Time) -> Option<UserId> {
        self.offered_to.filter(|_| self.offered_until.is_some_and(|until| now < until))
    }

    /// The same request, offered to somebody.
    pub fn offered(mut self, user: UserId, until: Time) -> Self {
        self.offered_to = Some(user);
        self.offered_until = Some(until);
        if !self.tried.contains(&user) {
            self.tried.push(user);
        }
        self
    }

    /// The same request, open to everybody.
    pub fn open(mut self) -> Self {
        self.offered_to = None;
        self.offered_until = None;
        self
    }
}

/// A chat that went to a colleague or a team, with the note for the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The conversation.
    pub conversation: ConversationId,
    /// The number of the entry that tells the visitor.
    pub seq: i64,
    /// Who gave it.
    pub from: UserId,
    /// To whom.
    pub to_user: Option<UserId>,
    /// To which team.
    pub to_team: Option<TeamId>,
    /// What the team was called.
    pub team_name: Option<String>,
    /// For the team alone; empty when there is none.
    pub note: String,
    /// When.
    pub at: Time,
}

/// Somebody who could be offered a request: there, permitted, and of the team if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// How many chats they have, with those that they are being offered.
    pub load: i64,
    /// When they last got or were offered one there.
    pub last_at: Option<Time>,
}

/// Whose turn it is: of those below their capacity who were not asked yet.
pub fn next(mode: Mode, candidates: &[Candidate], tried: &[UserId], capacity: i64) -> Option<UserId> {
    let free = candidates.iter().filter(|one| one.load < capacity && !tried.contains(&one.user));
    // Whoever never had a turn comes first, then whoever has waited longest for one.
    let turn = |one: &&Candidate| (one.last_at, one.user);
    match mode {
        Mode::Manual => None,
        Mode::RoundRobin => free.min_by_key(turn),
        Mode::LeastBusy => free.min_by_key(|one| (one.load, turn(one))),
    }
    .map(|one| one.user)
}

/// From how many waits on something can be said.
const FEWEST: usize = 3;

/// How long a visitor will probably wait from now on: half of those who waited as long as they have waited no longer than
/// that. None when it cannot be known: nobody is there with room for all who are before them, or too few have waited so long.
pub fn estimate(waits: &[Duration], waited: Duration, position: i64, room: i64) -> Option<Duration> {
    if position > room {
        return None;
    }
    let mut longer: Vec<Duration> = waits.iter().copied().filter(|wait| *wait > waited).collect();
    if longer.len() < FEWEST {
        return None;
    }
    longer.sort_unstable();
    Some(longer[(longer.len() - 1) / 2] - waited)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u128) -> UserId {
        UserId::from_number(number)
    }

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn presence_is_the_choice_as_long_as_there_are_signs_of_life() {
        let check = |choice: Presence, silent: i64, expected: Presence| {
            let sign = Sign { user: user(1), choice, since: at(0), seen_at: at(1_000), lost: 0 };
            assert_eq!(sign.presence(at(1_000 + silent)), expected, "{choice:?} after {silent} s");
        };
        check(Presence::Online, 0, Presence::Online);
        check(Presence::Online, 60, Presence::Online);
        check(Presence::Online, 61, Presence::Offline);
        check(Presence::Away, 59, Presence::Away);
        check(Presence::Away, 61, Presence::Offline);
        check(Presence::Offline, 0, Presence::Offline);
    }

    #[test]
    fn whoever_is_silent_is_off_since_they_were_last_heard_of() {
        let sign = Sign { user: user(1), choice: Presence::Online, since: at(5), seen_at: at(100), lost: 0 };
        assert_eq!(sign.since(at(110)), at(5));
        assert_eq!(sign.since(at(200)), at(100));
    }

    #[test]
    fn topics_are_found_as_whole_words_whatever_their_case_and_marks() {
        let check = |topics: &str, wanted: &str, expected: bool| {
            let team = Team {
                id: TeamId::from_number(1),
                agency: AgencyId::from_number(1),
                organization: OrganizationId::from_number(1),
                name: "T".to_owned(),
                topics: topics.to_owned(),
                created_at: at(0),
            };
            assert_eq!(team.fits(wanted), expected, "{topics:?} in {wanted:?}");
        };
        check("invoice\nrefund", "I need my INVOICE, please", true);
        check("voice", "I need my invoice", false);
        check("wedding cake", "A cake for a wedding", false);
        check("wedding cake", "Our wedding  cake!", true);
        check("crème brûlée", "creme brulee?", true);
        check("", "anything", false);
        check(" \n ", "anything", false);
    }

    #[test]
    fn turns_are_fair_and_full_ones_are_passed_over() {
        let one = |number, load, last: Option<i64>| Candidate { user: user(number), load, last_at: last.map(at) };
        let check = |mode, candidates: &[Candidate], tried: &[UserId], expected: Option<u128>| {
            assert_eq!(next(mode, candidates, tried, 2), expected.map(user), "{mode:?} {candidates:?} {tried:?}");
        };
        let three = [one(1, 0, Some(30)), one(2, 1, Some(10)), one(3, 0, Some(20))];
        check(Mode::Manual, &three, &[], None);
        check(Mode::RoundRobin, &three, &[], Some(2));
        check(Mode::RoundRobin, &three, &[user(2)], Some(3));
        check(Mode::LeastBusy, &three, &[], Some(3));
        check(Mode::LeastBusy, &three, &[user(3), user(1)], Some(2));
        check(Mode::LeastBusy, &three, &[user(1), user(2), user(3)], None);
        check(Mode::RoundRobin, &[one(1, 2, None), one(2, 0, Some(5))], &[], Some(2));
        check(Mode::RoundRobin, &[one(1, 0, Some(1)), one(2, 0, None)], &[], Some(2));
        check(Mode::RoundRobin, &[one(1, 2, None)], &[], None);
    }

    #[test]
    fn an_estimate_is_given_only_where_it_can_be_known() {
        let check = |waits: &[u64], waited: u64, position: i64, room: i64, expected: Option<u64>| {
            let waits: Vec<Duration> = waits.iter().copied().map(Duration::from_secs).collect();
            let said = estimate(&waits, Duration::from_secs(waited), position, room);
            assert_eq!(said, expected.map(Duration::from_secs), "{waits:?} {waited} {position} {room}");
        };
        check(&[10, 20, 30], 0, 1, 1, Some(20));
        check(&[30, 10, 20, 40], 0, 1, 5, Some(20));
        check(&[10, 20], 0, 1, 1, None);
        check(&[], 0, 1, 1, None);
        check(&[10, 20, 30], 15, 1, 1, None);
        check(&[10, 20, 30, 40, 50], 15, 1, 1, Some(15));
        check(&[10, 20, 30], 0, 2, 1, None);
        check(&[10, 20, 30], 0, 1, 0, None);
    }
}
