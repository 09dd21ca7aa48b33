//! Rehearsals (W08): a synthetic visitor opens the widget, writes, asks for a person, and waits for one, as a real one would.
//!
//! Nothing of the path is played: the same functions do it. The conversation is marked, so that people see what it is and
//! reports leave it out. It ends by itself.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde_json::json;

use super::visitor::{self, Opening};
use super::{By, Services, conversation as conversations, handoff as handoffs, person_of};
use crate::domain::access::Actor;
use crate::domain::id::{AgencyId, AiAgentId, RehearsalId};
use crate::domain::permission::Permission;
use crate::domain::readiness::{Rehearsal, Taken, is_over, steps};
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{
    Creation, Reads, agent, conversation, create_once, handoff, locate, message, rehearsal as store,
    visitor as visitors,
};

/// How long a rehearsal waits for people.
const LASTS: Duration = Duration::from_secs(15 * 60);
/// How many entries of its conversation are looked at.
const ENTRIES: usize = 100;
/// How many are listed.
const LISTED: usize = 20;
/// How many are ended in one look.
const AT_ONCE: usize = 100;

/// What the synthetic visitor is called.
const NAME: &str = "Rehearsal";
/// What the synthetic visitor writes.
const WORDS: &str = "This is a rehearsal. Please accept this request, write a word and complete the chat.";

/// A rehearsal and how far it is.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The rehearsal.
    pub rehearsal: Rehearsal,
    /// Its steps, in order.
    pub steps: Vec<Taken>,
    /// Who accepted, by name.
    pub accepted_by: Option<String>,
}

fn absent() -> Error {
    Error::not_found("rehearsal")
}

async fn shown(read: &mut impl Reads, scope: &Scope, rehearsal: Rehearsal) -> Result<Shown> {
    let row = conversation::conversation(read, scope, rehearsal.conversation).await?.ok_or_else(absent)?;
    let messages = message::after(read, scope, rehearsal.conversation, 0, ENTRIES).await?;
    let handoff = match row.handoff {
        Some(id) => handoff::handoffs_of(read, scope, &[id]).await?.pop(),
        None => None,
    };
    let steps = steps(&rehearsal, &row, &messages, handoff.as_ref());
    let by = handoff.and_then(|handoff| handoff.accepted_by);
    let accepted_by = match by {
        Some(user) => crate::store::identity::users_of(read, scope, &[user]).await?.pop().map(|user| user.name),
        None => None,
    };
    Ok(Shown { rehearsal, steps, accepted_by })
}

/// Begins a rehearsal: by the time this is back, the request waits in the queue, or the error says what a visitor would
/// have met.
///
/// # Errors
/// NOT_FOUND out of reach; FORBIDDEN without `handoff.read` there; CONFLICT with ALREADY_RUNNING; whatever refuses a request for a
/// person, such as HANDOFF_NOT_AVAILABLE.
pub async fn start(s: &Services, actor: &Actor, client_id: &str, ai_agent: AiAgentId) -> Result<Shown> {
    let person = person_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let fingerprint = format!("startRehearsal {ai_agent}");
    s.policy.may_somewhere(actor, Permission::HandoffRead)?;
    let mut read = s.store.read().await?;
    let none = || Error::not_found("AI agent");
    let place = locate::ai_agent(&mut read, ai_agent).await?.ok_or_else(none)?;
    let scope = s.policy.allow(actor, Permission::HandoffRead, &place, "AI agent")?;
    let organization = place.organization.ok_or_else(|| {
        Error::conflict("AI_AGENT_UNASSIGNED", "The AI agent is not assigned to an organization: nobody would answer.")
    })?;
    let before = match store::running(&mut read, &scope, ai_agent).await? {
        Some((id, _)) => store::rehearsal(&mut read, &scope, id).await?,
        None => None,
    };
    if let Some(before) = &before {
        // One that has run to its end only waits for its time to be over.
        if !is_over(&shown(&mut read, &scope, before.clone()).await?.steps) {
            return Err(Error::conflict(
                "ALREADY_RUNNING",
                "A rehearsal is running here. End it before you begin another.",
            ));
        }
    }
    let widget = agent::widgets_of(&mut read, &scope, &[ai_agent]).await?.pop().ok_or_else(none)?;
    drop(read);
    if let Some(before) = before {
        close(s, &scope, &before).await?;
    }
    let now = s.clock.now();
    let opening = Opening { page_url: None, browser: Some(NAME.to_owned()), address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
    let opened = visitor::open(s, widget.id, None, opening).await?;
    let new = Rehearsal {
        id: s.ids.next(now),
        agency: place.agency,
        organization,
        ai_agent,
        conversation: opened.conversation.id,
        started_by: person.user,
        started_at: now,
        ends_at: now.plus(LASTS),
        ended_at: None,
    };
    let by = person.user.to_string();
    let creation = Creation {
        actor: &by,
        client_id: &client_id,
        agency: place.agency,
        fingerprint: &fingerprint,
        result: &new.id.to_string(),
        now,
    };
    let mut unit = s.store.write().await?;
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = first.parse().map_err(Error::internal)?;
        let found = store::rehearsal(&mut unit, &scope, first).await?.ok_or_else(absent)?;
        let shown = shown(&mut unit, &scope, found).await?;
        unit.undo().await?;
        return Ok(shown);
    }
    if let Some(mut known) = visitors::visitors_of(&mut unit, &scope, &[opened.conversation.visitor]).await?.pop() {
        known.name = Some(NAME.to_owned());
        visitors::update(&mut unit, &scope, &known).await?;
    }
    store::insert(&mut unit, &scope, &new).await?;
    let by = By { actor: &by, organization: Some(organization) };
    s.note(&mut unit, &scope, &by, "rehearsal.start", new.id, json!({ "aiAgent": ai_agent.to_string() })).await?;
    unit.commit().await?;

    let asked = ask(s, &opened.actor, new.id).await;
    if let Err(error) = asked {
        // What a visitor would have met is what whoever rehearses has to hear.
        close(s, &scope, &new).await?;
        return Err(error);
    }
    shown(&mut s.store.read().await?, &scope, new).await
}

