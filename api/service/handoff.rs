//! Handoffs: asking for a human, taking over, giving back. Every change is one conditional write.

use std::sync::Arc;

use super::conversation::{Seen, load, seen};
use super::{Services, agency_of, hours, person_of, presence, routing, team, visitor_of};
use crate::domain::access::{Actor, BuiltInRole, Person, Place, VisitorActor};
use crate::domain::change::Change;
use crate::domain::conversation::{
    AuthorKind, Conversation, EntryKind, Handoff, HandoffState, Intent, Message, Move, Owner, Refused, State, Via,
    after,
};
use crate::domain::ending::Resolution;
use crate::domain::id::{AgencyId, AiAgentId, ConversationId, HandoffId, OrganizationId, UserId};
use crate::domain::page::{HandoffFilter, Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::routing::Route;
use crate::domain::setting::Key;
use crate::domain::tenant::Closure;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{
    Creation, Write, conversation, create_once, handoff, identity, locate, message, organization as organizations,
    routing as ways, visitor,
};

/// What a visitor says of themselves when asking for a human.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Name.
    pub name: Option<String>,
    /// Address.
    pub email: Option<String>,
    /// What it is about.
    pub reason: Option<String>,
}

/// A visitor asks for a human (S053). When the AI agent asks for contact details first and none are given, the
/// conversation is COLLECTING, and the next request is expected to bring them.
///
/// # Errors
/// CONFLICT with HANDOFF_NOT_AVAILABLE when handoff is off or the AI agent is not assigned, with OUTSIDE_BUSINESS_HOURS when
/// it is closed; INVALID for a bad address.
pub async fn request(s: &Services, actor: &Actor, client_id: &str, details: Option<Details>) -> Result<Conversation> {
    let visitor = visitor_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let given = details.is_some();
    let details = details.unwrap_or_default();
    let name = text::optional_line("name", details.name.as_deref(), 120)?;
    let email = match text::optional_line("email", details.email.as_deref(), 254)? {
        Some(email) => Some(text::email("email", &email)?),
        None => None,
    };
    let reason = text::optional_block("reason", details.reason.as_deref().unwrap_or_default(), 2_000)?;
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    s.visitor_limits.message(visitor.visitor)?;
    let details = Details { name, email, reason };
    loop {
        match ask(s, visitor, &client_id, &details, given).await {
            // The AI called a person in the same instant, or somebody took the chat: what is wanted is there, or soon is.
            Err(error) if error.reason == "CHANGED_MEANWHILE" => {}
            done => return done,
        }
    }
}

async fn ask(
    s: &Services,
    visitor: &VisitorActor,
    client_id: &str,
    details: &Details,
    given: bool,
) -> Result<Conversation> {
    let shown = super::widget::reachable(s, visitor.widget).await?;
    let organization = match visitor.organization {
        Some(organization) if shown.agent.hands_off() => organization,
        _ => return Err(not_available()),
    };
    let Details { name, email, reason } = details;
    let scope = Scope::of_visitor(visitor);
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    // The organization first, then the conversation, then the handoff. Whoever suspends it waits for this unit, or has been
    // before it and is seen here.
    if !organizations::hold_open(&mut unit, &scope, organization, visitor.ai_agent).await? {
        return Err(not_available());
    }
    let fingerprint = format!("requestHandoff {name:?} {email:?} {reason:?}");
    let actor_id = visitor.visitor.to_string();
    let creation = Creation {
        actor: &actor_id,
        client_id,
        agency: visitor.agency,
        fingerprint: &fingerprint,
        result: &visitor.conversation.to_string(),
        now,
    };
    let repeated = create_once(&mut unit, &creation).await?.is_some();
    let row = conversation::conversation(&mut unit, &scope, visitor.conversation)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))?;
    super::conversation::still_there(&row, organization)?;
    if row.visitor != visitor.visitor {
        return Err(super::visitor::gone());
    }
    if repeated || matches!(row.state, State::Requested | State::Human) {
        unit.undo().await?;
        return Ok(row);
    }
    hours::let_in(s, &mut unit, visitor.agency, organization, visitor.ai_agent).await?;
    if shown.ending.anew && row.is_over() {
        drop(unit);
        return Err(super::ending::begin_anew(s, visitor).await?);
    }
    if row.state == State::Ai && shown.agent.ask_contact && !given {
        let after = change(s, &mut unit, &scope, &row, Move::Collect, None, Announcement::silent(), now).await?;
        unit.commit().await?;
        return Ok(after);
    }
    // After the end, asking for a human begins a new stretch by itself.
    let row = match after(row.owner(), Move::Resume) {
        Ok(_) => conversation::resume(&mut unit, &scope, row.id, row.version).await?.unwrap_or(row),
        Err(_) => row,
    };
    if name.is_some() || email.is_some() {
        let known = visitor::visitors_of(&mut unit, &scope, &[visitor.visitor]).await?.pop();
        if let Some(mut known) = known {
            // What the site has signed for is not overruled by what somebody types.
            known.name = if known.vouched("name") { known.name } else { name.clone().or(known.name) };
            known.email = if known.vouched("email") { known.email } else { email.clone().or(known.email) };
            visitor::update(&mut unit, &scope, &known).await?;
        }
    }
    let intent = conversation::calling(&mut unit, &scope, row.id).await?.unwrap_or(Intent::Button);
    let after = call(s, &mut unit, &scope, &row, organization, intent, reason.clone(), now).await?;
    unit.commit().await?;
    routing::lead_quietly(s, &after).await;
    Ok(after)
}

