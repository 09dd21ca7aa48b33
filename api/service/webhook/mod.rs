//! Webhooks: integrators are told of what happens in chats, signed, until it arrives or nobody believes in it any more.
//!
//! Whatever is announced is heard by the unit that keeps it (`store/webhook.rs`), as a job; [`tell`] writes what is said, once
//! for each webhook, and each delivery is a job of its own under one id for all attempts. Order is not promised.

mod telling;

use serde_json::json;

use super::{By, Services, doer_of, person_of, place_at};
use crate::domain::access::{Actor, Place};
use crate::domain::change::Change;
use crate::domain::id::{OrganizationId, WebhookDeliveryId, WebhookId};
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::domain::time::Time;
use crate::domain::webhook::{
    self, Delivery, DeliveryState, Disabled, Event, Facts, Format, OVERLAP, Secret, Target, Webhook,
};
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::job::Job;
use crate::service::seal::hash_of;
use crate::store::webhook::{self as store, Again};
use crate::store::{Creation, Reads, Write, create_once, job, locate};

pub use crate::store::webhook::TELL_JOB;
pub use telling::{Outgoing, attempted, outgoing, sweep, tell, wait};

pub(super) use telling::waits;

use telling::{nothing, organization_of, written};

/// The kind of job that makes a delivery.
pub const SEND_JOB: &str = "webhook.send";

/// How many a place may have.
const MOST: usize = 50;
/// How many deliveries are made again at once.
const AGAIN_AT_MOST: i64 = 500;

fn url_purpose(id: WebhookId) -> String {
    format!("webhooks.url {id}")
}

fn secret_purpose(id: WebhookId, number: i64) -> String {
    format!("webhook_secrets.sealed {id} {number}")
}

/// What somebody holds who sets webhooks: nobody has sent elsewhere what they may not read themselves.
fn allowed(s: &Services, actor: &Actor, place: &Place, noun: &'static str) -> Result<Scope> {
    let scope = s.policy.allow(actor, Permission::WebhookManage, place, noun)?;
    s.policy.allow(actor, Permission::ConversationRead, place, noun)?;
    s.policy.allow(actor, Permission::VisitorReadContact, place, noun)?;
    Ok(scope)
}

async fn place_of(
    s: &Services,
    read: &mut impl Reads,
    actor: &Actor,
    organization: Option<OrganizationId>,
) -> Result<(Scope, Place)> {
    s.policy.may_somewhere(actor, Permission::WebhookManage)?;
    let place = place_at(read, actor, organization).await?;
    Ok((allowed(s, actor, &place, "organization")?, place))
}

async fn load(s: &Services, read: &mut impl Reads, actor: &Actor, id: WebhookId) -> Result<(Scope, Webhook)> {
    let absent = || Error::not_found("webhook");
    s.policy.may_somewhere(actor, Permission::WebhookManage)?;
    let place = locate::webhook(read, id).await?.ok_or_else(absent)?;
    let scope = allowed(s, actor, &place, "webhook")?;
    let found = store::webhook(read, &scope, id).await?.ok_or_else(absent)?;
    Ok((scope, found))
}

/// A webhook as those see it who set it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The webhook.
    pub webhook: Webhook,
    /// Where to; none when that can no longer be read.
    pub url: Option<String>,
}

fn seen(s: &Services, webhook: Webhook) -> Seen {
    Seen { url: s.seal.open(&url_purpose(webhook.id), &webhook.url).ok(), webhook }
}

/// The webhooks of an organization, or those that the agency has over all of its organizations; the newest first.
pub async fn webhooks(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    page: &Page<WebhookId>,
) -> Result<Rows<Seen>> {
    let mut read = s.store.read().await?;
    let (scope, _) = place_of(s, &mut read, actor, organization).await?;
    let found = store::webhooks(&mut read, &scope, organization, page).await?;
    Ok(Rows { rows: found.rows.into_iter().map(|one| seen(s, one)).collect(), more: found.more })
}

/// One webhook.
///
/// # Errors
/// NOT_FOUND outside the person's reach.
pub async fn webhook(s: &Services, actor: &Actor, id: WebhookId) -> Result<Seen> {
    let (_, found) = load(s, &mut s.store.read().await?, actor, id).await?;
    Ok(seen(s, found))
}

/// What somebody wants a webhook to be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What people call it; its host where that is empty.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Of what.
    pub events: Vec<Event>,
    /// In which words.
    pub format: Format,
}

