//! Push: the keys of agencies, the devices of people, and what goes to each.

use super::{ROWS, Reads, Write, fail, on, row, rows};
use crate::domain::id::{NotificationDecisionId, PushMessageId, PushSubscriptionId, SessionId, UserId};
use crate::domain::push::PushState;
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

/// The keys of the agency: the private one, sealed, and the public one.
pub async fn keys(db: &mut impl Reads, scope: &Scope) -> Result<Option<(String, String)>> {
    on!(db, c => sqlx::query_as("select private_key, public_key from push_keys where agency_id = $1")
        .bind(scope.agency()).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Keeps the keys of an agency that has none. Those that are there stay: browsers have subscribed to them.
pub async fn keep_keys(db: &mut Write, scope: &Scope, private: &str, public: &str, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into push_keys (agency_id, private_key, public_key, created_at) values ($1, $2, $3, $4) \
         on conflict (agency_id) do nothing")
        .bind(scope.agency()).bind(private).bind(public).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// A device that somebody registered.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its id.
    pub id: PushSubscriptionId,
    /// Whose it is.
    pub user: UserId,
    /// Where they are signed in on it.
    pub session: SessionId,
    /// What its endpoint is recognised by.
    pub hash: String,
    /// The endpoint, sealed.
    pub endpoint: String,
    /// The browser's public key.
    pub p256dh: String,
    /// The secret that the browser shares with us, sealed.
    pub auth: String,
    /// What the browser says of itself, shortened for people.
    pub browser: String,
    /// When it was registered.
    pub created_at: Time,
    /// When the page was last there.
    pub seen_at: Time,
    /// When a push service last took something for it.
    pub sent_at: Option<Time>,
    /// What was wrong when something was last sent.
    pub trouble: Option<String>,
}

row!(Device {
    id: "id",
    user: "user_id",
    session: "session_id",
    hash: "endpoint_hash",
    endpoint: "endpoint",
    p256dh: "p256dh",
    auth: "auth",
    browser: "browser",
    created_at: "created_at",
    seen_at: "seen_at",
    sent_at: "sent_at",
    trouble: "trouble",
});

/// The columns of a device, once.
macro_rules! device {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, user_id, session_id, endpoint_hash, endpoint, p256dh, auth, browser, created_at, seen_at, sent_at, trouble ",
            $after
        )
    };
}

/// Registers a device, or notes whose it is now: a browser has one endpoint, whoever signs in on it. Gives it as it is then.
pub async fn register(db: &mut Write, scope: &Scope, new: &Device) -> Result<Device> {
    on!(db, c => sqlx::query_as(device!(
        "insert into push_subscriptions (id, agency_id, user_id, session_id, endpoint_hash, endpoint, p256dh, auth, browser, \
         created_at, seen_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) \
         on conflict (agency_id, endpoint_hash) do update set user_id = excluded.user_id, session_id = excluded.session_id, \
         endpoint = push_subscriptions.endpoint, p256dh = excluded.p256dh, auth = excluded.auth, \
         browser = excluded.browser, seen_at = excluded.seen_at returning", ""))
        .bind(new.id).bind(scope.agency()).bind(new.user).bind(new.session).bind(&new.hash).bind(&new.endpoint)
        .bind(&new.p256dh).bind(&new.auth).bind(&new.browser).bind(new.created_at)
        .fetch_one(&mut *c).await)
    .map_err(fail)
}