/// Calls a human to a conversation, on the version that was read: the one place where a request begins. Whoever calls it has
/// made sure, earlier in the same unit, that the organization and the AI agent are at work.
#[expect(clippy::too_many_arguments, reason = "the one place where a request begins")]
pub(super) async fn call(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    row: &Conversation,
    organization: OrganizationId,
    intent: Intent,
    reason: Option<String>,
    now: Time,
) -> Result<Conversation> {
    let new = Handoff {
        id: s.ids.next(now),
        agency: row.agency,
        organization,
        ai_agent: row.ai_agent,
        conversation: row.id,
        state: HandoffState::Requested,
        reason,
        requested_at: now,
        accepted_at: None,
        accepted_by: None,
        ended_at: None,
        closed_because: None,
        intent,
        first_response_at: None,
    };
    handoff::insert(unit, scope, &new).await?;
    let words = Announcement::of(EntryKind::HandoffRequested, "A person of our team has been asked to join.");
    let after = change(s, unit, scope, row, Move::Request, Some(new.id), words, now).await?;
    routing::begin(unit, &new, row.preview.as_deref()).await?;
    Ok(after)
}

/// The visitor withdraws the request.
pub async fn cancel(s: &Services, actor: &Actor) -> Result<Conversation> {
    let visitor = visitor_of(actor)?;
    let scope = Scope::of_visitor(visitor);
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let row = conversation::conversation(&mut unit, &scope, visitor.conversation)
        .await?
        .ok_or_else(|| Error::not_found("conversation"))?;
    if row.state == State::Ai {
        unit.undo().await?;
        return Ok(row);
    }
    let words = match row.state {
        State::Requested => Announcement::of(EntryKind::HandoffCancelled, "The request for a person was withdrawn."),
        _ => Announcement::silent(),
    };
    // The conversation first, then its handoff, here as everywhere: in two orders two units would wait for each other.
    let after = change(s, &mut unit, &scope, &row, Move::Cancel, None, words, now).await?;
    if let (State::Requested, Some(handoff)) = (row.state, row.handoff) {
        handoff::settle(&mut unit, &scope, handoff, HandoffState::Cancelled, None, now).await?;
    }
    unit.commit().await?;
    Ok(after)
}

/// A person accepts a request; exactly one can (S148). Accepting what is already one's own is no error.
///
/// # Errors
/// CONFLICT with ALREADY_ACCEPTED, naming who was first; CONFLICT with WRONG_STATE when the request has ended, with
/// OUTSIDE_BUSINESS_HOURS when its hours ended it.
pub async fn accept(s: &Services, actor: &Actor, id: HandoffId) -> Result<Seen> {
    let person = person_of(actor)?;
    s.policy.may_somewhere(actor, Permission::LiveChatRespond)?;
    let mut read = s.store.read().await?;
    let (place, conversation) = locate::handoff(&mut read, id).await?.ok_or_else(|| Error::not_found("handoff"))?;
    drop(read);
    let scope = s.policy.allow(actor, Permission::LiveChatRespond, &place, "handoff")?;
    let words = joined(s, person, &place, EntryKind::HandoffAccepted).await?;
    take(s, actor, person, &scope, conversation, Some(id), None, words).await
}

