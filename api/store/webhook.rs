//! Webhooks, the secrets that they are signed with, and what became of each delivery.

use serde_json::json;

use super::hearing::{self, Wanted};
use super::{Reads, Write, fail, on, row};
use crate::domain::conversation::{Conversation, Message};
use crate::domain::id::{ConversationId, JobId, OrganizationId, WebhookDeliveryId, WebhookId};
use crate::domain::page::{Page, Rows};
use crate::domain::time::Time;
use crate::domain::webhook::{Delivery, DeliveryState, Disabled, Event, Webhook, of_text, to_text};
use crate::error::Result;
use crate::policy::Scope;

/// The kind of job that writes a delivery for each webhook that is told of something.
pub const TELL_JOB: &str = "webhook.tell";

row!(Webhook {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    name: "name",
    url: "url",
    host: "host",
    format: "format",
    events: "events" => of_text,
    created_at: "created_at",
    disabled_at: "disabled_at",
    disabled_because: "disabled_because",
    failing_since: "failing_since",
    delivered_at: "delivered_at",
    trouble: "trouble",
});

/// The columns of a webhook, once.
macro_rules! webhook {
    ($after:literal) => {
        concat!(
            "select id, agency_id, organization_id, name, url, host, format, events, created_at, disabled_at, disabled_because, \
             failing_since, delivered_at, trouble from webhooks ",
            $after
        )
    };
}

row!(Delivery {
    id: "id",
    webhook: "webhook_id",
    organization: "organization_id",
    conversation: "conversation_id",
    event: "event",
    subject: "subject",
    body: "body",
    state: "state",
    attempts: "attempts",
    tries: "tries",
    status: "status",
    answer: "answer",
    trouble: "trouble",
    created_at: "created_at",
    attempted_at: "attempted_at",
    next_at: "next_at",
    settled_at: "settled_at",
});

/// The columns of a delivery, once.
macro_rules! delivery {
    ($after:literal) => {
        concat!(
            "select id, webhook_id, organization_id, conversation_id, event, subject, body, state, attempts, tries, status, answer, \
             trouble, created_at, attempted_at, next_at, settled_at from webhook_deliveries ",
            $after
        )
    };
}

/// The job that tells webhooks of a new entry, for those that want to be told of it.
pub(super) fn wanted_of(row: &Conversation, entry: &Message) -> Option<Wanted> {
    wanted(row, Event::of(entry)?, entry.id.number(), Some(entry.seq), entry.created_at)
}

/// None of a rehearsal: it leaves no dashboard.
fn wanted(row: &Conversation, event: Event, number: u128, seq: Option<i64>, now: Time) -> Option<Wanted> {
    let payload = json!({
        "event": event.as_str(),
        "conversation": row.id.to_string(),
        "seq": seq,
        "state": row.state.as_str(),
        "operator": row.assignee.map(|user| user.to_string()),
        "handoff": row.handoff.map(|handoff| handoff.to_string()),
        "at": now.micros(),
    });
    let listened = format!("% {} %", event.as_str());
    let wanted = Wanted { id: JobId::from_number(number), payload: payload.to_string(), listened };
    (!row.rehearsal).then_some(wanted)
}

/// Adds the job that tells webhooks of what is no entry of a conversation, if there is one that wants to be told: `named` is the
/// number of the job, and what names the event. Says whether it did.
pub async fn tell(db: &mut Write, row: &Conversation, event: Event, named: (u128, String), now: Time) -> Result<bool> {
    hearing::add(db, row, &named.1, wanted(row, event, named.0, None, now), None, now).await
}

