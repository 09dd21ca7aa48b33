//! Offline queries: left by visitors when nobody answers, answered by mail from the dashboard, gone on with by mail or in the
//! chat.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::notice::{self, Recipient, audience};
use super::reply::Named;
use super::{By, Services, file, person_of, visitor_of};
use crate::domain::access::{Actor, Place};
use crate::domain::change::Change;
use crate::domain::conversation::{
    AuthorKind, Conversation, EntryKind, MESSAGE_LIMIT, Message, State, Via, preview_of,
};
use crate::domain::id::{AgencyId, FileId, OfflineQueryId, OrganizationId};
use crate::domain::ladder::Whom;
use crate::domain::mail::{Letter, WhileSo};
use crate::domain::notification::Kind;
use crate::domain::offline::{
    OfflineQuery, OfflineQueryEvent, OfflineQueryState, OfflineQueryStep, QUERY_LIMIT, after,
};
use crate::domain::page::{OfflineQueryFilter, Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::identity::token::VisitorClaims;
use crate::service::job::Job;
use crate::service::seal::{hash_of, secret};
use crate::store::{
    Creation, Write, agency, conversation, create_once, job, locate, message, offline, organization as organizations,
    visitor,
};

/// The kind of job that tells people of a query, or of an answer to one.
pub const TELL_JOB: &str = "offline_query.tell";

/// How long a link in an answer is good.
const LINK_LASTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What a visitor fills in.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where they are to be answered.
    pub email: String,
    /// What they want.
    pub message: String,
    /// What they are called.
    pub name: Option<String>,
    /// Files that they have brought.
    pub files: Vec<FileId>,
}

/// A visitor leaves a query, with files if they like (S206-S209): kept first, in the thread, and told afterwards; once for each client id.
///
/// # Errors
/// INVALID for a bad address or an empty message; CONFLICT with SOMEBODY_IS_HERE while an operator has the chat, with
/// NOT_AVAILABLE where there is no organization behind the widget; RATE_LIMITED.
pub async fn submit(s: &Services, actor: &Actor, client_id: &str, form: Form) -> Result<OfflineQuery> {
    let visitor = visitor_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let email = text::email("email", &form.email)?;
    let said = text::block("message", &form.message, QUERY_LIMIT)?;
    let name = text::optional_line("name", form.name.as_deref(), 120)?;
    s.visitor_limits.message(visitor.visitor)?;
    let not_available = || Error::conflict("NOT_AVAILABLE", "Nothing can be left here at the moment.");
    super::widget::reachable(s, visitor.widget).await?;
    let organization = visitor.organization.ok_or_else(not_available)?;
    let scope = Scope::of_visitor(visitor);
    let now = s.clock.now();
    let id: OfflineQueryId = s.ids.next(now);
    let mut unit = s.store.write().await?;
    if !organizations::hold_open(&mut unit, &scope, organization, visitor.ai_agent).await? {
        return Err(not_available());
    }
    let author = visitor.visitor.to_string();
    let fingerprint = format!("submitOfflineQuery {email:?} {name:?} {said:?} {:?}", form.files);
    let creation = Creation {
        actor: &author,
        client_id: &client_id,
        agency: visitor.agency,
        fingerprint: &fingerprint,
        result: &id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first: OfflineQueryId = first.parse().map_err(Error::internal)?;
        let found = offline::query(&mut unit, &scope, first).await?.ok_or_else(|| Error::not_found("offline query"))?;
        unit.undo().await?;
        return Ok(found);
    }
    let attachments = file::chosen(&mut unit, &scope, visitor.conversation, &author, &form.files).await?;
    let row = conversation::visitor_wrote(&mut unit, &scope, visitor.conversation, &preview_of(&said), now)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))?;
    super::conversation::still_there(&row, organization)?;
    if row.state == State::Human {
        return Err(Error::conflict("SOMEBODY_IS_HERE", "Somebody is here: just write to them."));
    }
    let entry = Message {
        kind: EntryKind::OfflineQuery,
        attachments,
        ..said_by_visitor(s, &row, said.clone(), Some(client_id.clone()), Via::Chat, now)
    };
    message::insert(&mut unit, &scope, &entry).await?;
    file::send(&mut unit, &scope, &form.files, entry.id).await?;
    if let Some(mut known) = visitor::visitors_of(&mut unit, &scope, &[visitor.visitor]).await?.pop() {
        known.email = Some(known.email.unwrap_or_else(|| email.clone()));
        known.name = known.name.or_else(|| name.clone());
        visitor::update(&mut unit, &scope, &known).await?;
    }
    let new = OfflineQuery {
        id,
        agency: visitor.agency,
        organization,
        ai_agent: visitor.ai_agent,
        conversation: row.id,
        visitor: visitor.visitor,
        email,
        name: name.clone(),
        message: said,
        seq: row.last_seq,
        state: OfflineQueryState::Open,
        rev: 1,
        created_at: now,
        changed_at: now,
    };
    offline::insert(&mut unit, &scope, &new).await?;
    let event =
        OfflineQueryEvent { rev: 1, what: OfflineQueryStep::Received, actor: Some(author), actor_name: name, at: now };
    offline::note(&mut unit, &scope, id, &event).await?;
    add_tell_job(s, &mut unit, &new, now).await?;
    unit.note(Change::Conversation { conversation: Arc::new(row), message: Some(Arc::new(entry)) });
    unit.commit().await?;
    Ok(new)
}

