//! Visitors: their sessions, and the gate before whatever they change.

pub mod block;
pub mod challenge;
pub mod forget;
pub mod identify;
pub mod limits;
mod signed;

use super::identity::token::VisitorClaims;
use super::{Services, agency_of, visitor_of, widget};
use crate::domain::access::{Actor, VisitorActor};
use crate::domain::agent::Visitor;
use crate::domain::block::network_of;
use crate::domain::conversation::{Conversation, Message, State};
use crate::domain::id::{VisitorId, WidgetId};
use crate::domain::page::Rows;
use crate::domain::setting::time_zone;
use crate::domain::tenant::Unavailable;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::visitor::Standing;
use crate::store::{conversation, message, visitor};

pub use limits::{Caps, Deed, Limits};

/// Why a token opens nothing any more: the widget then opens a session anew.
pub(super) fn gone() -> Error {
    Error::unauthenticated("SESSION_MOVED", "This conversation has ended. Please begin a new one.")
}

/// The one gate before every change that a visitor makes, however it is called: a change that nobody thought of here is
/// refused as all others are. What the door let through is a visitor with a good token; here it is asked whether they are
/// still who they were, how much of it they do, whether they are kept out, and whether the organization wants to know first
/// who they are, or that they are no program.
///
/// # Errors
/// UNAUTHENTICATED with SESSION_MOVED; RATE_LIMITED; FORBIDDEN with NOT_AVAILABLE, IDENTITY_REQUIRED or CHALLENGE_REQUIRED.
pub async fn admit(s: &Services, actor: &Actor, deed: Deed, address: std::net::IpAddr) -> Result<()> {
    let who = visitor_of(actor)?;
    s.visitor_limits.deed(deed, who, address)?;
    let shown = widget::shown(s, who.widget).await?;
    let network = network_of(address);
    let mut read = s.store.read().await?;
    let standing = standing(&mut read, who, Some(&network)).await?;
    drop(read);
    // Whoever goes on elsewhere is told so before anything else; identifying is how they do.
    if !standing.current && deed != Deed::Identify {
        return Err(gone());
    }
    if standing.blocked {
        return Err(Error::new(Code::Forbidden, "NOT_AVAILABLE", "This chat is not available at the moment."));
    }
    if deed == Deed::Identify {
        return Ok(());
    }
    if shown.identity_enforced && !who.identified {
        return Err(Error::new(Code::Forbidden, "IDENTITY_REQUIRED", "Please sign in on this page to write here."));
    }
    if shown.challenges && !who.identified && !standing.cleared && deed != Deed::Challenge {
        return Err(Error::new(Code::Forbidden, "CHALLENGE_REQUIRED", "One moment, please."));
    }
    Ok(())
}

async fn standing(read: &mut impl crate::store::Reads, who: &VisitorActor, network: Option<&str>) -> Result<Standing> {
    let found = visitor::standing(read, &Scope::of_visitor(who), who.visitor, who.conversation, network).await?;
    found.filter(|standing| !standing.gone).ok_or_else(gone)
}

/// Refuses whoever has become another visitor, wants to be forgotten, or goes on in another conversation.
pub(super) async fn still(s: &Services, who: &VisitorActor) -> Result<()> {
    let mut read = s.store.read().await?;
    if standing(&mut read, who, None).await?.current { Ok(()) } else { Err(gone()) }
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

/// What is known of whoever opens the widget when nothing but the request is.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The page the widget is on.
    pub page_url: Option<String>,
    /// The browser, shortened for people.
    pub browser: Option<String>,
    /// The network address.
    pub address: std::net::IpAddr,
}

/// The same, with what a browser says.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The page the widget is on.
    pub page_url: Option<String>,
    /// Where the visitor came from to that page.
    pub referrer: Option<String>,
    /// The language of the browser.
    pub language: Option<String>,
    /// Its time zone.
    pub time_zone: Option<String>,
    /// The browser, shortened for people.
    pub browser: Option<String>,
    /// The network address.
    pub address: std::net::IpAddr,
}

impl Arrival {
    /// With what a visitor may say made of what they said: bounded, and left out where it is none.
    fn tidy(self) -> Result<Self> {
        let language = text::optional_line("language", self.language.as_deref(), 35)?;
        let fits = |tag: &String| tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        Ok(Self {
            page_url: page(self.page_url.as_deref())?,
            referrer: page(self.referrer.as_deref())?,
            language: language.filter(fits),
            time_zone: self.time_zone.as_deref().filter(|zone| zone.len() <= 64).and_then(time_zone),
            ..self
        })
    }

