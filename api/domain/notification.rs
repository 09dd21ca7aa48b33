//! Who is told of what, by which way, and when; or why not. Pure: people are facts, and the instant is an argument.
//!
//! A decision is made twice. [`plan`] says, when something has happened, what is sent to whom; [`still`] says, when a message is
//! about to leave, whether it is worth sending yet. Both give a [`Reason`] where nothing is sent, so that "why was I not told?"
//! (W02) has an answer for everybody and every way.

use std::time::Duration;

use jiff::civil::Time as ClockTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::conversation::words;
use super::digest::Rhythm;
use super::hours;
use super::id::{AiAgentId, UserId};
use super::time::Time;
use crate::error::{Error, Result};

words! {
    /// What has happened.
    Kind {
        /// A visitor asked for a person.
        HandoffRequested "HANDOFF_REQUESTED",
        /// They still wait: a later step of the escalation ladder.
        HandoffWaiting "HANDOFF_WAITING",
        /// Nobody came to them.
        HandoffMissed "HANDOFF_MISSED",
        /// They left an offline query.
        OfflineQuery "OFFLINE_QUERY",
        /// They answered one by mail.
        OfflineReply "OFFLINE_REPLY",
        /// They wrote in the chat that somebody has.
        VisitorMessage "VISITOR_MESSAGE",
        /// A colleague took what was offered to somebody.
        Claimed "CLAIMED",
        /// A chat was transferred to somebody.
        Transferred "TRANSFERRED",
        /// A chat that somebody had went back to the queue.
        Released "RELEASED",
        /// Somebody was named in a note.
        Mentioned "MENTIONED",
        /// A visitor rated a chat.
        Rated "RATED",
        /// A visitor said what somebody watches for.
        KeywordAlert "KEYWORD_ALERT",
        /// Settings, permissions or an assignment were changed.
        AccessChanged "ACCESS_CHANGED",
        /// Messages cannot be delivered: a sender is not proved, a push subscription is dead, a webhook fails.
        DeliveryFailing "DELIVERY_FAILING",
        /// A browser has given its subscription up, and gets no push any more.
        DeviceGone "DEVICE_GONE",
        /// Nothing: somebody tries whether they are told.
        Test "TEST",
        /// A day or a week is over, and somebody wants to read what happened.
        Digest "DIGEST",
    }
}

words! {
    /// By which way somebody is told.
    Through {
        /// The bell in the dashboard.
        Bell "BELL",
        /// Email.
        Email "EMAIL",
        /// A push notification of the browser.
        Push "PUSH",
    }
}

words! {
    /// Of what visitors do somebody wants to be told (S215).
    Events {
        /// Of everything.
        All "ALL",
        /// Of requests for a person, and what is left when nobody came.
        Requests "REQUESTS",
        /// Of nothing.
        None "NONE",
    }
}

words! {
    /// Why somebody is not told by one way.
    Reason {
        /// It was they who did it.
        Author "AUTHOR",
        /// Their account or membership is suspended.
        Suspended "SUSPENDED",
        /// They may not see it.
        NotPermitted "NOT_PERMITTED",
        /// It is a rehearsal, which leaves no dashboard.
        Rehearsal "REHEARSAL",
        /// They have seen it.
        Seen "SEEN",
        /// This way is not used for this kind.
        NotThisWay "NOT_THIS_WAY",
        /// They muted the AI agent or the organization.
        Muted "MUTED",
        /// They chose not to be told of such events.
        NotWanted "NOT_WANTED",
        /// They chose not to be told by this way.
        WayOff "WAY_OFF",
        /// They have registered no device.
        NoDevice "NO_DEVICE",
        /// They have a page of the dashboard before them.
        Looking "LOOKING",
        /// They were told of the same, and have not looked yet.
        Collapsed "COLLAPSED",
        /// What watches for it told of the same chat a short while ago.
        CoolingDown "COOLING_DOWN",
        /// Somebody had taken the request before the message left.
        ClaimedMeanwhile "CLAIMED_MEANWHILE",
        /// The visitor had thought better of it, or what it was about had ended.
        OverMeanwhile "OVER_MEANWHILE",
        /// They had read it before the message left.
        ReadMeanwhile "READ_MEANWHILE",
        /// They had lost the right to see it before the message left.
        RevokedMeanwhile "REVOKED_MEANWHILE",
        /// There was nothing to tell of.
        NothingHappened "NOTHING_HAPPENED",
    }
}