/// An entry of a visitor under the number that was just taken.
fn said_by_visitor(
    s: &Services,
    row: &Conversation,
    text: String,
    client_id: Option<String>,
    via: Via,
    now: Time,
) -> Message {
    Message {
        id: s.ids.next(now),
        conversation: row.id,
        seq: row.last_seq,
        kind: EntryKind::Text,
        author_kind: AuthorKind::Visitor,
        author_id: Some(row.visitor.to_string()),
        author_name: None,
        text,
        offers_human: false,
        sources: String::new(),
        client_id,
        created_at: now,
        via,
        edited_at: None,
        deleted_at: None,
        attachments: Vec::new(),
    }
}

async fn add_tell_job(s: &Services, unit: &mut Write, query: &OfflineQuery, now: Time) -> Result<()> {
    let job = Job::new(s.ids.next(now), query.agency, TELL_JOB, format!("{}/{}", query.id, query.rev));
    job::add(unit, &job, now).await?;
    unit.note(Change::Job);
    Ok(())
}

/// Writes to everybody whom a query, or an answer to one, concerns.
pub async fn tell(s: &Services, job: &Job) -> Result<()> {
    let (id, rev) = job.subject.split_once('/').ok_or_else(|| Error::internal("a job without a query"))?;
    let id: OfflineQueryId = id.parse().map_err(Error::internal)?;
    let scope = Scope::system(job.agency, "telling people of an offline query");
    let mut read = s.store.read().await?;
    let Some(query) = offline::query(&mut read, &scope, id).await? else { return super::job::finish(s, job).await };
    let Some(row) = conversation::conversation(&mut read, &scope, query.conversation).await? else {
        drop(read);
        return super::job::finish(s, job).await;
    };
    let received = rev == "1";
    let said = received.then(|| query.message.clone());
    let mut people = audience(s, &mut read, &place_of(&query), Whom::Team, None).await?;
    if people.is_empty() {
        people = audience(s, &mut read, &place_of(&query), Whom::Agency, None).await?;
    }
    let link = format!("/offline-queries/{id}");
    let subject = notice::subject(s, &mut read, &row, said, link, None, WhileSo::Open { query: id }).await?;
    drop(read);
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    if let Some(subject) = subject {
        let kind = if received { Kind::OfflineQuery } else { Kind::OfflineReply };
        let happened = subject.happened(job.subject.clone(), kind, &row, None);
        let letter = |recipient: &Recipient| notice::letter(kind, &subject, recipient);
        let told = super::notification::tell(s, &mut unit, job.agency, &happened, &people, letter).await?;
        tracing::debug!(query = %id, ?told, "people were told of an offline query");
    }
    unit.commit().await
}

/// Where a query stands, for the policy.
pub fn place_of(query: &OfflineQuery) -> Place {
    Place::ai_agent(query.agency, Some(query.organization), query.ai_agent)
}