fn detail(of: &Webhook) -> serde_json::Value {
    let events: Vec<&str> = of.events.iter().map(|event| event.as_str()).collect();
    json!({ "name": of.name, "host": of.host, "format": of.format.as_str(), "events": events })
}

/// Makes a webhook, and gives the secret that it is signed with: now and never again. A retry gives the same.
///
/// # Errors
/// INVALID as of [`Target::parse`], or with NONE of `events`; CONFLICT with TOO_MANY.
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    organization: Option<OrganizationId>,
    wanted: Wanted,
) -> Result<(Seen, String)> {
    let user = doer_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let mut read = s.store.read().await?;
    let (scope, _) = place_of(s, &mut read, actor, organization).await?;
    let target = Target::parse(&wanted.url)?;
    let now = s.clock.now();
    let id: WebhookId = s.ids.next(now);
    let new = Webhook {
        id,
        agency: scope.agency(),
        organization,
        name: webhook::name(&wanted.name, &target)?,
        url: s.seal.close(&url_purpose(id), target.url())?,
        host: target.host().to_owned(),
        format: wanted.format,
        events: webhook::chosen(&wanted.events)?,
        created_at: now,
        disabled_at: None,
        disabled_because: None,
        failing_since: None,
        delivered_at: None,
        trouble: None,
    };
    drop(read);
    let secret = Secret::of([s.ids.bits(), s.ids.bits()]);
    let place = organization.map_or_else(|| scope.agency().to_string(), |organization| organization.to_string());
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        // The address may be a secret.
        fingerprint: &format!("createWebhook {place} {} {}", hash_of(target.url()), detail(&new)),
        result: &id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first: WebhookId = first.parse().map_err(Error::internal)?;
        let found = store::webhook(&mut unit, &scope, first).await?.ok_or_else(|| Error::not_found("webhook"))?;
        let newest = store::secrets(&mut unit, &scope, first, now).await?.into_iter().next();
        unit.undo().await?;
        let newest = newest.ok_or_else(|| Error::internal("a webhook without a secret"))?;
        return Ok((seen(s, found), s.seal.open(&secret_purpose(first, newest.number), &newest.sealed)?));
    }
    let there = store::webhooks(&mut unit, &scope, organization, &Page { first: MOST, after: None }).await?;
    if there.rows.len() >= MOST {
        return Err(Error::conflict("TOO_MANY", format!("There are {MOST} webhooks here already. Delete one first.")));
    }
    store::insert(&mut unit, &scope, &new).await?;
    put_secret(s, &mut unit, &scope, id, &secret, now).await?;
    let by = By { actor: &user, organization };
    s.note(&mut unit, &scope, &by, "webhook.create", id, detail(&new)).await?;
    unit.commit().await?;
    Ok((seen(s, new), secret.reveal()))
}

async fn put_secret(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    id: WebhookId,
    secret: &Secret,
    now: Time,
) -> Result<()> {
    let number = store::next_number(unit, scope, id).await?;
    let sealed = s.seal.close(&secret_purpose(id, number), &secret.reveal())?;
    let new = store::Secret { number, sealed, created_at: now, retires_at: None };
    if !store::put_secret(unit, scope, id, &new, now.plus(OVERLAP)).await? {
        return Err(Error::conflict("CHANGED_MEANWHILE", "Somebody else made a new secret just now."));
    }
    Ok(())
}

/// Changes a webhook. What waits for it goes to the new address.
///
/// # Errors
/// As [`create`].
pub async fn update(s: &Services, actor: &Actor, id: WebhookId, wanted: Wanted) -> Result<Seen> {
    let user = doer_of(actor)?;
    let (scope, _) = load(s, &mut s.store.read().await?, actor, id).await?;
    let target = Target::parse(&wanted.url)?;
    let mut unit = s.store.write().await?;
    let before = store::webhook(&mut unit, &scope, id).await?.ok_or_else(|| Error::not_found("webhook"))?;
    let after = Webhook {
        name: webhook::name(&wanted.name, &target)?,
        url: s.seal.close(&url_purpose(id), target.url())?,
        host: target.host().to_owned(),
        format: wanted.format,
        events: webhook::chosen(&wanted.events)?,
        ..before.clone()
    };
    store::update(&mut unit, &scope, &after).await?;
    let by = By { actor: &user, organization: before.organization };
    let said = json!({ "before": detail(&before), "after": detail(&after) });
    s.note(&mut unit, &scope, &by, "webhook.update", id, said).await?;
    unit.commit().await?;
    Ok(seen(s, after))
}

