//! Makes deliveries to webhooks: a few at once to each host, and for a while none to one that does not answer.

use std::time::Duration;

use super::gates::Gates;
use crate::domain::webhook::Outcome;
use crate::error::Result;
use crate::outbound::Webhooks;
use crate::service::job::Job;
use crate::service::{Services, webhook};

/// How many are on their way to one host at once.
const AT_ONCE: usize = 4;

/// Makes one.
pub(super) async fn send(s: &Services, client: &Webhooks, gates: &Gates, job: &Job) -> Result<()> {
    let Some(outgoing) = webhook::outgoing(s, job).await? else { return Ok(()) };
    // An agency's dead host is no reason to keep another agency waiting that calls the same one.
    let place = format!("{} {}", job.agency, outgoing.target.host());
    let mut pass = match gates.enter(&place, AT_ONCE, s.clock.now()) {
        Ok(pass) => pass,
        Err(pause) => {
            let spread = Duration::from_millis((s.ids.bits() % 1000) as u64);
            return webhook::wait(s, job, pause + spread).await;
        }
    };
    let turn = pass.turn().await;
    if job.is_lost(s.clock.now()) {
        return Ok(());
    }
    let delivery = &outgoing.delivery;
    let outcome = client.deliver(&outgoing.target, &delivery.id.to_string(), &delivery.body, &outgoing.secrets).await;
    pass.report(matches!(outcome, Outcome::Answered { .. }), s.clock.now());
    if let Some(trouble) = outcome.trouble() {
        tracing::info!(job = %job.id, delivery = %delivery.id, trouble, "a webhook did not take something");
    }
    webhook::attempted(s, job, &outgoing, &outcome).await?;
    drop(turn);
    Ok(())
}
