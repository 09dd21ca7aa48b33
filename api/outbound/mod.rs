//! What leaves the house: calls to model endpoints and webhooks, mail, notifications to browsers, and look-ups of names.
//!
//! It may know `domain` and nothing else of ours; `reqwest`, `lettre`, `web-push-native` and the resolver live here alone, so
//! that nobody else can open a connection.
//! Invariant: a server that a tenant named is reached under TLS, at a public address, as it was checked, or not at all.
//! Begin with [`egress`], the one client of HTTP, then [`model`], and by [`way`] of a relay or not [`push`] and [`webhook`]; [`smtp`] hands mail over by the same filter,
//! [`dns`] asks the name servers.

pub mod address;
pub mod dns;
pub mod egress;
pub mod model;
pub mod push;
pub mod smtp;
mod sse;
pub mod way;
pub mod webhook;

pub use address::Cidr;
pub use dns::{Dns, NoAnswer};
pub use egress::{Call, Egress, Forbidden, Origin, Reply, Resolver, Rules, Trouble};
pub use model::{BadEndpoint, ModelClient, ModelTrouble};
pub use push::{BadKey, Push, Vapid};
pub use smtp::{BadServer, Smtp};
pub use way::Way;
pub use webhook::Webhooks;

/// Everything outside that jobs may turn to. Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    /// The configured model, if there is one.
    pub model: Option<std::sync::Arc<ModelClient>>,
    /// Where names are looked up.
    pub dns: Dns,
    /// What carries notifications to browsers.
    pub push: std::sync::Arc<Push>,
    /// What carries mails.
    pub smtp: std::sync::Arc<Smtp>,
    /// What makes deliveries to webhooks.
    pub webhooks: std::sync::Arc<Webhooks>,
}