/// Writes and reads a word as the text that it is kept as.
macro_rules! words_in_json {
    ($($name:ty)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                Self::parse(&word).ok_or_else(|| serde::de::Error::custom(format!("unknown word {word:?}")))
            }
        }
    )*};
}
words_in_json!(Kind Events Through);

impl Reason {
    /// Why nothing was sent, for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Author => "Not told: they did it themselves.",
            Self::Suspended => "Not told: their account or membership is suspended.",
            Self::NotPermitted => "Not told: they may not see it.",
            Self::Rehearsal => "Not sent: a rehearsal leaves no dashboard.",
            Self::Seen => "Not told: they had seen it.",
            Self::NotThisWay => "Not sent: such events do not go out this way.",
            Self::Muted => "Not told: they muted the AI agent or the organization.",
            Self::NotWanted => "Not told: they chose not to be told of such events.",
            Self::WayOff => "Not sent: they switched this way off.",
            Self::NoDevice => "Not sent: they have registered no device.",
            Self::Looking => "Not sent: they had the page before them.",
            Self::Collapsed => "Not sent: they were told of the same, and had not looked yet.",
            Self::CoolingDown => "Not told: the alert told of this chat a short while ago.",
            Self::ClaimedMeanwhile => "Not sent: somebody had taken the request before it left.",
            Self::OverMeanwhile => "Not sent: it was over before it left.",
            Self::ReadMeanwhile => "Not sent: they had read it before it left.",
            Self::RevokedMeanwhile => "Not sent: they lost the right to see it before it left.",
            Self::NothingHappened => "Not sent: nothing happened in that time.",
        }
    }
}

/// What events belong together when somebody chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Somebody waits for a person, or was left waiting.
    Request,
    /// Anything else around a chat.
    Message,
    /// What concerns one's own access or the house: nobody chooses not to know of it.
    House,
    /// What they asked for besides.
    Digest,
}

/// How a way is used for a kind, where nobody has switched it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Usage {
    /// At once.
    Always,
    /// When it was not seen for so long.
    Unseen(Duration),
    /// Unless they have a page before them.
    Unfocused,
    /// For those who run the place.
    Admins,
    /// Where whoever set the alert asked for it.
    Asked,
    /// Not at all.
    Never,
}

/// How long a visitor's words may lie unseen before the operator is written about them.
pub const UNSEEN_AFTER: Duration = Duration::from_secs(180);

impl Kind {
    const fn sort(self) -> Sort {
        match self {
            Self::HandoffRequested
            | Self::HandoffWaiting
            | Self::HandoffMissed
            | Self::OfflineQuery
            | Self::OfflineReply
            | Self::Transferred
            | Self::Released => Sort::Request,
            Self::VisitorMessage | Self::Claimed | Self::Mentioned | Self::Rated | Self::KeywordAlert => Sort::Message,
            Self::AccessChanged | Self::DeliveryFailing | Self::DeviceGone | Self::Test => Sort::House,
            Self::Digest => Sort::Digest,
        }
    }

    /// The table of what is told by which way.
    const fn usage(self, through: Through) -> Usage {
        match (through, self) {
            (Through::Bell, Self::DeliveryFailing) => Usage::Admins,
            (Through::Bell | Through::Push, Self::Digest) => Usage::Never,
            (Through::Bell, _)
            | (
                Through::Email | Through::Push,
                Self::HandoffRequested
                | Self::HandoffWaiting
                | Self::HandoffMissed
                | Self::OfflineQuery
                | Self::OfflineReply
                | Self::Test,
            )
            | (Through::Email, Self::Digest)
            | (Through::Push, Self::Claimed | Self::Transferred | Self::Released | Self::Mentioned) => Usage::Always,
            (Through::Email, Self::VisitorMessage) => Usage::Unseen(UNSEEN_AFTER),
            (Through::Push, Self::VisitorMessage) => Usage::Unfocused,
            (Through::Email, Self::AccessChanged | Self::DeliveryFailing) => Usage::Admins,
            (Through::Email | Through::Push, Self::KeywordAlert) => Usage::Asked,
            (Through::Email, Self::Claimed | Self::Transferred | Self::Released | Self::Mentioned)
            | (Through::Email | Through::Push, Self::Rated | Self::DeviceGone)
            | (Through::Push, Self::AccessChanged | Self::DeliveryFailing) => Usage::Never,
        }
    }

