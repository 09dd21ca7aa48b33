//! What people choose to be told of, and by which ways (S213-S215).

use std::collections::HashMap;

use serde_json::json;

use crate::domain::access::{Actor, Place};
use crate::domain::digest::Rhythm;
use crate::domain::id::{AiAgentId, OrganizationId, UserId};
use crate::domain::notification::{Choices, Origin, Wishes};
use crate::domain::page::Page;
use crate::domain::permission::Permission;
use crate::domain::setting::Key;
use crate::domain::tenant::{OrganizationSort, OrganizationState};
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::{By, Services, doer_of, organization as organizations, person_of, setting};
use crate::store::notification as store;
use crate::store::{Reads, agent, locate};

/// How many organizations somebody chooses for one by one.
const PLACES: usize = 100;
/// How many AI agents of an organization are offered to be muted.
const AI_AGENTS: usize = 100;

/// What counts for somebody in an organization, or, without one, wherever they have chosen nothing else.
#[derive(Debug, Clone)]
pub struct Preference {
    /// The organization, and what it is called.
    pub organization: Option<(OrganizationId, String)>,
    /// What counts.
    pub choices: Choices,
    /// Who has chosen it.
    pub origin: Origin,
    /// In which zone quiet hours are meant.
    pub zone: String,
    /// Which AI agents can be muted there, and what they are called.
    pub ai_agents: Vec<(AiAgentId, String)>,
}

/// What counts for some people where something happens: what they chose there, or for everywhere, or what the organization has
/// for its people, or nothing.
pub(super) async fn wishes_of(
    s: &Services,
    read: &mut impl Reads,
    scope: &Scope,
    users: &[UserId],
    organization: Option<OrganizationId>,
    ai_agent: Option<AiAgentId>,
) -> Result<HashMap<UserId, Wishes>> {
    let own = store::choices_of(read, scope, users).await?;
    let asked: Vec<OrganizationId> = organization.into_iter().collect();
    let defaults = store::defaults_of(read, scope, &asked).await?.pop().map(|(_, choices)| choices);
    let usual = setting::effective(s, read, scope.agency(), organization, Key::OrganizationTimeZone).await?;
    let here = organization.map(|organization| organization.to_string());
    let everywhere = scope.agency().to_string();
    let mut found = HashMap::new();
    for (user, zone) in store::zones_of(read, scope, users).await? {
        let chosen = |place: &str| own.iter().find(|(whose, at, _)| *whose == user && at == place);
        let own = here.as_deref().and_then(chosen).or_else(|| chosen(&everywhere)).map(|(_, _, choices)| choices);
        let choices = own.or(defaults.as_ref()).cloned().unwrap_or_default();
        found.insert(user, choices.wishes(ai_agent, zone.as_deref().unwrap_or(&usual)));
    }
    Ok(found)
}

