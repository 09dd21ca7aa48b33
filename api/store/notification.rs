//! What people are told of: the bell's entries, what each has chosen, and what was decided.

use super::{ROWS, Reads, Write, fail, on, row, rows};
use crate::domain::id::{
    AiAgentId, ConversationId, MailId, NotificationDecisionId, NotificationId, OrganizationId, UserId,
};
use crate::domain::mail::MailState;
use crate::domain::notification::{Choices, Kind, Reason, Through};
use crate::domain::page::{Page, Rows};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

/// An entry of somebody's bell.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Whose it is.
    pub user: UserId,
    /// In which organization it happened.
    pub organization: Option<OrganizationId>,
    /// With which AI agent.
    pub ai_agent: Option<AiAgentId>,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// What has happened.
    pub kind: Kind,
    /// What it is about: the same kind of thing about the same is one entry until it is read.
    pub subject: String,
    /// What it says.
    pub title: String,
    /// The visitor's words, for whoever may read them.
    pub preview: Option<String>,
    /// Where it leads: a path of the dashboard.
    pub link: String,
    /// How often it has happened since it was last read.
    pub count: i64,
    /// When it happened last.
    pub happened_at: Time,
    /// When it was read.
    pub read_at: Option<Time>,
}

row!(Notification {
    id: "id",
    user: "user_id",
    organization: "organization_id",
    ai_agent: "ai_agent_id",
    conversation: "conversation_id",
    kind: "kind",
    subject: "subject",
    title: "title",
    preview: "preview",
    link: "link",
    count: "count",
    happened_at: "happened_at",
    read_at: "read_at",
});

/// The columns of an entry, once.
macro_rules! entry {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, user_id, organization_id, ai_agent_id, conversation_id, kind, subject, title, preview, link, count, happened_at, read_at ",
            $after
        )
    };
}

/// Keeps entries of different people, each counted with the unread one of its kind about the same subject if there is one.
/// Gives the entries as they are then, in any order.
pub async fn ring(db: &mut Write, scope: &Scope, entries: &[Notification]) -> Result<Vec<Notification>> {
    let mut kept = Vec::with_capacity(entries.len());
    for chunk in entries.chunks(ROWS) {
        let rows: Vec<Notification> = on!(db, c => rows!(
            "insert into notifications (id, agency_id, user_id, organization_id, ai_agent_id, conversation_id, kind, subject, title, \
             preview, link, count, created_at, happened_at) ",
            chunk, |values, new| values
                .push_bind(new.id).push_bind(scope.agency()).push_bind(new.user).push_bind(new.organization)
                .push_bind(new.ai_agent).push_bind(new.conversation).push_bind(new.kind).push_bind(&new.subject)
                .push_bind(&new.title).push_bind(&new.preview).push_bind(&new.link).push("1").push_bind(new.happened_at)
                .push_bind(new.happened_at),
            " on conflict (agency_id, user_id, kind, subject) where read_at is null do update set \
             title = excluded.title, preview = excluded.preview, link = excluded.link, count = notifications.count + 1, \
             happened_at = excluded.happened_at returning ")
            .push(entry!("", "")).build_query_as().fetch_all(&mut *c).await)
        .map_err(fail)?;
        kept.extend(rows);
    }
    Ok(kept)
}

/// Those of some people who have an unread entry of that kind about the same subject.
pub async fn not_read(
    db: &mut impl Reads,
    scope: &Scope,
    users: &[UserId],
    kind: Kind,
    subject: &str,
) -> Result<Vec<UserId>> {
    let found: Vec<(UserId,)> = on!(db, c => sqlx::query_as(
        "select user_id from notifications where agency_id = $1 and user_id in (select value from json_each($2)) \
         and kind = $3 and subject = $4 and read_at is null")
        .bind(scope.agency()).bind(super::types::list(users)).bind(kind).bind(subject).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(user,)| user).collect())
}

