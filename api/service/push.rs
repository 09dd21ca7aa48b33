//! Push: devices that people register, and what goes to each of them (S145, S211, S214).
//!
//! What is said is the bell's entry; what a push service answers decides whether it is tried again. A device that is gone is
//! forgotten at once, and whose it was is told at the bell.

use std::time::Duration;

use serde_json::json;

use super::notification::{self, About, Happened, Whom};
use super::{Services, agency_of, person_of};
use crate::domain::access::{Actor, Place};
use crate::domain::change::Change;
use crate::domain::id::{AgencyId, NotificationDecisionId, PushMessageId, PushSubscriptionId, UserId};
use crate::domain::notification::Kind;
use crate::domain::push::{Contact, LONGEST_PAYLOAD, Note, Outcome, PushState, Subscription, Topic, Urgency};
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::job::Job;
use crate::service::seal::hash_of;
use crate::store::notification::{Decision, Notification};
use crate::store::push as store;
use crate::store::{Reads, Write, agency, job, notification as notifications};

pub use crate::store::push::{Device, PushMessage};

/// The kind of job that sends to a device.
pub const PUSH_JOB: &str = "push.send";

/// How many devices somebody can have: the one that was seen last goes before all others.
const DEVICES: usize = 20;

/// Makes the two keys of an agency: the private one as it is kept, and the public one.
pub type MakeKeys = dyn Fn() -> (String, String) + Send + Sync;

fn key_purpose(agency: AgencyId) -> String {
    format!("push_keys.private_key {agency}")
}

fn endpoint_purpose(hash: &str) -> String {
    format!("push_subscriptions.endpoint {hash}")
}

fn auth_purpose(hash: &str) -> String {
    format!("push_subscriptions.auth {hash}")
}

/// The public key to which browsers subscribe, in base64url. Made when it is first asked for, and never again.
///
/// # Errors
/// UNAUTHENTICATED for whoever is not signed in.
pub async fn public_key(s: &Services, actor: &Actor) -> Result<String> {
    let scope = Scope::system(agency_of(actor)?, "the agency's key for push");
    if let Some((_, public)) = store::keys(&mut s.store.read().await?, &scope).await? {
        return Ok(public);
    }
    let (private, public) = (s.make_push_keys)();
    let sealed = s.seal.close(&key_purpose(scope.agency()), &private)?;
    let mut unit = s.store.write().await?;
    store::keep_keys(&mut unit, &scope, &sealed, &public, s.clock.now()).await?;
    let kept = store::keys(&mut unit, &scope).await?;
    unit.commit().await?;
    kept.map(|(_, public)| public).ok_or_else(|| Error::internal("keys for push that were not kept"))
}

/// What a browser says of its subscription.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The address at its push service.
    pub endpoint: String,
    /// Its public key.
    pub p256dh: String,
    /// The secret that it shares with us.
    pub auth: String,
    /// What it calls itself, shortened for people.
    pub browser: String,
}

/// Registers the device that the person is at, or notes that it is theirs now.
///
/// # Errors
/// INVALID as of [`Subscription::parse`]; FORBIDDEN with VIEWING_AS for whoever looks through a client's eyes.
pub async fn register(s: &Services, actor: &Actor, asked: Registration) -> Result<Device> {
    let person = person_of(actor)?;
    if person.viewing_as.is_some() {
        let message = "While you view as a client, no device is registered.";
        return Err(Error::new(crate::error::Code::Forbidden, "VIEWING_AS", message));
    }
    let subscription = Subscription::parse(&asked.endpoint, &asked.p256dh, &asked.auth, &s.push_hosts)?;
    let scope = Scope::system(person.agency, "a device of one's own");
    let hash = hash_of(subscription.endpoint());
    let now = s.clock.now();
    let new = Device {
        id: s.ids.next(now),
        user: person.user,
        session: person.session,
        endpoint: s.seal.close(&endpoint_purpose(&hash), subscription.endpoint())?,
        p256dh: subscription.p256dh(),
        auth: s.seal.close(&auth_purpose(&hash), &subscription.auth())?,
        browser: asked.browser,
        created_at: now,
        seen_at: now,
        sent_at: None,
        trouble: None,
        hash,
    };
    let mut unit = s.store.write().await?;
    let kept = store::register(&mut unit, &scope, &new).await?;
    for old in store::devices_of(&mut unit, &scope, &[person.user], now).await?.iter().skip(DEVICES) {
        store::remove(&mut unit, &scope, person.user, old.id).await?;
    }
    unit.commit().await?;
    Ok(kept)
}

