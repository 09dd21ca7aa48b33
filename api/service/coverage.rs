//! Coverage agreements (W10): people of the agency answer an organization's live chats in certain hours, the client's own
//! people in the others.
//!
//! An agreement gives a membership that counts while its hours last, with a role that Casbin judges like any other; nothing
//! else in the house knows of it. Its beginning and its end are changes of rights like all others: streams ask again,
//! and a chat goes back to the queue when the right to it ends.

use serde_json::json;

use super::{By, Services, person_of, team};
use crate::domain::access::{Actor, Membership, Place};
use crate::domain::coverage::{Coverage, written};
use crate::domain::hours::Hours;
use crate::domain::id::{AgencyId, CoverageId, MembershipId, OrganizationId, RoleId, UserId};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{Creation, Reads, access, coverage as store, create_once, identity, locate};

/// How many people one agreement names.
const PEOPLE: usize = 50;
/// How many agreements are turned in one look.
const AT_ONCE: usize = 100;

/// What an agreement is to say.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What people call it.
    pub name: String,
    /// Who covers: staff of the agency.
    pub users: Vec<UserId>,
    /// The role that they have meanwhile.
    pub role: RoleId,
    /// The hours, in their zone.
    pub hours: Hours,
    /// From when on.
    pub starts_at: Option<Time>,
    /// Until when; none means until it is ended.
    pub ends_at: Option<Time>,
}

/// An agreement with the people who cover.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The agreement.
    pub coverage: Coverage,
    /// Who covers.
    pub users: Vec<UserId>,
    /// Whether it counts now.
    pub active: bool,
    /// When that changes.
    pub next_change_at: Option<Time>,
}

fn absent() -> Error {
    Error::not_found("coverage agreement")
}

/// The memberships that a user has through agreements whose hours these are.
pub(super) async fn memberships(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    user: UserId,
) -> Result<Vec<Membership>> {
    let scope = Scope::system(agency, "who covers now");
    let now = s.clock.now();
    let found = store::of_user(read, &scope, user).await?;
    Ok(found.into_iter().filter(|coverage| coverage.counts(now)).map(|coverage| membership(&coverage)).collect())
}

/// Who covers an organization now, each with the membership that it gives.
pub(super) async fn covering(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    organization: OrganizationId,
) -> Result<Vec<(UserId, Membership)>> {
    let scope = Scope::system(agency, "who covers now");
    let now = s.clock.now();
    let found = store::in_organization(read, &scope, organization).await?;
    let counting = found.into_iter().filter(|(coverage, _)| coverage.counts(now));
    Ok(counting.map(|(coverage, user)| (user, membership(&coverage))).collect())
}

/// What an agreement gives while it counts. Its id is the agreement's own number: both are found by it.
fn membership(coverage: &Coverage) -> Membership {
    Membership {
        id: MembershipId::from_number(coverage.id.number()),
        agency: coverage.agency,
        organization: Some(coverage.organization),
        role: access::role_id(&coverage.role),
        role_key: coverage.role.clone(),
        organizations: None,
        ai_agents: None,
    }
}

/// The agreement that gave a membership, if one did, or that would give the user something in an organization at another
/// hour; for explanations.
pub(super) async fn behind(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    user: UserId,
    organization: OrganizationId,
) -> Result<Vec<Shown>> {
    let scope = Scope::system(agency, "why somebody may or may not");
    let now = s.clock.now();
    let found = store::of_user(read, &scope, user).await?;
    Ok(found
        .into_iter()
        .filter(|coverage| coverage.organization == organization)
        .map(|coverage| shown(coverage, Vec::new(), now))
        .collect())
}

fn shown(coverage: Coverage, users: Vec<UserId>, now: Time) -> Shown {
    Shown { active: coverage.counts(now), next_change_at: coverage.next_change(now), coverage, users }
}

/// Agreements of an organization, or of all within reach, those that run first.
///
/// # Errors
/// NOT_FOUND out of reach; FORBIDDEN without `team.view`.
pub async fn coverages(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<Vec<Shown>> {
    let scope = super::reach(s, actor, Permission::TeamView, organization).await?;
    let mut read = s.store.read().await?;
    let found = store::coverages(&mut read, &scope, organization).await?;
    let ids: Vec<CoverageId> = found.iter().map(|one| one.id).collect();
    let people = store::people_of(&mut read, &scope, &ids).await?;
    let now = s.clock.now();
    let of = |id: CoverageId| people.iter().filter(|(of, _)| *of == id).map(|(_, user)| *user).collect();
    Ok(found.into_iter().map(|one| (of(one.id), one)).map(|(users, one)| shown(one, users, now)).collect())
}

/// Agrees that people of the agency cover an organization.
///
/// # Errors
/// NOT_FOUND for an organization, a role or a person out of reach, and for who is not staff; INVALID with NEVER or
/// ENDS_BEFORE_IT_STARTS;
/// FORBIDDEN with CANNOT_GRANT for a role that holds more than whoever asks.
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    organization: OrganizationId,
    wanted: Wanted,
) -> Result<Shown> {
    let person = person_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let fingerprint = format!("createCoverage {organization} {wanted:?}");
    s.policy.may_somewhere(actor, Permission::CoverageManage)?;
    let mut read = s.store.read().await?;
    let place = locate::organization(&mut read, organization).await?.ok_or_else(|| Error::not_found("organization"))?;
    let scope = s.policy.allow(actor, Permission::CoverageManage, &place, "organization")?;
    let name = text::line("name", &wanted.name, 80)?;
    let hours = wanted.hours.checked()?;
    let role = team::role_of(s, &mut read, place.agency, wanted.role).await?;
    team::may_give(s, actor, &scope, &place, &role, None)?;
    let users = staff(s, &mut read, &place, &wanted.users).await?;
    drop(read);
    let now = s.clock.now();
    let starts_at = wanted.starts_at.unwrap_or(now);
    if wanted.ends_at.is_some_and(|ends| ends <= starts_at || ends <= now) {
        return Err(Error::invalid("endsAt", "ENDS_BEFORE_IT_STARTS", "The agreement would end before it begins."));
    }
    let mut new = Coverage {
        id: s.ids.next(now),
        agency: place.agency,
        organization,
        name,
        role: role.key,
        schedule: written(&hours).map_err(Error::internal)?,
        starts_at,
        ends_at: wanted.ends_at,
        active: false,
        created_at: now,
        ended_at: None,
    };
    new.active = new.counts(now);
    let next_at = new.next_change(now);
    if !new.active && next_at.is_none() {
        return Err(Error::invalid("days", "NEVER", "These hours never begin within the time of the agreement."));
    }
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
        let found = store::coverage(&mut unit, &scope, first).await?.ok_or_else(absent)?;
        let people = store::people_of(&mut unit, &scope, &[first]).await?;
        unit.undo().await?;
        return Ok(shown(found, people.into_iter().map(|(_, user)| user).collect(), now));
    }
    store::insert(&mut unit, &scope, &new, next_at, person.user, &users).await?;
    if new.active {
        for user in &users {
            team::settle(s, &mut unit, place.agency, *user).await?;
        }
    }
    let by = By { actor: &by, organization: Some(organization) };
    let detail = json!({ "name": new.name, "role": new.role, "people": users.len() });
    s.note(&mut unit, &scope, &by, "coverage.create", new.id, detail).await?;
    unit.commit().await?;
    Ok(shown(new, users, now))
}