/// An offline query as one person may see it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The query, with its address masked for whoever may not see it.
    pub query: OfflineQuery,
    /// Whether the person may answer and close it.
    pub answerable: bool,
}

fn seen(s: &Services, actor: &Actor, mut query: OfflineQuery) -> Seen {
    let place = place_of(&query);
    if !s.policy.may(actor, Permission::VisitorReadContact, &place) {
        query.email = crate::domain::agent::mask_email(&query.email);
    }
    Seen { answerable: s.policy.may(actor, Permission::LiveChatRespond, &place), query }
}

async fn load(
    s: &Services,
    actor: &Actor,
    permission: Permission,
    id: OfflineQueryId,
) -> Result<(Scope, OfflineQuery)> {
    let absent = || Error::not_found("offline query");
    s.policy.may_somewhere(actor, permission)?;
    let mut read = s.store.read().await?;
    let place = locate::offline_query(&mut read, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, permission, &place, "offline query")?;
    let found = offline::query(&mut read, &scope, id).await?.ok_or_else(absent)?;
    Ok((scope, found))
}

/// Queries that the person may list, the newest first.
pub async fn queries(
    s: &Services,
    actor: &Actor,
    filter: &OfflineQueryFilter,
    page: &Page<(Time, OfflineQueryId)>,
) -> Result<Rows<Seen>> {
    let scope = super::reach(s, actor, Permission::LiveChatViewQueue, filter.organization).await?;
    let found = offline::queries(&mut s.store.read().await?, &scope, filter, page).await?;
    Ok(Rows { rows: found.rows.into_iter().map(|query| seen(s, actor, query)).collect(), more: found.more })
}

/// How many queries that the person may list are open.
pub async fn open(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<i64> {
    let scope = super::reach(s, actor, Permission::LiveChatViewQueue, organization).await?;
    offline::open(&mut s.store.read().await?, &scope, organization).await
}

/// One query.
///
/// # Errors
/// NOT_FOUND outside the person's reach.
pub async fn query(s: &Services, actor: &Actor, id: OfflineQueryId) -> Result<Seen> {
    let (_, found) = load(s, actor, Permission::LiveChatViewQueue, id).await?;
    Ok(seen(s, actor, found))
}

/// What was done with a query that the person has been allowed to see.
pub async fn history(s: &Services, actor: &Actor, id: OfflineQueryId) -> Result<Vec<OfflineQueryEvent>> {
    let (scope, _) = load(s, actor, Permission::LiveChatViewQueue, id).await?;
    offline::history(&mut s.store.read().await?, &scope, id).await
}

/// Answers a query by mail, in the agency's name: the answer stands in the thread, and what the visitor answers to it comes
/// back there. The mail holds a link with which they go on in the chat.
///
/// # Errors
/// CONFLICT with CLOSED for a query that is closed, with NOT_YOURS while somebody else has the chat, with CHANGED_MEANWHILE.
pub async fn answer(s: &Services, actor: &Actor, client_id: &str, id: OfflineQueryId, text: &str) -> Result<Seen> {
    let person = person_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let said = text::block("text", text, MESSAGE_LIMIT)?;
    let (scope, _) = load(s, actor, Permission::LiveChatRespond, id).await?;
    let author = person.user.to_string();
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let fingerprint = format!("answerOfflineQuery {id} {said:?}");
    let creation = Creation {
        actor: &author,
        client_id: &client_id,
        agency: person.agency,
        fingerprint: &fingerprint,
        result: &id.to_string(),
        now,
    };
    let repeated = create_once(&mut unit, &creation).await?.is_some();
    let found = offline::query(&mut unit, &scope, id).await?.ok_or_else(|| Error::not_found("offline query"))?;
    if repeated {
        unit.undo().await?;
        return Ok(seen(s, actor, found));
    }
    let Some(state) = after(found.state, OfflineQueryStep::Answered) else {
        return Err(Error::conflict("CLOSED", "This query is closed. Open it again to answer it."));
    };
    let row = conversation::operator_wrote(&mut unit, &scope, found.conversation, now)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))?;
    if row.state == State::Human && row.assignee != Some(person.user) {
        drop(unit);
        return Err(super::handoff::not_yours(s, &scope, row.owner()).await);
    }
    let entry = Message {
        author_kind: AuthorKind::Operator,
        author_id: Some(author.clone()),
        author_name: Some(person.name.clone()),
        ..said_by_visitor(s, &row, said.clone(), Some(client_id), Via::Email, now)
    };
    message::insert(&mut unit, &scope, &entry).await?;
    let query =
        moved(&mut unit, &scope, &found, state, OfflineQueryStep::Answered, Some((&author, &person.name)), now).await?;
    let token = secret(&s.ids);
    let expires_at = now.plus(LINK_LASTS);
    offline::insert_link(&mut unit, &scope, &hash_of(&token), id, now, expires_at).await?;
    let place = agency::organizations_of(&mut unit, &scope, &[query.organization]).await?.pop();
    let reply = s.replies.host().map(|_| s.replies.local_part(query.agency, Named::Thread(query.conversation)));
    let letter = Letter::OfflineAnswer {
        by: person.name.clone(),
        place: place.map(|place| place.name).unwrap_or_default(),
        text: said,
        question: query.message.clone(),
        link: format!("/resume?token={token}"),
        expires_at,
        reply,
        language: row.language.clone(),
    };
    super::mail::post(s, &mut unit, query.agency, Some(query.organization), &query.email, &letter).await?;
    let by = By { actor: &author, organization: Some(query.organization) };
    s.note(&mut unit, &scope, &by, "offline_query.answer", id, json!({})).await?;
    unit.note(Change::Conversation { conversation: Arc::new(row), message: Some(Arc::new(entry)) });
    unit.commit().await?;
    Ok(seen(s, actor, query))
}

