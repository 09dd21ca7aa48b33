//! Visitors: their sessions, and how often they may write.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::identity::token::VisitorClaims;
use super::{Services, person_of, visitor_of, widget};
use crate::domain::access::{Actor, VisitorActor};
use crate::domain::agent::Visitor;
use crate::domain::conversation::{Conversation, Message, State};
use crate::domain::id::{VisitorId, WidgetId};
use crate::domain::page::Rows;
use crate::domain::tenant::Unavailable;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{conversation, message, visitor};

/// How often visitors may write, and sessions may begin.
pub struct Limits {
    messages: DefaultKeyedRateLimiter<VisitorId>,
    sessions: DefaultKeyedRateLimiter<std::net::IpAddr>,
    transcripts: DefaultKeyedRateLimiter<String>,
}

/// How many transcripts may be asked for in an hour by one visitor or person, and be sent to one address.
const TRANSCRIPTS: u32 = 5;

const fn at_least_one(count: u32) -> NonZeroU32 {
    match NonZeroU32::new(count) {
        Some(count) => count,
        None => NonZeroU32::MIN,
    }
}

impl Limits {
    /// At most so many messages a minute of one visitor, and so many new sessions a minute from one address.
    pub fn new(messages: u32, sessions: u32) -> Self {
        Self {
            messages: RateLimiter::keyed(Quota::per_minute(at_least_one(messages))),
            sessions: RateLimiter::keyed(Quota::per_minute(at_least_one(sessions))),
            transcripts: RateLimiter::keyed(Quota::per_hour(at_least_one(TRANSCRIPTS))),
        }
    }

    /// Counts a message.
    pub fn message(&self, visitor: VisitorId) -> Result<()> {
        self.messages.check_key(&visitor).map_err(|_| too_many("Please wait a moment before you write again."))
    }

    /// Counts a transcript that somebody wants to have sent to an address.
    pub(super) fn transcript(&self, asker: &str, address: &str) -> Result<()> {
        let often = |key: &str| self.transcripts.check_key(&key.to_owned()).is_err();
        if often(asker) || often(&format!("to {address}")) {
            return Err(too_many("Enough transcripts were sent for now. Please try again later."));
        }
        Ok(())
    }

    fn session(&self, address: std::net::IpAddr) -> Result<()> {
        self.sessions.check_key(&address).map_err(|_| too_many("Too many visitors from this address."))
    }

    /// Forgets who has been quiet for long enough; called now and then.
    pub fn tidy(&self) {
        self.messages.retain_recent();
        self.sessions.retain_recent();
        self.transcripts.retain_recent();
    }
}

fn too_many(message: &str) -> Error {
    Error::new(Code::RateLimited, "TOO_MANY", message)
}

/// A visitor's session.
pub struct Opened {
    /// The token for the next hour.
    pub token: String,
    /// When that ends.
    pub expires_at: Time,
    /// What renews it, for ninety days.
    pub resume: String,
    /// The visitor.
    pub actor: Actor,
    /// Their conversation.
    pub conversation: Conversation,
}

/// What a browser says when it opens the widget.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The page the widget is on.
    pub page_url: Option<String>,
    /// The browser, shortened for people.
    pub browser: Option<String>,
    /// The network address.
    pub address: std::net::IpAddr,
}