/// What the synthetic visitor does: writes, and asks for a person. Where details are asked for first, it gives them.
async fn ask(s: &Services, visitor: &Actor, id: RehearsalId) -> Result<()> {
    conversations::visitor_sends(s, visitor, &format!("{id}-1"), WORDS, &[]).await?;
    let details = handoffs::Details {
        name: Some(NAME.to_owned()),
        email: Some("rehearsal@example.com".to_owned()),
        reason: Some(NAME.to_owned()),
    };
    handoffs::request(s, visitor, &format!("{id}-2"), Some(details)).await.map(|_| ())
}

/// The last rehearsals of an AI agent, the newest first.
pub async fn rehearsals(s: &Services, actor: &Actor, ai_agent: AiAgentId) -> Result<Vec<Shown>> {
    s.policy.may_somewhere(actor, Permission::HandoffRead)?;
    let mut read = s.store.read().await?;
    let place = locate::ai_agent(&mut read, ai_agent).await?.ok_or_else(|| Error::not_found("AI agent"))?;
    let scope = s.policy.allow(actor, Permission::HandoffRead, &place, "AI agent")?;
    let mut all = Vec::new();
    for one in store::of_ai_agent(&mut read, &scope, ai_agent, LISTED).await? {
        all.push(shown(&mut read, &scope, one).await?);
    }
    Ok(all)
}

/// One rehearsal, and how far it is.
pub async fn rehearsal(s: &Services, actor: &Actor, id: RehearsalId) -> Result<Shown> {
    let (scope, found) = load(s, actor, id).await?;
    shown(&mut s.store.read().await?, &scope, found).await
}

async fn load(s: &Services, actor: &Actor, id: RehearsalId) -> Result<(Scope, Rehearsal)> {
    s.policy.may_somewhere(actor, Permission::HandoffRead)?;
    let mut read = s.store.read().await?;
    let place = locate::rehearsal(&mut read, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::HandoffRead, &place, "rehearsal")?;
    let found = store::rehearsal(&mut read, &scope, id).await?.ok_or_else(absent)?;
    Ok((scope, found))
}

/// Ends a rehearsal: the request is withdrawn, or the chat closed, if it still waits or runs.
pub async fn end(s: &Services, actor: &Actor, id: RehearsalId) -> Result<Shown> {
    let (scope, found) = load(s, actor, id).await?;
    close(s, &scope, &found).await?;
    let (scope, found) = load(s, actor, id).await?;
    shown(&mut s.store.read().await?, &scope, found).await
}

async fn close(s: &Services, scope: &Scope, found: &Rehearsal) -> Result<()> {
    let now: Time = s.clock.now();
    // Whoever may rehearse ends only the synthetic visitor's own chat, whoever has it.
    let house = Scope::system(scope.agency(), "a rehearsal ends");
    let mut unit = s.store.write().await?;
    handoffs::withdraw(s, &mut unit, &house, found.conversation).await?;
    store::end(&mut unit, &house, found.id, now).await?;
    unit.commit().await
}

/// Ends those whose time is over, in all agencies: called now and then.
pub async fn end_what_is_over(s: &Services) -> Result<()> {
    let over = store::overdue(&mut s.store.read().await?, s.clock.now(), AT_ONCE).await?;
    for (agency, id) in over {
        if let Err(error) = end_one(s, agency, id).await {
            if error.code == Code::Unavailable {
                return Err(error);
            }
            tracing::warn!(rehearsal = %id, %error, cause = ?error.cause, "a rehearsal was not ended");
        }
    }
    Ok(())
}

async fn end_one(s: &Services, agency: AgencyId, id: RehearsalId) -> Result<()> {
    let scope = Scope::system(agency, "a rehearsal ends");
    let found = store::rehearsal(&mut s.store.read().await?, &scope, id).await?;
    match found {
        Some(found) => close(s, &scope, &found).await,
        None => Ok(()),
    }
}