/// A person takes over from the AI without a request ("Continue chat yourself", S199-S202). Only live conversations can
/// be taken over; one that waits for a human is accepted.
pub async fn intervene(s: &Services, actor: &Actor, id: ConversationId) -> Result<Seen> {
    let person = person_of(actor)?;
    let (scope, row) = load(s, actor, Permission::LiveChatIntervene, id).await?;
    let live = row.is_live(s.clock.now(), s.hub.visitor_connected(row.id));
    if row.ai_speaks() && !live {
        return Err(Error::conflict(
            "NOT_LIVE",
            "The visitor is not there any more. Only an active chat can be taken over.",
        ));
    }
    let words = joined(s, person, &row.place(), EntryKind::Intervened).await?;
    let opened_at = row.organization.map(|organization| (organization, row.ai_agent));
    match take(s, actor, person, &scope, id, None, opened_at, words.clone()).await {
        // A person was called in the same instant: then that call is taken.
        Err(error) if ["CHANGED_MEANWHILE", "WRONG_STATE"].contains(&error.reason) => {
            take(s, actor, person, &scope, id, None, opened_at, words).await
        }
        done => done,
    }
}

/// What the organization says when somebody joins (A11).
async fn joined(s: &Services, person: &Person, place: &Place, kind: EntryKind) -> Result<Announcement> {
    let mut read = s.store.read().await?;
    let key = Key::AnnounceTakenOver;
    let words = super::setting::effective(s, &mut read, place.agency, place.organization, key).await?;
    Ok(Announcement::of(kind, words.replace("{operator}", &person.name)))
}

#[expect(clippy::too_many_arguments, reason = "accepting and intervening are one thing but for these")]
async fn take(
    s: &Services,
    actor: &Actor,
    person: &Person,
    scope: &Scope,
    id: ConversationId,
    wanted: Option<HandoffId>,
    opened_at: Option<(OrganizationId, AiAgentId)>,
    words: Announcement,
) -> Result<Seen> {
    presence::sign_quietly(s, actor).await;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    // Taking and losing the right to it wait for each other: nobody is left with a chat that they may not answer.
    identity::lock_user(&mut unit, scope, person.user).await?;
    let open = match opened_at {
        Some((organization, ai_agent)) => organizations::hold_open(&mut unit, scope, organization, ai_agent).await?,
        None => true,
    };
    let row =
        conversation::conversation(&mut unit, scope, id).await?.ok_or_else(|| Error::not_found("conversation"))?;
    let memberships = team::counting(s, &mut unit, person.agency, person.user).await?;
    let permission = if wanted.is_some() { Permission::LiveChatRespond } else { Permission::LiveChatIntervene };
    let asker = team::as_actor(person.agency, person.user, memberships);
    s.policy.allow(&asker, permission, &row.place(), "conversation")?;
    let by_own_role = asker.person().is_some_and(|asker| {
        asker.memberships.iter().any(|membership| BuiltInRole::find(&membership.role_key).is_none())
    });
    let may_answer = s.policy.may(&asker, Permission::LiveChatRespond, &row.place());
    if row.state == State::Human && row.assignee == Some(person.user) {
        unit.undo().await?;
        return Ok(seen(s, actor, Arc::new(row)));
    }
    if wanted.is_some() && row.handoff != wanted {
        return Err(Error::conflict("WRONG_STATE", "This request has ended."));
    }
    let wish = match (row.state, wanted) {
        (State::Ai | State::Collecting, None) => Move::Intervene(person.user),
        _ => Move::Accept(person.user),
    };
    if after(row.owner(), wish).is_err() {
        drop(unit);
        return Err(refusal(s, scope, row.owner(), wish).await);
    }
    if let Move::Accept(_) = wish {
        unit = hours::still_open(s, unit, scope, &row).await?;
    }
    routing::has_room(s, &mut unit, &row.place(), person.user, true).await?;
    let handoff = match wish {
        Move::Intervene(_) => {
            if !open {
                return Err(Error::conflict(
                    "NOT_AVAILABLE",
                    "The organization or its AI agent is not at work: no chat can be taken over.",
                ));
            }
            let organization = row.organization.ok_or_else(|| {
                Error::conflict("AI_AGENT_UNASSIGNED", "The AI agent is not assigned to an organization.")
            })?;
            let new = Handoff {
                id: s.ids.next(now),
                agency: row.agency,
                organization,
                ai_agent: row.ai_agent,
                conversation: row.id,
                state: HandoffState::Accepted,
                reason: None,
                requested_at: now,
                accepted_at: Some(now),
                accepted_by: Some(person.user),
                ended_at: None,
                closed_because: None,
                intent: Intent::Intervention,
                first_response_at: None,
            };
            handoff::insert(&mut unit, scope, &new).await?;
            Some(new.id)
        }
        _ => row.handoff,
    };
    let changed = change(s, &mut unit, scope, &row, wish, handoff, words.by(person), now).await;
    let changed = match changed {
        Ok(changed) => changed,
        // Somebody else was first, between our look and our write. They are named.
        Err(error) if error.code == Code::Conflict => {
            drop(unit);
            let mut read = s.store.read().await?;
            let now_owned = conversation::conversation(&mut read, scope, id).await?.map(|row| row.owner());
            drop(read);
            return Err(refusal(s, scope, now_owned.unwrap_or(row.owner()), wish).await);
        }
        Err(error) => return Err(error),
    };
    if let (Move::Accept(_), Some(handoff)) = (wish, handoff) {
        // The row is held: nobody is offered it from here on.
        routing::not_reserved(s, &mut unit, &asker, &changed).await?;
        routing::taken(&mut unit, &changed, person.user, s).await?;
        handoff::settle(&mut unit, scope, handoff, HandoffState::Accepted, Some(person.user), now).await?;
    }
    unit.commit().await?;
    if by_own_role && may_answer {
        look_once_more(s, person.agency, person.user, &changed.place()).await?;
    }
    Ok(seen(s, actor, Arc::new(changed)))
}

