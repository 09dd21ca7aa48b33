//! Keyword alerts: what an organization watches for in its conversations, and where it was found.
//!
//! Each new message is heard by the unit that keeps it (`store/keyword.rs`), as a job, where an alert listens to such words;
//! [`look`] compares, keeps what was found, and tells people as of anything else (`service/notification/`).

mod looking;

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;

use super::{By, Services, place_at, user_of};
use crate::domain::access::{Actor, Place};
use crate::domain::id::{AiAgentId, KeywordAlertId, KeywordHitId, OrganizationId, UserId};
use crate::domain::keyword::{self, Draft, Fault, KeywordAlert, KeywordHit, Matcher, Piece, Term};
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::keyword as store;
use crate::store::{Creation, Reads, access, agent, create_once, locate, people, visitor};

pub use crate::store::keyword::MATCH_JOB;
pub use looking::look;

/// How many an organization may have.
const MOST: usize = 50;
/// How long it is kept what was found.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);
/// How many hits are swept away at once.
const SWEPT: i64 = 500;
/// Longest text in which terms are tried.
const TRIED: usize = 4_000;
/// How often one term is marked in a text.
const MARKED: usize = 100;

async fn place_of(
    s: &Services,
    read: &mut impl Reads,
    actor: &Actor,
    organization: OrganizationId,
) -> Result<(Scope, Place)> {
    s.policy.may_somewhere(actor, Permission::KeywordAlertEdit)?;
    let place = place_at(read, actor, Some(organization)).await?;
    Ok((s.policy.allow(actor, Permission::KeywordAlertEdit, &place, "organization")?, place))
}

async fn load(
    s: &Services,
    read: &mut impl Reads,
    actor: &Actor,
    id: KeywordAlertId,
) -> Result<(Scope, Place, KeywordAlert)> {
    let absent = || Error::not_found("keyword alert");
    s.policy.may_somewhere(actor, Permission::KeywordAlertEdit)?;
    let place = locate::keyword_alert(read, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::KeywordAlertEdit, &place, "keyword alert")?;
    let found = store::alert(read, &scope, id).await?.ok_or_else(absent)?;
    Ok((scope, place, found))
}

/// An alert, and what it found in the last thirty days.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The alert.
    pub alert: KeywordAlert,
    /// In how many messages.
    pub hits: i64,
    /// When last.
    pub last_hit_at: Option<Time>,
}

async fn seen(s: &Services, read: &mut impl Reads, scope: &Scope, alerts: Vec<KeywordAlert>) -> Result<Vec<Seen>> {
    let Some(organization) = alerts.first().map(|alert| alert.organization) else { return Ok(Vec::new()) };
    let counts = store::counts(read, scope, organization, s.clock.now().minus(KEPT)).await?;
    let counts: HashMap<KeywordAlertId, (i64, Time)> =
        counts.into_iter().map(|(id, hits, last)| (id, (hits, last))).collect();
    let of = |alert: KeywordAlert| {
        let found = counts.get(&alert.id);
        Seen { hits: found.map_or(0, |(hits, _)| *hits), last_hit_at: found.map(|(_, last)| *last), alert }
    };
    Ok(alerts.into_iter().map(of).collect())
}

async fn seen_one(s: &Services, read: &mut impl Reads, scope: &Scope, alert: KeywordAlert) -> Result<Seen> {
    let found = seen(s, read, scope, vec![alert]).await?.pop();
    found.ok_or_else(|| Error::internal("an alert that was just read"))
}

/// The alerts of an organization, the newest first.
pub async fn alerts(s: &Services, actor: &Actor, organization: OrganizationId) -> Result<Vec<Seen>> {
    let mut read = s.store.read().await?;
    let (scope, _) = place_of(s, &mut read, actor, organization).await?;
    let found = store::alerts(&mut read, &scope, organization).await?;
    seen(s, &mut read, &scope, found).await
}

fn detail(of: &KeywordAlert) -> serde_json::Value {
    let terms: Vec<_> = of.terms.iter().map(|term| json!({ "kind": term.kind.as_str(), "text": term.text })).collect();
    json!({
        "name": of.name,
        "terms": terms,
        "aiAgents": of.ai_agents.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "speakers": of.speakers.iter().map(|speaker| speaker.as_str()).collect::<Vec<_>>(),
        "users": of.users.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "through": of.through.iter().map(|way| way.as_str()).collect::<Vec<_>>(),
        "cooldownMinutes": of.cooldown,
    })
}

