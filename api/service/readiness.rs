//! Whether a request for a person would reach anybody (W08): the facts are gathered here, and judged by the domain.

use std::time::Duration;

use super::{Services, hours, role};
use crate::domain::access::{Actor, Person, Place};
use crate::domain::id::{AiAgentId, UserId};
use crate::domain::permission::Permission;
use crate::domain::readiness::{Check, Facts, checks};
use crate::domain::setting::Key;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::live::Topic;
use crate::policy::Scope;
use crate::store::{Reads, agent, identity, locate, role as store};

/// How many people are looked at.
const PEOPLE: i64 = 500;

/// How far ahead hours are looked for.
const AHEAD: Duration = Duration::from_secs(14 * 24 * 3600);

/// An instant in a zone, for a sentence: `Monday, 09:30 (Europe/Berlin)`.
fn written(at: Time, zone: &str) -> String {
    let zoned = crate::domain::hours::zone(zone)
        .and_then(|found| Some(jiff::Timestamp::from_microsecond(at.micros()).ok()?.to_zoned(found)));
    match zoned {
        Some(zoned) => format!("{} ({zone})", zoned.strftime("%A, %H:%M")),
        None => at.to_string(),
    }
}

/// What a look found.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Every check.
    pub checks: Vec<Check>,
    /// What whoever looks may do here, as `object.action`.
    pub held: Vec<&'static str>,
    /// When it was looked.
    pub at: Time,
}

/// Looks at an AI agent.
///
/// # Errors
/// NOT_FOUND out of reach; FORBIDDEN without `handoff.read` there.
pub async fn look(s: &Services, actor: &Actor, id: AiAgentId) -> Result<Shown> {
    let none = || Error::not_found("AI agent");
    s.policy.may_somewhere(actor, Permission::HandoffRead)?;
    let mut read = s.store.read().await?;
    let place = locate::ai_agent(&mut read, id).await?.ok_or_else(none)?;
    s.policy.allow(actor, Permission::HandoffRead, &place, "AI agent")?;
    let facts = facts(s, &mut read, &place, id).await?;
    let held = s.policy.permissions_at(actor, &place).iter().map(Permission::as_str).collect();
    Ok(Shown { checks: checks(&facts), held, at: s.clock.now() })
}

async fn facts(s: &Services, read: &mut impl Reads, place: &Place, id: AiAgentId) -> Result<Facts> {
    let none = || Error::not_found("AI agent");
    let scope = Scope::system(place.agency, "whether a request would reach anybody");
    let agent = agent::ai_agents_of(read, &scope, &[id]).await?.pop().ok_or_else(none)?;
    let governing = super::setting::governing(read, place.agency, place.organization).await?;
    let locked = governing.one(Key::HandoffEnabled).locked();
    let unavailable = agent::unavailable(read, &agent).await?;
    let agent = governing.work(agent);
    let answering = answering(s, read, &scope, place).await?;
    let users: Vec<UserId> = answering.iter().map(|person| person.user).collect();
    let mut may_answer: Vec<String> =
        identity::users_of(read, &scope, &users).await?.into_iter().map(|user| user.name).collect();
    may_answer.sort_unstable();
    let now = s.clock.now();
    let status = hours::status(read, place.agency, place.organization, id, now).await?;
    let zone = hours::schedule(read, place.agency, place.organization, id).await?.map(|schedule| schedule.zone_name().to_owned());
    let zone = zone.unwrap_or_else(|| "UTC".to_owned());
    let dashboards = place.organization.map_or(0, |organization| {
        s.hub.listeners(Topic::Organization(organization)) + s.hub.listeners(Topic::Agency(place.agency))
    });
    Ok(Facts {
        assigned: place.organization.is_some(),
        at_work: unavailable.is_none() || place.organization.is_none(),
        enabled: agent.handoff_enabled,
        locked,
        open: status.open,
        opens: status.opens_at().filter(|at| now.plus(AHEAD) >= *at).map(|at| written(at, &zone)),
        local_time: written(now, &zone),
        may_answer,
        dashboards,
        ..Facts::default()
    })
}

/// Everybody who may answer chats of that AI agent, by all that counts for them now.
async fn answering(s: &Services, read: &mut impl Reads, scope: &Scope, place: &Place) -> Result<Vec<Person>> {
    let users = store::people_at(read, scope, place.organization, None, PEOPLE).await?;
    let people = role::people(s, read, scope, &users).await?;
    let may = |person: &Person| {
        s.policy.may(&Actor::Person(std::sync::Arc::new(person.clone())), Permission::LiveChatRespond, place)
    };
    Ok(people.into_iter().filter(may).collect())
}
