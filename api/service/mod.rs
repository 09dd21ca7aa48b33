//! What one can do: authorise, load, decide, keep, announce.
//!
//! This room may know `policy`, `store`, `live` and the domain; nothing of HTTP or GraphQL.
//! Its invariant: every function asks the policy before it touches tenant data, keeps everything that belongs together in
//! one unit, holds no unit open while it waits for anything else, and leaves announcing to the commit.
//! Begin with [`conversation::visitor_sends`], the walk that all others resemble.

pub mod access;
pub mod agency;
pub mod agent;
pub mod answer;
pub mod audit;
pub mod brand;
mod calling;
pub mod canned;
pub mod conversation;
pub mod coverage;
pub mod domain;
pub mod ending;
pub mod file;
pub mod handoff;
pub mod hours;
pub mod identity;
pub mod image;
pub mod inbound;
pub mod job;
pub mod key;
pub mod keyword;
pub mod knowledge;
pub mod ladder;
pub mod letter;
pub mod mail;
pub mod mail_text;
pub mod note;
pub mod notice;
pub mod notification;
pub mod offline;
pub mod organization;
pub mod people;
pub mod presence;
pub mod push;
pub mod quota;
pub mod readiness;
pub mod rehearsal;
pub mod reply;
pub mod role;
pub mod routing;
pub mod seal;
pub mod sender;
pub mod setting;
pub mod setup;
pub mod stream;
pub mod suggestion;
mod svg;
pub mod team;
pub mod transcript;
pub mod transfer;
pub mod viewing;
pub mod visitor;
pub mod webhook;
pub mod widget;
pub mod words;

mod cached;

use std::sync::Arc;

use crate::domain::access::{Actor, Place};
use crate::domain::audit::AuditEntry;
use crate::domain::id::{IdSource, OrganizationId, UserId};
use crate::domain::time::Clock;
use crate::error::{Error, Result};
use crate::live::Hub;
use crate::policy::{Policy, Scope};
use crate::store::blob::Blobs;
use crate::store::{Reads, Store, Write, locate};

pub use cached::Cached;

/// Everything that the services stand on. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// What is kept.
    pub store: Store,
    parts: Arc<Parts>,
}

/// The parts, as `app` puts them together.
pub struct Parts {
    /// The bytes of files.
    pub blobs: Blobs,
    /// Who listens.
    pub hub: Arc<Hub>,
    /// Who may.
    pub policy: Policy,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: IdSource,
    /// Signs and checks tokens.
    pub tokens: identity::token::Tokens,
    /// Seals what has to be read again.
    pub seal: seal::Seal,
    /// Hashes and checks passwords.
    pub passwords: identity::password::Passwords,
    /// Where answers to mails come back.
    pub replies: reply::Replies,
    /// How often somebody may try.
    pub limits: identity::limit::SignInLimit,
    /// When people were last noted to be there.
    pub signs: presence::Signs,
    /// How often visitors may write.
    pub visitor_limits: visitor::Limits,
    /// People by session, as long as nobody's rights change.
    pub people: Cached<crate::domain::id::SessionId, crate::domain::access::Person>,
    /// Programs by the hash of their key's secret, as long as nobody's rights change.
    pub keys: Cached<String, crate::domain::access::KeyActor>,
    /// When keys were last noted to be in use.
    pub key_uses: key::Uses,
    /// How much keys may ask for.
    pub key_quotas: quota::Quotas,
    /// Widgets by id, as long as nothing of them changes.
    pub widgets: Cached<crate::domain::id::WidgetId, widget::Shown>,
    /// The addresses of this installation.
    pub addresses: Addresses,
    /// Whose servers count as push services.
    pub push_hosts: crate::domain::push::Hosts,
    /// Makes the keys by which push services know an agency.
    pub make_push_keys: Box<push::MakeKeys>,
    /// For how long a job is one worker's: longer than any takes. One that is interrupted waits so long.
    pub job_lease: std::time::Duration,
    /// Whether there is a model that can write suggestions.
    pub model: bool,
}

/// Under which addresses this installation is reached.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// `LIVERY_PUBLIC_URL`, without a slash at the end.
    pub public_url: String,
    /// Its host without port, in lower case.
    pub host: String,
    /// Whether pages come over TLS.
    pub secure: bool,
    /// `LIVERY_MAIL_FROM`: the neutral address of mails.
    pub mail_from: String,
    /// Whether the platform has a mail server of its own.
    pub mail_server: bool,
}

impl std::ops::Deref for Services {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Services {
    /// The services over these parts.
    pub fn new(store: Store, parts: Parts) -> Self {
        Self { store, parts: Arc::new(parts) }
    }

