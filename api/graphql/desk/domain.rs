//! Domains: claimed, proven, given back.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};

use super::sender::DnsRecord;
use super::{asking, services};
use crate::graphql::wire::{Time, id, mirror, requires};
use crate::service::{Services, domain as service};

mirror! {
    /// What has become of a claim of a host.
    DomainState = crate::domain::domain_name::DomainState {
        /// Not proven yet; nothing is served under it.
        Pending,
        /// Proven, and served.
        Active,
        /// It was proven, and its records are gone: served for three more days, released after thirty.
        Failing,
        /// Given back or lost; nobody else can take it for thirty days.
        Released,
    }
}

/// A host that the agency claims.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("domain.manage".to_owned()))]
pub struct Domain {
    /// The id: `dom_...`.
    pub id: ID,
    /// The host, as name servers know it.
    pub host: String,
    /// The host with its own letters.
    pub name: String,
    /// What has become of the claim.
    pub state: DomainState,
    /// Whether links in mails use it.
    pub primary: bool,
    /// The records that it wants; none when the platform gave the host.
    pub records: Vec<DnsRecord>,
    /// What is missing, in a sentence.
    pub problem: Option<String>,
    /// When the name servers were last asked.
    pub last_checked_at: Option<Time>,
    /// Whether they are being asked now.
    pub checking: bool,
    /// Since when it has been proven.
    pub active_since: Option<Time>,
    /// When it was given back or lost.
    pub released_at: Option<Time>,
    /// When it was added.
    pub created_at: Time,
}

impl Domain {
    fn of(s: &Services, domain: service::Domain) -> Self {
        let records = service::records(s, &domain).into_iter().map(|record| DnsRecord {
            kind: record.kind.to_owned(),
            name: record.name,
            value: record.value,
            found: record.found,
            ok: record.ok,
        });
        Self {
            records: records.collect(),
            id: domain.id.to_string().into(),
            name: service::name_of(&domain),
            state: domain.state.into(),
            primary: domain.primary,
            problem: domain.problem,
            last_checked_at: domain.last_checked_at.map(Into::into),
            checking: domain.checking,
            active_since: domain.active_since.map(Into::into),
            released_at: domain.released_at.map(Into::into),
            created_at: domain.created_at.into(),
            host: domain.host,
        }
    }
}

/// Queries of domains.
#[derive(Default)]
pub struct DomainQuery;

#[Object]
impl DomainQuery {
    /// The agency's domains by name; released ones for as long as nobody else can take them.
    #[graphql(directive = requires::apply("domain.manage".to_owned()))]
    async fn domains(&self, ctx: &Context<'_>) -> Result<Vec<Domain>> {
        let s = services(ctx)?;
        let found = service::domains(s, &asking(ctx)?.actor).await?;
        Ok(found.into_iter().map(|domain| Domain::of(s, domain)).collect())
    }
}

/// Mutations of domains.
#[derive(Default)]
pub struct DomainMutation;

#[Object]
impl DomainMutation {
    /// Claims a host and starts the first check of its records; one that is claimed already is given as it is. INVALID
    /// with HOST_NOT_ALLOWED, CONFLICT with HOST_TAKEN or QUARANTINED.
    #[graphql(directive = requires::apply("domain.manage".to_owned()))]
    async fn add_domain(&self, ctx: &Context<'_>, client_id: String, host: String) -> Result<Domain> {
        let s = services(ctx)?;
        Ok(Domain::of(s, service::add(s, &asking(ctx)?.actor, &client_id, &host).await?))
    }

    /// Starts a check of the records. Poll until `checking` is false.
    #[graphql(directive = requires::apply("domain.manage".to_owned()))]
    async fn check_domain(&self, ctx: &Context<'_>, domain_id: ID) -> Result<Domain> {
        let s = services(ctx)?;
        Ok(Domain::of(s, service::check(s, &asking(ctx)?.actor, id("domainId", &domain_id)?).await?))
    }

    /// Lets the links in mails use a domain. CONFLICT with NOT_ACTIVE when it is not.
    #[graphql(directive = requires::apply("domain.manage".to_owned()))]
    async fn make_domain_primary(&self, ctx: &Context<'_>, domain_id: ID) -> Result<Domain> {
        let s = services(ctx)?;
        Ok(Domain::of(s, service::make_primary(s, &asking(ctx)?.actor, id("domainId", &domain_id)?).await?))
    }

    /// Gives a host back: nothing is served under it from now on, and for thirty days nobody else can take it.
    #[graphql(directive = requires::apply("domain.manage".to_owned()))]
    async fn release_domain(&self, ctx: &Context<'_>, domain_id: ID) -> Result<Domain> {
        let s = services(ctx)?;
        Ok(Domain::of(s, service::release(s, &asking(ctx)?.actor, id("domainId", &domain_id)?).await?))
    }
}
