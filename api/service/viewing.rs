//! Viewing as a client (W11): a member of staff looks through a client's eyes for half an hour, with a reason, in the open.
//!
//! Whoever looks stays who they are: what they do is done under their own name, and the audit log names both. They reach
//! what the client's one membership reaches, and nothing there that they may not do as themselves. Their own account and the
//! client's cannot be touched meanwhile: the guard refuses every mutation that is about an account.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::identity::{Origin, SignedIn, spent};
use super::seal::{hash_of, secret};
use super::{By, Services, person_of};
use crate::domain::access::{Actor, Membership, Person, Place, Viewing};
use crate::domain::change::Change;
use crate::domain::id::{MembershipId, SessionId};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::identity::{NewSession, SessionState};
use crate::store::{Reads, access, identity, locate, viewing};

/// How long a look lasts; it is never renewed.
pub const LASTS: Duration = Duration::from_secs(30 * 60);

/// Somebody who looks through a client's eyes may not do this.
pub fn refused() -> Error {
    Error::new(Code::Forbidden, "VIEWING_AS", "This cannot be done while you view as a client.")
}

fn of_staff() -> Error {
    Error::conflict("CANNOT_VIEW_STAFF", "Only client users can be viewed as, not people of the agency itself.")
}

/// Begins to look through the eyes of whoever has that membership.
///
/// # Errors
/// NOT_FOUND out of reach; FORBIDDEN without `impersonate` there, and with VIEWING_AS from within a look; CONFLICT with
/// CANNOT_VIEW_STAFF, or with NOT_AVAILABLE when the membership does not count now.
pub async fn begin(
    s: &Services,
    actor: &Actor,
    origin: &Origin,
    membership: MembershipId,
    reason: &str,
) -> Result<SignedIn> {
    let staff = person_of(actor)?;
    let reason = text::line("reason", reason, 300)?;
    s.policy.may_somewhere(actor, Permission::Impersonate)?;
    if staff.viewing_as.is_some() {
        return Err(refused());
    }
    let mut read = s.store.read().await?;
    let absent = || Error::not_found("membership");
    let place = locate::membership(&mut read, membership).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::Impersonate, &place, "membership")?;
    let user = viewing::user_of_membership(&mut read, &scope, membership).await?.ok_or_else(absent)?;
    let memberships = access::memberships_of(&mut read, user).await?;
    drop(read);
    if place.organization.is_none() || memberships.iter().any(|one| one.organization.is_none()) {
        return Err(of_staff());
    }
    if !memberships.iter().any(|one| one.id == membership) {
        return Err(Error::conflict("NOT_AVAILABLE", "This person cannot use the organization at the moment."));
    }
    let now = s.clock.now();
    let id: SessionId = s.ids.next(now);
    let mut unit = s.store.write().await?;
    let session = NewSession {
        id,
        agency: staff.agency,
        user: staff.user,
        // Of a secret that nobody is told: there is nothing to renew it with.
        refresh_hash: &hash_of(&secret(&s.ids)),
        now,
        expires_at: now.plus(LASTS),
        browser: &origin.browser,
        address: &origin.address.to_string(),
    };
    identity::insert_session(&mut unit, &session).await?;
    let look = viewing::Viewing {
        session: id,
        agency: staff.agency,
        parent: staff.session,
        user,
        membership,
        reason: reason.clone(),
        created_at: now,
    };
    viewing::insert(&mut unit, &scope, &look).await?;
    let by = staff.user.to_string();
    let by = By { actor: &by, organization: place.organization };
    s.note(&mut unit, &scope, &by, "viewing.begin", user, json!({ "reason": reason, "minutes": 30 })).await?;
    unit.commit().await?;
    let person = super::identity::person_of_session(s, id).await?;
    super::identity::signed_in_for_a_look(s, person)
}

/// Ends the look that asks. Says whether it was one.
pub async fn end(s: &Services, actor: &Actor) -> Result<bool> {
    let person = person_of(actor)?;
    let Some(look) = &person.viewing_as else { return Ok(false) };
    let scope = Scope::system(person.agency, "ending a look through a client's eyes");
    let mut unit = s.store.write().await?;
    if identity::end_session(&mut unit, person.user, person.session, s.clock.now()).await? {
        access::raise_authority(&mut unit).await?;
        let by = person.user.to_string();
        let organization = person.memberships.first().and_then(|membership| membership.organization);
        let by = By { actor: &by, organization };
        s.note(&mut unit, &scope, &by, "viewing.end", look.user, json!({})).await?;
        unit.note(Change::Authority { user: Some(person.user) });
        unit.commit().await?;
    }
    Ok(true)
}

/// The person behind a session: as they are, or, when the session is a look, as far as the client's membership reaches.
/// Asked anew whenever anybody's rights change, so that a look ends with whatever it rests on.
///
/// # Errors
/// UNAUTHENTICATED with SESSION_ENDED when the look has ended: its half hour is over, the session it was begun from has
/// ended, the staff member lost `impersonate` there, or the client their membership.
pub(super) async fn looking(
    s: &Services,
    read: &mut impl Reads,
    state: &SessionState,
    staff: Person,
) -> Result<Person> {
    let scope = Scope::system(state.agency, "through whose eyes somebody looks");
    let Some(look) = viewing::of_session(read, &scope, state.session).await? else { return Ok(staff) };
    let now = s.clock.now();
    let parent = identity::session_state(read, look.parent).await?.ok_or_else(spent)?;
    if parent.ended_at.is_some() || parent.expires_at <= now {
        return Err(spent());
    }
    let memberships = access::memberships_of(read, look.user).await?;
    if memberships.iter().any(|one| one.organization.is_none()) {
        return Err(spent());
    }
    let membership = memberships.into_iter().find(|one| one.id == look.membership).ok_or_else(spent)?;
    let organization = membership.organization.ok_or_else(spent)?;
    let place = Place::organization(membership.agency, organization);
    let staff_actor = Actor::Person(Arc::new(staff.clone()));
    if !s.policy.may(&staff_actor, Permission::Impersonate, &place) {
        return Err(spent());
    }
    let cut = s.policy.permissions_at(&staff_actor, &place);
    let client = identity::users_of(read, &scope, &[look.user]).await?.pop().ok_or_else(spent)?;
    let viewing =
        Viewing { user: client.id, name: client.name, reason: look.reason, expires_at: state.expires_at, cut };
    let membership = limited_to(s, &staff, membership, &place);
    Ok(Person { memberships: vec![membership], viewing_as: Some(Arc::new(viewing)), ..staff })
}

/// The client's membership, limited to AI agents that the member of staff reaches as well.
fn limited_to(s: &Services, staff: &Person, membership: Membership, place: &Place) -> Membership {
    let mut reached = Vec::new();
    for own in &staff.memberships {
        let alone = Person { memberships: vec![own.clone()], ..staff.clone() };
        if !s.policy.may(&Actor::Person(Arc::new(alone)), Permission::Impersonate, place) {
            continue;
        }
        match &own.ai_agents {
            None => return membership,
            Some(some) => reached.extend(some.iter().copied()),
        }
    }
    reached.sort_unstable();
    reached.dedup();
    let both = match &membership.ai_agents {
        None => reached,
        Some(some) => reached.into_iter().filter(|one| some.contains(one)).collect(),
    };
    Membership { ai_agents: Some(both), ..membership }
}
