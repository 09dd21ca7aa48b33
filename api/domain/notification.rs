//! Who is told of what, by which way, and when; or why not. Pure: people are facts, and the instant is an argument.
//!
//! A decision is made twice. [`plan`] says, when something has happened, what is sent to whom; [`still`] says, when a message is
//! about to leave, whether it is worth sending yet. Both give a [`Reason`] where nothing is sent, so that "why was I not told?"
//! (W02) has an answer for everybody and every way.

use std::time::Duration;

use jiff::civil::Time as ClockTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::conversation::words;
use super::hours;
use super::id::UserId;
use super::time::Time;

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
        /// Somebody had taken the request before the message left.
        ClaimedMeanwhile "CLAIMED_MEANWHILE",
        /// The visitor had thought better of it, or what it was about had ended.
        OverMeanwhile "OVER_MEANWHILE",
        /// They had read it before the message left.
        ReadMeanwhile "READ_MEANWHILE",
        /// They had lost the right to see it before the message left.
        RevokedMeanwhile "REVOKED_MEANWHILE",
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
            Self::AccessChanged | Self::DeliveryFailing => Sort::House,
        }
    }

    /// The table of what is told by which way.
    const fn usage(self, through: Through) -> Usage {
        match (through, self) {
            (Through::Bell, Self::DeliveryFailing) => Usage::Admins,
            (Through::Bell, _)
            | (
                Through::Email | Through::Push,
                Self::HandoffRequested
                | Self::HandoffWaiting
                | Self::HandoffMissed
                | Self::OfflineQuery
                | Self::OfflineReply,
            )
            | (Through::Push, Self::Claimed | Self::Transferred | Self::Released | Self::Mentioned) => Usage::Always,
            (Through::Email, Self::VisitorMessage) => Usage::Unseen(UNSEEN_AFTER),
            (Through::Push, Self::VisitorMessage) => Usage::Unfocused,
            (Through::Email, Self::AccessChanged | Self::DeliveryFailing) => Usage::Admins,
            (Through::Email | Through::Push, Self::KeywordAlert) => Usage::Asked,
            (Through::Email, Self::Claimed | Self::Transferred | Self::Released | Self::Mentioned)
            | (Through::Email | Through::Push, Self::Rated)
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
    /// By which ways whoever set the alert wants to be told; of keyword alerts alone.
    pub asked: Vec<Through>,
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
        Events::None => sort != Sort::House,
    };
    let off = match through {
        Through::Bell => false,
        Through::Email => !wishes.email,
        Through::Push => !wishes.push,
    };
    let unused = match usage {
        Usage::Never => true,
        Usage::Admins => !person.admin,
        Usage::Asked => !event.asked.contains(&through),
        Usage::Always | Usage::Unseen(_) | Usage::Unfocused => false,
    };
    [
        (person.author, Reason::Author),
        (person.suspended, Reason::Suspended),
        (!person.permitted, Reason::NotPermitted),
        (event.rehearsal && outside, Reason::Rehearsal),
        (person.seen, Reason::Seen),
        (unused, Reason::NotThisWay),
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
