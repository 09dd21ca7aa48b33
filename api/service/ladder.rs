//! The escalation ladder at work: what counts where, and how each step is taken.
//!
//! A request begins a round. A first step that is due at once is taken in the request's own unit, unless it tells a crowd: the
//! team is told with its commit, whatever other jobs are in front. Any other step is a job, with the ladder as it was when the
//! round began: it finishes its job, notes what came of it, and adds the job of the next one in the same unit, so that none is
//! taken twice or lost. It looks at the conversation first: once somebody has accepted, or the request has ended, it notes that
//! and no other follows.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::handoff::{Announcement, change};
use super::notice::{self, Recipient, audience};
use super::notification::{self, Told};
use super::{By, Services, agency_of, doer_of, place_at};
use crate::domain::access::{Actor, Place};
use crate::domain::conversation::{Conversation, EntryKind, HandoffState, Move};
use crate::domain::id::{AgencyId, ConversationId, HandoffId, OrganizationId};
use crate::domain::ladder::{Channel, Ladder, Rung, StepOutcome, Whom, why_not};
use crate::domain::mail::WhileSo;
use crate::domain::notification::{Kind, Through};
use crate::domain::permission::Permission;
use crate::domain::setting::Origin;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::job::Job;
use crate::store::{Reads, Write, conversation, handoff, job, ladder as store};

pub use crate::store::ladder::Taken;

/// The kind of job that takes a step.
pub const STEP_JOB: &str = "handoff.step";

/// How often a step looks again when a conversation changes under its hands.
const TRIES: usize = 8;

/// How many people are told in the unit of a request at most. More are told by a job: whoever asks does not wait for that.
const AT_ONCE: usize = 50;

/// The ladder that counts somewhere.
#[derive(Debug, Clone)]
pub struct Counts {
    /// The steps.
    pub ladder: Ladder,
    /// Who said so.
    pub origin: Origin,
    /// Whether whoever asks may say otherwise.
    pub editable: bool,
}

async fn counting(
    read: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
) -> Result<(Ladder, Origin)> {
    if let Some(organization) = organization
        && let Some(own) = store::of_organization(read, scope, organization).await?
    {
        return Ok((own, Origin::Organization));
    }
    match store::of_agency(read, scope).await? {
        Some(common) => Ok((common, Origin::Agency)),
        None => Ok((Ladder::default(), Origin::Platform)),
    }
}

/// Whether any step of the ladder that counts in an organization tells somebody.
pub(super) async fn tells_somebody(
    read: &mut impl Reads,
    agency: AgencyId,
    organization: Option<OrganizationId>,
) -> Result<bool> {
    let scope = Scope::system(agency, "whether a request is told to anybody");
    let (ladder, _) = counting(read, &scope, organization).await?;
    Ok(ladder.tells_somebody())
}

/// Who says what a ladder is: in the agency itself whoever edits packages, as with settings.
fn edits(place: &Place) -> Permission {
    if place.organization.is_some() { Permission::HandoffEdit } else { Permission::PackageEdit }
}

/// The ladder of an organization, or the agency's own for all of them.
///
/// # Errors
/// NOT_FOUND for an organization out of reach.
pub async fn ladder(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<Counts> {
    s.policy.may_somewhere(actor, Permission::HandoffRead)?;
    let place = place_at(&mut s.store.read().await?, actor, organization).await?;
    let scope = s.policy.allow(actor, Permission::HandoffRead, &place, "organization")?;
    let (ladder, origin) = counting(&mut s.store.read().await?, &scope, organization).await?;
    Ok(Counts { ladder, origin, editable: s.policy.may(actor, edits(&place), &place) })
}

/// Says what the ladder is in an organization, or in the agency by default; without one, what lies below counts again.
///
/// # Errors
/// NOT_FOUND for an organization out of reach; FORBIDDEN without `handoff.edit` there, or `package.edit` in the agency.
pub async fn update(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    ladder: Option<Ladder>,
) -> Result<Counts> {
    let user = doer_of(actor)?;
    s.policy.may_somewhere(actor, Permission::HandoffEdit)?;
    let place = place_at(&mut s.store.read().await?, actor, organization).await?;
    let scope = s.policy.allow(actor, edits(&place), &place, "organization")?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let (before, _) = counting(&mut unit, &scope, organization).await?;
    match organization {
        Some(organization) => {
            store::put_of_organization(&mut unit, &scope, organization, ladder.as_ref(), now).await?;
        }
        None => store::put_of_agency(&mut unit, &scope, ladder.as_ref(), now).await?,
    }
    let (after, origin) = counting(&mut unit, &scope, organization).await?;
    let by = By { actor: &user, organization };
    let object = organization.map_or_else(|| place.agency.to_string(), |organization| organization.to_string());
    let detail = json!({ "before": before, "after": after });
    s.note(&mut unit, &scope, &by, "escalation_ladder.update", object, detail).await?;
    unit.commit().await?;
    Ok(Counts { ladder: after, origin, editable: true })
}

/// What a job for a step says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Due {
    conversation: ConversationId,
    handoff: HandoffId,
    /// The version of the conversation with which it began to wait.
    round: i64,
    began: Time,
    step: usize,
    ladder: Ladder,
}