/// What counts for the person in each of their organizations; for staff, first what counts in all for which they chose nothing.
///
/// # Errors
/// UNAUTHENTICATED for whoever is not signed in.
pub async fn preferences(s: &Services, actor: &Actor) -> Result<Vec<Preference>> {
    let person = person_of(actor)?;
    let scope = Scope::system(person.agency, "what somebody has chosen for themselves");
    let staff = person.memberships.iter().any(|membership| membership.organization.is_none());
    let filter = organizations::Asked {
        search: None,
        sort: Some(OrganizationSort::Name),
        states: Some(vec![OrganizationState::Active, OrganizationState::Suspended]),
    };
    let page = Page { first: PLACES, after: None };
    let places = match organizations::organizations(s, actor, filter, &page).await {
        Ok(found) => found.rows,
        Err(error) if error.code == crate::error::Code::Forbidden => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut read = s.store.read().await?;
    let own: HashMap<String, Choices> = store::choices_of(&mut read, &scope, &[person.user])
        .await?
        .into_iter()
        .map(|(_, place, choices)| (place, choices))
        .collect();
    let ids: Vec<OrganizationId> = places.iter().map(|place| place.id).collect();
    let defaults: HashMap<OrganizationId, Choices> =
        store::defaults_of(&mut read, &scope, &ids).await?.into_iter().collect();
    let zone = store::zones_of(&mut read, &scope, &[person.user]).await?.pop().and_then(|(_, zone)| zone);
    let mut zones = setting::effective_in(&mut read, person.agency, &ids, Key::OrganizationTimeZone).await?;
    let everywhere = own.get(&person.agency.to_string()).cloned();
    let usual = setting::effective(s, &mut read, person.agency, None, Key::OrganizationTimeZone).await?;
    let mut found = Vec::new();
    if staff {
        let origin = if everywhere.is_some() { Origin::Own } else { Origin::Platform };
        let zone = zone.clone().unwrap_or(usual);
        let choices = everywhere.clone().unwrap_or_default();
        found.push(Preference { organization: None, choices, origin, zone, ai_agents: Vec::new() });
    }
    for place in places {
        let chosen = own.get(&place.id.to_string());
        let (choices, origin) = match (chosen.or(everywhere.as_ref()), defaults.get(&place.id)) {
            (Some(own), _) => (own.clone(), Origin::Own),
            (None, Some(defaults)) => (defaults.clone(), Origin::Organization),
            (None, None) => (Choices::default(), Origin::Platform),
        };
        let there = s.policy.reach(actor, Permission::HomeView, Some(place.id))?;
        let agents = Page { first: AI_AGENTS, after: None };
        let agents = agent::ai_agents(&mut read, &there, Some(place.id), &agents).await?.rows;
        found.push(Preference {
            organization: Some((place.id, place.name)),
            choices,
            origin,
            zone: zone.clone().or_else(|| zones.remove(&place.id)).unwrap_or_default(),
            ai_agents: agents.into_iter().map(|agent| (agent.id, agent.name)).collect(),
        });
    }
    Ok(found)
}

/// Keeps what the person has chosen for an organization, or for all in which they choose nothing; without a choice, what lies
/// below counts again.
///
/// # Errors
/// INVALID as of [`Choices::checked`], and with NOT_STAFF when somebody without a membership in the agency itself chooses for
/// everywhere; NOT_FOUND for an organization or an AI agent out of reach.
pub async fn choose(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    choices: Option<Choices>,
) -> Result<Vec<Preference>> {
    let person = person_of(actor)?;
    let choices = choices.map(Choices::checked).transpose()?;
    let place = match organization {
        Some(organization) => {
            let there = super::super::reach(s, actor, Permission::HomeView, Some(organization)).await?;
            let muted = choices.as_ref().map(|choices| choices.muted_ai_agents.as_slice()).unwrap_or_default();
            let mut read = s.store.read().await?;
            for found in agent::ai_agents_of(&mut read, &there, muted).await? {
                let place = Place::ai_agent(found.agency, found.organization, found.id);
                if found.organization != Some(organization) || !s.policy.may(actor, Permission::HomeView, &place) {
                    return Err(Error::not_found("AI agent"));
                }
            }
            organization.to_string()
        }
        None if choices.is_none() || person.memberships.iter().any(|membership| membership.organization.is_none()) => {
            person.agency.to_string()
        }
        None => {
            let message = "Choose the organization for which this counts.";
            return Err(Error::invalid("organizationId", "NOT_STAFF", message));
        }
    };
    let scope = Scope::system(person.agency, "what somebody has chosen for themselves");
    let mut unit = s.store.write().await?;
    store::choose(&mut unit, &scope, person.user, &place, choices.as_ref(), s.clock.now()).await?;
    if choices.is_some_and(|choices| choices.digest != Rhythm::Never) {
        super::digest::watch(s, &mut unit, person.agency).await?;
    }
    unit.commit().await?;
    preferences(s, actor).await
}

/// What an organization has for its people: what counts for whoever has chosen nothing.
///
/// # Errors
/// NOT_FOUND for an organization out of reach; FORBIDDEN without `notification.edit_defaults`.
pub async fn defaults(s: &Services, actor: &Actor, organization: OrganizationId) -> Result<(Choices, Origin)> {
    let scope = super::super::reach(s, actor, Permission::NotificationEditDefaults, Some(organization)).await?;
    let found = store::defaults_of(&mut s.store.read().await?, &scope, &[organization]).await?.pop();
    Ok(found.map_or((Choices::default(), Origin::Platform), |(_, choices)| (choices, Origin::Organization)))
}

/// Keeps what an organization has for its people; without a choice, the platform's counts again.
///
/// # Errors
/// As of [`defaults`], and as of [`Choices::checked`].
pub async fn set_defaults(
    s: &Services,
    actor: &Actor,
    organization: OrganizationId,
    choices: Option<Choices>,
) -> Result<(Choices, Origin)> {
    let user = doer_of(actor)?;
    s.policy.may_somewhere(actor, Permission::NotificationEditDefaults)?;
    let absent = || Error::not_found("organization");
    let place = locate::organization(&mut s.store.read().await?, organization).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::NotificationEditDefaults, &place, "organization")?;
    let choices = choices.map(Choices::checked).transpose()?;
    let mut unit = s.store.write().await?;
    let before = store::defaults_of(&mut unit, &scope, &[organization]).await?.pop().map(|(_, choices)| choices);
    store::set_defaults(&mut unit, &scope, organization, choices.as_ref(), s.clock.now()).await?;
    if choices.as_ref().is_some_and(|choices| choices.digest != Rhythm::Never) {
        super::digest::watch(s, &mut unit, scope.agency()).await?;
    }
    let by = By { actor: &user, organization: Some(organization) };
    let detail = json!({ "before": before, "after": choices });
    s.note(&mut unit, &scope, &by, "notification_defaults.update", organization, detail).await?;
    unit.commit().await?;
    defaults(s, actor, organization).await
}