    /// Whether it rings in the dashboard until somebody has taken it (S195).
    pub const fn rings(self) -> bool {
        matches!(self, Self::HandoffRequested | Self::HandoffWaiting)
    }
}

/// Hours in which nothing leaves the house for somebody: from one minute of the day to another, over midnight where the
/// second comes first, in their zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// The first minute of the day, from 0.
    pub from: u16,
    /// The first minute after them.
    pub until: u16,
    /// The zone, by its name in the IANA database.
    pub zone: String,
}

impl Quiet {
    /// Until when it is quiet, if it is now. A zone that nobody knows is UTC; equal ends are no quiet hours.
    pub fn holds_until(&self, now: Time) -> Option<Time> {
        let zone = hours::zone(&self.zone).unwrap_or(TimeZone::UTC);
        let there = Timestamp::from_microsecond(now.micros()).ok()?.to_zoned(zone.clone());
        let minute = u16::try_from(there.hour()).ok()? * 60 + u16::try_from(there.minute()).ok()?;
        let (from, until) = (self.from, self.until);
        let over_midnight = from > until;
        let quiet = if over_midnight { minute >= from || minute < until } else { from <= minute && minute < until };
        if !quiet {
            return None;
        }
        let days = i64::from(over_midnight && minute >= from);
        let clock = ClockTime::new(i8::try_from(until / 60 % 24).ok()?, i8::try_from(until % 60).ok()?, 0, 0).ok()?;
        let date = there.date().checked_add(days.days()).ok()?;
        // Of an hour that comes twice, the first counts.
        hours::instant(&zone, date.to_datetime(clock)).filter(|until| *until > now)
    }
}

/// What somebody has chosen for an organization, or what counts for them there as long as they have not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// By email (S214).
    pub email: bool,
    /// By push (S214).
    pub push: bool,
    /// Of what (S215).
    pub events: Events,
    /// When nothing leaves the house for them.
    pub quiet: Option<Quiet>,
    /// Whether the AI agent, or the whole organization, is muted.
    pub muted: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { email: true, push: true, events: Events::All, quiet: None, muted: false }
    }
}

/// What somebody, or an organization for its people, has chosen, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// By email (S214).
    pub email: bool,
    /// By push (S214).
    pub push: bool,
    /// Of what (S215).
    pub events: Events,
    /// From which minute of the day nothing leaves the house, and until which.
    pub quiet: Option<(u16, u16)>,
    /// Whether the whole organization is muted.
    pub muted: bool,
    /// AI agents that are.
    pub muted_ai_agents: Vec<AiAgentId>,
    /// How often they want to read by mail what happened.
    pub digest: Rhythm,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            email: true,
            push: true,
            events: Events::All,
            quiet: None,
            muted: false,
            muted_ai_agents: Vec::new(),
            digest: Rhythm::Never,
        }
    }
}

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// How many AI agents somebody can mute in one organization.
const MUTED_AT_MOST: usize = 100;

impl Choices {
    /// The same, if it can be kept.
    ///
    /// # Errors
    /// INVALID with OUT_OF_RANGE for a minute that no day has, NO_HOURS for quiet hours of no length, TOO_MANY AI agents.
    pub fn checked(mut self) -> Result<Self> {
        if let Some((from, until)) = self.quiet {
            if from >= DAY || until >= DAY {
                return Err(Error::invalid("quietFrom", "OUT_OF_RANGE", "A day has the minutes 0 to 1439."));
            }
            if from == until {
                return Err(Error::invalid(
                    "quietUntil",
                    "NO_HOURS",
                    "Quiet hours end at another time than they begin.",
                ));
            }
        }
        self.muted_ai_agents.sort_unstable();
        self.muted_ai_agents.dedup();
        if self.muted_ai_agents.len() > MUTED_AT_MOST {
            let message = format!("At most {MUTED_AT_MOST} AI agents can be muted one by one.");
            return Err(Error::invalid("mutedAiAgentIds", "TOO_MANY", message));
        }
        Ok(self)
    }