/// Refuses AI agents that are not the organization's, and people who do not work there. Whoever was named before and has left
/// since stands in nobody's way.
async fn check_named(
    read: &mut impl Reads,
    place: &Place,
    organization: OrganizationId,
    draft: &Draft,
    before: Option<&KeywordAlert>,
) -> Result<()> {
    let scope = Scope::system(place.agency, "what a keyword alert names");
    let had = |named: &AiAgentId| before.is_some_and(|before| before.ai_agents.contains(named));
    let agents: Vec<AiAgentId> = draft.ai_agents.iter().copied().filter(|id| !had(id)).collect();
    let found = agent::ai_agents_of(read, &scope, &agents).await?;
    if found.iter().filter(|agent| agent.organization == Some(organization)).count() != agents.len() {
        let message = "One of these AI agents does not work for the organization.";
        return Err(Error::invalid("aiAgentIds", "NOT_THERE", message));
    }
    let had = |named: &UserId| before.is_some_and(|before| before.users.contains(named));
    let users: Vec<UserId> = draft.users.iter().copied().filter(|id| !had(id)).collect();
    let memberships = access::memberships_of_users(read, &scope, &users).await?;
    let there = |user: &UserId| {
        let mut theirs = memberships.iter().filter(|(member, _)| member == user);
        theirs.any(|(_, membership)| membership.organization.is_none_or(|at| at == organization))
    };
    if !users.iter().all(there) {
        let message = "One of these people does not work for the organization.";
        return Err(Error::invalid("userIds", "NOT_THERE", message));
    }
    Ok(())
}

/// Sets a new alert. A retry gives the first.
///
/// # Errors
/// INVALID as of [`Draft::check`], or with NOT_THERE; CONFLICT with TOO_MANY.
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    organization: OrganizationId,
    draft: Draft,
) -> Result<Seen> {
    let user = user_of(actor)?.to_string();
    let client_id = text::client_id(client_id)?;
    let mut read = s.store.read().await?;
    let (scope, place) = place_of(s, &mut read, actor, organization).await?;
    let draft = draft.check()?;
    check_named(&mut read, &place, organization, &draft, None).await?;
    drop(read);
    let now = s.clock.now();
    let new = KeywordAlert {
        id: s.ids.next(now),
        agency: scope.agency(),
        organization,
        name: draft.name,
        terms: draft.terms,
        ai_agents: draft.ai_agents,
        speakers: draft.speakers,
        users: draft.users,
        through: draft.through,
        cooldown: draft.cooldown,
        enabled: true,
        created_at: now,
    };
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &format!("createKeywordAlert {organization} {}", detail(&new)),
        result: &new.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = store::alert(&mut unit, &scope, first.parse().map_err(Error::internal)?).await?;
        let first = first.ok_or_else(|| Error::not_found("keyword alert"))?;
        let first = seen_one(s, &mut unit, &scope, first).await?;
        unit.undo().await?;
        return Ok(first);
    }
    // How many there are is a rule over several rows.
    people::lock_team(&mut unit, &scope, Some(organization)).await?;
    if store::alerts(&mut unit, &scope, organization).await?.len() >= MOST {
        let message = format!("There are {MOST} keyword alerts here already. Delete one first.");
        return Err(Error::conflict("TOO_MANY", message));
    }
    store::insert(&mut unit, &scope, &new).await?;
    let by = By { actor: &user, organization: Some(organization) };
    s.note(&mut unit, &scope, &by, "keyword_alert.create", new.id, detail(&new)).await?;
    unit.commit().await?;
    Ok(Seen { alert: new, hits: 0, last_hit_at: None })
}

/// Changes an alert. What was said before is not looked at again.
///
/// # Errors
/// As [`create`].
pub async fn update(s: &Services, actor: &Actor, id: KeywordAlertId, draft: Draft) -> Result<Seen> {
    let user = user_of(actor)?.to_string();
    let mut read = s.store.read().await?;
    let (scope, place, before) = load(s, &mut read, actor, id).await?;
    let draft = draft.check()?;
    check_named(&mut read, &place, before.organization, &draft, Some(&before)).await?;
    drop(read);
    let mut unit = s.store.write().await?;
    let before = store::alert(&mut unit, &scope, id).await?.ok_or_else(|| Error::not_found("keyword alert"))?;
    let after = KeywordAlert {
        name: draft.name,
        terms: draft.terms,
        ai_agents: draft.ai_agents,
        speakers: draft.speakers,
        users: draft.users,
        through: draft.through,
        cooldown: draft.cooldown,
        ..before.clone()
    };
    store::update(&mut unit, &scope, &after).await?;
    let by = By { actor: &user, organization: Some(before.organization) };
    let said = json!({ "before": detail(&before), "after": detail(&after) });
    s.note(&mut unit, &scope, &by, "keyword_alert.update", id, said).await?;
    let after = seen_one(s, &mut unit, &scope, after).await?;
    unit.commit().await?;
    Ok(after)
}

/// Switches an alert on or off. What is said while it is off is not looked at later.
pub async fn set_enabled(s: &Services, actor: &Actor, id: KeywordAlertId, enabled: bool) -> Result<Seen> {
    let user = user_of(actor)?.to_string();
    let (scope, _, found) = load(s, &mut s.store.read().await?, actor, id).await?;
    let mut unit = s.store.write().await?;
    if store::set_enabled(&mut unit, &scope, id, enabled).await? {
        let action = if enabled { "keyword_alert.enable" } else { "keyword_alert.disable" };
        let by = By { actor: &user, organization: Some(found.organization) };
        s.note(&mut unit, &scope, &by, action, id, json!({ "name": found.name })).await?;
    }
    let after = store::alert(&mut unit, &scope, id).await?.ok_or_else(|| Error::not_found("keyword alert"))?;
    let after = seen_one(s, &mut unit, &scope, after).await?;
    unit.commit().await?;
    Ok(after)
}