/// Begins a round, in the unit with which the conversation begins to wait. `at_once`: what is due now is told in this unit.
/// A unit that puts many conversations back into the queue leaves that to their jobs: it would hold the bells of one team
/// while it waits for those of another.
pub(super) async fn begin(s: &Services, unit: &mut Write, row: &Conversation, at_once: bool, now: Time) -> Result<()> {
    let (Some(organization), Some(handoff)) = (row.organization, row.handoff) else { return Ok(()) };
    let scope = Scope::system(row.agency, "the ladder of a request");
    let (ladder, _) = counting(unit, &scope, Some(organization)).await?;
    let due = Due { conversation: row.id, handoff, round: row.version, began: now, step: 0, ladder };
    match due.ladder.step(0) {
        Some((after, rung)) if at_once && after.is_zero() && rung.whom != Whom::OfflineQuery => {
            let told = whom_to_tell(s, unit, &scope, &due, rung, row).await?;
            if told.as_ref().is_some_and(|(_, people)| people.len() > AT_ONCE) {
                return add(s, unit, row, &due, now).await;
            }
            carry_out(s, unit, &scope, &due, rung, row, told, now).await
        }
        _ => add(s, unit, row, &due, now).await,
    }
}

async fn add(s: &Services, unit: &mut Write, row: &Conversation, due: &Due, now: Time) -> Result<()> {
    let Some((after, _)) = due.ladder.step(due.step) else { return Ok(()) };
    let job = Job::new(s.ids.next(now), row.agency, STEP_JOB, format!("{}/{}/{}", due.handoff, due.round, due.step))
        .with(serde_json::to_string(due).map_err(Error::internal)?);
    let at = due.began.plus(after);
    job::add_later(unit, &job, at, now).await?;
    if at <= now {
        unit.note(crate::domain::change::Change::Job);
    }
    Ok(())
}

/// Takes a step, or notes why it is not taken any more.
pub async fn take_step(s: &Services, job: &Job) -> Result<()> {
    let due: Due = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    for _ in 0..TRIES {
        if try_step(s, job, &due).await? {
            return Ok(());
        }
    }
    super::job::put_off(s, job, Some(std::time::Duration::from_secs(1)), "the conversation is changing").await
}

/// The same, once. Says whether it came to an end: not, when somebody changed the conversation meanwhile.
async fn try_step(s: &Services, job: &Job, due: &Due) -> Result<bool> {
    let Some((_, rung)) = due.ladder.step(due.step) else { return super::job::finish(s, job).await.map(|()| true) };
    let scope = Scope::system(job.agency, "a step of the escalation ladder");
    let mut read = s.store.read().await?;
    let Some(seen) = conversation::conversation(&mut read, &scope, due.conversation).await? else {
        drop(read);
        return super::job::finish(s, job).await.map(|()| true);
    };
    let misses = rung.whom == Whom::OfflineQuery;
    let told = match why_not(&seen, due.round) {
        None => whom_to_tell(s, &mut read, &scope, due, rung, &seen).await?,
        Some(_) => None,
    };
    drop(read);
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(true);
    }
    // Whoever accepts or takes the request back now waits, and settles afterwards what is rung here.
    let Some(row) = conversation::held(&mut unit, &scope, due.conversation).await? else {
        return unit.commit().await.map(|()| true);
    };
    if let Some(outcome) = why_not(&row, due.round) {
        note_all(&mut unit, &scope, due, rung, outcome, now).await?;
        return unit.commit().await.map(|()| true);
    }
    if misses {
        let words = Announcement::of(EntryKind::Missed, NOBODY_CAME);
        match change(s, &mut unit, &scope, &row, Move::Miss, None, words, now).await {
            Ok(_) => {}
            // Accepted between our look and our write: once more, and it will be seen.
            Err(error) if error.reason == "CHANGED_MEANWHILE" => return Ok(false),
            Err(error) => return Err(error),
        }
        handoff::settle(&mut unit, &scope, due.handoff, HandoffState::Missed, None, now).await?;
        let mut people = 0;
        if let Some((subject, recipients)) = &told {
            people = tell(s, &mut unit, due, &row, Kind::HandoffMissed, subject, recipients, None).await?.mailed;
        }
        note(&mut unit, &scope, due, rung, &[(None, StepOutcome::Missed, people)], now).await?;
        return unit.commit().await.map(|()| true);
    }
    if due.step > 0 && told.is_some() {
        let event = format!("{}/{}/{}", due.handoff, due.round, due.step);
        super::webhook::waits(&mut unit, &row, job.id.number(), event, now).await?;
    }
    carry_out(s, &mut unit, &scope, due, rung, &row, told, now).await?;
    unit.commit().await.map(|()| true)
}