/// The people of a list, each of whom has to be staff of the agency whose membership counts.
async fn staff(s: &Services, read: &mut impl Reads, place: &Place, users: &[UserId]) -> Result<Vec<UserId>> {
    let mut users = users.to_vec();
    users.sort_unstable();
    users.dedup();
    if users.is_empty() {
        return Err(Error::invalid("userIds", "EMPTY", "Choose who covers."));
    }
    if users.len() > PEOPLE {
        return Err(Error::invalid("userIds", "TOO_MANY", format!("At most {PEOPLE} people are named here.")));
    }
    let scope = Scope::system(place.agency, "who can cover");
    let known = identity::users_of(read, &scope, &users).await?;
    if known.len() != users.len() {
        return Err(Error::not_found("user"));
    }
    let found = super::role::people(s, read, &scope, &users).await?;
    let is_staff = |user: &UserId| {
        found.iter().any(|one| one.user == *user && one.memberships.iter().any(|one| one.organization.is_none()))
    };
    // Whoever is not of the staff is nobody here: only the agency's own people cover.
    if users.iter().all(is_staff) { Ok(users) } else { Err(Error::not_found("user")) }
}

/// Ends an agreement at once: whoever has a chat through it gives it back.
pub async fn end(s: &Services, actor: &Actor, id: CoverageId) -> Result<Shown> {
    let person = person_of(actor)?;
    s.policy.may_somewhere(actor, Permission::CoverageManage)?;
    let mut read = s.store.read().await?;
    let place = locate::coverage(&mut read, id).await?.ok_or_else(absent)?;
    drop(read);
    let scope = s.policy.allow(actor, Permission::CoverageManage, &place, "coverage agreement")?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let ended = store::end(&mut unit, &scope, id, now).await?;
    let found = store::coverage(&mut unit, &scope, id).await?.ok_or_else(absent)?;
    let users: Vec<UserId> =
        store::people_of(&mut unit, &scope, &[id]).await?.into_iter().map(|(_, user)| user).collect();
    if ended {
        for user in &users {
            team::settle(s, &mut unit, place.agency, *user).await?;
        }
        let by = person.user.to_string();
        let by = By { actor: &by, organization: Some(found.organization) };
        s.note(&mut unit, &scope, &by, "coverage.end", id, json!({ "name": found.name })).await?;
        unit.commit().await?;
    } else {
        unit.undo().await?;
    }
    Ok(shown(found, users, now))
}

/// Begins and ends what is due, in all agencies: called each second. One process turns an agreement, whoever is first.
pub async fn turn_what_is_due(s: &Services) -> Result<()> {
    let now = s.clock.now();
    let due = store::due(&mut s.store.read().await?, now, AT_ONCE).await?;
    for (agency, id) in due {
        if let Err(error) = turn(s, agency, id, now).await {
            if error.code == Code::Unavailable {
                return Err(error);
            }
            tracing::warn!(coverage = %id, %error, cause = ?error.cause, "a coverage agreement was not turned");
        }
    }
    Ok(())
}

async fn turn(s: &Services, agency: AgencyId, id: CoverageId, now: Time) -> Result<()> {
    let scope = Scope::system(agency, "a coverage agreement begins or ends");
    let mut unit = s.store.write().await?;
    let Some(found) = store::coverage(&mut unit, &scope, id).await? else { return Ok(()) };
    let (active, next) = (found.counts(now), found.next_change(now));
    if !store::turn(&mut unit, &scope, id, active, next, now).await? {
        return unit.undo().await;
    }
    if active != found.active {
        for (_, user) in store::people_of(&mut unit, &scope, &[id]).await? {
            team::settle(s, &mut unit, agency, user).await?;
        }
        let by = By { actor: "platform", organization: Some(found.organization) };
        let action = if active { "coverage.begins" } else { "coverage.pauses" };
        s.note(&mut unit, &scope, &by, action, id, json!({ "name": found.name })).await?;
    }
    unit.commit().await
}