/// The webhooks that want to be told of something that happened there.
pub async fn told_of(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    event: Event,
) -> Result<Vec<Webhook>> {
    on!(db, c => sqlx::query_as(webhook!(
        "where agency_id = $1 and (organization_id is null or organization_id = $2) and disabled_at is null \
         and deleted_at is null and events like $3 order by id"))
        .bind(scope.agency()).bind(organization).bind(format!("% {} %", event.as_str())).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The webhooks of an organization, or those of the agency itself; the newest first.
pub async fn webhooks(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    page: &Page<WebhookId>,
) -> Result<Rows<Webhook>> {
    let rows = on!(db, c => sqlx::query_as(webhook!(
        "where agency_id = $1 and deleted_at is null and (organization_id = $2 or ($2 is null and organization_id is null)) \
         and ($3 is null or id < $3) order by id desc limit $4"))
        .bind(scope.agency()).bind(organization).bind(page.after).bind(page.first as i64 + 1).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// The webhook of that id.
pub async fn webhook(db: &mut impl Reads, scope: &Scope, id: WebhookId) -> Result<Option<Webhook>> {
    on!(db, c => sqlx::query_as(webhook!("where agency_id = $1 and id = $2 and deleted_at is null"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Keeps a new webhook.
pub async fn insert(db: &mut Write, scope: &Scope, new: &Webhook) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into webhooks (id, agency_id, organization_id, name, url, host, format, events, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(&new.name).bind(&new.url).bind(&new.host)
        .bind(new.format).bind(to_text(&new.events)).bind(new.created_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps what people say of a webhook.
pub async fn update(db: &mut Write, scope: &Scope, after: &Webhook) -> Result<()> {
    on!(db, c => sqlx::query(
        "update webhooks set name = $3, url = $4, host = $5, format = $6, events = $7 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(after.id).bind(&after.name).bind(&after.url).bind(&after.host).bind(after.format)
        .bind(to_text(&after.events)).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Switches a webhook off. Says whether it was on.
pub async fn disable(db: &mut Write, scope: &Scope, id: WebhookId, because: Disabled, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update webhooks set disabled_at = $4, disabled_because = $3 where agency_id = $1 and id = $2 and disabled_at is null")
        .bind(scope.agency()).bind(id).bind(because).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Switches a webhook on again, as if nothing had failed. Says whether it was off.
pub async fn enable(db: &mut Write, scope: &Scope, id: WebhookId) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update webhooks set disabled_at = null, disabled_because = null, failing_since = null, trouble = null \
         where agency_id = $1 and id = $2 and disabled_at is not null")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Takes a webhook away. What was told it goes with [`sweep`]; its secrets and its address at once.
pub async fn delete(db: &mut Write, scope: &Scope, id: WebhookId, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update webhooks set deleted_at = $3, disabled_at = coalesce(disabled_at, $3), url = '' where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query("delete from webhook_secrets where agency_id = $1 and webhook_id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Notes that something arrived, or since when nothing does and why; locks the webhook. Gives since when, then.
pub async fn tried(
    db: &mut Write,
    scope: &Scope,
    id: WebhookId,
    trouble: Option<&str>,
    now: Time,
) -> Result<Option<Time>> {
    let found: Option<(Option<Time>,)> = on!(db, c => sqlx::query_as(
        "update webhooks set failing_since = case when $3 is null then null else coalesce(failing_since, $4) end, \
         delivered_at = case when $3 is null then $4 else delivered_at end, trouble = $3 \
         where agency_id = $1 and id = $2 returning failing_since")
        .bind(scope.agency()).bind(id).bind(trouble).bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.and_then(|(since,)| since))
}

/// A secret, sealed.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Which of the webhook's: each has the next number.
    pub number: i64,
    /// The secret, sealed.
    pub sealed: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on nothing is signed with it.
    pub retires_at: Option<Time>,
}

row!(Secret { number: "number", sealed: "sealed", created_at: "created_at", retires_at: "retires_at" });

/// The secrets with which a webhook is signed at that instant, the newest first.
pub async fn secrets(db: &mut impl Reads, scope: &Scope, id: WebhookId, now: Time) -> Result<Vec<Secret>> {
    on!(db, c => sqlx::query_as(
        "select number, sealed, created_at, retires_at from webhook_secrets \
         where agency_id = $1 and webhook_id = $2 and (retires_at is null or retires_at > $3) order by number desc")
        .bind(scope.agency()).bind(id).bind(now).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The number that the next secret of a webhook has.
pub async fn next_number(db: &mut impl Reads, scope: &Scope, id: WebhookId) -> Result<i64> {
    on!(db, c => sqlx::query_scalar(
        "select coalesce(max(number), 0) + 1 from webhook_secrets where agency_id = $1 and webhook_id = $2")
        .bind(scope.agency()).bind(id).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// Keeps a secret, and lets those before it sign until `retires` beside it. Not, when somebody made one of that number first.
pub async fn put_secret(db: &mut Write, scope: &Scope, id: WebhookId, new: &Secret, retires: Time) -> Result<bool> {
    let kept = on!(db, c => sqlx::query(
        "insert into webhook_secrets (agency_id, webhook_id, number, sealed, created_at) values ($1, $2, $3, $4, $5) \
         on conflict do nothing")
        .bind(scope.agency()).bind(id).bind(new.number).bind(&new.sealed).bind(new.created_at)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)?;
    // Of three within a day the first ends when it was to end anyway.
    on!(db, c => sqlx::query(
        "update webhook_secrets set retires_at = $4 where agency_id = $1 and webhook_id = $2 and number < $3 and retires_at is null")
        .bind(scope.agency()).bind(id).bind(new.number).bind(retires).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    Ok(kept)
}

/// Keeps a new delivery. Says whether it is new: of one event a webhook is told once.
pub async fn insert_delivery(db: &mut Write, scope: &Scope, new: &Delivery) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into webhook_deliveries (id, agency_id, webhook_id, organization_id, conversation_id, event, subject, body, state, \
         attempts, tries, created_at, next_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $10) \
         on conflict (agency_id, webhook_id, subject) do nothing")
        .bind(new.id).bind(scope.agency()).bind(new.webhook).bind(new.organization).bind(new.conversation).bind(new.event)
        .bind(&new.subject).bind(&new.body).bind(new.state).bind(new.created_at)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// The delivery of that id.
pub async fn delivery(db: &mut impl Reads, scope: &Scope, id: WebhookDeliveryId) -> Result<Option<Delivery>> {
    on!(db, c => sqlx::query_as(delivery!("where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// What a webhook was told, the newest first: in one of these states, or all of it.
pub async fn deliveries(
    db: &mut impl Reads,
    scope: &Scope,
    webhook: WebhookId,
    states: Option<&[DeliveryState]>,
    page: &Page<WebhookDeliveryId>,
) -> Result<Rows<Delivery>> {
    let states = states.map(|states| {
        let quoted: Vec<String> = states.iter().map(|state| format!("\"{}\"", state.as_str())).collect();
        format!("[{}]", quoted.join(","))
    });
    let rows = on!(db, c => sqlx::query_as(delivery!(
        "where agency_id = $1 and webhook_id = $2 and ($3 is null or state in (select value from json_each($3))) \
         and ($4 is null or id < $4) order by id desc limit $5"))
        .bind(scope.agency()).bind(webhook).bind(states).bind(page.after).bind(page.first as i64 + 1)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// Keeps how an attempt at a delivery that waits went. What is settled stays so, whoever comes late.
pub async fn settle(db: &mut Write, scope: &Scope, after: &Delivery) -> Result<()> {
    on!(db, c => sqlx::query(
        "update webhook_deliveries set state = $3, attempts = $4, tries = $5, status = $6, answer = $7, trouble = $8, \
         attempted_at = $9, next_at = $10, settled_at = $11 where agency_id = $1 and id = $2 and state = 'QUEUED'")
        .bind(scope.agency()).bind(after.id).bind(after.state).bind(after.attempts).bind(after.tries).bind(after.status)
        .bind(&after.answer).bind(&after.trouble).bind(after.attempted_at).bind(after.next_at).bind(after.settled_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Sends nothing more of what waits for a webhook.
pub async fn drop_waiting(db: &mut Write, scope: &Scope, id: WebhookId, why: &str, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update webhook_deliveries set state = 'DROPPED', trouble = $3, next_at = null, settled_at = $4 \
         where agency_id = $1 and webhook_id = $2 and state = 'QUEUED'")
        .bind(scope.agency()).bind(id).bind(why).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Which deliveries are to be made again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Again {
    /// This one alone.
    pub one: Option<WebhookDeliveryId>,
    /// Those written since then.
    pub since: Option<Time>,
    /// Also what arrived.
    pub delivered: bool,
}

/// Queues again what is settled, at most `most` deliveries of a webhook, the oldest first. Gives which. What was said in a
/// conversation whose visitor is forgotten is gone.
pub async fn queue_again(
    db: &mut Write,
    scope: &Scope,
    webhook: WebhookId,
    again: &Again,
    most: i64,
    now: Time,
) -> Result<Vec<WebhookDeliveryId>> {
    let found: Vec<(WebhookDeliveryId,)> = on!(db, c => sqlx::query_as(
        "update webhook_deliveries set state = 'QUEUED', tries = 0, next_at = $7, settled_at = null where agency_id = $1 and id in \
         (select id from webhook_deliveries where agency_id = $1 and webhook_id = $2 and state <> 'QUEUED' and body <> '' \
         and ($3 is null or id = $3) and ($4 is null or created_at >= $4) and ($5 or state <> 'DELIVERED') \
         order by id limit $6) and state <> 'QUEUED' returning id")
        .bind(scope.agency()).bind(webhook).bind(again.one).bind(again.since).bind(again.delivered).bind(most).bind(now)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Forgets what was said to webhooks of a conversation, and tells no more of it.
pub async fn forget(db: &mut Write, scope: &Scope, conversation: ConversationId, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update webhook_deliveries set body = '', answer = null, next_at = null, settled_at = coalesce(settled_at, $3), \
         state = case when state = 'QUEUED' then 'DROPPED' else state end where agency_id = $1 and conversation_id = $2")
        .bind(scope.agency()).bind(conversation).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Takes away at most `most` deliveries that were settled before an instant or whose webhook is gone, and webhooks that are gone
/// with all that was theirs. Of the whole installation: it reads nothing. Gives how many deliveries went.
pub async fn sweep(db: &mut Write, before: Time, most: i64) -> Result<u64> {
    let gone = on!(db, c => sqlx::query(
        "delete from webhook_deliveries where id in (select id from webhook_deliveries where settled_at < $1 \
         or webhook_id in (select id from webhooks where deleted_at is not null) limit $2)")
        .bind(before).bind(most).execute(&mut *c).await.map(|done| done.rows_affected()))
    .map_err(fail)?;
    on!(db, c => sqlx::query(
        "delete from webhooks where deleted_at is not null \
         and not exists (select 1 from webhook_deliveries d where d.webhook_id = webhooks.id)")
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    Ok(gone)
}