/// Gives a chat back that was taken while the role that allowed it was being changed. Built-in roles do not change, and who has
/// which waits for [`take`]; what a role of the agency's own allows does not: its rows belong to many people.
///
/// # Errors
/// FORBIDDEN with MISSING_PERMISSION when the right is gone, and the chat with it.
pub(super) async fn look_once_more(s: &Services, agency: AgencyId, user: UserId, place: &Place) -> Result<()> {
    let memberships = team::counting(s, &mut s.store.read().await?, agency, user).await?;
    let asker = team::as_actor(agency, user, memberships);
    let allowed = s.policy.allow(&asker, Permission::LiveChatRespond, place, "conversation");
    if allowed.is_err() {
        let scope = Scope::system(agency, "a chat goes with the right to it");
        let mut unit = s.store.write().await?;
        identity::lock_user(&mut unit, &scope, user).await?;
        team::release_claims(s, &mut unit, &scope, user).await?;
        unit.commit().await?;
    }
    allowed.map(|_| ())
}

/// The operator marks the chat as complete (S110), and has nothing to say of it.
pub async fn complete(s: &Services, actor: &Actor, id: ConversationId) -> Result<Seen> {
    complete_with(s, actor, id, &Closing::default()).await
}

/// What whoever completes a chat says of it.
#[derive(Debug, Clone, Default)]
pub struct Closing {
    /// How it was resolved.
    pub resolution: Option<Resolution>,
    /// More, for colleagues.
    pub note: Option<String>,
}

/// The operator marks the chat as complete, and says how it was resolved (A04).
///
/// # Errors
/// INVALID with MISSING where the organization wants a resolution; CONFLICT with NOT_YOURS or WRONG_STATE.
pub async fn complete_with(s: &Services, actor: &Actor, id: ConversationId, closing: &Closing) -> Result<Seen> {
    let (entry, permission) = (EntryKind::Completed, Permission::LiveChatComplete);
    let said = Said::By(Key::AnnounceCompleted);
    let way =
        Way { permission, wish: Move::Complete, outcome: HandoffState::Completed, already: State::Ended, entry, said };
    give(s, actor, id, way, closing).await
}

/// The operator passes the chat back to the AI ("Pass Chat to AI", S203-S205).
pub async fn return_to_ai(s: &Services, actor: &Actor, id: ConversationId) -> Result<Seen> {
    let (entry, permission) = (EntryKind::ReturnedToAi, Permission::LiveChatReturnToAi);
    let said = Said::By(Key::AnnounceHandedBack);
    let way =
        Way { permission, wish: Move::ReturnToAi, outcome: HandoffState::Returned, already: State::Ai, entry, said };
    give(s, actor, id, way, &Closing::default()).await
}

