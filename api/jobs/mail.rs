//! Sends mails: a few at once to each place, and for a while none to a place that does not answer.

use std::time::Duration;

use super::gates::Gates;
use crate::domain::mail::Outcome;
use crate::domain::sender::Route;
use crate::error::Result;
use crate::outbound::Smtp;
use crate::service::job::{self, Job};
use crate::service::{Services, mail};

/// How many of them through the platform's server.
const AT_ONCE_PLATFORM: usize = 12;
/// How many of them through one agency's own.
const AT_ONCE_OWN: usize = 2;
/// Sends one, or leaves it in the mailbox where no mail server is configured.
pub(super) async fn send(s: &Services, smtp: &Smtp, gates: &Gates, job: &Job) -> Result<()> {
    let Some(outgoing) = mail::outgoing(s, job, smtp.has_platform()).await? else { return Ok(()) };
    let place = outgoing.destination();
    let at_once = if matches!(outgoing.route, Route::Platform) { AT_ONCE_PLATFORM } else { AT_ONCE_OWN };
    let mut pass = match gates.enter(&place, at_once, s.clock.now()) {
        Ok(pass) => pass,
        Err(pause) => {
            // That nobody tried is no attempt.
            let spread = Duration::from_millis((s.ids.bits() % 1000) as u64);
            return job::put_off(s, job, Some(pause + spread), "the place is busy, or does not answer").await;
        }
    };
    let turn = pass.turn().await;
    if job.is_lost(s.clock.now()) {
        return Ok(());
    }
    let outcome = smtp.deliver(&outgoing.route, &outgoing.message).await;
    let answered = !matches!(outcome, Outcome::Unreachable(_) | Outcome::Unknown(_));
    pass.report(answered, s.clock.now());
    if outcome != Outcome::Taken {
        tracing::info!(job = %job.id, mail = %outgoing.mail.id, outcome = outcome.word(), "a mail was not taken");
    }
    mail::attempted(s, job, &outgoing, &outcome).await?;
    drop(turn);
    Ok(())
}