/// Deletes a webhook: nothing more is sent, and what it was told is forgotten.
pub async fn delete(s: &Services, actor: &Actor, id: WebhookId) -> Result<()> {
    let user = doer_of(actor)?;
    let (scope, found) = load(s, &mut s.store.read().await?, actor, id).await?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    store::delete(&mut unit, &scope, id, now).await?;
    store::drop_waiting(&mut unit, &scope, id, "The webhook was deleted.", now).await?;
    let by = By { actor: &user, organization: found.organization };
    s.note(&mut unit, &scope, &by, "webhook.delete", id, detail(&found)).await?;
    unit.commit().await
}

/// Makes a new secret and gives it, now and never again. For a day what is sent is signed with the old one as well.
pub async fn rotate_secret(s: &Services, actor: &Actor, id: WebhookId) -> Result<(Seen, String)> {
    let user = doer_of(actor)?;
    let (scope, found) = load(s, &mut s.store.read().await?, actor, id).await?;
    let secret = Secret::of([s.ids.bits(), s.ids.bits()]);
    let mut unit = s.store.write().await?;
    put_secret(s, &mut unit, &scope, id, &secret, s.clock.now()).await?;
    let by = By { actor: &user, organization: found.organization };
    s.note(&mut unit, &scope, &by, "webhook.rotate_secret", id, json!({ "name": found.name })).await?;
    unit.commit().await?;
    Ok((seen(s, found), secret.reveal()))
}

/// Until when a secret that was replaced still signs beside the new one, if one does.
pub async fn old_secret_until(s: &Services, actor: &Actor, id: WebhookId) -> Result<Option<Time>> {
    let mut read = s.store.read().await?;
    let (scope, _) = load(s, &mut read, actor, id).await?;
    let found = store::secrets(&mut read, &scope, id, s.clock.now()).await?;
    Ok(found.into_iter().filter_map(|secret| secret.retires_at).max())
}

/// Switches a webhook on or off. What happens meanwhile is not told later.
pub async fn set_enabled(s: &Services, actor: &Actor, id: WebhookId, enabled: bool) -> Result<Seen> {
    let user = doer_of(actor)?;
    let (scope, found) = load(s, &mut s.store.read().await?, actor, id).await?;
    let now = s.clock.now();
    let by = By { actor: &user, organization: found.organization };
    let mut unit = s.store.write().await?;
    let changed = if enabled {
        store::enable(&mut unit, &scope, id).await?
    } else {
        switch_off(&mut unit, &scope, id, Disabled::ByHand, now).await?
    };
    if changed {
        let action = if enabled { "webhook.enable" } else { "webhook.disable" };
        let said = json!({ "name": found.name, "because": why(Disabled::ByHand) });
        s.note(&mut unit, &scope, &by, action, id, said).await?;
    }
    let after = store::webhook(&mut unit, &scope, id).await?.ok_or_else(|| Error::not_found("webhook"))?;
    unit.commit().await?;
    Ok(seen(s, after))
}

/// Why a webhook is off, for people.
const fn why(because: Disabled) -> &'static str {
    match because {
        Disabled::ByHand => "by hand",
        Disabled::Gone => "it answered that it is gone for good",
        Disabled::Failing => "nothing arrived for five days",
    }
}

async fn switch_off(unit: &mut Write, scope: &Scope, id: WebhookId, because: Disabled, now: Time) -> Result<bool> {
    if !store::disable(unit, scope, id, because, now).await? {
        return Ok(false);
    }
    store::drop_waiting(unit, scope, id, "The webhook was switched off.", now).await?;
    Ok(true)
}

/// What a webhook was told, the newest first.
pub async fn deliveries(
    s: &Services,
    actor: &Actor,
    id: WebhookId,
    states: Option<&[DeliveryState]>,
    page: &Page<WebhookDeliveryId>,
) -> Result<Rows<Delivery>> {
    let mut read = s.store.read().await?;
    let (scope, _) = load(s, &mut read, actor, id).await?;
    store::deliveries(&mut read, &scope, id, states, page).await
}

async fn load_delivery(
    s: &Services,
    read: &mut impl Reads,
    actor: &Actor,
    id: WebhookDeliveryId,
) -> Result<(Scope, Delivery)> {
    let absent = || Error::not_found("webhook delivery");
    s.policy.may_somewhere(actor, Permission::WebhookManage)?;
    let place = locate::webhook_delivery(read, id).await?.ok_or_else(absent)?;
    let scope = allowed(s, actor, &place, "webhook delivery")?;
    let found = store::delivery(read, &scope, id).await?.ok_or_else(absent)?;
    Ok((scope, found))
}

