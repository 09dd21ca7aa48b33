//! Organizations: create, rename, suspend, bin, and what that means for everybody in them.

use serde_json::json;

use super::{By, Services, agency_of, doer_of, setting};
use crate::domain::access::{Actor, Place};
use crate::domain::id::OrganizationId;
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::setting::{Key, Layers};
use crate::domain::tenant::{BIN, Closure, Organization, OrganizationSort, OrganizationState};
use crate::domain::text;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::organization as store;
use crate::store::{Creation, Write, create_once, locate};

pub use crate::store::organization::{Counts, Place as After};

/// Longest name, in characters.
const NAME: usize = 80;

/// How many rows a purge takes away in one unit: others write between two of them.
const BATCH: i64 = 500;

/// Language and time zone that count in organizations which the person has been allowed to see, by their ids.
pub async fn locales_of(
    s: &Services,
    actor: &Actor,
    ids: &[OrganizationId],
) -> Result<Vec<(OrganizationId, (String, String))>> {
    let agency = agency_of(actor)?;
    let mut read = s.store.read().await?;
    let languages = setting::effective_in(&mut read, agency, ids, Key::OrganizationLanguage).await?;
    let mut zones = setting::effective_in(&mut read, agency, ids, Key::OrganizationTimeZone).await?;
    Ok(languages.into_iter().map(|(id, language)| (id, (language, zones.remove(&id).unwrap_or_default()))).collect())
}

/// A value of a setting that an organization begins with, as it is kept.
fn begins_with(
    field: &'static str,
    key: Key,
    value: Option<&str>,
    reason: &'static str,
    words: &'static str,
) -> Result<Option<String>> {
    let Some(value) = value else { return Ok(None) };
    key.definition().normal(value).map(Some).ok_or_else(|| Error::invalid(field, reason, words))
}

/// Whether somebody typed the name of what is to go, as a confirmation.
pub(super) fn same_name(name: &str, typed: &str) -> Result<()> {
    let plain = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain(name) == plain(typed) {
        return Ok(());
    }
    Err(Error::invalid("name", "NAME_DIFFERS", format!("Type the name as it is: {name}.")))
}

/// An organization within the person's reach; one in the bin for whoever may take it out again.
pub async fn organization(s: &Services, actor: &Actor, id: OrganizationId) -> Result<Organization> {
    let absent = || Error::not_found("organization");
    s.policy.may_somewhere(actor, Permission::HomeView)?;
    let mut read = s.store.read().await?;
    let place = locate::organization_even_in_bin(&mut read, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::HomeView, &place, "organization")?;
    let found = store::of(&mut read, &scope, &[id]).await?.pop().ok_or_else(absent)?;
    if found.state == OrganizationState::Deleted && !s.policy.may(actor, Permission::OrganizationDelete, &place) {
        return Err(absent());
    }
    Ok(found)
}

/// What a list of organizations is narrowed to, as it was asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// With these words in the name.
    pub search: Option<String>,
    /// By what it is ordered; by name when nothing is said.
    pub sort: Option<OrganizationSort>,
    /// In one of these states; all but those in the bin when nothing is said.
    pub states: Option<Vec<OrganizationState>>,
}

/// Organizations within the person's reach.
///
/// # Errors
/// FORBIDDEN when the bin is asked for by somebody who may not delete.
pub async fn organizations(
    s: &Services,
    actor: &Actor,
    asked: Asked,
    page: &Page<After>,
) -> Result<Rows<Organization>> {
    let scope = super::reach(s, actor, Permission::HomeView, None).await?;
    let states = asked.states.unwrap_or_else(|| vec![OrganizationState::Active, OrganizationState::Suspended]);
    let bin = match states.contains(&OrganizationState::Deleted) {
        true => Some(super::reach(s, actor, Permission::OrganizationDelete, None).await?),
        false => None,
    };
    let search = text::optional_line("search", asked.search.as_deref(), 200)?;
    let filter = store::Filter { search, sort: asked.sort.unwrap_or(OrganizationSort::Name), states };
    let mut read = s.store.read().await?;
    store::organizations(&mut read, &scope, bin.as_ref(), &filter, page).await
}

/// How full organizations are, for organizations that the person has been allowed to see.
pub async fn counts_of(s: &Services, actor: &Actor, ids: &[OrganizationId]) -> Result<Vec<(OrganizationId, Counts)>> {
    let scope = Scope::system(super::agency_of(actor)?, "how full an organization is that may be seen");
    store::counts(&mut s.store.read().await?, &scope, ids).await
}