/// The devices on which the person is signed in, the one that was seen last first.
pub async fn devices(s: &Services, actor: &Actor) -> Result<Vec<Device>> {
    let person = person_of(actor)?;
    let scope = Scope::system(person.agency, "devices of one's own");
    store::devices_of(&mut s.store.read().await?, &scope, &[person.user], s.clock.now()).await
}

/// Forgets a device of the person.
///
/// # Errors
/// NOT_FOUND for anything else.
pub async fn remove(s: &Services, actor: &Actor, id: PushSubscriptionId) -> Result<()> {
    let person = person_of(actor)?;
    let scope = Scope::system(person.agency, "a device of one's own");
    let mut unit = s.store.write().await?;
    if !store::remove(&mut unit, &scope, person.user, id).await? {
        return Err(Error::not_found("device"));
    }
    unit.commit().await
}

/// Writes one message for each device of somebody, in the unit of the decision that they carry out.
pub(super) async fn write(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    kind: Kind,
    sends: &[(NotificationDecisionId, &Device)],
) -> Result<()> {
    let now = s.clock.now();
    let new = |(decision, device): &(NotificationDecisionId, &Device)| PushMessage {
        id: s.ids.next(now),
        decision: *decision,
        device: device.id,
        browser: device.browser.clone(),
        state: PushState::Queued,
        attempts: 0,
        plain: false,
        trouble: None,
        created_at: now,
        expires_at: now.plus(lasts(kind)),
        settled_at: None,
    };
    let messages: Vec<PushMessage> = sends.iter().map(new).collect();
    store::insert(unit, scope, &messages).await?;
    let ids: Vec<PushMessageId> = messages.iter().map(|message| message.id).collect();
    queue(s, unit, scope, &ids).await
}

async fn queue(s: &Services, unit: &mut Write, scope: &Scope, ids: &[PushMessageId]) -> Result<()> {
    let now = s.clock.now();
    let jobs: Vec<Job> = ids.iter().map(|id| Job::new(s.ids.next(now), scope.agency(), PUSH_JOB, *id)).collect();
    job::add_all(unit, &jobs, now).await?;
    if !jobs.is_empty() {
        unit.note(Change::Job);
    }
    Ok(())
}

/// Sends what carries out a decision again to the devices that it could not be sent to, in the unit of the caller. Gives to
/// how many.
pub(super) async fn resend(s: &Services, unit: &mut Write, scope: &Scope, decision: &Decision) -> Result<usize> {
    let until = s.clock.now().plus(lasts(decision.kind));
    let again = store::requeue(unit, scope, decision.id, until).await?;
    queue(s, unit, scope, &again).await?;
    Ok(again.len())
}

/// For how long a message is worth being delivered.
const fn lasts(kind: Kind) -> Duration {
    Duration::from_secs(match kind {
        Kind::HandoffRequested | Kind::HandoffWaiting => 15 * 60,
        Kind::VisitorMessage | Kind::Test => 60 * 60,
        _ => 24 * 60 * 60,
    })
}

const fn urgency(kind: Kind) -> Urgency {
    match kind {
        Kind::HandoffRequested | Kind::HandoffWaiting | Kind::Transferred => Urgency::High,
        Kind::Rated | Kind::AccessChanged | Kind::DeliveryFailing => Urgency::Low,
        _ => Urgency::Normal,
    }
}

/// A message that is to be handed over.
pub struct Outgoing {
    /// The message.
    pub message: PushMessage,
    /// Where to.
    pub subscription: Subscription,
    /// What is said.
    pub note: Note,
    /// The agency's private key, as it is kept.
    pub key: String,
    /// Whom the push service can turn to.
    pub contact: Contact,
    user: UserId,
}