/// The operator gives the chat back to the queue.
pub async fn release(s: &Services, actor: &Actor, id: ConversationId) -> Result<Seen> {
    let (entry, permission) = (EntryKind::Released, Permission::LiveChatRespond);
    let (outcome, already) = (HandoffState::Requested, State::Requested);
    let way = Way { permission, wish: Move::Release, outcome, already, entry, said: Said::Words(BACK_IN_QUEUE) };
    give(s, actor, id, way, &Closing::default()).await
}

/// What the visitor is told.
enum Said {
    /// What the organization says then.
    By(Key),
    /// What everybody says.
    Words(&'static str),
}

/// In what ways one can give a chat away.
struct Way {
    permission: Permission,
    wish: fn(UserId) -> Move,
    outcome: HandoffState,
    already: State,
    entry: EntryKind,
    said: Said,
}

async fn give(s: &Services, actor: &Actor, id: ConversationId, way: Way, closing: &Closing) -> Result<Seen> {
    let person = person_of(actor)?;
    let (scope, _) = load(s, actor, way.permission, id).await?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let row =
        conversation::conversation(&mut unit, &scope, id).await?.ok_or_else(|| Error::not_found("conversation"))?;
    if row.state == way.already && row.state != State::Human {
        // A retry of what has been done; whoever did it.
        unit.undo().await?;
        return Ok(seen(s, actor, Arc::new(row)));
    }
    let wish = (way.wish)(person.user);
    if after(row.owner(), wish).is_err() {
        drop(unit);
        return Err(refusal(s, &scope, row.owner(), wish).await);
    }
    if matches!(wish, Move::Complete(_)) && closing.resolution.is_none() {
        super::ending::may_be_silent(s, &mut unit, &row).await?;
    }
    let words = match way.said {
        Said::By(key) => super::setting::effective(s, &mut unit, row.agency, row.organization, key).await?,
        Said::Words(words) => words.to_owned(),
    };
    let words = Announcement::of(way.entry, words).by(person);
    let changed = change(s, &mut unit, &scope, &row, wish, None, words, now).await?;
    if let Some(handoff) = row.handoff {
        handoff::settle(&mut unit, &scope, handoff, way.outcome, None, now).await?;
        if way.outcome == HandoffState::Requested {
            back_in_queue(&mut unit, &scope, handoff, Some(person.user)).await?;
        }
        if way.outcome == HandoffState::Completed {
            super::ending::keep(&mut unit, &scope, &row, handoff, closing, Some(person.user), now).await?;
        }
    }
    unit.commit().await?;
    if way.outcome == HandoffState::Requested {
        routing::lead_quietly(s, &changed).await;
    }
    Ok(seen(s, actor, Arc::new(changed)))
}

/// What a visitor reads when their chat waits again.
pub(super) const BACK_IN_QUEUE: &str = "You are back in the queue. Somebody else will join soon.";

/// Notes of a request that it waits again: whoever had it is not asked again.
pub(super) async fn back_in_queue(
    unit: &mut Write,
    scope: &Scope,
    handoff: HandoffId,
    had: Option<UserId>,
) -> Result<()> {
    let before = ways::route(unit, scope, handoff).await?;
    let route = Route { team: before.team, tried: had.into_iter().collect(), requeued: true, ..Route::new(handoff) };
    ways::put_route(unit, scope, &route).await
}

/// Gives back to the queue what somebody has and may not answer any more, in the unit that takes the right away. `still`
/// says where they may.
pub(super) async fn release_claims(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    user: UserId,
    still: impl Fn(&Place) -> bool,
) -> Result<()> {
    let now = s.clock.now();
    for row in conversation::held_by(unit, scope, user).await? {
        let mut held = Some(row);
        while let Some(row) = held.take() {
            if still(&row.place()) {
                continue;
            }
            let words = Announcement::of(EntryKind::Released, BACK_IN_QUEUE);
            match change(s, unit, scope, &row, Move::Release(user), None, words, now).await {
                Ok(_) => {
                    if let Some(handoff) = row.handoff {
                        handoff::settle(unit, scope, handoff, HandoffState::Requested, None, now).await?;
                        back_in_queue(unit, scope, handoff, Some(user)).await?;
                    }
                }
                // Its owner changed between our look and our write: if it is still theirs, once more.
                Err(error) if error.code == Code::Conflict => {
                    let now_held = conversation::conversation(unit, scope, row.id).await?;
                    held = now_held.filter(|row| row.state == State::Human && row.assignee == Some(user));
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Ends every request and every chat with a person of an organization, or of an AI agent, because there is nobody behind
/// them any more: the visitor is told, the handoff says why, and the AI has the conversation, which nobody can write in.
///
/// Whoever calls has made sure, earlier in the same unit, that no new one can begin. Those that others change meanwhile are
/// looked at again: an open one is either ended here or was ended by somebody else.
pub(super) async fn close_all(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    organization: Option<OrganizationId>,
    ai_agent: Option<AiAgentId>,
    because: Closure,
) -> Result<usize> {
    let now = s.clock.now();
    let open = handoff::open_of(unit, scope, organization, ai_agent).await?;
    let mut closed = 0;
    for one in open {
        loop {
            let Some(row) = conversation::conversation(unit, scope, one.conversation).await? else { break };
            if row.handoff != Some(one.id) || after(row.owner(), Move::Withdraw).is_err() {
                break;
            }
            let words = Announcement::of(EntryKind::HandoffCancelled, "This chat is not available at the moment.");
            match change(s, unit, scope, &row, Move::Withdraw, None, words, now).await {
                Ok(_) => break,
                Err(error) if error.reason == "CHANGED_MEANWHILE" => {}
                Err(error) => return Err(error),
            }
        }
        closed += usize::from(handoff::close(unit, scope, one.id, because, now).await?);
    }
    Ok(closed)
}

/// Ends what waits or runs in one conversation, whoever has it: there is nobody behind it any more. Nothing where nothing does.
pub(super) async fn withdraw(s: &Services, unit: &mut Write, scope: &Scope, id: ConversationId) -> Result<()> {
    let now = s.clock.now();
    loop {
        let Some(row) = conversation::conversation(unit, scope, id).await? else { return Ok(()) };
        if after(row.owner(), Move::Withdraw).is_err() {
            return Ok(());
        }
        let words = Announcement::of(EntryKind::HandoffCancelled, "The request for a person was withdrawn.");
        match change(s, unit, scope, &row, Move::Withdraw, None, words, now).await {
            Ok(_) => {
                if let Some(handoff) = row.handoff {
                    handoff::settle(unit, scope, handoff, HandoffState::Cancelled, None, now).await?;
                }
                return Ok(());
            }
            Err(error) if error.reason == "CHANGED_MEANWHILE" => {}
            Err(error) => return Err(error),
        }
    }
}

/// What a change of owner says in the thread.
#[derive(Clone)]
pub(super) struct Announcement {
    kind: Option<EntryKind>,
    text: String,
    author: Option<(String, String)>,
}

impl Announcement {
    pub(super) fn of(kind: EntryKind, text: impl Into<String>) -> Self {
        Self { kind: Some(kind), text: text.into(), author: None }
    }

    pub(super) fn silent() -> Self {
        Self { kind: None, text: String::new(), author: None }
    }

    pub(super) fn by(mut self, person: &Person) -> Self {
        self.author = Some((person.user.to_string(), person.name.clone()));
        self
    }
}

/// Changes the owner on the version that was read, adds the announcement, and notes the change.
#[expect(clippy::too_many_arguments, reason = "the one place through which every change of owner goes")]
pub(super) async fn change(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    row: &Conversation,
    wish: Move,
    handoff: Option<HandoffId>,
    words: Announcement,
    now: Time,
) -> Result<Conversation> {
    let owner = after(row.owner(), wish).map_err(plain_refusal)?;
    let changed = conversation::change_owner(unit, scope, row, owner, handoff, now)
        .await?
        .ok_or_else(|| Error::conflict("CHANGED_MEANWHILE", "Somebody else was faster. Please look again."))?;
    let (author_id, author_name) = words.author.unzip();
    let entry = Message {
        id: s.ids.next(now),
        conversation: row.id,
        seq: changed.last_seq,
        kind: words.kind.unwrap_or(EntryKind::Text),
        author_kind: AuthorKind::System,
        author_id,
        author_name,
        text: if words.kind.is_some() { words.text } else { "Before a person joins: how can we reach you?".to_owned() },
        offers_human: false,
        sources: String::new(),
        client_id: None,
        created_at: now,
        via: Via::Chat,
        edited_at: None,
        deleted_at: None,
        attachments: Vec::new(),
    };
    message::insert(unit, scope, &entry).await?;
    hours::watch(s, unit, &changed).await?;
    if changed.state == State::Requested {
        super::ladder::begin(s, unit, &changed, matches!(wish, Move::Request), now).await?;
    } else if row.state == State::Requested {
        super::notification::waits_no_longer(s, unit, &changed).await?;
    }
    unit.note(Change::Conversation { conversation: Arc::new(changed.clone()), message: Some(Arc::new(entry)) });
    Ok(changed)
}

pub(super) fn not_available() -> Error {
    Error::conflict("HANDOFF_NOT_AVAILABLE", "A person cannot be asked for here at the moment.")
}

fn plain_refusal(refused: Refused) -> Error {
    match refused {
        Refused::AlreadyAccepted(_) => Error::conflict("ALREADY_ACCEPTED", "Somebody else has accepted this already."),
        Refused::NotYours(_) => Error::conflict("NOT_YOURS", "Somebody else is handling this chat."),
        Refused::WrongState(state) => Error::conflict(
            "WRONG_STATE",
            match state {
                State::Ai | State::Collecting => "The AI has this chat.",
                State::Requested => "This chat is waiting for somebody to accept it.",
                State::Human => "Somebody is handling this chat.",
                State::Missed => "Nobody came to this chat in time.",
                State::Ended => "This chat has ended.",
            },
        ),
    }
}

/// Why a wish is refused, with the name of whoever holds the chat.
pub(super) async fn refusal(s: &Services, scope: &Scope, owner: Owner, wish: Move) -> Error {
    let refused = match after(owner, wish) {
        Err(refused) => refused,
        Ok(_) => return Error::conflict("CHANGED_MEANWHILE", "Somebody else was faster. Please look again."),
    };
    let error = plain_refusal(refused);
    let holder = match refused {
        Refused::AlreadyAccepted(user) | Refused::NotYours(Some(user)) => user,
        _ => return error,
    };
    let Ok(mut read) = s.store.read().await else { return error };
    match identity::users_of(&mut read, scope, &[holder]).await.ok().and_then(|mut users| users.pop()) {
        Some(user) => error.held_by(user.name),
        None => error,
    }
}

/// Why somebody who does not have the chat cannot write in it.
pub(super) async fn not_yours(s: &Services, scope: &Scope, owner: Owner) -> Error {
    let nobody = UserId::from_number(0);
    refusal(s, scope, owner, Move::Complete(nobody)).await
}

/// Handoffs that the person may list, the oldest first.
pub async fn handoffs(
    s: &Services,
    actor: &Actor,
    filter: &HandoffFilter,
    page: &Page<(Time, HandoffId)>,
) -> Result<Rows<Handoff>> {
    let scope = super::reach(s, actor, Permission::LiveChatViewQueue, filter.organization).await?;
    let mut read = s.store.read().await?;
    handoff::handoffs(&mut read, &scope, filter, page).await
}

/// The visitor's place in the queue, counted from one; none when they do not wait.
pub async fn queue_position(s: &Services, actor: &Actor, row: &Conversation) -> Result<Option<i64>> {
    let (State::Requested, Some(id)) = (row.state, row.handoff) else { return Ok(None) };
    let scope = Scope::of_visitor(visitor_of(actor)?);
    let mut read = s.store.read().await?;
    match handoff::handoffs_of(&mut read, &scope, &[id]).await?.pop() {
        Some(waiting) => Ok(Some(handoff::ahead_of(&mut read, &scope, &waiting).await? + 1)),
        None => Ok(None),
    }
}

/// Handoffs by id, of conversations that the person has been allowed to see.
pub async fn handoffs_of(s: &Services, actor: &Actor, ids: &[HandoffId]) -> Result<Vec<Handoff>> {
    let scope = Scope::system(agency_of(actor)?, "the handoff of a conversation that may be seen");
    let mut read = s.store.read().await?;
    handoff::handoffs_of(&mut read, &scope, ids).await
}