    /// What is kept of it with a visitor.
    fn of(known: &Visitor) -> Self {
        Self {
            page_url: known.page_url.clone(),
            referrer: known.referrer.clone(),
            language: known.language.clone(),
            time_zone: known.time_zone.clone(),
            browser: known.browser.clone(),
            address: std::net::Ipv4Addr::UNSPECIFIED.into(),
        }
    }

    /// Notes it with a visitor; what was left out stays. Says whether that changed anything.
    fn update(&self, known: &mut Visitor) -> bool {
        let mut changed = false;
        // Where they came from the first time is what is worth knowing.
        let referrer = self.referrer.as_ref().filter(|_| known.referrer.is_none());
        for (field, said) in [
            (&mut known.page_url, self.page_url.as_ref()),
            (&mut known.language, self.language.as_ref()),
            (&mut known.time_zone, self.time_zone.as_ref()),
            (&mut known.browser, self.browser.as_ref()),
        ] {
            if said.is_some() && field.as_ref() != said {
                *field = said.cloned();
                changed = true;
            }
        }
        if referrer.is_some() {
            known.referrer = referrer.cloned();
            changed = true;
        }
        changed
    }
}

/// The address of a page, if it is one.
fn page(said: Option<&str>) -> Result<Option<String>> {
    let said = text::optional_line("pageUrl", said, 2_000)?;
    Ok(said.filter(|url| url.starts_with("https://") || url.starts_with("http://")))
}

fn new_visitor(s: &Services, opening: &Arrival, now: Time) -> Visitor {
    Visitor {
        id: s.ids.next(now),
        name: None,
        email: None,
        phone: None,
        page_url: opening.page_url.clone(),
        browser: opening.browser.clone(),
        first_seen_at: now,
        external_id: None,
        attributes: "{}".to_owned(),
        language: opening.language.clone(),
        time_zone: opening.time_zone.clone(),
        referrer: opening.referrer.clone(),
        blocked_at: None,
        verified: String::new(),
    }
}

fn new_conversation(s: &Services, shown: &widget::Shown, visitor: VisitorId, now: Time) -> Conversation {
    Conversation {
        id: s.ids.next(now),
        agency: shown.agency.id,
        organization: shown.agent.organization,
        ai_agent: shown.agent.id,
        widget: shown.widget.id,
        visitor,
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
    }
}

/// Opens the widget for somebody of whom nothing else is said.
pub async fn open(s: &Services, id: WidgetId, resume: Option<&str>, opening: Opening) -> Result<Opened> {
    let Opening { page_url, browser, address } = opening;
    let arrival = Arrival { page_url, referrer: None, language: None, time_zone: None, browser, address };
    arrive(s, id, resume, None, arrival).await
}

/// Opens the widget: goes on with the session that `resume` names, or begins one; with `identity`, that of whom the site signs
/// for, in which what `resume` names goes on. A `resume` that is spent or another widget's begins a new one: the visitor
/// did nothing wrong.
///
/// # Errors
/// FORBIDDEN with IDENTITY_... for a signature that does not count.
pub async fn arrive(
    s: &Services,
    id: WidgetId,
    resume: Option<&str>,
    identity: Option<&str>,
    opening: Arrival,
) -> Result<Opened> {
    let shown = widget::shown(s, id).await?;
    let opening = opening.tidy()?;
    let before = match resume {
        Some(resume) => resumed(s, &shown, resume).await?,
        None => None,
    };
    if let Some(identity) = identity {
        let shown = widget::reachable(s, id).await?;
        let signed = identify::verify(s, &shown, identity, opening.page_url.as_deref()).await?;
        if before.is_none() {
            s.visitor_limits.session(opening.address, id, shown.agent.organization)?;
        }
        let opened = identify::join(s, &shown, &signed, before.as_ref(), &opening).await?;
        from_there(s, &opened, &opening).await?;
        return Ok(opened);
    }
    if let Some(actor) = before {
        let scope = Scope::of_visitor(&actor);
        let found = conversation::conversation(&mut s.store.read().await?, &scope, actor.conversation).await?;
        // When its AI agent has moved on, the conversation stays where it was, and the visitor begins another.
        if let Some(found) = found
            && (found.organization == shown.agent.organization || shown.agent.organization.is_none())
        {
            let opened = opened(s, actor, found)?;
            from_there(s, &opened, &opening).await?;
            return Ok(opened);
        }
    }
    // Unassigned widgets may be tried out; what sleeps or is in the bin is not entered.
    if !matches!(shown.unavailable, None | Some(Unavailable::AiAgentUnassigned)) {
        widget::reachable(s, id).await?;
    }
    s.visitor_limits.session(opening.address, id, shown.agent.organization)?;
    let now = s.clock.now();
    let new = new_visitor(s, &opening, now);
    let row = new_conversation(s, &shown, new.id, now);
    let actor = VisitorActor {
        visitor: new.id,
        widget: id,
        ai_agent: shown.agent.id,
        agency: shown.agency.id,
        organization: shown.agent.organization,
        conversation: row.id,
        identified: false,
    };
    let scope = Scope::of_visitor(&actor);
    let mut unit = s.store.write().await?;
    visitor::insert(&mut unit, &scope, id, &new).await?;
    visitor::comes_from(&mut unit, &scope, new.id, &network_of(opening.address)).await?;
    conversation::insert(&mut unit, &scope, &row).await?;
    unit.commit().await?;
    opened(s, actor, row)
}

