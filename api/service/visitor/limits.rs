//! How often visitors may do something: by visitor, by network, by widget and by organization (T17).
//!
//! Buckets that fill again, counted by the node. Each level is wider than the one below by a factor that can be set: one
//! visitor cannot use up what a whole network may, nor one network what a widget may.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::domain::access::VisitorActor;
use crate::domain::block::network_of;
use crate::domain::id::{OrganizationId, VisitorId, WidgetId};
use crate::error::{Code, Error, Result};

/// What a visitor does, as far as it is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Says something.
    Message,
    /// Asks for a person, or leaves a query.
    Request,
    /// Sends a file.
    Upload,
    /// Says who they are: the one thing that is open to whoever has not said it yet.
    Identify,
    /// Does the work that is asked of new visitors.
    Challenge,
    /// Everything else: typing, reading, where they are.
    Other,
}

impl Deed {
    /// What a mutation of the visitors' API is counted as.
    pub fn of(mutation: &str) -> Self {
        match mutation {
            "sendMessage" => Self::Message,
            "requestHandoff" | "submitOfflineQuery" | "emailTranscript" => Self::Request,
            "prepareUpload" => Self::Upload,
            "identify" => Self::Identify,
            "solveChallenge" => Self::Challenge,
            _ => Self::Other,
        }
    }
}

/// How much of what in a minute, and how much wider the wider levels are.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// Messages of one visitor.
    pub messages: u32,
    /// Sessions that begin from one network.
    pub sessions: u32,
    /// Requests for a person, and queries, of one visitor.
    pub requests: u32,
    /// Files of one visitor.
    pub uploads: u32,
    /// How many visitors' worth one network may do.
    pub per_network: u32,
    /// How many visitors' worth all visitors of one widget may do.
    pub per_widget: u32,
    /// How many visitors' worth all visitors of one organization may do.
    pub per_organization: u32,
}

/// Typing, reading and the like are this many times as frequent as messages.
const SMALL_TALK: u32 = 10;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whose {
    Visitor(VisitorId),
    Network(String),
    Widget(WidgetId),
    Organization(OrganizationId),
}

/// One thing that is counted, at all levels.
struct Levels {
    visitor: DefaultKeyedRateLimiter<Whose>,
    network: DefaultKeyedRateLimiter<Whose>,
    widget: DefaultKeyedRateLimiter<Whose>,
    organization: DefaultKeyedRateLimiter<Whose>,
}

impl Levels {
    fn new(one: u32, caps: &Caps) -> Self {
        let level = |factor: u32| {
            let most = NonZeroU32::new(one.saturating_mul(factor)).unwrap_or(NonZeroU32::MIN);
            RateLimiter::keyed(Quota::per_minute(most))
        };
        Self {
            visitor: level(1),
            network: level(caps.per_network),
            widget: level(caps.per_widget),
            organization: level(caps.per_organization),
        }
    }

    fn all(&self) -> [&DefaultKeyedRateLimiter<Whose>; 4] {
        [&self.visitor, &self.network, &self.widget, &self.organization]
    }
}

/// Counts what visitors do on this node.
pub struct Limits {
    messages: Levels,
    sessions: Levels,
    requests: Levels,
    uploads: Levels,
    others: Levels,
    transcripts: DefaultKeyedRateLimiter<String>,
}

/// How many transcripts may be asked for in an hour by one visitor or person, and be sent to one address.
const TRANSCRIPTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

impl Limits {
    /// Under these caps.
    pub fn new(caps: &Caps) -> Self {
        Self {
            messages: Levels::new(caps.messages, caps),
            sessions: Levels::new(caps.sessions, caps),
            requests: Levels::new(caps.requests, caps),
            uploads: Levels::new(caps.uploads, caps),
            others: Levels::new(caps.messages.saturating_mul(SMALL_TALK), caps),
            transcripts: RateLimiter::keyed(Quota::per_hour(TRANSCRIPTS)),
        }
    }

    /// Counts a message of a visitor, as the service that keeps it does; the wider levels have been counted at the gate.
    pub fn message(&self, visitor: VisitorId) -> Result<()> {
        take(&self.messages.visitor, Whose::Visitor(visitor))
    }

    /// Counts what a visitor is about to do.
    ///
    /// # Errors
    /// RATE_LIMITED with TOO_MANY and the seconds to wait. Nothing wider is counted by what a narrower level refused.
    pub fn deed(&self, deed: Deed, visitor: &VisitorActor, address: IpAddr) -> Result<()> {
        let levels = match deed {
            Deed::Message => &self.messages,
            Deed::Request => &self.requests,
            Deed::Upload => &self.uploads,
            Deed::Identify | Deed::Challenge | Deed::Other => &self.others,
        };
        // Messages of one visitor are counted where they are kept, however they come.
        if deed != Deed::Message {
            take(&levels.visitor, Whose::Visitor(visitor.visitor))?;
        }
        take(&levels.network, Whose::Network(network_of(address)))?;
        take(&levels.widget, Whose::Widget(visitor.widget))?;
        match visitor.organization {
            Some(organization) => take(&levels.organization, Whose::Organization(organization)),
            None => Ok(()),
        }
    }