/// Creates an organization.
///
/// # Errors
/// INVALID with NOT_A_LANGUAGE or NOT_A_TIME_ZONE.
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    name: &str,
    speaks: Option<&str>,
    zone: Option<&str>,
) -> Result<Organization> {
    let user = doer_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let agency = super::agency_of(actor)?;
    let scope = s.policy.allow(actor, Permission::OrganizationCreate, &Place::agency(agency), "agency")?;
    let now = s.clock.now();
    let new = Organization::new(s.ids.next(now), agency, text::line("name", name, NAME)?, now);
    let not_one = "A language is one of those that pages are written in, such as en or de.";
    let language = begins_with("language", Key::OrganizationLanguage, speaks, "NOT_A_LANGUAGE", not_one)?;
    let not_there = "A time zone is written like Europe/Berlin or America/New_York.";
    let zone = begins_with("timeZone", Key::OrganizationTimeZone, zone, "NOT_A_TIME_ZONE", not_there)?;
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency,
        fingerprint: &format!("createOrganization {:?} {language:?} {zone:?}", new.name),
        result: &new.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first: OrganizationId = first.parse().map_err(Error::internal)?;
        let first = store::of(&mut unit, &scope, &[first]).await?.pop();
        unit.undo().await?;
        return first.ok_or_else(|| Error::not_found("organization"));
    }
    store::insert(&mut unit, &new).await?;
    super::canned::start_with(s, &mut unit, &scope, Some(new.id)).await?;
    let by = By { actor: &user, organization: Some(new.id) };
    let detail = json!({ "name": new.name, "language": language, "timeZone": zone });
    for (key, own) in [(Key::OrganizationLanguage, language), (Key::OrganizationTimeZone, zone)] {
        if own.is_some() {
            let layers = Layers { own, ..Layers::default() };
            crate::store::setting::put_layers(&mut unit, &scope, new.id, key, &layers).await?;
        }
    }
    s.note(&mut unit, &scope, &by, "organization.create", new.id, detail).await?;
    unit.commit().await?;
    Ok(new)
}

/// The scope for an act, and the organization as it is in that unit.
async fn open(
    s: &Services,
    actor: &Actor,
    permission: Permission,
    id: OrganizationId,
    in_bin: bool,
) -> Result<(Scope, Write, Organization)> {
    let absent = || Error::not_found("organization");
    s.policy.may_somewhere(actor, permission)?;
    let mut read = s.store.read().await?;
    let place = match in_bin {
        true => locate::organization_even_in_bin(&mut read, id).await?,
        false => locate::organization(&mut read, id).await?,
    };
    drop(read);
    let scope = s.policy.allow(actor, permission, &place.ok_or_else(absent)?, "organization")?;
    let mut unit = s.store.write().await?;
    let found = store::of(&mut unit, &scope, &[id]).await?.pop().ok_or_else(absent)?;
    Ok((scope, unit, found))
}

/// The organization as the unit leaves it.
async fn close(mut unit: Write, scope: &Scope, id: OrganizationId) -> Result<Organization> {
    let after = store::of(&mut unit, scope, &[id]).await?.pop().ok_or_else(|| Error::not_found("organization"))?;
    unit.commit().await?;
    Ok(after)
}

/// Changes the name.
pub async fn rename(s: &Services, actor: &Actor, id: OrganizationId, name: Option<&str>) -> Result<Organization> {
    let name = name.map(|name| text::line("name", name, NAME)).transpose()?;
    let (scope, mut unit, before) = open(s, actor, Permission::OrganizationEdit, id, false).await?;
    let Some(name) = name.filter(|name| *name != before.name) else {
        unit.undo().await?;
        return Ok(before);
    };
    store::rename(&mut unit, &scope, id, &name).await?;
    let user = doer_of(actor)?;
    let by = By { actor: &user, organization: Some(id) };
    let detail = json!({ "before": { "name": before.name }, "after": { "name": name } });
    s.note(&mut unit, &scope, &by, "organization.edit", id, detail).await?;
    close(unit, &scope, id).await
}

/// Suspends an organization: its widgets are not available, what waits or runs ends, and its users have nothing there until
/// it is resumed. One that is suspended already is left as it is.
pub async fn suspend(s: &Services, actor: &Actor, id: OrganizationId, reason: &str) -> Result<Organization> {
    let reason = text::line("reason", reason, 500)?;
    let (scope, mut unit, before) = open(s, actor, Permission::OrganizationSuspend, id, false).await?;
    // The row first: from here on nothing begins there, and what has begun is seen below.
    if !store::suspend(&mut unit, &scope, id, &reason, s.clock.now()).await? {
        unit.undo().await?;
        return Ok(before);
    }
    let ended = super::handoff::close_all(s, &mut unit, &scope, Some(id), None, Closure::OrganizationSuspended).await?;
    super::agent::shown_changed(&mut unit).await?;
    let user = doer_of(actor)?;
    let by = By { actor: &user, organization: Some(id) };
    let detail = json!({ "name": before.name, "reason": reason, "ended": ended });
    s.note(&mut unit, &scope, &by, "organization.suspend", id, detail).await?;
    close(unit, &scope, id).await
}

