//! Whether a request for a person would reach anybody (W08): the facts are gathered here, and judged by the domain.

use std::collections::HashMap;
use std::time::Duration;

use super::{Services, hours, presence};
use crate::domain::access::{Actor, Place};
use crate::domain::id::{AiAgentId, UserId};
use crate::domain::permission::Permission;
use crate::domain::readiness::{Check, Facts, checks};
use crate::domain::setting::Key;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::live::Topic;
use crate::policy::Scope;
use crate::store::{Reads, agent, identity, locate, presence as store};

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
    let people = presence::ready(s, read, place).await?;
    let users: Vec<UserId> = people.iter().map(|one| one.user).collect();
    let named: HashMap<UserId, String> =
        identity::users_of(read, &scope, &users).await?.into_iter().map(|user| (user.id, user.name)).collect();
    let names = |wanted: &dyn Fn(&presence::Ready) -> bool| {
        let mut names: Vec<String> =
            people.iter().filter(|one| wanted(one)).filter_map(|one| named.get(&one.user).cloned()).collect();
        names.sort_unstable();
        names
    };
    let signed_in_once = store::signed_in_of(read, &scope, &users).await?;
    let now = s.clock.now();
    let status = hours::status(read, place.agency, place.organization, id, now).await?;
    let zone = hours::schedule(read, place.agency, place.organization, id).await?;
    let zone = zone.map_or_else(|| "UTC".to_owned(), |schedule| schedule.zone_name().to_owned());
    let offer = agent.offer();
    let form = super::setting::effective(s, read, place.agency, place.organization, Key::HoursOfflineForm).await?;
    let ladder_reaches = super::ladder::tells_somebody(read, place.agency, place.organization).await?;
    let mail_trouble = super::mail::standstill(s, read, place.agency).await?;
    let dashboards = place.organization.map_or(0, |organization| {
        s.hub.listeners(Topic::Organization(organization)) + s.hub.listeners(Topic::Agency(place.agency))
    });
    Ok(Facts {
        assigned: place.organization.is_some(),
        at_work: unavailable.is_none() || place.organization.is_none(),
        enabled: agent.handoff_enabled,
        locked,
        shown: offer.popup || offer.fixed_popup,
        open: status.open,
        opens: status.opens_at().filter(|at| now.plus(AHEAD) >= *at).map(|at| written(at, &zone)),
        local_time: written(now, &zone),
        may_answer: names(&|_| true),
        signed_in_once: usize::try_from(signed_in_once).unwrap_or_default(),
        there: names(&|one| one.there),
        with_room: people.iter().filter(|one| one.there && one.room).count(),
        dashboards,
        mail_trouble,
        ladder_reaches,
        offline_query: form == "true",
    })
}
