//! What is told: written once for each webhook, sent until it arrives, swept away after thirty days.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{secret_purpose, send_job, switch_off, url_purpose, why};
use crate::domain::access::Place;
use crate::domain::change::Change;
use crate::domain::conversation::{Conversation, State};
use crate::domain::id::{ConversationId, HandoffId, OrganizationId, UserId, WebhookDeliveryId};
use crate::domain::notification::Kind;
use crate::domain::time::Time;
use crate::domain::webhook::{
    Delivery, DeliveryState, Disabled, Event, Facts, Outcome, PATIENCE, Secret, Target, Verdict, Webhook,
};
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::job::Job;
use crate::service::notice::live_chat;
use crate::service::notification::{self, About};
use crate::service::{By, Services};
use crate::store::webhook as store;
use crate::store::{Reads, Write, agent, conversation, ending, identity, job, message, visitor};

/// How long it is kept what was told.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);
/// How many deliveries are swept away at once.
const SWEPT: i64 = 500;

/// Has webhooks told that somebody still waits, in the unit of the step that tells people.
pub(in crate::service) async fn waits(
    unit: &mut Write,
    row: &Conversation,
    number: u128,
    event: String,
    now: Time,
) -> Result<()> {
    if store::tell(unit, row, Event::HandoffWaiting, (number, event), now).await? {
        unit.note(Change::Job);
    }
    Ok(())
}

/// What the unit knew that kept something.
#[derive(Debug, Deserialize)]
struct Heard {
    event: String,
    conversation: String,
    seq: Option<i64>,
    state: String,
    operator: Option<String>,
    handoff: Option<String>,
    at: i64,
}

pub(super) fn nothing(event: Event, at: Time) -> Facts {
    Facts {
        event,
        at,
        organization: None,
        ai_agent: None,
        visitor: None,
        operator: None,
        conversation: None,
        state: None,
        handoff: None,
        entry: None,
        rating: None,
        link: String::new(),
    }
}

pub(super) async fn organization_of(
    read: &mut impl Reads,
    scope: &Scope,
    id: Option<OrganizationId>,
) -> Result<Option<(String, String)>> {
    let ids: Vec<OrganizationId> = id.into_iter().collect();
    let found = crate::store::agency::organizations_of(read, scope, &ids).await?.pop();
    Ok(found.map(|found| (found.id.to_string(), found.name)))
}

async fn facts(s: &Services, read: &mut impl Reads, scope: &Scope, row: &Conversation, heard: &Heard) -> Result<Facts> {
    let event = Event::parse(&heard.event).ok_or_else(|| Error::internal("no such event"))?;
    let entry = match heard.seq {
        Some(seq) => message::after(read, scope, row.id, seq - 1, 1).await?.pop(),
        None => None,
    };
    let operator: Vec<UserId> = heard.operator.iter().filter_map(|id| id.parse().ok()).collect();
    let handoff: Vec<HandoffId> = heard.handoff.iter().filter_map(|id| id.parse().ok()).collect();
    let rating = match event {
        Event::Rated => ending::ratings_of(read, scope, &handoff).await?.pop().map(|found| (found.rating, found.text)),
        _ => None,
    };
    let who = visitor::visitors_of(read, scope, &[row.visitor]).await?.pop();
    let agent = agent::ai_agents_of(read, scope, &[row.ai_agent]).await?.pop();
    let operator = identity::users_of(read, scope, &operator).await?.pop();
    Ok(Facts {
        organization: organization_of(read, scope, row.organization).await?,
        ai_agent: agent.map(|agent| (agent.id.to_string(), agent.name)),
        visitor: who.map(|who| (who.id.to_string(), who.name, who.email)),
        operator: operator.map(|user| (user.id.to_string(), user.name)),
        conversation: Some(row.id.to_string()),
        state: State::parse(&heard.state),
        handoff: heard.handoff.clone(),
        entry,
        rating,
        link: format!("{}{}", crate::service::agency::address(s, read, scope.agency()).await?, live_chat(row.id)),
        ..nothing(event, Time::from_micros(heard.at))
    })
}