    /// The same for what is done in the background, which lets people go first.
    #[must_use]
    pub fn in_background(&self) -> Self {
        Self { store: self.store.in_background(), parts: self.parts.clone() }
    }

    /// Adds a line to the audit log, in the unit that it tells of. From where, and through whose eyes, the door has said.
    pub(crate) async fn note(
        &self,
        db: &mut Write,
        scope: &Scope,
        by: &By<'_>,
        action: &'static str,
        object: impl ToString,
        detail: serde_json::Value,
    ) -> Result<()> {
        let now = self.clock.now();
        let asked = audit::asked();
        db.log(AuditEntry {
            id: self.ids.next(now),
            agency: scope.agency(),
            organization: by.organization,
            actor: by.actor.to_owned(),
            as_actor: asked.as_ref().and_then(|asked| asked.as_whom.clone()),
            action: action.to_owned(),
            object: object.to_string(),
            detail: detail.to_string(),
            address: asked.map(|asked| asked.address.to_string()).unwrap_or_default(),
            created_at: now,
            seq: None,
            hash: None,
        });
        Ok(())
    }
}

/// Everything within the person's reach for lists, or one organization of it.
///
/// # Errors
/// NOT_FOUND when the organization does not exist or is out of reach; FORBIDDEN without the permission.
pub(crate) async fn reach(
    s: &Services,
    actor: &Actor,
    permission: crate::domain::permission::Permission,
    organization: Option<OrganizationId>,
) -> Result<Scope> {
    s.policy.may_somewhere(actor, permission)?;
    let Some(organization) = organization else { return s.policy.reach(actor, permission, None) };
    let mut read = s.store.read().await?;
    let place = crate::store::locate::organization(&mut read, organization)
        .await?
        .ok_or_else(|| Error::not_found("organization"))?;
    s.policy.allow(actor, permission, &place, "organization")
}

/// Whether the database answers.
///
/// # Errors
/// UNAVAILABLE when it does not.
pub async fn look(s: &Services) -> Result<()> {
    crate::store::access::epoch(&mut s.store.read().await?).await.map(|_| ())
}

/// Who did something, and in which organization, for the audit log.
pub(crate) struct By<'a> {
    /// Id of the user or visitor.
    pub actor: &'a str,
    /// The organization.
    pub organization: Option<OrganizationId>,
}

/// Whoever asks, for what is written down: the id of a user or of an API key.
pub(crate) fn doer_of(actor: &Actor) -> Result<String> {
    match actor {
        Actor::Key(key) => Ok(key.key.to_string()),
        other => Ok(user_of(other)?.to_string()),
    }
}

/// The agency of the person or the API key that asks.
///
/// # Errors
/// UNAUTHENTICATED for whoever is neither.
pub(crate) fn agency_of(actor: &Actor) -> Result<crate::domain::id::AgencyId> {
    let judged = actor.judged().ok_or_else(|| Error::unauthenticated("NOT_SIGNED_IN", "Please sign in."))?;
    Ok(judged.agency)
}

/// The organization that is meant, or the agency of whoever asks where none is. Says nothing of what they may do there.
///
/// # Errors
/// NOT_FOUND for an organization that is not there; UNAUTHENTICATED for whoever is neither person nor API key.
pub(crate) async fn place_at(
    read: &mut impl Reads,
    actor: &Actor,
    organization: Option<OrganizationId>,
) -> Result<Place> {
    match organization {
        Some(id) => locate::organization(read, id).await?.ok_or_else(|| Error::not_found("organization")),
        None => Ok(Place::agency(agency_of(actor)?)),
    }
}

/// The user who asks.
pub(crate) fn user_of(actor: &Actor) -> Result<UserId> {
    Ok(person_of(actor)?.user)
}

/// The person who asks.
///
/// # Errors
/// FORBIDDEN with NEEDS_A_PERSON for an API key, which is nobody; UNAUTHENTICATED for whoever is not signed in.
pub(crate) fn person_of(actor: &Actor) -> Result<&Arc<crate::domain::access::Person>> {
    match actor {
        Actor::Person(person) => Ok(person),
        Actor::Key(_) => Err(key::needs_a_person()),
        Actor::Anonymous | Actor::Visitor(_) => Err(Error::unauthenticated("NOT_SIGNED_IN", "Please sign in.")),
    }
}

/// The visitor who asks.
pub(crate) fn visitor_of(actor: &Actor) -> Result<&Arc<crate::domain::access::VisitorActor>> {
    actor.visitor().ok_or_else(|| Error::unauthenticated("NO_SESSION", "There is no visitor's session."))
}
