//! Deliveries to webhooks: one POST, signed, to an address that a tenant named.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue};

use super::egress::{Call, Forbidden, Reply, Trouble};
use super::way::{Way, beginning};
use crate::domain::time::Clock;
use crate::domain::webhook::{LONGEST_ANSWER, Outcome, Secret, Target, signatures, wait};

/// Time for an attempt, from the look-up of the name to the last word of the answer; well within the lease of a job.
pub const ATTEMPT: Duration = Duration::from_secs(15);
/// How long an answer's words are waited for after its number is known.
const WORDS: Duration = Duration::from_secs(3);

/// What makes deliveries.
pub struct Webhooks {
    way: Way,
    clock: Clock,
    within: Duration,
}

impl Webhooks {
    /// By that way.
    pub fn new(way: impl Into<Way>, clock: Clock) -> Self {
        Self { way: way.into(), clock, within: ATTEMPT }
    }

    /// The same with another time for an attempt than [`ATTEMPT`].
    pub fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// Delivers once. Nothing is retried here, and no redirect followed: the [`Outcome`] says what follows.
    pub async fn deliver(&self, target: &Target, id: &str, body: &str, secrets: &[Secret]) -> Outcome {
        self.post(target.url(), id, body, secrets).await
    }

    /// [`Webhooks::deliver`] to an address however it is written: the client judges it.
    pub async fn post(&self, url: &str, id: &str, body: &str, secrets: &[Secret]) -> Outcome {
        match self.attempt(url, id, body, secrets).await {
            Ok(reply) => self.answered(reply).await,
            Err(trouble) => Outcome::Silent(match trouble {
                Trouble::Forbidden(forbidden) => format!("It is not called: {forbidden}."),
                Trouble::Unreachable => "It could not be reached.".to_owned(),
                Trouble::Slow => "It took too long.".to_owned(),
                Trouble::TooLarge => "It answered too much.".to_owned(),
            }),
        }
    }

    async fn attempt(&self, url: &str, id: &str, body: &str, secrets: &[Secret]) -> Result<Reply, Trouble> {
        let timestamp = self.clock.now().micros() / 1_000_000;
        let header = |text: &str| HeaderValue::try_from(text).map_err(|_| Forbidden::NotAnAddress);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("webhooks/1"));
        headers.insert("webhook-id", header(id)?);
        headers.insert("webhook-timestamp", timestamp.into());
        headers.insert("webhook-signature", header(&signatures(secrets, id, timestamp, body))?);
        let call = Call {
            within: self.within,
            // No more than the beginning is read, however long it is.
            at_most: usize::MAX,
            ..Call::post(url, headers, Bytes::copy_from_slice(body.as_bytes()))
        };
        Ok(self.way.attempt(call).await?)
    }

    async fn answered(&self, mut reply: Reply) -> Outcome {
        let status = reply.status.as_u16();
        let asked = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = asked.and_then(|text| wait(text, self.clock.now()));
        // PostgreSQL keeps no nought in a text.
        let words = beginning(&mut reply, LONGEST_ANSWER, WORDS).await.replace('\0', "\u{fffd}");
        Outcome::Answered { status, retry_after, words }
    }
}