    /// What they come to for what happens with an AI agent, if it happens with one; quiet hours are meant in the zone.
    pub fn wishes(&self, ai_agent: Option<AiAgentId>, zone: &str) -> Wishes {
        Wishes {
            email: self.email,
            push: self.push,
            events: self.events,
            quiet: self.quiet.map(|(from, until)| Quiet { from, until, zone: zone.to_owned() }),
            muted: self.muted || ai_agent.is_some_and(|one| self.muted_ai_agents.contains(&one)),
        }
    }
}

words! {
    /// Who has chosen what counts for somebody.
    Origin {
        /// They themselves.
        Own "OWN",
        /// The organization, for its people.
        Organization "ORGANIZATION",
        /// Nobody.
        Platform "PLATFORM",
    }
}

/// What is known of somebody who could be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Whether they did it themselves.
    pub author: bool,
    /// Whether their account or membership is suspended.
    pub suspended: bool,
    /// Whether they hold the permission that the kind is for, where it happened.
    pub permitted: bool,
    /// Whether they run the place where it happened.
    pub admin: bool,
    /// Whether they have seen it.
    pub seen: bool,
    /// Whether they have a page of the dashboard before them.
    pub looking: bool,
    /// Whether they have registered a device for push.
    pub device: bool,
    /// By which ways they were told of the same before, and have not looked since.
    pub told: Vec<Through>,
    /// What they chose.
    pub wishes: Wishes,
}

/// What has happened, as far as it decides who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: Kind,
    /// Whether it only is a rehearsal (W08).
    pub rehearsal: bool,
    /// By which ways besides the bell, where whoever set up what tells of it has said so: a step of the ladder, a keyword alert.
    pub asked: Option<Vec<Through>>,
    /// Whether what tells of it told of the same a short while ago, and is to keep silent yet.
    pub cooling: bool,
}

/// What is decided for one person and one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent at once.
    Now,
    /// It is sent then, if it is worth it still.
    Later(Time),
    /// It is held back while it is quiet for them, and comes with a summary then.
    Held(Time),
    /// It is not sent.
    Withheld(Reason),
}

impl Verdict {
    /// The word that it is kept as.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Now => "NOW",
            Self::Later(_) => "LATER",
            Self::Held(_) => "HELD",
            Self::Withheld(_) => "WITHHELD",
        }
    }
}

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Who.
    pub user: UserId,
    /// By which way.
    pub through: Through,
    /// What is decided.
    pub verdict: Verdict,
}

/// What is said of a kind of thing: `who` is the visitor, `by` a colleague, where one did it.
pub fn title(kind: Kind, who: &str, by: Option<&str>) -> String {
    let by = by.unwrap_or("A colleague");
    match kind {
        Kind::HandoffRequested => format!("{who} asks for a person"),
        Kind::HandoffWaiting => format!("{who} still waits for a person"),
        Kind::HandoffMissed => format!("Nobody came to {who}"),
        Kind::OfflineQuery => format!("{who} left an offline query"),
        Kind::OfflineReply => format!("{who} answered by email"),
        Kind::VisitorMessage => format!("{who} wrote"),
        Kind::Claimed => format!("{by} took the chat with {who}"),
        Kind::Transferred => format!("{by} gave you the chat with {who}"),
        Kind::Released => format!("{by} put your chat with {who} back into the queue"),
        Kind::Mentioned => format!("{by} mentioned you in the chat with {who}"),
        Kind::Rated => format!("{who} rated your chat"),
        Kind::KeywordAlert => format!("{who} said what you watch for"),
        Kind::AccessChanged => format!("{by} changed what you may do"),
        Kind::DeliveryFailing => "Messages cannot be delivered".to_owned(),
        Kind::DeviceGone => "A device is told nothing any more".to_owned(),
        Kind::Test => "This is a test notification".to_owned(),
        Kind::Digest => "What happened".to_owned(),
    }
}