/// Deletes an alert, and what it found.
pub async fn delete(s: &Services, actor: &Actor, id: KeywordAlertId) -> Result<()> {
    let user = user_of(actor)?.to_string();
    let (scope, _, found) = load(s, &mut s.store.read().await?, actor, id).await?;
    let mut unit = s.store.write().await?;
    store::delete(&mut unit, &scope, id).await?;
    let by = By { actor: &user, organization: Some(found.organization) };
    s.note(&mut unit, &scope, &by, "keyword_alert.delete", id, detail(&found)).await?;
    unit.commit().await
}

/// What some terms would find.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Of each term: whether it is found, or why it cannot be looked for.
    pub terms: Vec<Result<bool, Fault>>,
    /// The text in pieces, by all terms that can be looked for.
    pub pieces: Vec<Piece>,
}

/// Tries terms in a text, with the engine that looks at messages. Nothing of it is kept.
///
/// # Errors
/// INVALID with TOO_MANY terms, or TOO_LONG for a text of more than 4,000 characters.
pub async fn try_terms(s: &Services, actor: &Actor, terms: Vec<Term>, said: &str) -> Result<Trial> {
    s.policy.may_somewhere(actor, Permission::KeywordAlertEdit)?;
    if terms.len() > keyword::TERMS {
        let message = format!("At most {} terms are allowed in one alert.", keyword::TERMS);
        return Err(Error::invalid("terms", "TOO_MANY", message));
    }
    let said = text::optional_block("text", said, TRIED)?;
    let trial = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        let mut each = Vec::with_capacity(terms.len());
        for (at, term) in terms.into_iter().enumerate() {
            // One at a time: each has its own fault. What is empty is tidied away, and is a fault as well.
            let term = keyword::tidy(std::slice::from_ref(&term)).ok().and_then(|mut one| one.pop()).unwrap_or(term);
            match Matcher::new(&[term]) {
                Ok(matcher) => {
                    let places = matcher.find(&said, MARKED);
                    each.push(Ok(!places.is_empty()));
                    found.extend(places.into_iter().map(|one| keyword::Found { term: at, ..one }));
                }
                Err((_, fault)) => each.push(Err(fault)),
            }
        }
        found.sort_by_key(|one| (one.at.start, one.at.end));
        Trial { terms: each, pieces: keyword::pieces(&said, &found) }
    });
    trial.await.map_err(Error::internal)
}

/// A hit, and what its reader may know of the conversation.
#[derive(Debug, Clone)]
pub struct SeenHit {
    /// The hit.
    pub hit: KeywordHit,
    /// Whether they may read the conversation.
    pub readable: bool,
    /// What the visitor is called, if they may.
    pub visitor: Option<String>,
}

/// What an alert found in the last thirty days, the newest first.
pub async fn hits(s: &Services, actor: &Actor, id: KeywordAlertId, page: &Page<KeywordHitId>) -> Result<Rows<SeenHit>> {
    let mut read = s.store.read().await?;
    let (scope, place, _) = load(s, &mut read, actor, id).await?;
    let found = store::hits(&mut read, &scope, id, s.clock.now().minus(KEPT), page).await?;
    let conversations: Vec<_> = found.rows.iter().map(|hit| hit.conversation).collect();
    let parties = store::parties(&mut read, &scope, &conversations).await?;
    let may = |ai_agent: AiAgentId| {
        s.policy.may(actor, Permission::ConversationRead, &Place { ai_agent: Some(ai_agent), ..place })
    };
    let readable: HashMap<_, _> = parties
        .into_iter()
        .filter(|(_, ai_agent, _)| may(*ai_agent))
        .map(|(conversation, _, visitor)| (conversation, visitor))
        .collect();
    let visitors: Vec<_> = readable.values().copied().collect();
    let named = visitor::visitors_of(&mut read, &scope, &visitors).await?;
    let names: HashMap<_, _> = named.into_iter().map(|visitor| (visitor.id, visitor.name)).collect();
    let rows = found.rows.into_iter().map(|hit| {
        let with = readable.get(&hit.conversation);
        let visitor = with.and_then(|visitor| names.get(visitor).cloned().flatten());
        SeenHit { readable: with.is_some(), visitor, hit }
    });
    Ok(Rows { rows: rows.collect(), more: found.more })
}

/// Sweeps away what was found more than thirty days ago.
pub async fn sweep(s: &Services) -> Result<()> {
    loop {
        let mut unit = s.store.write().await?;
        let gone = store::sweep(&mut unit, s.clock.now().minus(KEPT), SWEPT).await?;
        unit.commit().await?;
        if gone < SWEPT.unsigned_abs() {
            return Ok(());
        }
    }
}