/// Who comes back with a token to go on, in the conversation in which they go on now.
async fn resumed(s: &Services, shown: &widget::Shown, resume: &str) -> Result<Option<VisitorActor>> {
    let Ok(proven) = s.tokens.verify_resume(resume, s.clock.now()) else { return Ok(None) };
    let claims = proven.claims;
    if claims.widget != shown.widget.id {
        return Ok(None);
    }
    let mut actor = VisitorActor {
        visitor: claims.visitor,
        widget: claims.widget,
        ai_agent: shown.agent.id,
        agency: shown.agency.id,
        organization: shown.agent.organization,
        conversation: claims.conversation,
        identified: false,
    };
    let scope = Scope::of_visitor(&actor);
    let mut read = s.store.read().await?;
    let Ok(standing) = standing(&mut read, &actor, None).await else { return Ok(None) };
    if !standing.current {
        // They went on elsewhere, on another device or in another tab: there, then.
        let Some(current) = conversation::open_of_visitor(&mut read, &scope, actor.visitor).await?.pop() else {
            return Ok(None);
        };
        actor.conversation = current.id;
    }
    Ok(Some(actor))
}

/// Notes from where, and in which browser, a visitor has just come.
async fn from_there(s: &Services, opened: &Opened, opening: &Arrival) -> Result<()> {
    let who = visitor_of(&opened.actor)?;
    let scope = Scope::of_visitor(who);
    let network = network_of(opening.address);
    let mut read = s.store.read().await?;
    let known = visitor::visitors_of(&mut read, &scope, &[who.visitor]).await?.pop();
    let same = visitor::address_of(&mut read, &scope, who.visitor).await?.as_ref() == Some(&network);
    drop(read);
    let Some(mut known) = known else { return Ok(()) };
    let changed = opening.update(&mut known);
    if changed || !same {
        let mut unit = s.store.write().await?;
        if changed {
            visitor::update(&mut unit, &scope, &known).await?;
        }
        visitor::comes_from(&mut unit, &scope, who.visitor, &network).await?;
        unit.commit().await?;
    }
    Ok(())
}

fn opened(s: &Services, actor: VisitorActor, conversation: Conversation) -> Result<Opened> {
    let now = s.clock.now();
    let claims = VisitorClaims {
        visitor: actor.visitor,
        widget: actor.widget,
        conversation: conversation.id,
        agency: actor.agency,
        identified: actor.identified,
    };
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

/// The session that asks, with fresh tokens. What the site signed for is not signed for any longer by that.
pub async fn current(s: &Services, actor: &Actor) -> Result<Opened> {
    let visitor = visitor_of(actor)?;
    let row = conversation(s, actor).await?;
    opened(s, VisitorActor { identified: false, ..VisitorActor::clone(visitor) }, row)
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
    let scope = Scope::system(agency_of(actor)?, "the visitor of a conversation that may be seen");
    let mut read = s.store.read().await?;
    visitor::visitors_of(&mut read, &scope, ids).await
}

/// The name of the operator who has the visitor's conversation.
pub async fn operator_name(s: &Services, actor: &Actor, operator: crate::domain::id::UserId) -> Result<Option<String>> {
    let scope = Scope::of_visitor(visitor_of(actor)?);
    let mut read = s.store.read().await?;
    Ok(crate::store::identity::users_of(&mut read, &scope, &[operator]).await?.pop().map(|user| user.name))
}