pub(super) fn written(
    s: &Services,
    webhook: &Webhook,
    facts: &Facts,
    subject: Option<&str>,
    conversation: Option<ConversationId>,
    organization: Option<OrganizationId>,
    now: Time,
) -> Delivery {
    let id: WebhookDeliveryId = s.ids.next(now);
    Delivery {
        id,
        webhook: webhook.id,
        organization,
        conversation,
        event: facts.event,
        subject: subject.map_or_else(|| id.to_string(), str::to_owned),
        body: facts.body(webhook.format),
        state: DeliveryState::Queued,
        attempts: 0,
        tries: 0,
        status: None,
        answer: None,
        trouble: None,
        created_at: now,
        attempted_at: None,
        next_at: Some(now),
        settled_at: None,
    }
}

/// Writes a delivery for each webhook that wants to be told of something.
pub async fn tell(s: &Services, job: &Job) -> Result<()> {
    let scope = Scope::system(job.agency, "webhooks are told of something");
    let heard: Heard = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let id: ConversationId = heard.conversation.parse().map_err(Error::internal)?;
    let mut read = s.store.read().await?;
    let Some(row) = conversation::conversation(&mut read, &scope, id).await? else {
        drop(read);
        return crate::service::job::finish(s, job).await;
    };
    let facts = facts(s, &mut read, &scope, &row, &heard).await?;
    drop(read);
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    // An entry that is gone was erased: nothing is said of it.
    let gone = heard.seq.is_some() && facts.entry.is_none();
    let webhooks = match gone {
        true => Vec::new(),
        false => store::told_of(&mut unit, &scope, row.organization, facts.event).await?,
    };
    for webhook in webhooks {
        let new = written(s, &webhook, &facts, Some(&job.subject), Some(row.id), row.organization, now);
        if store::insert_delivery(&mut unit, &scope, &new).await? {
            job::add(&mut unit, &send_job(s, &scope, new.id), now).await?;
        }
    }
    unit.note(Change::Job);
    unit.commit().await
}

/// A delivery that is to be made.
pub struct Outgoing {
    /// The delivery.
    pub delivery: Delivery,
    /// Where to.
    pub target: Target,
    /// What it is signed with, the newest first.
    pub secrets: Vec<Secret>,
    webhook: Webhook,
}

/// The delivery of a job, ready to be made. None when there is nothing to deliver any more; the job is finished then.
pub async fn outgoing(s: &Services, job: &Job) -> Result<Option<Outgoing>> {
    let scope = Scope::system(job.agency, "a delivery to a webhook");
    let id: WebhookDeliveryId = job.subject.parse().map_err(Error::internal)?;
    let now = s.clock.now();
    let mut read = s.store.read().await?;
    let found = store::delivery(&mut read, &scope, id).await?.filter(|found| found.state == DeliveryState::Queued);
    let Some(delivery) = found else {
        drop(read);
        return crate::service::job::finish(s, job).await.map(|()| None);
    };
    let webhook = store::webhook(&mut read, &scope, delivery.webhook).await?.filter(|it| it.disabled_at.is_none());
    let secrets = store::secrets(&mut read, &scope, delivery.webhook, now).await?;
    drop(read);
    let trouble = match webhook {
        None => "The webhook was switched off.",
        Some(webhook) => match opened(s, &webhook, &secrets) {
            Ok((target, secrets)) => return Ok(Some(Outgoing { delivery, target, secrets, webhook })),
            Err(_) => "What is needed for it can no longer be read: the key of this installation has changed.",
        },
    };
    let mut unit = s.store.write().await?;
    if job::finish(&mut unit, job).await? {
        let trouble = Some(trouble.to_owned());
        let after =
            Delivery { state: DeliveryState::Dropped, trouble, next_at: None, settled_at: Some(now), ..delivery };
        store::settle(&mut unit, &scope, &after).await?;
        unit.commit().await?;
    }
    Ok(None)
}

fn opened(s: &Services, webhook: &Webhook, secrets: &[store::Secret]) -> Result<(Target, Vec<Secret>)> {
    let target = Target::parse(&s.seal.open(&url_purpose(webhook.id), &webhook.url)?)?;
    let open = |kept: &store::Secret| {
        let text = s.seal.open(&secret_purpose(webhook.id, kept.number), &kept.sealed)?;
        Secret::parse(&text).ok_or_else(|| Error::internal("a kept secret that is none"))
    };
    Ok((target, secrets.iter().map(open).collect::<Result<_>>()?))
}