/// The message of a job, ready to be handed over. None when there is nothing to hand over any more; the job is finished then.
pub async fn outgoing(s: &Services, job: &Job) -> Result<Option<Outgoing>> {
    let scope = Scope::system(job.agency, "sending to a device");
    let id: PushMessageId = job.subject.parse().map_err(Error::internal)?;
    let now = s.clock.now();
    let mut read = s.store.read().await?;
    let found = store::message(&mut read, &scope, id).await?.filter(|message| message.state == PushState::Queued);
    let Some(message) = found else {
        drop(read);
        return super::job::finish(s, job).await.map(|()| None);
    };
    let decision = notifications::decision(&mut read, &scope, message.decision).await?;
    let device = store::device(&mut read, &scope, message.device, now).await?;
    let worth = match &decision {
        Some(decision) => notification::worth_sending(s, &mut read, &scope, decision).await?,
        None => (Ok(()), None),
    };
    let keys = store::keys(&mut read, &scope).await?;
    let host = agency::agency(&mut read, scope.agency()).await?;
    drop(read);
    let (device, entry) = match (device, worth) {
        (_, (Err(reason), _)) => {
            let mut unit = s.store.write().await?;
            if job::finish(&mut unit, job).await? {
                let after = PushMessage { state: PushState::Dropped, settled_at: Some(now), ..message };
                store::settle(&mut unit, &scope, &after).await?;
                notifications::carried_out(&mut unit, &scope, &[after.decision], None, Some(reason)).await?;
            }
            return unit.commit().await.map(|()| None);
        }
        (Some(device), (Ok(()), Some(entry))) => (device, entry),
        _ => {
            give_up(s, job, message, PushState::Dropped, "The device is signed out.").await?;
            return Ok(None);
        }
    };
    let Some((key, _)) = keys else {
        give_up(s, job, message, PushState::Failed, "The agency has no key for push.").await?;
        return Ok(None);
    };
    let opened = || -> Result<(String, Subscription)> {
        let key = s.seal.open(&key_purpose(scope.agency()), &key)?;
        let endpoint = s.seal.open(&endpoint_purpose(&device.hash), &device.endpoint)?;
        let auth = s.seal.open(&auth_purpose(&device.hash), &device.auth)?;
        Ok((key, Subscription::parse(&endpoint, &device.p256dh, &auth, &s.push_hosts)?))
    };
    let Ok((key, subscription)) = opened() else {
        let trouble = "What is needed to reach it can no longer be read: the key of this installation has changed.";
        give_up(s, job, message, PushState::Failed, trouble).await?;
        return Ok(None);
    };
    let support = host.and_then(|agency| agency.brand.support_email);
    let contact = Contact::parse(&format!("mailto:{}", support.as_deref().unwrap_or(&s.addresses.mail_from)))?;
    let left = message.expires_at.since(now);
    let topic = Topic::of(format!("{} {}", entry.kind.as_str(), entry.subject));
    let note = Note::new(payload(&entry, message.plain), left, urgency(entry.kind), Some(topic))?;
    Ok(Some(Outgoing { user: device.user, message, subscription, note, key, contact }))
}

/// What the service worker reads: an entry of the bell.
fn payload(entry: &Notification, plain: bool) -> Vec<u8> {
    let words = |body: Option<&str>| {
        let payload = json!({
            "id": entry.id.to_string(),
            "kind": entry.kind.as_str(),
            "title": entry.title,
            "body": body,
            "link": entry.link,
            "tag": format!("{} {}", entry.kind.as_str(), entry.subject),
            "count": entry.count,
            "rings": entry.kind.rings(),
            "at": entry.happened_at.to_string(),
        });
        payload.to_string().into_bytes()
    };
    let whole = words(entry.preview.as_deref().filter(|_| !plain));
    if whole.len() <= LONGEST_PAYLOAD { whole } else { words(None) }
}

async fn give_up(s: &Services, job: &Job, message: PushMessage, state: PushState, trouble: &str) -> Result<()> {
    let scope = Scope::system(job.agency, "sending to a device");
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    let after = PushMessage { state, trouble: Some(trouble.to_owned()), settled_at: Some(s.clock.now()), ..message };
    store::settle(&mut unit, &scope, &after).await?;
    unit.commit().await
}

/// How long to wait after so many tries: five seconds at first, three times as long each time, an hour at most; a quarter more
/// or less, so that not all come back at once.
fn pause_after(attempts: i64, chance: u128) -> Duration {
    let steps = u32::try_from(attempts.clamp(1, 8) - 1).unwrap_or_default();
    let pause = Duration::from_secs(5).saturating_mul(3_u32.saturating_pow(steps)).min(Duration::from_secs(3_600));
    pause.mul_f64(0.75 + (chance % 512) as f64 / 1024.0)
}

