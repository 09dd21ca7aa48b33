//! Canned replies: look, write, change, remove. An organization has its own and the agency's.

use serde_json::json;

use super::{By, Services, doer_of, place_at};
use crate::domain::access::{Actor, Place};
use crate::domain::canned::{CannedReply, Checked, Draft, STARTERS};
use crate::domain::id::{AgencyId, CannedReplyId, OrganizationId};
use crate::domain::permission::Permission;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{Creation, Write, canned as store, create_once, locate};

/// How many a place may have.
const MOST: usize = 300;

/// The replies of an organization with those of the agency, or the agency's alone: for everybody who answers there, and
/// for whoever writes them.
pub async fn replies(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<Vec<CannedReply>> {
    s.policy.may_somewhere(actor, Permission::LiveChatRespond)?;
    let mut read = s.store.read().await?;
    let place = place_at(&mut read, actor, organization).await?;
    let scope = s.policy.allow(actor, Permission::LiveChatRespond, &place, "organization")?;
    store::replies(&mut read, &scope, organization).await
}

async fn allow(s: &Services, actor: &Actor, id: CannedReplyId) -> Result<(Scope, Place)> {
    s.policy.may_somewhere(actor, Permission::CannedReplyEdit)?;
    let mut read = s.store.read().await?;
    let place = locate::canned_reply(&mut read, id).await?.ok_or_else(|| Error::not_found("canned reply"))?;
    Ok((s.policy.allow(actor, Permission::CannedReplyEdit, &place, "canned reply")?, place))
}

fn taken() -> Error {
    Error {
        field: Some("shortcut"),
        ..Error::conflict("SHORTCUT_TAKEN", "Another canned reply has this shortcut already.")
    }
}

/// Keeps a new reply: the organization's, or the agency's for all of its organizations.
///
/// # Errors
/// INVALID with UNKNOWN_VARIABLE and others; CONFLICT with SHORTCUT_TAKEN or TOO_MANY.
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    organization: Option<OrganizationId>,
    draft: &Draft,
) -> Result<CannedReply> {
    let user = doer_of(actor)?;
    let client_id = crate::domain::text::client_id(client_id)?;
    s.policy.may_somewhere(actor, Permission::CannedReplyEdit)?;
    let mut read = s.store.read().await?;
    let place = place_at(&mut read, actor, organization).await?;
    let scope = s.policy.allow(actor, Permission::CannedReplyEdit, &place, "organization")?;
    let checked = draft.check()?;
    let there = store::replies(&mut read, &scope, organization).await?;
    let there: Vec<&CannedReply> = there.iter().filter(|reply| reply.organization == organization).collect();
    if there.len() >= MOST {
        return Err(Error::conflict("TOO_MANY", "There are as many canned replies here as can be. Remove one first."));
    }
    drop(read);
    let now = s.clock.now();
    let position = there.iter().map(|reply| reply.position).max().unwrap_or_default() + 1;
    let new = made(s, scope.agency(), organization, checked, position, now);
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &format!("createCannedReply {} {:?} {:?} {:?}", new.key(), new.shortcut, new.title, new.body),
        result: &new.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = store::reply(&mut unit, &scope, first.parse().map_err(Error::internal)?).await?;
        unit.undo().await?;
        return Ok(first);
    }
    if !store::insert(&mut unit, &scope, &new).await? {
        return Err(taken());
    }
    let by = By { actor: &user, organization };
    s.note(&mut unit, &scope, &by, "canned_reply.create", new.id, json!({ "shortcut": new.shortcut })).await?;
    unit.commit().await?;
    Ok(new)
}

fn made(
    s: &Services,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    checked: Checked,
    position: i64,
    now: Time,
) -> CannedReply {
    let Checked { shortcut, title, body, tags } = checked;
    CannedReply { id: s.ids.next(now), agency, organization, shortcut, title, body, tags, position, updated_at: now }
}

/// Changes a reply; `position` moves it among the others.
///
/// # Errors
/// As [`create`].
pub async fn update(
    s: &Services,
    actor: &Actor,
    id: CannedReplyId,
    draft: &Draft,
    position: Option<i64>,
) -> Result<CannedReply> {
    let user = doer_of(actor)?;
    let (scope, place) = allow(s, actor, id).await?;
    let Checked { shortcut, title, body, tags } = draft.check()?;
    let mut unit = s.store.write().await?;
    let before = store::reply(&mut unit, &scope, id).await?;
    let position = position.map_or(before.position, |position| position.clamp(0, 1_000_000));
    let after = CannedReply { shortcut, title, body, tags, position, updated_at: s.clock.now(), ..before.clone() };
    if !store::update(&mut unit, &scope, &after).await? {
        return Err(taken());
    }
    let by = By { actor: &user, organization: place.organization };
    let detail = json!({
        "before": { "shortcut": before.shortcut, "title": before.title, "text": before.body },
        "after": { "shortcut": after.shortcut, "title": after.title, "text": after.body },
    });
    s.note(&mut unit, &scope, &by, "canned_reply.edit", id, detail).await?;
    unit.commit().await?;
    Ok(after)
}

/// Removes a reply. What it said stays in the audit log.
pub async fn delete(s: &Services, actor: &Actor, id: CannedReplyId) -> Result<()> {
    let user = doer_of(actor)?;
    let (scope, place) = allow(s, actor, id).await?;
    let mut unit = s.store.write().await?;
    let before = store::reply(&mut unit, &scope, id).await?;
    store::delete(&mut unit, &scope, id).await?;
    let by = By { actor: &user, organization: place.organization };
    let detail = json!({ "shortcut": before.shortcut, "title": before.title, "text": before.body });
    s.note(&mut unit, &scope, &by, "canned_reply.delete", id, detail).await?;
    unit.commit().await
}

/// Gives a place the starter pack: what it has of it already stays as it is. Gives what it has then.
pub async fn add_starters(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
) -> Result<Vec<CannedReply>> {
    let user = doer_of(actor)?;
    s.policy.may_somewhere(actor, Permission::CannedReplyEdit)?;
    let mut read = s.store.read().await?;
    let place = place_at(&mut read, actor, organization).await?;
    let scope = s.policy.allow(actor, Permission::CannedReplyEdit, &place, "organization")?;
    drop(read);
    let mut unit = s.store.write().await?;
    start_with(s, &mut unit, &scope, organization).await?;
    let by = By { actor: &user, organization };
    let object = organization.map_or_else(|| scope.agency().to_string(), |organization| organization.to_string());
    s.note(&mut unit, &scope, &by, "canned_reply.starters", object, json!({})).await?;
    let all = store::replies(&mut unit, &scope, organization).await?;
    unit.commit().await?;
    Ok(all)
}

/// The starter pack, in the unit that makes a place.
pub(super) async fn start_with(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    organization: Option<OrganizationId>,
) -> Result<()> {
    let now = s.clock.now();
    for (at, (shortcut, title, body)) in STARTERS.iter().enumerate() {
        let draft = Draft {
            shortcut: (*shortcut).to_owned(),
            title: (*title).to_owned(),
            body: (*body).to_owned(),
            tags: Vec::new(),
        };
        let new = made(s, scope.agency(), organization, draft.check()?, at as i64, now);
        store::insert(unit, scope, &new).await?;
    }
    Ok(())
}
