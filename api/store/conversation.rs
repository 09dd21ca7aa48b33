//! Conversations: their numbers, their owners, their lists.

use super::{Reads, Write, fail, on, row};
use crate::domain::conversation::{Conversation, Intent, Owner, State};
use crate::domain::id::{AgencyId, ConversationId, HandoffId, OrganizationId, UserId, VisitorId};
use crate::domain::page::{ConversationFilter, Page, Rows};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

row!(Conversation {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    ai_agent: "ai_agent_id",
    widget: "widget_id",
    visitor: "visitor_id",
    state: "state",
    version: "version",
    rev: "rev",
    last_seq: "last_seq",
    assignee: "assignee_id",
    handoff: "handoff_id",
    opened_at: "opened_at",
    started_at: "started_at",
    last_activity_at: "last_activity_at",
    last_visitor_message_at: "last_visitor_message_at",
    preview: "preview",
    visitor_messages: "visitor_messages",
    visitor_read_seq: "visitor_read_seq",
    operator_read_seq: "operator_read_seq",
    language: "language",
    idle_at: "idle_at",
    failures: "failures",
    signals: "signals",
    tags: "tags",
    notes_rev: "notes_rev",
    rehearsal: "rehearsal",
});

/// The columns of a conversation, once.
macro_rules! columns {
    ($before:literal, $($after:tt)+) => {
        concat!(
            $before,
            " id, agency_id, organization_id, ai_agent_id, widget_id, visitor_id, state, version, rev, last_seq, \
             assignee_id, handoff_id, opened_at, started_at, last_activity_at, last_visitor_message_at, preview, \
             visitor_messages, visitor_read_seq, operator_read_seq, language, idle_at, failures, signals, tags, notes_rev, \
             rehearsal ",
            $($after)+
        )
    };
}

/// The conversation, if it is in the scope.
pub async fn conversation(db: &mut impl Reads, scope: &Scope, id: ConversationId) -> Result<Option<Conversation>> {
    let found: Option<Conversation> = on!(db, c => sqlx::query_as(
        columns!("select", "from conversations where agency_id = $1 and id = $2"))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.filter(|found| scope.covers_conversation(&found.place(), found.id)))
}

/// The conversation, if it is in the scope, as it stays until the unit ends: what is told of it is true when it is told.
pub async fn held(db: &mut Write, scope: &Scope, id: ConversationId) -> Result<Option<Conversation>> {
    super::dialect::hold_conversation(db, scope, id).await?;
    conversation(db, scope, id).await
}

/// Conversations of the scope's agency, of the given ids.
pub async fn conversations_of(db: &mut impl Reads, scope: &Scope, ids: &[ConversationId]) -> Result<Vec<Conversation>> {
    let found: Vec<Conversation> = on!(db, c => sqlx::query_as(
        columns!("select", "from conversations where agency_id = $1 and id in (select value from json_each($2))"))
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().filter(|found| scope.covers_conversation(&found.place(), found.id)).collect())
}

/// The conversations that a user has now.
pub async fn held_by(db: &mut impl Reads, scope: &Scope, user: UserId) -> Result<Vec<Conversation>> {
    let found: Vec<Conversation> = on!(db, c => sqlx::query_as(
        columns!("select", "from conversations where agency_id = $1 and assignee_id = $2 and state = 'HUMAN' order by id"))
        .bind(scope.agency()).bind(user).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().filter(|found| scope.covers_conversation(&found.place(), found.id)).collect())
}

/// Keeps a new conversation.
pub async fn insert(db: &mut Write, scope: &Scope, new: &Conversation) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into conversations (id, agency_id, organization_id, ai_agent_id, widget_id, visitor_id, state, version, rev, \
         last_seq, opened_at, last_activity_at, search, visitor_messages, visitor_read_seq, operator_read_seq, language, rehearsal) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10, '', 0, 0, 0, $11, $12)")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(new.ai_agent).bind(new.widget).bind(new.visitor)
        .bind(new.state).bind(new.version).bind(new.rev).bind(new.opened_at).bind(&new.language).bind(new.rehearsal).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The newest conversation of a visitor.