/// Opens the widget: goes on with the session that `resume` names, or begins one. A `resume` that is spent or another
/// widget's begins a new one: the visitor did nothing wrong.
pub async fn open(s: &Services, id: WidgetId, resume: Option<&str>, opening: Opening) -> Result<Opened> {
    let shown = widget::shown(s, id).await?;
    let now = s.clock.now();
    let page_url = text::optional_line("pageUrl", opening.page_url.as_deref(), 2_000)?
        .filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    if let Some(claims) = resume.and_then(|resume| s.tokens.verify_resume(resume, now).ok().map(|proven| proven.claims))
        && claims.widget == id
    {
        let actor = VisitorActor {
            visitor: claims.visitor,
            widget: id,
            ai_agent: shown.agent.id,
            agency: shown.agency.id,
            organization: shown.agent.organization,
            conversation: claims.conversation,
        };
        let scope = Scope::of_visitor(&actor);
        let mut unit = s.store.write().await?;
        if let Some(found) = conversation::conversation(&mut unit, &scope, claims.conversation).await?
            // When its AI agent has moved on, the conversation stays where it was, and the visitor begins another.
            && (found.organization == shown.agent.organization || shown.agent.organization.is_none())
            && let Some(mut known) = visitor::visitors_of(&mut unit, &scope, &[claims.visitor]).await?.pop()
        {
            if page_url.is_some() && known.page_url != page_url {
                known.page_url = page_url;
                visitor::update(&mut unit, &scope, &known).await?;
                unit.commit().await?;
            }
            // After the end the visitor may have begun another one.
            let newest = conversation::of_visitor(&mut s.store.read().await?, &scope, claims.visitor).await?;
            return match newest.filter(|newest| super::ending::goes_on_in(&found, newest)) {
                Some(newest) => opened(s, VisitorActor { conversation: newest.id, ..actor }, newest),
                None => opened(s, actor, found),
            };
        }
    }
    // Unassigned widgets may be tried out; what sleeps or is in the bin is not entered.
    if !matches!(shown.unavailable, None | Some(Unavailable::AiAgentUnassigned)) {
        widget::reachable(s, id).await?;
    }
    s.visitor_limits.session(opening.address)?;
    let new = Visitor {
        id: s.ids.next(now),
        name: None,
        email: None,
        phone: None,
        page_url,
        browser: opening.browser,
        first_seen_at: now,
        external_id: None,
        attributes: "{}".to_owned(),
        language: None,
        time_zone: None,
        referrer: None,
        blocked_at: None,
    };
    let row = Conversation {
        id: s.ids.next(now),
        agency: shown.agency.id,
        organization: shown.agent.organization,
        ai_agent: shown.agent.id,
        widget: id,
        visitor: new.id,
        state: State::Ai,
        version: 1,
        rev: 1,
        last_seq: 0,
        assignee: None,
        handoff: None,
        opened_at: now,
        started_at: None,
        last_activity_at: now,
        last_visitor_message_at: None,
        preview: None,
        visitor_messages: 0,
        visitor_read_seq: 0,
        operator_read_seq: 0,
        language: None,
        idle_at: None,
        failures: 0,
        signals: String::new(),
        tags: String::new(),
        notes_rev: 0,
        rehearsal: false,
    };
    let actor = VisitorActor {
        visitor: new.id,
        widget: id,
        ai_agent: shown.agent.id,
        agency: shown.agency.id,
        organization: shown.agent.organization,
        conversation: row.id,
    };
    let scope = Scope::of_visitor(&actor);
    let mut unit = s.store.write().await?;
    visitor::insert(&mut unit, &scope, id, &new).await?;
    conversation::insert(&mut unit, &scope, &row).await?;
    unit.commit().await?;
    opened(s, actor, row)
}

fn opened(s: &Services, actor: VisitorActor, conversation: Conversation) -> Result<Opened> {
    let now = s.clock.now();
    let (visitor, widget, agency) = (actor.visitor, actor.widget, actor.agency);
    let claims = VisitorClaims { visitor, widget, conversation: conversation.id, agency };
    let token = s.tokens.issue_visitor(&claims, now)?;
    let resume = s.tokens.issue_resume(&claims, now)?;
    Ok(Opened {
        token: token.token,
        expires_at: token.expires,
        resume: resume.token,
        actor: Actor::Visitor(actor.into()),
        conversation,
    })
}

/// The session that asks, with fresh tokens.
pub async fn current(s: &Services, actor: &Actor) -> Result<Opened> {
    let visitor = visitor_of(actor)?;
    let row = conversation(s, actor).await?;
    opened(s, VisitorActor::clone(visitor), row)
}

/// The visitor's own conversation.
pub async fn conversation(s: &Services, actor: &Actor) -> Result<Conversation> {
    let visitor = visitor_of(actor)?;
    let scope = Scope::of_visitor(visitor);
    let mut read = s.store.read().await?;
    conversation::conversation(&mut read, &scope, visitor.conversation)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))
}

/// The last entries of the visitor's conversation before number `before`, in order.
pub async fn messages(s: &Services, actor: &Actor, before: Option<i64>, last: usize) -> Result<Rows<Message>> {
    let visitor = visitor_of(actor)?;
    let scope = Scope::of_visitor(visitor);
    let mut read = s.store.read().await?;
    message::last(&mut read, &scope, visitor.conversation, before, last).await
}

/// Visitors by id, for conversations that the person has been allowed to see.
pub async fn visitors_of(s: &Services, actor: &Actor, ids: &[VisitorId]) -> Result<Vec<Visitor>> {
    let scope = Scope::system(person_of(actor)?.agency, "the visitor of a conversation that may be seen");
    let mut read = s.store.read().await?;
    visitor::visitors_of(&mut read, &scope, ids).await
}

/// The name of the operator who has the visitor's conversation.
pub async fn operator_name(s: &Services, actor: &Actor, operator: crate::domain::id::UserId) -> Result<Option<String>> {
    let scope = Scope::of_visitor(visitor_of(actor)?);
    let mut read = s.store.read().await?;
    Ok(crate::store::identity::users_of(&mut read, &scope, &[operator]).await?.pop().map(|user| user.name))
}
