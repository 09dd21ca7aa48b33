//! How addresses that tenants name are called: directly, or by way of a relay of the platform's operator.

use std::time::Duration;

use http::HeaderValue;
use http::header::HOST;
use tokio::time::timeout;

use super::egress::{Call, Egress, Failure, Forbidden, Reply};

/// The way to strangers. A relay is for a house whose machines reach nothing outside themselves, and for tests: it gets every
/// request under its own path, with the host that is meant as `Host`, and answers in its place. It reads what is not encrypted for
/// the other end, and sees all addresses. What leads inside by its spelling is refused with a relay too; where names lead is the
/// relay's to judge then.
pub struct Way {
    egress: Egress,
    relay: Option<String>,
}

impl From<Egress> for Way {
    fn from(egress: Egress) -> Self {
        Self { egress, relay: None }
    }
}

impl Way {
    /// By way of a relay: its origin, `http://10.0.0.7:8080`.
    ///
    /// # Errors
    /// An address outside the trusted origins of the client.
    pub fn relayed(egress: Egress, relay: &str) -> Result<Self, Forbidden> {
        let relay = relay.trim_end_matches('/').to_owned();
        if !egress.is_trusted(&relay) {
            return Err(Forbidden::Origin);
        }
        Ok(Self { egress, relay: Some(relay) })
    }

    /// Calls an address that a tenant named.
    pub(super) async fn attempt(&self, mut call: Call) -> Result<Reply, Failure> {
        let Some(relay) = &self.relay else { return self.egress.attempt(call).await };
        self.egress.check(&call.url)?;
        let (_, rest) = call.url.split_once("://").ok_or(Forbidden::NotAnAddress)?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        call.headers.insert(HOST, HeaderValue::try_from(host).map_err(|_| Forbidden::NotAnAddress)?);
        call.url = format!("{relay}{path}");
        self.egress.attempt_trusted(call).await
    }
}

/// The beginning of what somebody answers: so many bytes at most, as far as they come in that time. However it ends, the status is
/// known already.
pub(super) async fn beginning(reply: &mut Reply, most: usize, within: Duration) -> String {
    let mut said = Vec::new();
    let read = async {
        while let Ok(Some(chunk)) = reply.chunk().await {
            said.extend_from_slice(&chunk[..chunk.len().min(most - said.len())]);
            if said.len() == most {
                break;
            }
        }
    };
    let _ = timeout(within, read).await;
    String::from_utf8_lossy(&said).into_owned()
}