/// Moves a query on, on the version that was read, and notes by whom.
async fn moved(
    unit: &mut Write,
    scope: &Scope,
    before: &OfflineQuery,
    state: OfflineQueryState,
    what: OfflineQueryStep,
    by: Option<(&str, &str)>,
    now: Time,
) -> Result<OfflineQuery> {
    if !offline::change(unit, scope, before, state, now).await? {
        return Err(Error::conflict("CHANGED_MEANWHILE", "Somebody else was faster. Please look again."));
    }
    let (actor, actor_name) = by.map(|(id, name)| (id.to_owned(), name.to_owned())).unzip();
    let event = OfflineQueryEvent { rev: before.rev + 1, what, actor, actor_name, at: now };
    offline::note(unit, scope, before.id, &event).await?;
    Ok(OfflineQuery { state, rev: before.rev + 1, changed_at: now, ..before.clone() })
}

/// Closes a query: nothing more is to be done, and the links in its answers lead nowhere any more. Closing what is closed is
/// no error.
pub async fn close(s: &Services, actor: &Actor, id: OfflineQueryId) -> Result<Seen> {
    let step = (OfflineQueryStep::Closed, OfflineQueryState::Closed, "offline_query.close");
    settle(s, actor, id, step).await
}

/// Opens a closed query again. Opening what is open is no error.
pub async fn reopen(s: &Services, actor: &Actor, id: OfflineQueryId) -> Result<Seen> {
    let step = (OfflineQueryStep::Reopened, OfflineQueryState::Open, "offline_query.reopen");
    settle(s, actor, id, step).await
}

