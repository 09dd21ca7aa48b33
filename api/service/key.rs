//! API keys: programs act by them in an agency or in one of its organizations, with a role that Casbin judges like anybody's.
//!
//! A key belongs to its place and not to whoever made it. It is an actor of its own ([`KeyActor`]): nobody, with one membership.
//! What only a person can do is refused with NEEDS_A_PERSON, because whatever asks for a person finds none.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::role::{self, Givable, Role};
use super::{By, Services, identity, person_of, place_at, team, viewing};
use crate::domain::access::{Actor, KeyActor, Membership, Person, Place};
use crate::domain::change::Change;
use crate::domain::id::{ApiKeyId, MembershipId, OrganizationId, RoleId, SessionId, UserId};
use crate::domain::key::{self, ApiKey, LISTED, MOST, NOTED_EVERY, Secret, State};
use crate::domain::page::{Page, Rows};
use crate::domain::permission::{Level, Permission, PermissionSet};
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::service::seal::{hash_of, secret};
use crate::store::{Creation, Reads, access, agency, create_once, key as store, locate, people};

/// What a key is told that asks for what only a person can do.
pub(crate) fn needs_a_person() -> Error {
    let message = "Only a person who is signed in can do this, and not an API key.";
    Error::new(Code::Forbidden, "NEEDS_A_PERSON", message)
}

/// What whoever brings a key is told that is none here.
pub(super) fn unknown() -> Error {
    Error::unauthenticated("KEY_INVALID", "This is not an API key that can be used here.")
}

fn over(state: State) -> Result<()> {
    match state {
        State::Active => Ok(()),
        State::Expired => Err(Error::unauthenticated("KEY_EXPIRED", "This API key has expired.")),
        State::Revoked => Err(Error::unauthenticated("KEY_REVOKED", "This API key was revoked.")),
    }
}

/// When keys were last noted to be in use, on this node.
#[derive(Default)]
pub struct Uses(Mutex<HashMap<ApiKeyId, Time>>);

impl Uses {
    /// Whether a use should be kept now; whoever is told so keeps it.
    fn due(&self, key: ApiKeyId, now: Time) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&key).is_some_and(|at| now.since(*at) < NOTED_EVERY) {
            return false;
        }
        noted.insert(key, now);
        true
    }

    /// Forgets those that have not been used for long.
    pub fn tidy(&self, now: Time) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|_, at| now.since(*at) < NOTED_EVERY);
    }
}

/// The program that a secret is the key of, at that host.
///
/// # Errors
/// UNAUTHENTICATED with KEY_INVALID when there is none, or none at that host: nobody learns there that it is one elsewhere;
/// with KEY_EXPIRED or KEY_REVOKED; with AGENCY_SUSPENDED. RATE_LIMITED after many that were none.
pub(super) async fn authenticate(s: &Services, bearer: &str, host: &str, address: IpAddr) -> Result<Arc<KeyActor>> {
    let hash = hash_of(bearer);
    match at_host(s, &hash, host).await {
        Ok(key) => {
            note_use(s, &key);
            Ok(key)
        }
        Err(error) => {
            if error.reason == "KEY_INVALID" {
                s.limits.wrong_key(address)?;
            }
            Err(error)
        }
    }
}

async fn at_host(s: &Services, hash: &str, host: &str) -> Result<Arc<KeyActor>> {
    let agency = match s.keys.get(&hash.to_owned()) {
        Some(key) => key.judged.agency,
        None => locate::api_key_secret(&mut s.store.read().await?, hash).await?.ok_or_else(unknown)?.0,
    };
    match identity::belongs_to_host(s, agency, host).await {
        Ok(true) => by_hash(s, hash).await,
        Ok(false) => Err(unknown()),
        Err(error) if error.code == Code::NotFound => Err(unknown()),
        Err(error) => Err(error),
    }
}

/// The same program as things are now; for streams, which outlive what they began with.
pub(super) async fn again(s: &Services, known: &KeyActor) -> Result<Arc<KeyActor>> {
    by_hash(s, &known.secret_hash).await
}

