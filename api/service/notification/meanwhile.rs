//! What has become of what was planned, when it is about to leave.

use crate::domain::access::Place;
use crate::domain::conversation::State;
use crate::domain::id::{ConversationId, MailId};
use crate::domain::mail::Letter;
use crate::domain::notification::{Kind, Meanwhile, Reason, still as worth_it};
use crate::domain::offline::OfflineQueryState;
use crate::error::Result;
use crate::policy::Scope;
use crate::service::{Services, notice, team};
use crate::store::notification::{self as store, Decision, Notification};
use crate::store::{Reads, Write, conversation, offline};

/// Whether a decision is worth carrying out, and the bell's entry about the same.
pub(in crate::service) async fn of(
    s: &Services,
    read: &mut impl Reads,
    scope: &Scope,
    decision: &Decision,
) -> Result<(Result<(), Reason>, Option<Notification>)> {
    let entry = match decision.entry {
        Some(id) => store::entry(read, scope, decision.user, id).await?,
        None => None,
    };
    let row = match decision.conversation {
        Some(id) => conversation::conversation(read, scope, id).await?,
        None => None,
    };
    let place = row.as_ref().map_or_else(
        || Place { agency: scope.agency(), organization: decision.organization, ai_agent: None },
        |row| row.place(),
    );
    let memberships = team::counting(s, read, scope.agency(), decision.user).await?;
    let asker = team::as_actor(scope.agency(), decision.user, memberships);
    let sees = super::may_see(s, &asker, decision.kind, &place);
    let (mut claimed, mut over) = (false, false);
    if let Some(row) = &row {
        match decision.kind {
            Kind::HandoffRequested | Kind::HandoffWaiting => {
                claimed = row.state == State::Human;
                over = row.state != State::Requested;
            }
            Kind::VisitorMessage => over = row.assignee != Some(decision.user) || row.state != State::Human,
            Kind::OfflineQuery | Kind::OfflineReply => {
                let query = offline::newest_of(read, scope, row.id).await?;
                over = query.is_none_or(|query| query.state != OfflineQueryState::Open);
            }
            _ => {}
        }
    }
    let is_read = entry.as_ref().is_some_and(|entry| entry.read_at.is_some());
    let meanwhile = Meanwhile { suspended: false, revoked: !sees, claimed, over, read: is_read };
    Ok((worth_it(decision.kind, &meanwhile), entry))
}

/// Whether a mail that carries out some decisions is worth sending yet: what it says of itself still is so, and the person it was decided for may see it, and has
/// not. A mail of which nothing was decided depends on what it says alone.
pub(in crate::service) async fn still(
    s: &Services,
    read: &mut impl Reads,
    scope: &Scope,
    decisions: &[Decision],
    letter: &Letter,
) -> Result<Option<Reason>> {
    if let Some(reason) = notice::outdated(read, scope, letter).await? {
        return Ok(Some(reason));
    }
    let mut reason = None;
    for decision in decisions {
        match of(s, read, scope, decision).await?.0 {
            Ok(()) => return Ok(None),
            Err(found) => reason = Some(found),
        }
    }
    Ok(reason)
}

/// What was decided of which a mail is to tell: for one person.
pub(in crate::service) async fn decisions_of(
    read: &mut impl Reads,
    scope: &Scope,
    mail: MailId,
) -> Result<Vec<Decision>> {
    store::of_mail(read, scope, mail).await
}

/// The conversation that a mail is about, if it is about one.
pub(in crate::service) fn thread_of(decisions: &[Decision]) -> Option<ConversationId> {
    let (first, rest) = decisions.split_first()?;
    first.conversation.filter(|_| rest.iter().all(|other| other.conversation == first.conversation))
}

/// Notes of what was decided that its mail was not sent, and why.
pub(in crate::service) async fn dropped(unit: &mut Write, scope: &Scope, mail: MailId, reason: Reason) -> Result<()> {
    let decisions = store::of_mail(unit, scope, mail).await?;
    let ids: Vec<_> = decisions.iter().map(|decision| decision.id).collect();
    store::carried_out(unit, scope, &ids, None, Some(reason)).await
}