/// Whom a step tells, and of what; nothing where nobody can be told of the conversation any more.
async fn whom_to_tell(
    s: &Services,
    read: &mut impl Reads,
    scope: &Scope,
    due: &Due,
    rung: &Rung,
    row: &Conversation,
) -> Result<Option<(notice::Subject, Vec<Recipient>)>> {
    let misses = rung.whom == Whom::OfflineQuery;
    let whom = if misses { Whom::Team } else { rung.whom };
    let people = audience(s, read, &row.place(), whom, rung.address.as_deref()).await?;
    let while_so = if misses { WhileSo::Always } else { WhileSo::Waits { conversation: row.id, round: due.round } };
    let asked = handoff::handoffs_of(read, scope, &[due.handoff]).await?.pop();
    let said = asked.as_ref().and_then(|asked| asked.reason.clone());
    let since = Some(due.began);
    let subject = notice::subject(s, read, row, said, notice::live_chat(row.id), since, while_so).await?;
    Ok(subject.map(|subject| (subject, people)))
}

/// Tells them, notes what came of each channel, and adds the job of the next step.
#[expect(clippy::too_many_arguments, reason = "a step, where it is taken, and whom it tells of what")]
async fn carry_out(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    due: &Due,
    rung: &Rung,
    row: &Conversation,
    told: Option<(notice::Subject, Vec<Recipient>)>,
    now: Time,
) -> Result<()> {
    let mut mailed = 0;
    if let Some((subject, recipients)) = &told {
        let kind = if due.step == 0 { Kind::HandoffRequested } else { Kind::HandoffWaiting };
        let asked = Some(rung.channels.iter().map(through).collect());
        mailed = tell(s, unit, due, row, kind, subject, recipients, asked).await?.mailed;
    }
    let came_of = |channel: &Channel| match (channel, mailed) {
        (Channel::Ring, _) => (Some(*channel), StepOutcome::Rang, 0),
        (Channel::Email, _) if row.rehearsal => (Some(*channel), StepOutcome::Rehearsal, 0),
        (Channel::Email, 0) => (Some(*channel), StepOutcome::Nobody, 0),
        (Channel::Email, people) => (Some(*channel), StepOutcome::Mailed, people),
    };
    let outcomes: Vec<_> = rung.channels.iter().map(came_of).collect();
    note(unit, scope, due, rung, &outcomes, now).await?;
    add(s, unit, row, &Due { step: due.step + 1, ..due.clone() }, now).await
}

/// By which way besides the bell a channel tells: what rings, rings on the devices that people registered as well.
const fn through(channel: &Channel) -> Through {
    match channel {
        Channel::Ring => Through::Push,
        Channel::Email => Through::Email,
    }
}

#[expect(clippy::too_many_arguments, reason = "what a step tells, of what, to whom")]
async fn tell(
    s: &Services,
    unit: &mut Write,
    due: &Due,
    row: &Conversation,
    kind: Kind,
    subject: &notice::Subject,
    recipients: &[Recipient],
    asked: Option<Vec<Through>>,
) -> Result<Told> {
    let event = format!("{}/{}/{}", due.handoff, due.round, due.step);
    let happened = subject.happened(event, kind, row, asked);
    let letter = |recipient: &Recipient| notice::letter(kind, subject, recipient);
    notification::tell(s, unit, row.agency, &happened, recipients, letter).await
}

/// What a visitor reads when nobody came.
const NOBODY_CAME: &str = "Nobody is free at the moment. Leave us a message and we will answer by email. Until then the assistant is here for you.";

async fn note_all(
    unit: &mut Write,
    scope: &Scope,
    due: &Due,
    rung: &Rung,
    outcome: StepOutcome,
    now: Time,
) -> Result<()> {
    let mut outcomes: Vec<_> = rung.channels.iter().map(|channel| (Some(*channel), outcome, 0)).collect();
    if outcomes.is_empty() {
        outcomes.push((None, outcome, 0));
    }
    note(unit, scope, due, rung, &outcomes, now).await
}

/// Notes what came of each channel of a step, and how many people it told; of no channel where it has none.
async fn note(
    unit: &mut Write,
    scope: &Scope,
    due: &Due,
    rung: &Rung,
    outcomes: &[(Option<Channel>, StepOutcome, i64)],
    now: Time,
) -> Result<()> {
    let step = i64::try_from(due.step).map_err(Error::internal)?;
    let taken = |(channel, outcome, people): &(Option<Channel>, StepOutcome, i64)| Taken {
        handoff: due.handoff,
        round: due.round,
        step,
        channel: channel.map(Channel::as_str).unwrap_or_default().to_owned(),
        at: now,
        whom: rung.whom,
        address: rung.address.clone(),
        outcome: *outcome,
        people: *people,
    };
    store::note(unit, scope, &outcomes.iter().map(taken).collect::<Vec<_>>()).await
}

/// What the steps of some handoffs came to, each with its handoff; of handoffs that the person has been allowed to see.
pub async fn steps_of(s: &Services, actor: &Actor, handoffs: &[HandoffId]) -> Result<Vec<Taken>> {
    let scope = Scope::system(agency_of(actor)?, "the steps of a handoff that may be seen");
    store::steps_of(&mut s.store.read().await?, &scope, handoffs).await
}