async fn by_hash(s: &Services, hash: &str) -> Result<Arc<KeyActor>> {
    let now = s.clock.now();
    if let Some(key) = s.keys.get(&hash.to_owned()) {
        // Nothing but time ends a key that is held in memory.
        let state = if key.expires_at.is_some_and(|at| at <= now) { State::Expired } else { State::Active };
        return over(state).map(|()| key);
    }
    let generation = s.keys.generation();
    let mut read = s.store.read().await?;
    let (agency, id, counts) = locate::api_key_secret(&mut read, hash).await?.ok_or_else(unknown)?;
    let scope = Scope::system(agency, "finding out which program asks");
    let found = store::key(&mut read, &scope, id).await?.ok_or_else(unknown)?;
    over(found.state(now))?;
    if agency::is_suspended(&mut read, agency).await? {
        return Err(Error::unauthenticated("AGENCY_SUSPENDED", "This service is not available at the moment."));
    }
    let membership = membership(&found);
    role::learn(s, &mut read, agency, std::slice::from_ref(&membership)).await?;
    // As with people: what is given in an organization that is suspended or in the bin does not count.
    let memberships = if counts { vec![membership] } else { Vec::new() };
    let judged = Person {
        user: UserId::from_number(0),
        agency,
        session: SessionId::from_number(0),
        name: found.name,
        memberships,
        viewing_as: None,
    };
    let key = Arc::new(KeyActor { key: id, secret_hash: hash.to_owned(), expires_at: found.expires_at, judged });
    s.keys.put(generation, hash.to_owned(), key.clone());
    Ok(key)
}

fn membership(key: &ApiKey) -> Membership {
    Membership {
        id: MembershipId::from_number(0),
        agency: key.agency,
        organization: key.organization,
        role: access::role_id(&key.role_key),
        role_key: key.role_key.clone(),
        organizations: None,
        ai_agents: None,
    }
}

/// Notes that a key is in use, once a minute, and not while its request waits.
fn note_use(s: &Services, key: &KeyActor) {
    let now = s.clock.now();
    if !s.key_uses.due(key.key, now) {
        return;
    }
    let (s, id, agency) = (s.clone(), key.key, key.judged.agency);
    tokio::spawn(async move {
        let kept = async {
            let scope = Scope::system(agency, "a key is in use");
            let mut unit = s.store.write().await?;
            store::used(&mut unit, &scope, id, now).await?;
            unit.commit().await
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, cause = ?error.cause, "that a key is in use was not kept");
        }
    });
}

/// A key as people see it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The key.
    pub key: ApiKey,
    /// Its role; one that is gone allows nothing.
    pub role: Role,
    /// Whether it counts.
    pub state: State,
}

fn seen(s: &Services, key: ApiKey) -> Seen {
    Seen { role: role::role_of(s, &membership(&key)), state: key.state(s.clock.now()), key }
}

async fn place_of(
    s: &Services,
    read: &mut impl Reads,
    actor: &Actor,
    organization: Option<OrganizationId>,
) -> Result<(Scope, Place)> {
    s.policy.may_somewhere(actor, Permission::ApiKeyManage)?;
    let place = place_at(read, actor, organization).await?;
    Ok((s.policy.allow(actor, Permission::ApiKeyManage, &place, "organization")?, place))
}

/// The keys of an organization, or those of the agency itself; the newest first. One that is over stays for thirty days.
pub async fn keys(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    page: &Page<ApiKeyId>,
) -> Result<Rows<Seen>> {
    let mut read = s.store.read().await?;
    let (scope, place) = place_of(s, &mut read, actor, organization).await?;
    let over_since = s.clock.now().minus(LISTED);
    let found = store::keys(&mut read, &scope, organization, over_since, page).await?;
    let memberships: Vec<Membership> = found.rows.iter().map(membership).collect();
    role::learn(s, &mut read, place.agency, &memberships).await?;
    Ok(Rows { rows: found.rows.into_iter().map(|one| seen(s, one)).collect(), more: found.more })
}

/// The roles that a key can have in an organization, or in the agency itself, each with whether whoever asks may give it.
pub async fn roles_for(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<Vec<Givable>> {
    let mut read = s.store.read().await?;
    let (_, place) = place_of(s, &mut read, actor, organization).await?;
    let level = if organization.is_some() { Level::Organization } else { Level::Agency };
    let held = s.policy.permissions_at(actor, &place);
    let fits = |role: &Role| role.level == level && key::may_have(&role.key, role.assigned_only).is_ok();
    let all = role::all(s, &mut read, &place).await?.into_iter().filter(fits);
    Ok(all
        .map(|role| Givable { reason: (!held.contains_all(role.gives_at(&place))).then_some("CANNOT_GRANT"), role })
        .collect())
}

/// What somebody wants a key to be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What people call it.
    pub name: String,
    /// Its role.
    pub role: RoleId,
    /// After how many days it ends, if ever.
    pub expires_in_days: Option<i64>,
}