/// Puts a suspended organization back to work.
pub async fn resume(s: &Services, actor: &Actor, id: OrganizationId) -> Result<Organization> {
    let (scope, mut unit, before) = open(s, actor, Permission::OrganizationSuspend, id, false).await?;
    if !store::resume(&mut unit, &scope, id).await? {
        unit.undo().await?;
        return Ok(before);
    }
    super::agent::shown_changed(&mut unit).await?;
    let user = doer_of(actor)?;
    let by = By { actor: &user, organization: Some(id) };
    s.note(&mut unit, &scope, &by, "organization.resume", id, json!({ "name": before.name })).await?;
    close(unit, &scope, id).await
}

/// Puts an organization into the bin, from which it can be taken again for thirty days.
///
/// # Errors
/// INVALID with NAME_DIFFERS when the name that was typed is not its name.
pub async fn delete(s: &Services, actor: &Actor, id: OrganizationId, name: &str) -> Result<Organization> {
    let (scope, mut unit, before) = open(s, actor, Permission::OrganizationDelete, id, true).await?;
    same_name(&before.name, name)?;
    let now = s.clock.now();
    if !store::delete(&mut unit, &scope, id, now, now.plus(BIN)).await? {
        unit.undo().await?;
        return Ok(before);
    }
    let ended = super::handoff::close_all(s, &mut unit, &scope, Some(id), None, Closure::OrganizationDeleted).await?;
    super::agent::shown_changed(&mut unit).await?;
    let user = doer_of(actor)?;
    let by = By { actor: &user, organization: Some(id) };
    let detail = json!({ "name": before.name, "ended": ended });
    s.note(&mut unit, &scope, &by, "organization.delete", id, detail).await?;
    close(unit, &scope, id).await
}

/// Takes an organization out of the bin: as it was, suspended if it was.
///
/// # Errors
/// CONFLICT with TOO_LATE when its thirty days are over.
pub async fn restore(s: &Services, actor: &Actor, id: OrganizationId) -> Result<Organization> {
    let (scope, mut unit, before) = open(s, actor, Permission::OrganizationDelete, id, true).await?;
    if before.state != OrganizationState::Deleted {
        unit.undo().await?;
        return Ok(before);
    }
    if !store::restore(&mut unit, &scope, id, s.clock.now()).await? {
        return Err(Error::conflict("TOO_LATE", "This organization has been in the bin for too long."));
    }
    super::agent::shown_changed(&mut unit).await?;
    let user = doer_of(actor)?;
    let by = By { actor: &user, organization: Some(id) };
    s.note(&mut unit, &scope, &by, "organization.restore", id, json!({ "name": before.name })).await?;
    close(unit, &scope, id).await
}

/// Takes away for good whatever has been in the bin for too long, in small units, so that nobody waits for it. Interrupted,
/// it goes on the next time. Its users lose their memberships there and keep their accounts; its AI agents become
/// unassigned; the audit log stays. Gives how many organizations went.
pub async fn purge(s: &Services) -> Result<usize> {
    let mut gone = 0;
    loop {
        let now = s.clock.now();
        let found = store::to_purge(&mut s.store.read().await?, now).await?;
        let Some((agency, id)) = found else { return Ok(gone) };
        let scope = Scope::system(agency, "taking away what has been in the bin for too long");
        let mut unit = s.store.write().await?;
        let before = store::of(&mut unit, &scope, &[id]).await?.pop();
        let begun = store::begin_purge(&mut unit, &scope, id, now).await?;
        unit.commit().await?;
        let Some(before) = before.filter(|_| begun) else { continue };
        for (_, statement) in store::PURGED {
            loop {
                let mut unit = s.store.write().await?;
                let went = store::purge_some(&mut unit, &scope, id, statement, BATCH).await?;
                unit.commit().await?;
                if went < BATCH {
                    break;
                }
            }
        }
        // Whatever is not removed here, because the process ends, no row names any more: it is swept away.
        s.blobs.remove_organization(agency, id).await?;
        loop {
            let mut unit = s.store.write().await?;
            let went = store::purge_conversations(&mut unit, &scope, id, BATCH).await?;
            unit.commit().await?;
            if went < BATCH {
                break;
            }
        }
        let mut unit = s.store.write().await?;
        if store::purge_itself(&mut unit, &scope, id).await? {
            super::agent::shown_changed(&mut unit).await?;
            let by = By { actor: "house", organization: Some(id) };
            s.note(&mut unit, &scope, &by, "organization.purge", id, json!({ "name": before.name })).await?;
            unit.commit().await?;
            gone += 1;
        }
    }
}

/// Fills in what organizations from before this release lack.
pub(super) async fn fill(s: &Services, scope: &Scope) -> Result<()> {
    loop {
        let mut unit = s.store.write().await?;
        let more = store::fill_search(&mut unit, scope, BATCH).await?;
        unit.commit().await?;
        if !more {
            return Ok(());
        }
    }
}