/// Keeps how an attempt went: the delivery is done, given up, or made again later; and the webhook is switched off when the other
/// side wants nothing more, or nothing has arrived for five days.
pub async fn attempted(s: &Services, job: &Job, outgoing: &Outgoing, outcome: &Outcome) -> Result<()> {
    let scope = Scope::system(job.agency, "a delivery to a webhook");
    let now = s.clock.now();
    let before = &outgoing.delivery;
    let tries = before.tries + 1;
    let verdict = outcome.judged(tries, s.ids.bits());
    let trouble = outcome.trouble();
    let (status, answer) = match outcome {
        Outcome::Answered { status, words, .. } => (Some(i64::from(*status)), Some(words.clone())),
        Outcome::Silent(_) => (None, None),
    };
    let state = match verdict {
        Verdict::Done => DeliveryState::Delivered,
        Verdict::Again(_) => DeliveryState::Queued,
        Verdict::Gone | Verdict::GivenUp => DeliveryState::Failed,
    };
    let again = if let Verdict::Again(pause) = verdict { Some(now.plus(pause)) } else { None };
    let after = Delivery {
        state,
        attempts: before.attempts + 1,
        tries,
        status,
        answer,
        trouble: trouble.clone(),
        attempted_at: Some(now),
        next_at: again,
        settled_at: again.is_none().then_some(now),
        ..before.clone()
    };
    let mut unit = s.store.write().await?;
    // Whoever lost the lease meanwhile writes nothing.
    let ours = match again {
        Some(_) => job::is_ours(&mut unit, job).await?,
        None => job::finish(&mut unit, job).await?,
    };
    if !ours {
        return Ok(());
    }
    // The webhook before its deliveries: two units about the same one wait for each other in turn.
    let since = store::tried(&mut unit, &scope, before.webhook, trouble.as_deref(), now).await?;
    store::settle(&mut unit, &scope, &after).await?;
    let because = match verdict {
        Verdict::Gone => Some(Disabled::Gone),
        _ => since.filter(|since| now.since(*since) >= PATIENCE).map(|_| Disabled::Failing),
    };
    match because {
        Some(because) => {
            if again.is_some() {
                job::finish(&mut unit, job).await?;
            }
            give_up_on(s, &mut unit, &scope, &outgoing.webhook, because, trouble, now).await?;
        }
        None => {
            if let Some(again) = again {
                job::put_off(&mut unit, job, Some(again), trouble.as_deref().unwrap_or_default(), now).await?;
                unit.note(Change::Job);
            }
        }
    }
    unit.commit_at_once().await
}

/// Switches a webhook off, and tells those who run its place.
async fn give_up_on(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    webhook: &Webhook,
    because: Disabled,
    trouble: Option<String>,
    now: Time,
) -> Result<()> {
    if !switch_off(unit, scope, webhook.id, because, now).await? {
        return Ok(());
    }
    let by = By { actor: "house", organization: webhook.organization };
    let said = json!({ "name": webhook.name, "because": why(because) });
    s.note(unit, scope, &by, "webhook.disable", webhook.id, said).await?;
    let subject = webhook.id.to_string();
    let about = About {
        author: None,
        title: format!("The webhook “{}” is switched off: {}", webhook.name, why(because)),
        preview: trouble,
        link: "/webhooks",
        subject: &subject,
    };
    let place = Place { agency: webhook.agency, organization: webhook.organization, ai_agent: None };
    let event = format!("{}/{}", webhook.id, now.micros());
    notification::announce_of_place(s, unit, &place, Kind::DeliveryFailing, event, about).await
}

/// Puts a delivery off that nobody tried, because its place is busy: that is no attempt.
pub async fn wait(s: &Services, job: &Job, pause: Duration) -> Result<()> {
    crate::service::job::put_off(s, job, Some(pause), "the place is busy, or does not answer").await
}

/// Sweeps away what was told more than thirty days ago, and what is left of webhooks that were deleted.
pub async fn sweep(s: &Services) -> Result<()> {
    loop {
        let mut unit = s.store.write().await?;
        let gone = store::sweep(&mut unit, s.clock.now().minus(KEPT), SWEPT).await?;
        unit.commit().await?;
        if gone < SWEPT.unsigned_abs() {
            return Ok(());
        }
    }
}