/// Somebody's entries, the newest first; only those that are unread, or all.
pub async fn entries(
    db: &mut impl Reads,
    scope: &Scope,
    user: UserId,
    unread: bool,
    page: &Page<(Time, NotificationId)>,
) -> Result<Rows<Notification>> {
    let (at, id) = page.after.unzip();
    let rows = on!(db, c => sqlx::query_as(entry!("select",
        "from notifications where agency_id = $1 and user_id = $2 and ($3 = false or read_at is null) \
         and ($4 is null or (happened_at, id) < ($4, $5)) order by happened_at desc, id desc limit $6"))
        .bind(scope.agency()).bind(user).bind(unread).bind(at).bind(id).bind(page.first as i64 + 1)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// One entry of somebody.
pub async fn entry(
    db: &mut impl Reads,
    scope: &Scope,
    user: UserId,
    id: NotificationId,
) -> Result<Option<Notification>> {
    on!(db, c => sqlx::query_as(entry!("select", "from notifications where agency_id = $1 and user_id = $2 and id = $3"))
        .bind(scope.agency()).bind(user).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Notes that somebody has read entries of theirs: some, or all. Gives how many were unread.
pub async fn read(
    db: &mut Write,
    scope: &Scope,
    user: UserId,
    ids: Option<&[NotificationId]>,
    now: Time,
) -> Result<u64> {
    let ids = ids.map(super::types::list);
    on!(db, c => sqlx::query(
        "update notifications set read_at = $4 where agency_id = $1 and user_id = $2 and read_at is null \
         and ($3 is null or id in (select value from json_each($3)))")
        .bind(scope.agency()).bind(user).bind(&ids).bind(now).execute(&mut *c).await.map(|done| done.rows_affected()))
    .map_err(fail)
}

/// Notes that somebody has read everything about a conversation. Gives how many entries were unread.
pub async fn read_about(
    db: &mut Write,
    scope: &Scope,
    user: UserId,
    conversation: ConversationId,
    now: Time,
) -> Result<u64> {
    on!(db, c => sqlx::query(
        "update notifications set read_at = $4 where agency_id = $1 and user_id = $2 and conversation_id = $3 and read_at is null")
        .bind(scope.agency()).bind(user).bind(conversation).bind(now).execute(&mut *c).await
        .map(|done| done.rows_affected()))
    .map_err(fail)
}

/// Nobody waits in a conversation any more: the entries that said so are read, and those of other people say who came, when
/// somebody did. Gives whose they were.
pub async fn settle(
    db: &mut Write,
    scope: &Scope,
    conversation: ConversationId,
    claimed: Option<(UserId, &str)>,
    now: Time,
) -> Result<Vec<UserId>> {
    let (by, title) = claimed.unzip();
    let waiting: Vec<(UserId, NotificationId)> = on!(db, c => sqlx::query_as(
        "select user_id, id from notifications where agency_id = $1 and conversation_id = $2 and read_at is null \
         and kind in ('HANDOFF_REQUESTED', 'HANDOFF_WAITING') order by user_id, id")
        .bind(scope.agency()).bind(conversation).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let mut users = Vec::new();
    // One after the other, by person, as `ring` is called: one statement over all of them would lock them in an order of its own.
    for (user, id) in waiting {
        let done = on!(db, c => sqlx::query(
            "update notifications set read_at = $3, \
             kind = case when $4 is not null and user_id <> $4 then 'CLAIMED' else kind end, \
             title = case when $4 is not null and user_id <> $4 then $5 else title end \
             where agency_id = $1 and id = $2 and read_at is null")
            .bind(scope.agency()).bind(id).bind(now).bind(by).bind(title).execute(&mut *c).await
            .map(|done| done.rows_affected()))
        .map_err(fail)?;
        if done > 0 && users.last() != Some(&user) {
            users.push(user);
        }
    }
    Ok(users)
}

/// Choices as they are kept.
pub(super) fn understood(text: &str) -> Result<Choices> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// What some people have chosen, each with its place: an organization, or the agency.
pub async fn choices_of(
    db: &mut impl Reads,
    scope: &Scope,
    users: &[UserId],
) -> Result<Vec<(UserId, String, Choices)>> {
    let found: Vec<(UserId, String, String)> = on!(db, c => sqlx::query_as(
        "select user_id, place, choices from notification_preferences where agency_id = $1 \
         and user_id in (select value from json_each($2)) order by user_id, place")
        .bind(scope.agency()).bind(super::types::list(users)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    found.into_iter().map(|(user, place, text)| understood(&text).map(|choices| (user, place, choices))).collect()
}

/// Keeps what somebody has chosen for a place, or forgets it.
pub async fn choose(
    db: &mut Write,
    scope: &Scope,
    user: UserId,
    place: &str,
    choices: Option<&Choices>,
    now: Time,
) -> Result<()> {
    let Some(choices) = choices else {
        return on!(db, c => sqlx::query(
            "delete from notification_preferences where agency_id = $1 and user_id = $2 and place = $3")
            .bind(scope.agency()).bind(user).bind(place).execute(&mut *c).await.map(|_| ()))
        .map_err(fail);
    };
    let text = serde_json::to_string(choices).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "insert into notification_preferences (agency_id, user_id, place, choices, updated_at) values ($1, $2, $3, $4, $5) \
         on conflict (agency_id, user_id, place) do update set choices = excluded.choices, updated_at = excluded.updated_at")
        .bind(scope.agency()).bind(user).bind(place).bind(&text).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// What some organizations have chosen for their people.
pub async fn defaults_of(
    db: &mut impl Reads,
    scope: &Scope,
    organizations: &[OrganizationId],
) -> Result<Vec<(OrganizationId, Choices)>> {
    let found: Vec<(OrganizationId, String)> = on!(db, c => sqlx::query_as(
        "select organization_id, choices from notification_defaults where agency_id = $1 \
         and organization_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(organizations)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    found.into_iter().map(|(place, text)| understood(&text).map(|choices| (place, choices))).collect()
}

/// Keeps what an organization has chosen for its people, or forgets it.
pub async fn set_defaults(
    db: &mut Write,
    scope: &Scope,
    organization: OrganizationId,
    choices: Option<&Choices>,
    now: Time,
) -> Result<()> {
    let Some(choices) = choices else {
        return on!(db, c => sqlx::query("delete from notification_defaults where agency_id = $1 and organization_id = $2")
            .bind(scope.agency()).bind(organization).execute(&mut *c).await.map(|_| ()))
        .map_err(fail);
    };
    let text = serde_json::to_string(choices).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "insert into notification_defaults (agency_id, organization_id, choices, updated_at) values ($1, $2, $3, $4) \
         on conflict (agency_id, organization_id) do update set choices = excluded.choices, updated_at = excluded.updated_at")
        .bind(scope.agency()).bind(organization).bind(&text).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// In which zone people are: what their accounts say.
pub async fn zones_of(db: &mut impl Reads, scope: &Scope, users: &[UserId]) -> Result<Vec<(UserId, Option<String>)>> {
    on!(db, c => sqlx::query_as(
        "select id, time_zone from users where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(users)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// What was decided for somebody by one way, when something had happened.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Its id.
    pub id: NotificationDecisionId,
    /// What names the event: the same over all tries.
    pub event: String,
    /// Who.
    pub user: UserId,
    /// By which way.
    pub through: Through,
    /// Where it happened.
    pub organization: Option<OrganizationId>,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// What.
    pub kind: Kind,
    /// What was decided: `NOW`, `LATER`, `HELD` or `WITHHELD`.
    pub verdict: String,
    /// Why nothing is sent.
    pub reason: Option<Reason>,
    /// When it is sent, if it is.
    pub due_at: Time,
    /// The mail that was written.
    pub mail: Option<MailId>,
    /// The bell's entry about the same.
    pub entry: Option<NotificationId>,
    /// When it was decided.
    pub at: Time,
}

row!(Decision {
    id: "id",
    event: "event_id",
    user: "user_id",
    through: "through",
    organization: "organization_id",
    conversation: "conversation_id",
    kind: "kind",
    verdict: "verdict",
    reason: "reason",
    due_at: "due_at",
    mail: "mail_id",
    entry: "notification_id",
    at: "at",
});

/// The columns of a decision, once.
macro_rules! decision {
    ($after:literal) => {
        concat!(
            "select id, event_id, user_id, through, organization_id, conversation_id, kind, verdict, reason, due_at, mail_id, \
             notification_id, at from notification_decisions ",
            $after
        )
    };
}

/// Keeps what was decided; once for each event, person and way.
pub async fn decide(db: &mut Write, scope: &Scope, decisions: &[Decision]) -> Result<()> {
    for chunk in decisions.chunks(ROWS) {
        on!(db, c => rows!(
            "insert into notification_decisions (id, agency_id, event_id, user_id, through, organization_id, conversation_id, kind, \
             verdict, reason, due_at, mail_id, notification_id, at) ",
            chunk, |values, new| values
                .push_bind(new.id).push_bind(scope.agency()).push_bind(&new.event).push_bind(new.user).push_bind(new.through)
                .push_bind(new.organization).push_bind(new.conversation).push_bind(new.kind).push_bind(&new.verdict)
                .push_bind(new.reason).push_bind(new.due_at).push_bind(new.mail).push_bind(new.entry).push_bind(new.at),
            " on conflict (agency_id, event_id, user_id, through) do nothing").build().execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(())
}

/// Notes the mail that was written for decisions, or why none was.
pub async fn carried_out(
    db: &mut Write,
    scope: &Scope,
    ids: &[NotificationDecisionId],
    mail: Option<MailId>,
    reason: Option<Reason>,
) -> Result<()> {
    on!(db, c => sqlx::query(
        "update notification_decisions set mail_id = coalesce($3, mail_id), reason = coalesce($4, reason) \
         where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).bind(mail).bind(reason).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Notes of what was to be sent about a conversation, if it stayed unseen, why it is not.
pub async fn lapse(db: &mut Write, scope: &Scope, conversation: ConversationId, reason: Reason) -> Result<()> {
    on!(db, c => sqlx::query(
        "update notification_decisions set reason = $3 where agency_id = $1 and conversation_id = $2 and verdict = 'LATER' \
         and through = 'EMAIL' and reason is null and mail_id is null")
        .bind(scope.agency()).bind(conversation).bind(reason).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The decision of that id.
pub async fn decision(db: &mut impl Reads, scope: &Scope, id: NotificationDecisionId) -> Result<Option<Decision>> {
    on!(db, c => sqlx::query_as(decision!("where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The decisions for which a mail was written.
pub async fn of_mail(db: &mut impl Reads, scope: &Scope, mail: MailId) -> Result<Vec<Decision>> {
    on!(db, c => sqlx::query_as(decision!("where agency_id = $1 and mail_id = $2 order by id"))
        .bind(scope.agency()).bind(mail).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// What waits to be sent to somebody by mail, `LATER` or `HELD`: all of it, or about one conversation, or what is due.
pub async fn waiting(
    db: &mut impl Reads,
    scope: &Scope,
    user: UserId,
    verdict: &str,
    conversation: Option<ConversationId>,
    due: Option<Time>,
) -> Result<Vec<Decision>> {
    on!(db, c => sqlx::query_as(decision!(
        "where agency_id = $1 and user_id = $2 and verdict = $3 and through = 'EMAIL' and reason is null and mail_id is null \
         and ($4 is null or conversation_id = $4) and ($5 is null or due_at <= $5) order by id limit 500"))
        .bind(scope.agency()).bind(user).bind(verdict).bind(conversation).bind(due).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// What a list of decisions is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub struct DecisionFilter {
    /// Of one organization.
    pub organization: Option<OrganizationId>,
    /// About one conversation.
    pub conversation: Option<ConversationId>,
    /// For one person.
    pub user: Option<UserId>,
}

/// What was decided, the newest first.
pub async fn decisions(
    db: &mut impl Reads,
    scope: &Scope,
    filter: &DecisionFilter,
    page: &Page<NotificationDecisionId>,
) -> Result<Rows<Decision>> {
    let rows = on!(db, c => sqlx::query_as(decision!(
        "where agency_id = $1 and ($2 is null or organization_id = $2) and ($3 is null or conversation_id = $3) \
         and ($4 is null or user_id = $4) and ($5 is null or id < $5) order by id desc limit $6"))
        .bind(scope.agency()).bind(filter.organization).bind(filter.conversation).bind(filter.user).bind(page.after)
        .bind(page.first as i64 + 1).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// What has become of some mails: state, how often they were tried, what was wrong, and whether what they say is kept.
pub async fn mails(
    db: &mut impl Reads,
    scope: &Scope,
    ids: &[MailId],
) -> Result<Vec<(MailId, MailState, i64, Option<String>, bool)>> {
    on!(db, c => sqlx::query_as(
        "select id, state, attempts, trouble, letter <> '' from mails where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}