/// The devices of some people on which they are signed in, the newest first.
pub async fn devices_of(db: &mut impl Reads, scope: &Scope, users: &[UserId], now: Time) -> Result<Vec<Device>> {
    on!(db, c => sqlx::query_as(device!("select",
        "from push_subscriptions where agency_id = $1 and user_id in (select value from json_each($2)) \
         and session_id in (select s.id from sessions s where s.ended_at is null and s.expires_at > $3) \
         order by seen_at desc, id desc"))
        .bind(scope.agency()).bind(super::types::list(users)).bind(now).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The device of that id, if somebody is signed in on it.
pub async fn device(db: &mut impl Reads, scope: &Scope, id: PushSubscriptionId, now: Time) -> Result<Option<Device>> {
    on!(db, c => sqlx::query_as(device!("select",
        "from push_subscriptions where agency_id = $1 and id = $2 \
         and session_id in (select s.id from sessions s where s.ended_at is null and s.expires_at > $3)"))
        .bind(scope.agency()).bind(id).bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Forgets a device of somebody. Says whether it was there.
pub async fn remove(db: &mut Write, scope: &Scope, user: UserId, id: PushSubscriptionId) -> Result<bool> {
    on!(db, c => sqlx::query("delete from push_subscriptions where agency_id = $1 and user_id = $2 and id = $3")
        .bind(scope.agency()).bind(user).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Notes how sending to a device went.
pub async fn used(
    db: &mut Write,
    scope: &Scope,
    id: PushSubscriptionId,
    sent_at: Option<Time>,
    trouble: Option<&str>,
) -> Result<()> {
    on!(db, c => sqlx::query(
        "update push_subscriptions set sent_at = coalesce($3, sent_at), trouble = $4 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(sent_at).bind(trouble).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// What goes to a device.
#[derive(Debug, Clone)]
pub struct PushMessage {
    /// Its id.
    pub id: PushMessageId,
    /// The decision that it carries out.
    pub decision: NotificationDecisionId,
    /// To which device.
    pub device: PushSubscriptionId,
    /// What that calls itself.
    pub browser: String,
    /// What has become of it.
    pub state: PushState,
    /// How often it was tried.
    pub attempts: i64,
    /// Whether it goes without the visitor's words: with them it was too long.
    pub plain: bool,
    /// What was wrong when it was last tried.
    pub trouble: Option<String>,
    /// When it was written.
    pub created_at: Time,
    /// From when on nobody needs it.
    pub expires_at: Time,
    /// When it was sent, or given up.
    pub settled_at: Option<Time>,
}

row!(PushMessage {
    id: "id",
    decision: "decision_id",
    device: "subscription_id",
    browser: "browser",
    state: "state",
    attempts: "attempts",
    plain: "plain",
    trouble: "trouble",
    created_at: "created_at",
    expires_at: "expires_at",
    settled_at: "settled_at",
});

/// The columns of a message, once.
macro_rules! message {
    ($after:literal) => {
        concat!(
            "select id, decision_id, subscription_id, browser, state, attempts, plain, trouble, created_at, expires_at, settled_at \
             from push_messages ",
            $after
        )
    };
}

/// Keeps new messages.
pub async fn insert(db: &mut Write, scope: &Scope, messages: &[PushMessage]) -> Result<()> {
    for chunk in messages.chunks(ROWS) {
        on!(db, c => rows!(
            "insert into push_messages (id, agency_id, decision_id, subscription_id, browser, state, attempts, plain, created_at, \
             expires_at) ",
            chunk, |values, new| values
                .push_bind(new.id).push_bind(scope.agency()).push_bind(new.decision).push_bind(new.device)
                .push_bind(&new.browser).push_bind(new.state).push_bind(new.attempts).push_bind(new.plain)
                .push_bind(new.created_at).push_bind(new.expires_at),
            "").build().execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(())
}

/// The message of that id.
pub async fn message(db: &mut impl Reads, scope: &Scope, id: PushMessageId) -> Result<Option<PushMessage>> {
    on!(db, c => sqlx::query_as(message!("where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The messages that carry out some decisions.
pub async fn messages_of(
    db: &mut impl Reads,
    scope: &Scope,
    decisions: &[NotificationDecisionId],
) -> Result<Vec<PushMessage>> {
    on!(db, c => sqlx::query_as(message!(
        "where agency_id = $1 and decision_id in (select value from json_each($2)) order by id"))
        .bind(scope.agency()).bind(super::types::list(decisions)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Puts the messages of a decision that could not be sent back into the queue, to be worth it until then. Gives which.
pub async fn requeue(
    db: &mut Write,
    scope: &Scope,
    decision: NotificationDecisionId,
    until: Time,
) -> Result<Vec<PushMessageId>> {
    on!(db, c => sqlx::query_scalar(
        "update push_messages set state = $3, attempts = 0, trouble = null, expires_at = $4, settled_at = null \
         where agency_id = $1 and decision_id = $2 and state = $5 returning id")
        .bind(scope.agency()).bind(decision).bind(PushState::Queued).bind(until).bind(PushState::Failed)
        .fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Says what has become of a message that waits. What is settled stays so, whoever comes late.
pub async fn settle(db: &mut Write, scope: &Scope, after: &PushMessage) -> Result<()> {
    on!(db, c => sqlx::query(
        "update push_messages set state = $3, attempts = $4, plain = $5, trouble = $6, settled_at = $7 \
         where agency_id = $1 and id = $2 and state = 'QUEUED'")
        .bind(scope.agency()).bind(after.id).bind(after.state).bind(after.attempts).bind(after.plain)
        .bind(&after.trouble).bind(after.settled_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