    /// Counts a session that begins: by network, by widget and by organization; there is no visitor yet.
    pub fn session(&self, address: IpAddr, widget: WidgetId, organization: Option<OrganizationId>) -> Result<()> {
        // One network has what one visitor has of the rest: a session is what makes a visitor.
        take(&self.sessions.visitor, Whose::Network(network_of(address)))?;
        take(&self.sessions.widget, Whose::Widget(widget))?;
        match organization {
            Some(organization) => take(&self.sessions.organization, Whose::Organization(organization)),
            None => Ok(()),
        }
    }

    /// Counts a transcript that somebody wants to have sent to an address.
    pub(crate) fn transcript(&self, asker: &str, address: &str) -> Result<()> {
        let often = |key: &str| self.transcripts.check_key(&key.to_owned()).is_err();
        if often(asker) || often(&format!("to {address}")) {
            let message = "Enough transcripts were sent for now. Please try again later.";
            return Err(Error::new(Code::RateLimited, "TOO_MANY", message));
        }
        Ok(())
    }

    /// Forgets who has been quiet for long enough; called now and then.
    pub fn tidy(&self) {
        self.transcripts.retain_recent();
        for levels in [&self.messages, &self.sessions, &self.requests, &self.uploads, &self.others] {
            for level in levels.all() {
                level.retain_recent();
                level.shrink_to_fit();
            }
        }
    }
}

fn take(level: &DefaultKeyedRateLimiter<Whose>, whose: Whose) -> Result<()> {
    let Err(refused) = level.check_key(&whose) else { return Ok(()) };
    let wait = refused.wait_time_from(DefaultClock::default().now());
    let seconds = wait.as_secs() + 1;
    let message = match whose {
        Whose::Visitor(_) => "Please wait a moment before you write again.",
        Whose::Network(_) => "Too many visitors from this address.",
        Whose::Widget(_) | Whose::Organization(_) => "There is too much going on here. Please try again in a moment.",
    };
    Err(Error { retry_after: Some(seconds), ..Error::new(Code::RateLimited, "TOO_MANY", message) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{AgencyId, AiAgentId, ConversationId};

    const CAPS: Caps =
        Caps { messages: 4, sessions: 3, requests: 2, uploads: 2, per_network: 2, per_widget: 3, per_organization: 4 };

    fn visitor(number: u128, widget: u128) -> VisitorActor {
        VisitorActor {
            visitor: VisitorId::from_number(number),
            widget: WidgetId::from_number(widget),
            ai_agent: AiAgentId::from_number(1),
            agency: AgencyId::from_number(1),
            organization: Some(OrganizationId::from_number(1)),
            conversation: ConversationId::from_number(number),
            identified: false,
        }
    }

    /// How many of a hundred tries pass.
    fn passing(mut one: impl FnMut(u128) -> Result<()>) -> usize {
        (0..100).filter(|number| one(*number).is_ok()).count()
    }

    #[test]
    fn each_level_is_counted() {
        let limits = Limits::new(&CAPS);
        let address = |last: u128| IpAddr::from([203, 0, 113, last as u8]);
        let request = |number, widget, from| limits.deed(Deed::Request, &visitor(number, widget), address(from));
        assert_eq!(passing(|_| request(1, 1, 1)), 2, "one visitor");
        assert_eq!(passing(|number| request(10 + number, 2, 2)), 4, "one network");
        assert_eq!(passing(|number| request(200 + number, 3, 10 + number)), 2, "one organization: the rest of eight");
        let limits = Limits::new(&Caps { per_organization: 1_000, ..CAPS });
        let request = |number, widget, from| limits.deed(Deed::Request, &visitor(number, widget), address(from));
        assert_eq!(passing(|number| request(number, 1, number)), 6, "one widget");
        assert_eq!(passing(|_| limits.session(address(1), WidgetId::from_number(1), None)), 3);
        assert_eq!(passing(|_| limits.message(VisitorId::from_number(9))), 4);
    }

    #[test]
    fn a_whole_ipv6_subscriber_is_one() {
        let limits = Limits::new(&CAPS);
        let address = |last: u128| format!("2001:db8:1:2::{last:x}").parse().expect("an address");
        assert_eq!(passing(|number| limits.session(address(number), WidgetId::from_number(1), None)), 3);
    }

    #[test]
    fn who_is_refused_is_told_for_how_long() {
        let limits = Limits::new(&CAPS);
        let refused = (0..10).find_map(|_| limits.message(VisitorId::from_number(1)).err()).expect("refused");
        assert_eq!((refused.code.as_str(), refused.reason), ("RATE_LIMITED", "TOO_MANY"));
        assert!(refused.retry_after.is_some_and(|seconds| (1..=16).contains(&seconds)), "{:?}", refused.retry_after);
    }
}
