//! The audit log.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::organization::Organization;
use super::{asking, loaders, services};
use crate::domain::audit;
use crate::domain::id::OrganizationId;
use crate::graphql::wire::{Time, connection, optional_id, page_by_id, requires};
use crate::service::audit as service;

/// What kind of somebody did something.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditActorKind {
    /// A person with a login.
    User,
    /// A program with an API key.
    ApiKey,
    /// A visitor of a widget.
    Visitor,
    /// Whoever runs the platform.
    Platform,
    /// The server by itself.
    House,
}

/// Whoever did something.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("audit.view".to_owned()))]
pub struct AuditActor {
    /// What kind of somebody.
    pub kind: AuditActorKind,
    /// The id of the user, API key or visitor; `platform` or `house` otherwise.
    pub id: String,
    /// The name now; a word for them when they are gone.
    pub name: String,
}

impl AuditActor {
    fn of(named: service::Named) -> Self {
        let kind = match named.id.split('_').next() {
            Some("usr") => AuditActorKind::User,
            Some("key") => AuditActorKind::ApiKey,
            Some("vis") => AuditActorKind::Visitor,
            Some("platform") => AuditActorKind::Platform,
            _ => AuditActorKind::House,
        };
        Self { kind, id: named.id, name: named.name }
    }
}

/// One thing that happened.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("audit.view".to_owned()))]
pub struct AuditEntry {
    /// The id: `aud_...`.
    pub id: ID,
    /// When.
    pub at: Time,
    /// Who did it.
    pub actor: AuditActor,
    /// Through whose eyes they looked, while viewing as a client.
    #[graphql(name = "as")]
    pub as_whom: Option<AuditActor>,
    /// What was done, for programs: `handoff.enable`.
    pub action: String,
    /// What was done, in one plain sentence.
    pub summary: String,
    /// The id of what it was done to.
    pub object_id: String,
    /// What that is called now, or was called then; null when it has no name.
    pub object_name: Option<String>,
    /// What it was before, as JSON.
    pub before: Option<String>,
    /// What it was after, or what else there is to say, as JSON.
    pub after: Option<String>,
    /// The network address it came from; empty when nobody asked for it.
    pub address: String,
    /// Its hash, over it and the hash before it, in hexadecimal digits.
    pub hash: String,
    #[graphql(skip)]
    organization: Option<OrganizationId>,
}

impl AuditEntry {
    fn of(told: service::Told) -> Self {
        Self {
            id: told.entry.id.to_string().into(),
            at: told.entry.created_at.into(),
            actor: AuditActor::of(told.actor),
            as_whom: told.as_whom.map(AuditActor::of),
            action: told.entry.action,
            summary: told.summary,
            object_id: told.entry.object,
            object_name: told.object,
            before: told.before,
            after: told.after,
            address: told.entry.address,
            hash: told.entry.hash.unwrap_or_default(),
            organization: told.entry.organization,
        }
    }
}

#[ComplexObject]
impl AuditEntry {
    /// The organization it happened in; null for the agency itself, and for one that is gone for good.
    #[graphql(directive = requires::apply("audit.view".to_owned()))]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        let Some(id) = self.organization else { return Ok(None) };
        Ok(loaders(ctx)?.maybe(id).await?.map(Organization::of))
    }
}

connection!(
    AuditEntryConnection,
    AuditEntryEdge,
    AuditEntry,
    "audit entries",
    requires::apply("audit.view".to_owned())
);

/// What entries are narrowed to.
#[derive(InputObject, Debug, Clone, Default)]
pub struct AuditFilter {
    /// Done by this user, API key or visitor, or through their eyes.
    pub actor_id: Option<ID>,
    /// Exactly this action.
    pub action: Option<String>,
    /// Done to this.
    pub object_id: Option<ID>,
    /// Not before this instant.
    pub from: Option<Time>,
    /// Before this instant.
    pub to: Option<Time>,
    /// With these words in action, object or what was said of it.
    pub search: Option<String>,
}

impl AuditFilter {
    fn plain(filter: Option<Self>) -> audit::AuditFilter {
        let filter = filter.unwrap_or_default();
        audit::AuditFilter {
            actor: filter.actor_id.map(|id| id.to_string()),
            action: filter.action,
            object: filter.object_id.map(|id| id.to_string()),
            from: filter.from.map(|at| at.0),
            to: filter.to.map(|at| at.0),
            search: filter.search,
        }
    }
}

/// What a walk along the chain of hashes has found.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("audit.view".to_owned()))]
pub struct AuditCheck {
    /// How many entries were looked at: of the organization, or of the agency.
    pub entries: i64,
    /// Whether the agency's whole log is as it was written.
    pub whole: bool,
    /// The first entry that does not follow from those before it, or after which entries are missing; null when it is
    /// whole, or when that entry is not the viewer's to see.
    pub broken_at: Option<ID>,
    /// The hash of the newest entry. Whoever notes it down can tell later that nothing before it was rewritten.
    pub head: String,
}

/// Queries of the audit log.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// What happened, the newest first: in an organization, or in all that the viewer reaches when it is left out.
    #[graphql(directive = requires::apply("audit.view".to_owned()))]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        filter: Option<AuditFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<AuditEntryConnection> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let (filter, page) = (AuditFilter::plain(filter), page_by_id(first, after.as_deref())?);
        let found = service::entries(services(ctx)?, &asking(ctx)?.actor, organization, &filter, &page).await?;
        let rows = found.rows.into_iter().map(|told| (told.entry.id.to_string(), AuditEntry::of(told))).collect();
        Ok(AuditEntryConnection::page(rows, found.more, page.after.is_some()))
    }

    /// The same as CSV, at most 10,000 rows; cells that begin like formulas are led by an apostrophe.
    #[graphql(directive = requires::apply("audit.view".to_owned()))]
    async fn audit_csv(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        filter: Option<AuditFilter>,
    ) -> Result<String> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let filter = AuditFilter::plain(filter);
        Ok(service::csv(services(ctx)?, &asking(ctx)?.actor, organization, &filter).await?)
    }

    /// Walks the chain of hashes from its beginning to its end.
    #[graphql(directive = requires::apply("audit.view".to_owned()))]
    async fn audit_check(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<AuditCheck> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let check = service::check(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(AuditCheck {
            entries: check.entries,
            whole: check.whole,
            broken_at: check.broken_at.map(|id| id.to_string().into()),
            head: check.head,
        })
    }
}