pub async fn of_visitor(db: &mut impl Reads, scope: &Scope, visitor: VisitorId) -> Result<Option<Conversation>> {
    on!(db, c => sqlx::query_as(
        columns!("select", "from conversations where agency_id = $1 and visitor_id = $2 order by id desc limit 1"))
        .bind(scope.agency()).bind(visitor).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The conversations in which a visitor could go on, oldest first; those that they left are not among them.
pub async fn open_of_visitor(db: &mut impl Reads, scope: &Scope, visitor: VisitorId) -> Result<Vec<Conversation>> {
    on!(db, c => sqlx::query_as(
        columns!("select", "from conversations where agency_id = $1 and visitor_id = $2 and left_at is null order by id"))
        .bind(scope.agency()).bind(visitor).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// All conversations of a visitor, oldest first.
pub async fn all_of_visitor(db: &mut impl Reads, scope: &Scope, visitor: VisitorId) -> Result<Vec<Conversation>> {
    on!(db, c => sqlx::query_as(
        columns!("select", "from conversations where agency_id = $1 and visitor_id = $2 order by id"))
        .bind(scope.agency()).bind(visitor).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Notes that the visitor goes on elsewhere. Says whether they had not before.
pub async fn leave(db: &mut Write, scope: &Scope, id: ConversationId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update conversations set left_at = $3, rev = rev + 1 where agency_id = $1 and id = $2 and left_at is null")
        .bind(scope.agency()).bind(id).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Raises the revision for what is shown with a conversation and kept elsewhere. Gives the row after it.
pub async fn show_anew(db: &mut Write, scope: &Scope, id: ConversationId) -> Result<Option<Conversation>> {
    on!(db, c => sqlx::query_as(columns!(
        "update conversations set rev = rev + 1 where agency_id = $1 and id = $2 returning", ""))
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Takes the next number for words of the visitor, and gives the row as it is after them. The row stays locked until the
/// unit ends, so that numbers are given in the order of commits. Nothing when the visitor has become another, or goes on elsewhere.
pub async fn visitor_wrote(
    db: &mut Write,
    scope: &Scope,
    id: ConversationId,
    preview: &str,
    now: Time,
) -> Result<Option<Conversation>> {
    on!(db, c => sqlx::query_as(columns!(
        "update conversations set last_seq = last_seq + 1, rev = rev + 1, last_activity_at = $3, last_visitor_message_at = $3, \
         started_at = coalesce(started_at, $3), preview = $4, search = $5, visitor_messages = visitor_messages + 1, \
         visitor_read_seq = last_seq + 1, idle_at = null \
         where agency_id = $1 and id = $2 and left_at is null and ($6 is null or visitor_id = $6) returning", ""))
        .bind(scope.agency()).bind(id).bind(now).bind(preview).bind(crate::domain::text::searchable(preview))
        .bind(scope.visitor().map(|(visitor, _)| visitor)).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Takes the next number for words of an operator. What they write, they have read up to.
pub async fn operator_wrote(
    db: &mut Write,
    scope: &Scope,
    id: ConversationId,
    now: Time,
) -> Result<Option<Conversation>> {
    on!(db, c => sqlx::query_as(columns!(
        "update conversations set last_seq = last_seq + 1, rev = rev + 1, last_activity_at = $3, operator_read_seq = last_seq + 1, \
         idle_at = null where agency_id = $1 and id = $2 returning", ""))
        .bind(scope.agency()).bind(id).bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// What an answer of the AI means for the count of those in a row that did not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// It helped: from nought again.
    Reset,
    /// It did not.
    Up,
    /// It was none, only a word about somebody else being wanted.
    Keep,
}

/// Takes the next number for words of the AI, but only if nobody has changed the owner since `version` was read. `offers` says
/// why a human is offered with them, if one is.
pub async fn ai_wrote(
    db: &mut Write,
    scope: &Scope,
    id: ConversationId,
    version: i64,
    count: Count,
    offers: Option<Intent>,
    now: Time,
) -> Result<Option<Conversation>> {
    let (factor, more): (i64, i64) = match count {
        Count::Reset => (0, 0),
        Count::Up => (1, 1),
        Count::Keep => (1, 0),
    };
    on!(db, c => sqlx::query_as(columns!(
        "update conversations set last_seq = last_seq + 1, rev = rev + 1, last_activity_at = $4, failures = failures * $5 + $6, \
         calling = $7 where agency_id = $1 and id = $2 and version = $3 returning", ""))
        .bind(scope.agency()).bind(id).bind(version).bind(now).bind(factor).bind(more).bind(offers).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Takes the next number for an entry that is nobody's word and changes no owner.
pub async fn noted(db: &mut Write, scope: &Scope, id: ConversationId, now: Time) -> Result<Option<Conversation>> {
    on!(db, c => sqlx::query_as(columns!(
        "update conversations set last_seq = last_seq + 1, rev = rev + 1, last_activity_at = $3 \
         where agency_id = $1 and id = $2 returning", ""))
        .bind(scope.agency()).bind(id).bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Changes the owner and takes the next number for the announcement, but only from `version` on. Gives the row after it,
/// or nothing when somebody else was first.
pub async fn change_owner(
    db: &mut Write,
    scope: &Scope,
    before: &Conversation,
    owner: Owner,
    handoff: Option<HandoffId>,
    now: Time,
) -> Result<Option<Conversation>> {
    on!(db, c => sqlx::query_as(columns!(
        "update conversations set state = $4, assignee_id = $5, handoff_id = coalesce($6, handoff_id), version = version + 1, \
         rev = rev + 1, last_seq = last_seq + 1, last_activity_at = $7, idle_at = null, \
         failures = case when $4 in ('AI', 'COLLECTING') then failures else 0 end, \
         calling = case when $4 = 'COLLECTING' then calling end \
         where agency_id = $1 and id = $2 and version = $3 returning", ""))
        .bind(scope.agency()).bind(before.id).bind(before.version).bind(owner.state).bind(owner.assignee).bind(handoff)
        .bind(now).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Holds the row as long as nobody has changed the owner since `version` was read, and raises its revision: something of it
/// changed that is kept elsewhere. Gives the row after it.
pub async fn touch(db: &mut Write, scope: &Scope, id: ConversationId, version: i64) -> Result<Option<Conversation>> {
    on!(db, c => sqlx::query_as(columns!(
        "update conversations set rev = rev + 1 where agency_id = $1 and id = $2 and version = $3 returning", ""))
        .bind(scope.agency()).bind(id).bind(version).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Begins a new stretch for a visitor who writes after the end; no entry of its own.
pub async fn resume(db: &mut Write, scope: &Scope, id: ConversationId, version: i64) -> Result<Option<Conversation>> {
    on!(db, c => sqlx::query_as(columns!(
        "update conversations set state = $4, assignee_id = null, version = version + 1, rev = rev + 1, visitor_messages = 1, \
         failures = 0, calling = null \
         where agency_id = $1 and id = $2 and version = $3 returning", ""))
        .bind(scope.agency()).bind(id).bind(version).bind(State::Ai).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Notes how far one side has read; never backwards, never beyond the end. Gives the row if that changed anything.
pub async fn read_up_to(
    db: &mut Write,
    scope: &Scope,
    id: ConversationId,
    seq: i64,
    by_visitor: bool,
) -> Result<Option<Conversation>> {
    on!(db, c => {
        let text = if by_visitor {
            columns!("update conversations set visitor_read_seq = $3, rev = rev + 1 \
                      where agency_id = $1 and id = $2 and visitor_read_seq < $3 and last_seq >= $3 returning", "")
        } else {
            columns!("update conversations set operator_read_seq = $3, rev = rev + 1 \
                      where agency_id = $1 and id = $2 and operator_read_seq < $3 and last_seq >= $3 returning", "")
        };
        sqlx::query_as(text).bind(scope.agency()).bind(id).bind(seq).fetch_optional(&mut *c).await
    })
    .map_err(fail)
}

/// Conversations within the scope, newest activity first.
pub async fn conversations(
    db: &mut impl Reads,
    scope: &Scope,
    filter: &ConversationFilter,
    rated: Option<(&[i64], &Scope)>,
    page: &Page<(i64, Time, ConversationId)>,
) -> Result<Rows<Conversation>> {
    let reach = super::types::reach(scope);
    let states = filter.states.as_ref().map(|states| {
        let quoted: Vec<String> = states.iter().map(|state| format!("\"{}\"", state.as_str())).collect();
        format!("[{}]", quoted.join(","))
    });
    let search =
        filter.search.as_deref().map(crate::domain::text::searchable).filter(|text| !text.is_empty()).map(|text| {
            let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            format!("%{escaped}%")
        });
    // Ratings are shown to fewer than conversations are: whoever looks for one looks where they may see both.
    let stars = rated.map(|(stars, _)| {
        let quoted: Vec<String> = stars.iter().map(|stars| format!("\"{stars}\"")).collect();
        format!("[{}]", quoted.join(","))
    });
    let rated_reach = rated.and_then(|(_, scope)| super::types::reach(scope));
    let (after_weight, after_at, after_id) = match page.after {
        Some((weight, at, id)) => (Some(weight), Some(at), Some(id)),
        None => (None, None, None),
    };
    // Two texts, so that the everyday list goes on along its index.
    macro_rules! list {
        ($after:literal) => {
            columns!("select", concat!("from conversations where agency_id = $1 and started_at is not null \
             and (organization_id is null or organization_id not in \
                 (select id from organizations where agency_id = $1 and state = 'DELETED')) \
             and ($2 is null or organization_id in (select value from json_each($2)) or ai_agent_id in (select value from json_each($2)) \
                 or organization_id || '/' || ai_agent_id in (select value from json_each($2))) \
             and ($3 is null or organization_id = $3) \
             and ($4 is null or state in (select value from json_each($4))) \
             and ($5 is null or (last_visitor_message_at > $5 and state <> 'ENDED')) \
             and ($6 is null or search like $6 escape '\\' or visitor_id in \
                 (select v.id from visitors v where v.agency_id = $1 and v.search like $6 escape '\\')) \
             and ($11 is null or id in (select t.conversation_id from conversation_tags t where t.agency_id = $1 and t.tag = $11)) \
             and ($12 is null or id in (select r.conversation_id from handoff_ratings r where r.agency_id = $1 \
                 and cast(r.rating as text) in (select value from json_each($12)) \
                 and ($13 is null or r.organization_id in (select value from json_each($13)) \
                     or r.ai_agent_id in (select value from json_each($13)) \
                     or r.organization_id || '/' || r.ai_agent_id in (select value from json_each($13))))) ",
             $after))
        };
    }
    let text = if filter.signals {
        list!(
            "and state in ('AI', 'COLLECTING') and signal_weight > 0 \
               and ($7 is null or (signal_weight, last_activity_at, id) < ($10, $7, $8)) \
               order by signal_weight desc, last_activity_at desc, id desc limit $9"
        )
    } else {
        list!(
            "and ($7 is null or (last_activity_at, id) < ($7, $8)) and ($10 is null or $10 = $10) \
               order by last_activity_at desc, id desc limit $9"
        )
    };
    let rows = on!(db, c => sqlx::query_as(text)
        .bind(scope.agency()).bind(&reach).bind(filter.organization).bind(&states).bind(filter.live_since).bind(&search)
        .bind(after_at).bind(after_id).bind(page.first as i64 + 1).bind(after_weight).bind(&filter.tag)
        .bind(&stars).bind(&rated_reach)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// Raises the revision for a change that stands elsewhere or in `tags`, `language`, and gives the row, which stays locked
/// until the unit ends.
pub async fn touched(db: &mut Write, scope: &Scope, id: ConversationId, notes: bool) -> Result<Option<Conversation>> {
    let found: Option<Conversation> = on!(db, c => sqlx::query_as(columns!(
        "update conversations set rev = rev + 1, notes_rev = notes_rev + $3 where agency_id = $1 and id = $2 returning", ""))
        .bind(scope.agency()).bind(id).bind(i64::from(notes)).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.filter(|found| scope.covers_conversation(&found.place(), found.id)))
}

/// Keeps language and tags as they are in the row. It is locked by [`touched`].
pub async fn keep_words(db: &mut Write, scope: &Scope, row: &Conversation) -> Result<()> {
    on!(db, c => sqlx::query("update conversations set language = $3, tags = $4 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(row.id).bind(&row.language).bind(&row.tags).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps what speaks for an intervention, and the language where none is known yet. In the unit that has the row locked, so
/// that it needs no revision of its own.
pub async fn keep_signals(
    db: &mut Write,
    scope: &Scope,
    id: ConversationId,
    signals: &str,
    language: Option<&str>,
) -> Result<()> {
    let weight = signals.split_whitespace().count() as i64;
    on!(db, c => sqlx::query(
        "update conversations set signals = $3, signal_weight = $4, language = coalesce(language, $5) \
         where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(signals).bind(weight).bind(language).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The other conversations of a visitor that had any words, the newest first; those in the scope.
pub async fn others_of_visitor(
    db: &mut impl Reads,
    scope: &Scope,
    visitor: VisitorId,
    but: ConversationId,
    most: usize,
) -> Result<Vec<Conversation>> {
    let found: Vec<Conversation> = on!(db, c => sqlx::query_as(
        columns!("select", "from conversations where agency_id = $1 and visitor_id = $2 and id <> $3 \
         and started_at is not null order by id desc limit $4"))
        .bind(scope.agency()).bind(visitor).bind(but).bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().filter(|found| scope.covers_conversation(&found.place(), found.id)).collect())
}

/// What is to be done about chats that a person has and in which nothing has been said since `before`: organizations of any
/// agency that have such, nothing more.
pub async fn quiet_organizations(db: &mut impl Reads, before: Time) -> Result<Vec<(AgencyId, OrganizationId)>> {
    on!(db, c => sqlx::query_as(
        "select distinct agency_id, organization_id from conversations \
         where state = 'HUMAN' and organization_id is not null and last_activity_at <= $1 order by agency_id, organization_id")
        .bind(before).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Chats of an organization that a person has and in which nothing has been said since `before`; the quietest first.
pub async fn quiet_of(
    db: &mut impl Reads,
    scope: &Scope,
    organization: OrganizationId,
    before: Time,
) -> Result<Vec<Conversation>> {
    on!(db, c => sqlx::query_as(columns!(
        "select", "from conversations where agency_id = $1 and organization_id = $2 and state = 'HUMAN' and last_activity_at <= $3 \
         order by last_activity_at, id limit 200"))
        .bind(scope.agency()).bind(organization).bind(before).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Flags a chat as idle since `now`, or, without it, takes the flag off; but only while it is as it was read: nobody has said
/// anything or taken it since, and no other node was first.
pub async fn set_idle(
    db: &mut Write,
    scope: &Scope,
    before: &Conversation,
    now: Option<Time>,
) -> Result<Option<Conversation>> {
    on!(db, c => sqlx::query_as(columns!(
        "update conversations set idle_at = $5, rev = rev + 1 where agency_id = $1 and id = $2 and version = $3 \
         and last_seq = $4 and (idle_at is null) <> ($5 is null) returning", ""))
        .bind(scope.agency()).bind(before.id).bind(before.version).bind(before.last_seq).bind(now)
        .fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Notes what leads to a person being called, until one is.
pub async fn note_calling(db: &mut Write, scope: &Scope, id: ConversationId, intent: Option<Intent>) -> Result<()> {
    on!(db, c => sqlx::query("update conversations set calling = $3 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).bind(intent).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// What led to a person being called, as far as anything but the visitor's hand did.
pub async fn calling(db: &mut impl Reads, scope: &Scope, id: ConversationId) -> Result<Option<Intent>> {
    let found: Option<(Option<Intent>,)> = on!(db, c => sqlx::query_as(
        "select calling from conversations where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.and_then(|(calling,)| calling))
}

/// Leaves a conversation that has ended behind, on the version that was read: says whether it was us who did.
pub async fn leave_behind(db: &mut Write, scope: &Scope, before: &Conversation) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update conversations set version = version + 1, rev = rev + 1, left_at = coalesce(left_at, last_activity_at) \
         where agency_id = $1 and id = $2 and version = $3 and state in ('ENDED', 'MISSED')")
        .bind(scope.agency()).bind(before.id).bind(before.version).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Who has a conversation now in the scope's agency.
pub async fn holders(db: &mut impl Reads, scope: &Scope) -> Result<Vec<UserId>> {
    let found: Vec<(UserId,)> = on!(db, c => sqlx::query_as(
        "select distinct assignee_id from conversations where agency_id = $1 and state = 'HUMAN' and assignee_id is not null \
         order by assignee_id")
        .bind(scope.agency()).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().map(|(user,)| user).collect())
}