async fn settle(
    s: &Services,
    actor: &Actor,
    id: OfflineQueryId,
    (what, state, action): (OfflineQueryStep, OfflineQueryState, &'static str),
) -> Result<Seen> {
    let person = person_of(actor)?;
    let (scope, _) = load(s, actor, Permission::LiveChatRespond, id).await?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let found = offline::query(&mut unit, &scope, id).await?.ok_or_else(|| Error::not_found("offline query"))?;
    if after(found.state, what) != Some(state) {
        unit.undo().await?;
        return Ok(seen(s, actor, found));
    }
    let user = person.user.to_string();
    let query = moved(&mut unit, &scope, &found, state, what, Some((&user, &person.name)), now).await?;
    if state == OfflineQueryState::Closed {
        offline::revoke_links(&mut unit, &scope, id, now).await?;
    }
    let by = By { actor: &user, organization: Some(query.organization) };
    s.note(&mut unit, &scope, &by, action, id, json!({})).await?;
    // Whoever looks at the inbox hears that something is otherwise.
    if let Some(row) = conversation::conversation(&mut unit, &scope, query.conversation).await? {
        unit.note(Change::Conversation { conversation: Arc::new(row), message: None });
    }
    unit.commit().await?;
    Ok(seen(s, actor, query))
}

/// What came by mail.
pub(super) struct Came {
    /// What it says, without what it quotes.
    pub text: String,
    /// From whom it says that it is.
    pub from: String,
    /// What it is recognised by when it comes again.
    pub hash: String,
}

/// Keeps what a visitor answered by mail, in the thread; once, however often it comes. The query is open again.
pub(super) async fn replied(s: &Services, row: &Conversation, came: Came) -> Result<bool> {
    let scope = Scope::system(row.agency, "a mail that came in");
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let row = conversation::visitor_wrote(&mut unit, &scope, row.id, &preview_of(&came.text), now)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))?;
    if !offline::claim_mail(&mut unit, &scope, row.id, &came.hash, now).await? {
        unit.undo().await?;
        return Ok(false);
    }
    let query = offline::newest_of(&mut unit, &scope, row.id).await?;
    let known = query.as_ref().map(|query| query.email.clone());
    // Whoever has the address may write; but whoever reads it learns when it is not who was asked.
    let strange = known.as_deref().is_none_or(|known| !known.eq_ignore_ascii_case(&came.from));
    let from = if came.from.is_empty() { "nobody" } else { &came.from };
    let mut entry = said_by_visitor(s, &row, came.text, None, Via::Email, now);
    entry.author_name = strange.then(|| format!("{from} (not the address of the query)"));
    message::insert(&mut unit, &scope, &entry).await?;
    if let Some(query) = query {
        let state = after(query.state, OfflineQueryStep::Replied).unwrap_or(OfflineQueryState::Open);
        let visitor = query.visitor.to_string();
        let by = Some((visitor.as_str(), from));
        let query = moved(&mut unit, &scope, &query, state, OfflineQueryStep::Replied, by, now).await?;
        add_tell_job(s, &mut unit, &query, now).await?;
    }
    super::notification::visitor_wrote(s, &mut unit, &row).await?;
    unit.note(Change::Conversation { conversation: Arc::new(row), message: Some(Arc::new(entry)) });
    unit.commit().await?;
    Ok(true)
}

/// What a link in an answer opens: the chat, as the visitor who left the query.
#[derive(Debug)]
pub struct Resumed {
    /// The widget it runs through.
    pub widget: String,
    /// What the widget goes on with.
    pub resume: String,
}

/// Follows a link in an answer, under the host of its agency.
///
/// # Errors
/// NOT_FOUND when the link has run out, was revoked, was never one, or is another agency's.
pub async fn resume(s: &Services, agency: AgencyId, token: &str) -> Result<Resumed> {
    let absent = || Error::not_found("link");
    let scope = Scope::system(agency, "a link in an answer to an offline query");
    let now = s.clock.now();
    let hash = hash_of(token);
    let mut unit = s.store.write().await?;
    let id = offline::of_link(&mut unit, &scope, &hash, now).await?.ok_or_else(absent)?;
    let query = offline::query(&mut unit, &scope, id).await?.ok_or_else(absent)?;
    let row = conversation::conversation(&mut unit, &scope, query.conversation).await?.ok_or_else(absent)?;
    if locate::conversation(&mut unit, row.id).await?.is_none() {
        return Err(absent());
    }
    offline::use_link(&mut unit, &scope, &hash, now).await?;
    unit.commit().await?;
    let claims =
        VisitorClaims { visitor: row.visitor, widget: row.widget, conversation: row.id, agency, identified: false };
    let issued = s.tokens.issue_resume(&claims, now)?;
    Ok(Resumed { widget: row.widget.to_string(), resume: issued.token })
}