/// One delivery.
pub async fn delivery(s: &Services, actor: &Actor, id: WebhookDeliveryId) -> Result<Delivery> {
    Ok(load_delivery(s, &mut s.store.read().await?, actor, id).await?.1)
}

fn send_job(s: &Services, scope: &Scope, id: WebhookDeliveryId) -> Job {
    Job::new(s.ids.next(s.clock.now()), scope.agency(), SEND_JOB, id)
}

fn must_be_on(webhook: &Webhook) -> Result<()> {
    if webhook.disabled_at.is_some() {
        return Err(Error::conflict("SWITCHED_OFF", "This webhook is switched off. Switch it on first."));
    }
    Ok(())
}

/// Sends something of no meaning, to try whether it arrives.
///
/// # Errors
/// CONFLICT with SWITCHED_OFF; RATE_LIMITED.
pub async fn test(s: &Services, actor: &Actor, id: WebhookId) -> Result<Delivery> {
    let person = person_of(actor)?;
    let mut read = s.store.read().await?;
    let (scope, found) = load(s, &mut read, actor, id).await?;
    must_be_on(&found)?;
    s.limits.test_notification(person.user)?;
    let now = s.clock.now();
    let facts = Facts {
        link: format!("{}/webhooks", super::agency::address(s, &mut read, scope.agency()).await?),
        organization: organization_of(&mut read, &scope, found.organization).await?,
        ..nothing(Event::Test, now)
    };
    drop(read);
    let new = written(s, &found, &facts, None, None, found.organization, now);
    let mut unit = s.store.write().await?;
    store::insert_delivery(&mut unit, &scope, &new).await?;
    job::add(&mut unit, &send_job(s, &scope, new.id), now).await?;
    unit.note(Change::Job);
    unit.commit().await?;
    Ok(new)
}

/// Makes a settled delivery once more, under the id that it has.
///
/// # Errors
/// CONFLICT with SWITCHED_OFF, with WAITING while it is on its way, with REMOVED when the visitor wanted to be forgotten.
pub async fn replay(s: &Services, actor: &Actor, id: WebhookDeliveryId) -> Result<Delivery> {
    let mut read = s.store.read().await?;
    let (scope, found) = load_delivery(s, &mut read, actor, id).await?;
    drop(read);
    if found.body.is_empty() {
        return Err(Error::conflict("REMOVED", "What was said is gone: the visitor wanted to be forgotten."));
    }
    let again = Again { one: Some(id), since: None, delivered: true };
    if make_again(s, actor, &scope, found.webhook, &again).await? == 0 {
        return Err(Error::conflict("WAITING", "This delivery is on its way already."));
    }
    delivery(s, actor, id).await
}

/// Makes what did not arrive since an instant once more, the oldest first and at most 500 at once; with `delivered` also what
/// did. Gives how many.
///
/// # Errors
/// CONFLICT with SWITCHED_OFF.
pub async fn replay_since(s: &Services, actor: &Actor, id: WebhookId, since: Time, delivered: bool) -> Result<i64> {
    let (scope, _) = load(s, &mut s.store.read().await?, actor, id).await?;
    make_again(s, actor, &scope, id, &Again { one: None, since: Some(since), delivered }).await
}

async fn make_again(s: &Services, actor: &Actor, scope: &Scope, id: WebhookId, again: &Again) -> Result<i64> {
    let user = doer_of(actor)?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let found = store::webhook(&mut unit, scope, id).await?.ok_or_else(|| Error::not_found("webhook"))?;
    must_be_on(&found)?;
    let queued = store::queue_again(&mut unit, scope, id, again, AGAIN_AT_MOST, now).await?;
    if queued.is_empty() {
        return unit.undo().await.map(|()| 0);
    }
    for delivery in &queued {
        job::add_at(&mut unit, &send_job(s, scope, *delivery), now, now).await?;
    }
    unit.note(Change::Job);
    let by = By { actor: &user, organization: found.organization };
    let said = json!({ "name": found.name, "deliveries": queued.len() });
    s.note(&mut unit, scope, &by, "webhook.replay", id, said).await?;
    unit.commit().await?;
    i64::try_from(queued.len()).map_err(Error::internal)
}