/// Makes a key, and gives its secret: now and never again, so that a retry gives the key alone.
///
/// # Errors
/// INVALID with OWNER_ROLE, ROLE_NOT_FOR_THIS or OUT_OF_RANGE; FORBIDDEN with CANNOT_GRANT, with NEEDS_A_PERSON for a key, with
/// VIEWING_AS through a client's eyes; CONFLICT with NAME_TAKEN or TOO_MANY.
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    organization: Option<OrganizationId>,
    wanted: Wanted,
) -> Result<(Seen, Option<Secret>)> {
    let person = person_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let mut read = s.store.read().await?;
    let (scope, place) = place_of(s, &mut read, actor, organization).await?;
    if person.viewing_as.is_some() {
        return Err(viewing::refused());
    }
    let role = team::role_of(s, &mut read, place.agency, wanted.role).await?;
    drop(read);
    key::may_have(&role.key, role.assigned_only)?;
    team::may_give(s, actor, &scope, &place, &role, None)?;
    let now = s.clock.now();
    let secret = Secret::of(&secret(&s.ids));
    let new = ApiKey {
        id: s.ids.next(now),
        agency: place.agency,
        organization,
        name: key::name(&wanted.name)?,
        role_key: role.key.clone(),
        hint: secret.hint(),
        created_by: person.user,
        created_at: now,
        expires_at: key::expiry(wanted.expires_in_days, now)?,
        last_used_at: None,
        revoked_by: None,
        revoked_at: None,
    };
    let user = person.user.to_string();
    let at = organization.map_or_else(|| place.agency.to_string(), |organization| organization.to_string());
    let mut unit = s.store.write().await?;
    let asked = json!([at, new.name, new.role_key, wanted.expires_in_days]);
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: place.agency,
        fingerprint: &format!("createApiKey {asked}"),
        result: &new.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = first.parse().map_err(Error::internal)?;
        let found = store::key(&mut unit, &scope, first).await?.ok_or_else(|| Error::not_found("API key"))?;
        unit.undo().await?;
        return Ok((seen(s, found), None));
    }
    // How many there are, and what they are called, are rules over several rows.
    people::lock_team(&mut unit, &scope, organization).await?;
    let names = store::living_names(&mut unit, &scope, organization, now).await?;
    if names.contains(&new.name) {
        let taken = Error::conflict("NAME_TAKEN", "There is a key of this name already. Choose another name.");
        return Err(Error { field: Some("name"), ..taken });
    }
    if names.len() as i64 >= MOST {
        return Err(Error::conflict("TOO_MANY", format!("There are {MOST} keys here already. Revoke one first.")));
    }
    store::insert(&mut unit, &scope, &new, &hash_of(secret.reveal())).await?;
    let by = By { actor: &user, organization };
    let detail = json!({ "name": new.name, "role": role.name, "expires": new.expires_at.map(|at| at.to_string()) });
    s.note(&mut unit, &scope, &by, "api_key.create", new.id, detail).await?;
    unit.commit().await?;
    Ok((seen(s, new), Some(secret)))
}

/// Ends a key at once: what it is asked for next is refused, and its streams close.
///
/// # Errors
/// NOT_FOUND outside the person's reach; FORBIDDEN with NEEDS_A_PERSON for a key; CONFLICT with REVOKED.
pub async fn revoke(s: &Services, actor: &Actor, id: ApiKeyId) -> Result<Seen> {
    let person = person_of(actor)?;
    let absent = || Error::not_found("API key");
    s.policy.may_somewhere(actor, Permission::ApiKeyManage)?;
    let mut read = s.store.read().await?;
    let place = locate::api_key(&mut read, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::ApiKeyManage, &place, "API key")?;
    let found = store::key(&mut read, &scope, id).await?.ok_or_else(absent)?;
    role::learn(s, &mut read, place.agency, &[membership(&found)]).await?;
    drop(read);
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    if !store::revoke(&mut unit, &scope, id, person.user, now).await? {
        return Err(Error::conflict("REVOKED", "This key was revoked before."));
    }
    access::raise_authority(&mut unit).await?;
    unit.note(Change::Authority { user: None });
    let user = person.user.to_string();
    let by = By { actor: &user, organization: found.organization };
    s.note(&mut unit, &scope, &by, "api_key.revoke", id, json!({ "name": found.name })).await?;
    unit.commit().await?;
    Ok(seen(s, ApiKey { revoked_at: Some(now), revoked_by: Some(person.user), ..found }))
}

/// The key that asks, and what it may do; none for everybody else.
pub async fn current(s: &Services, actor: &Actor) -> Result<Option<(Seen, PermissionSet)>> {
    let Actor::Key(asking) = actor else { return Ok(None) };
    let agency = asking.judged.agency;
    let scope = Scope::system(agency, "what a key is told of itself");
    let Some(key) = store::key(&mut s.store.read().await?, &scope, asking.key).await? else { return Ok(None) };
    let held = s.policy.permissions_at(actor, &team::place_of(agency, key.organization));
    Ok(Some((seen(s, key), held)))
}
