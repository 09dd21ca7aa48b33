//! Sends to devices: a few at once to each push service, and for a while nothing to one that does not answer.

use std::time::Duration;

use super::gates::Gates;
use crate::domain::push::Outcome;
use crate::error::{Error, Result};
use crate::outbound::{Push, Vapid};
use crate::service::job::{self, Job};
use crate::service::{Services, push};

/// How many are on their way to one push service at once.
const AT_ONCE: usize = 12;

/// Sends one.
pub(super) async fn send(s: &Services, client: &Push, gates: &Gates, job: &Job) -> Result<()> {
    let Some(outgoing) = push::outgoing(s, job).await? else { return Ok(()) };
    let place = outgoing.subscription.host().to_owned();
    let mut pass = match gates.enter(&place, AT_ONCE, s.clock.now()) {
        Ok(pass) => pass,
        Err(pause) => {
            // That nobody tried is no attempt.
            let spread = Duration::from_millis((s.ids.bits() % 1000) as u64);
            return job::put_off(s, job, Some(pause + spread), "the push service is busy, or does not answer").await;
        }
    };
    let turn = pass.turn().await;
    if job.is_lost(s.clock.now()) {
        return Ok(());
    }
    let key = Vapid::parse(&outgoing.key).map_err(Error::internal)?;
    let outcome = client.send(&outgoing.subscription, &outgoing.note, &key, &outgoing.contact).await;
    let answered = !matches!(outcome, Outcome::Unreachable(_) | Outcome::Unknown(_));
    pass.report(answered, s.clock.now());
    if outcome != Outcome::Taken {
        tracing::info!(job = %job.id, message = %outgoing.message.id, ?outcome, "a push service did not take something");
    }
    push::attempted(s, job, &outgoing, &outcome).await?;
    drop(turn);
    Ok(())
}