/// Decides for each of some people, by each way, whether they are told of an event.
pub fn plan(event: &Event, people: &[Person], now: Time) -> Vec<Delivery> {
    let each = people.iter().flat_map(|person| Through::ALL.iter().map(move |through| (person, *through)));
    each.map(|(person, through)| Delivery { user: person.user, through, verdict: verdict(event, person, through, now) })
        .collect()
}

fn verdict(event: &Event, person: &Person, through: Through, now: Time) -> Verdict {
    if let Some(reason) = objection(event, person, through) {
        return Verdict::Withheld(reason);
    }
    // The bell makes no sound then, and waits where it is.
    let quiet = person.wishes.quiet.as_ref().filter(|_| through != Through::Bell);
    let due = match event.kind.usage(through) {
        Usage::Unseen(patience) => now.plus(patience),
        _ => now,
    };
    match quiet.and_then(|quiet| quiet.holds_until(due)) {
        Some(until) => Verdict::Held(until),
        None if due > now => Verdict::Later(due),
        None => Verdict::Now,
    }
}

/// What speaks against it: the weightiest reason first, so that whoever asks why learns what would have to change.
fn objection(event: &Event, person: &Person, through: Through) -> Option<Reason> {
    let Person { wishes, .. } = person;
    let usage = event.kind.usage(through);
    let sort = event.kind.sort();
    let outside = through != Through::Bell;
    let unwanted = match wishes.events {
        Events::All => false,
        Events::Requests => sort == Sort::Message,
        Events::None => !matches!(sort, Sort::House | Sort::Digest),
    };
    let off = match through {
        Through::Bell => false,
        Through::Email => !wishes.email,
        Through::Push => !wishes.push,
    };
    let unused = match usage {
        Usage::Never => true,
        Usage::Admins => !person.admin,
        Usage::Asked => event.asked.is_none(),
        Usage::Always | Usage::Unseen(_) | Usage::Unfocused => false,
    };
    let unasked = outside && event.asked.as_ref().is_some_and(|asked| !asked.contains(&through));
    [
        (person.author, Reason::Author),
        (person.suspended, Reason::Suspended),
        (!person.permitted, Reason::NotPermitted),
        (event.rehearsal && outside, Reason::Rehearsal),
        (event.cooling, Reason::CoolingDown),
        (person.seen, Reason::Seen),
        (unused || unasked, Reason::NotThisWay),
        (wishes.muted && sort != Sort::House, Reason::Muted),
        (unwanted, Reason::NotWanted),
        (off, Reason::WayOff),
        (through == Through::Push && !person.device, Reason::NoDevice),
        (usage == Usage::Unfocused && person.looking, Reason::Looking),
        (person.told.contains(&through), Reason::Collapsed),
    ]
    .into_iter()
    .find_map(|(objects, reason)| objects.then_some(reason))
}

/// What is so when a message is about to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meanwhile {
    /// Their account or membership is suspended now.
    pub suspended: bool,
    /// They may not see it any more.
    pub revoked: bool,
    /// Somebody has taken the request.
    pub claimed: bool,
    /// What it is about is over: withdrawn, missed, closed, or somebody else's.
    pub over: bool,
    /// They have read it.
    pub read: bool,
}

/// Whether a message that was planned is worth sending yet.
///
/// # Errors
/// Why not.
pub fn still(kind: Kind, meanwhile: &Meanwhile) -> Result<(), Reason> {
    let Meanwhile { suspended, revoked, claimed, over, read } = *meanwhile;
    let waits = matches!(kind, Kind::HandoffRequested | Kind::HandoffWaiting);
    let concerns_now = waits || matches!(kind, Kind::VisitorMessage | Kind::OfflineQuery | Kind::OfflineReply);
    [
        (suspended, Reason::Suspended),
        (revoked, Reason::RevokedMeanwhile),
        (claimed && waits, Reason::ClaimedMeanwhile),
        (over && concerns_now, Reason::OverMeanwhile),
        (read, Reason::ReadMeanwhile),
    ]
    .into_iter()
    .find_map(|(objects, reason)| objects.then_some(reason))
    .map_or(Ok(()), Err)
}

#[cfg(test)]
mod cases;