/// Keeps what became of an attempt: the message is done, given up, or tried again later.
pub async fn attempted(s: &Services, job: &Job, outgoing: &Outgoing, outcome: &Outcome) -> Result<()> {
    let scope = Scope::system(job.agency, "sending to a device");
    let now = s.clock.now();
    let before = &outgoing.message;
    let attempts = before.attempts + 1;
    let settled = |state, trouble: Option<&str>| PushMessage {
        state,
        attempts,
        trouble: trouble.map(str::to_owned),
        settled_at: Some(now),
        ..before.clone()
    };
    let later = |pause: Duration, problem: &str| {
        let again = now.plus(pause);
        (again < before.expires_at).then(|| {
            let waits = PushMessage { attempts, trouble: Some(problem.to_owned()), ..before.clone() };
            (waits, again)
        })
    };
    let usual = pause_after(attempts, s.ids.bits());
    let (after, again) = match outcome {
        Outcome::Taken => (settled(PushState::Sent, None), None),
        Outcome::Gone => (settled(PushState::Gone, Some("The browser has given the subscription up.")), None),
        Outcome::TooLarge if !before.plain => {
            let plain = PushMessage { attempts, plain: true, ..before.clone() };
            (plain, Some(now))
        }
        Outcome::TooLarge => (settled(PushState::Failed, Some("It is too long for the push service.")), None),
        Outcome::Denied(problem) | Outcome::Refused(problem) => (settled(PushState::Failed, Some(problem)), None),
        Outcome::Later { after } => {
            let problem = "The push service wants to be asked later.";
            match later(after.unwrap_or(usual), problem) {
                Some((waits, again)) => (waits, Some(again)),
                None => (settled(PushState::Failed, Some(problem)), None),
            }
        }
        Outcome::Unreachable(problem) | Outcome::Unknown(problem) => match later(usual, problem) {
            Some((waits, again)) => (waits, Some(again)),
            None => (settled(PushState::Failed, Some(problem)), None),
        },
    };
    let mut unit = s.store.write().await?;
    if let Some(again) = again {
        // Whoever lost the lease meanwhile writes nothing.
        if !job::is_ours(&mut unit, job).await? {
            return Ok(());
        }
        store::settle(&mut unit, &scope, &after).await?;
        job::put_off(&mut unit, job, Some(again), after.trouble.as_deref().unwrap_or("too long"), now).await?;
        unit.note(Change::Job);
        return unit.commit_at_once().await;
    }
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    store::settle(&mut unit, &scope, &after).await?;
    let sent_at = (after.state == PushState::Sent).then_some(now);
    store::used(&mut unit, &scope, before.device, sent_at, after.trouble.as_deref()).await?;
    match outcome {
        Outcome::Gone => lost(s, &mut unit, &scope, outgoing).await?,
        Outcome::Denied(problem) => {
            let about = About {
                author: None,
                title: "Push services refuse what is sent".to_owned(),
                preview: Some(problem.clone()),
                link: "/sender",
                subject: "push",
            };
            let place = Place::agency(job.agency);
            let event = format!("{}/denied", before.id);
            notification::announce_of_place(s, &mut unit, &place, Kind::DeliveryFailing, event, about).await?;
        }
        _ => {}
    }
    unit.commit_at_once().await
}

/// Forgets a device that is gone, and tells whose it was.
async fn lost(s: &Services, unit: &mut Write, scope: &Scope, outgoing: &Outgoing) -> Result<()> {
    if !store::remove(unit, scope, outgoing.user, outgoing.message.device).await? {
        return Ok(());
    }
    let browser = &outgoing.message.browser;
    let happened = Happened {
        preview: Some("Open the page there, and it is registered anew.".to_owned()),
        link: "/notifications".to_owned(),
        ..Happened::of_house(
            format!("{}/gone", outgoing.message.id),
            Kind::DeviceGone,
            format!("{browser} is told nothing any more"),
        )
    };
    notification::announce(s, unit, scope.agency(), Whom::These(vec![outgoing.user]), happened).await
}

/// Whether the session of a person is the one that a device is registered with: the device that they are at.
pub fn is_here(actor: &Actor, device: &Device) -> bool {
    actor.person().is_some_and(|person| person.session == device.session)
}

/// Which of some people have a device on which they are signed in.
pub(super) async fn devices_by_user(
    s: &Services,
    read: &mut impl Reads,
    scope: &Scope,
    users: &[UserId],
) -> Result<Vec<Device>> {
    store::devices_of(read, scope, users, s.clock.now()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_again_is_tried_ever_more_seldom() {
        for (attempts, least, most) in [(1, 3.7, 6.3), (2, 11.0, 19.0), (3, 33.0, 57.0), (9, 2_699.0, 4_500.0)] {
            for chance in [0, 255, 511] {
                let pause = pause_after(attempts, chance).as_secs_f64();
                assert!((least..most).contains(&pause), "{attempts} {chance}: {pause}");
            }
        }
    }
}
