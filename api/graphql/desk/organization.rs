//! Organizations.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};

use super::agency::viewer_can;
use super::agent::AiAgentConnection;
use super::file::FileRoom;
use super::{asking, loaders, services};
use crate::domain::id::OrganizationId;
use crate::domain::page::Page;
use crate::domain::permission::Permission;
use crate::domain::tenant;
use crate::domain::text::searchable;
use crate::error::Error;
use crate::graphql::loaders::{CountsOf, LocaleOf, LogoOf};
use crate::graphql::wire::{OrganizationSort, OrganizationState, Time, connection, count, id, requires};
use crate::service::file;
use crate::service::organization::{self as service, After, Asked, Counts};

/// One client company of an agency.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("home.view".to_owned()))]
pub struct Organization {
    /// The id: `org_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
    /// Whether it is at work.
    pub state: OrganizationState,
    /// Since when it is suspended.
    pub suspended_at: Option<Time>,
    /// Why it is suspended.
    pub suspension_reason: Option<String>,
    /// When it went into the bin.
    pub deleted_at: Option<Time>,
    /// When it is taken away for good.
    pub purge_at: Option<Time>,
    /// When something last happened in one of its conversations.
    pub last_activity_at: Option<Time>,
    /// When it was created.
    pub created_at: Time,
    #[graphql(skip)]
    of: tenant::Organization,
}

impl Organization {
    /// Wraps one.
    pub fn of(of: tenant::Organization) -> Self {
        Self {
            id: of.id.to_string().into(),
            name: of.name.clone(),
            state: of.state.into(),
            suspended_at: of.suspended_at.map(Into::into),
            suspension_reason: of.suspension_reason.clone(),
            deleted_at: of.deleted_at.map(Into::into),
            // Nought while it is being taken away.
            purge_at: of.purge_at.map(Into::into),
            last_activity_at: of.last_activity_at.map(Into::into),
            created_at: of.created_at.into(),
            of,
        }
    }

    async fn counts(&self, ctx: &Context<'_>) -> Result<Counts> {
        Ok(loaders(ctx)?.one(CountsOf(self.of.id), "organization").await?)
    }

    fn allow(&self, ctx: &Context<'_>, permission: Permission) -> Result<()> {
        services(ctx)?.policy.allow(&asking(ctx)?.actor, permission, &self.of.place(), "organization")?;
        Ok(())
    }
}

#[ComplexObject]
impl Organization {
    /// The language that counts in it.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn language(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(loaders(ctx)?.one(LocaleOf(self.of.id), "organization").await?.0)
    }

    /// The time zone that counts in it, by its IANA name.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn time_zone(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(loaders(ctx)?.one(LocaleOf(self.of.id), "organization").await?.1)
    }

    /// Path of its logo, on this host; null when it has none.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn logo(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(loaders(ctx)?.one(LogoOf(self.of.id), "organization").await?)
    }

    /// How many people have a membership in it.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn member_count(&self, ctx: &Context<'_>) -> Result<i64> {
        self.allow(ctx, Permission::TeamView)?;
        Ok(self.counts(ctx).await?.members)
    }

    /// How many AI agents are assigned to it.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn ai_agent_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.counts(ctx).await?.ai_agents)
    }

    /// How many requests for a human wait.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn waiting_count(&self, ctx: &Context<'_>) -> Result<i64> {
        self.allow(ctx, Permission::LiveChatViewQueue)?;
        Ok(self.counts(ctx).await?.waiting)
    }

    /// How much room files have in it, and how much of it they take.
    #[graphql(directive = requires::apply("handoff.read".to_owned()))]
    async fn file_room(&self, ctx: &Context<'_>) -> Result<FileRoom> {
        Ok(FileRoom::of(file::room(services(ctx)?, &asking(ctx)?.actor, &self.of).await?))
    }

    /// Its AI agents, oldest first.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn ai_agents(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<AiAgentConnection> {
        super::agent::page(ctx, Some(self.of.id), first, after).await
    }

    /// Whether the viewer may do that here. For showing and hiding; every act is asked about again.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn viewer_can(&self, ctx: &Context<'_>, permission: String) -> Result<bool> {
        viewer_can(ctx, &permission, &self.of.place())
    }
}

connection!(
    OrganizationConnection,
    OrganizationEdge,
    Organization,
    "organizations",
    requires::apply("home.view".to_owned())
);

/// Where a row stands in a list of that order.
fn cursor(sort: OrganizationSort, row: &tenant::Organization) -> String {
    match sort {
        OrganizationSort::Name => format!("n{}/{}", row.id, searchable(&row.name)),
        OrganizationSort::Created => format!("c{}", row.id),
        OrganizationSort::Activity => {
            format!("a{}/{}", row.id, row.last_activity_at.map_or(0, crate::domain::time::Time::micros))
        }
    }
}

/// The place of a cursor; one of another order is none.
fn place(sort: OrganizationSort, cursor: &str) -> Result<After, Error> {
    let refused = || Error::invalid("after", "NOT_A_CURSOR", "This is not a cursor that we gave for this order.");
    let id = |text: &str| text.parse::<OrganizationId>().map_err(|_| refused());
    match sort {
        OrganizationSort::Name => {
            let (at, name) = cursor.strip_prefix('n').and_then(|rest| rest.split_once('/')).ok_or_else(refused)?;
            Ok(After::Name(name.to_owned(), id(at)?))
        }
        OrganizationSort::Created => Ok(After::Created(id(cursor.strip_prefix('c').ok_or_else(refused)?)?)),
        OrganizationSort::Activity => {
            let (at, micros) = cursor.strip_prefix('a').and_then(|rest| rest.split_once('/')).ok_or_else(refused)?;
            let micros = micros.parse().map_err(|_| refused())?;
            Ok(After::Activity(crate::domain::time::Time::from_micros(micros), id(at)?))
        }
    }
}

/// Queries of organizations.
#[derive(Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// An organization within the viewer's reach. NOT_FOUND for any other, whether or not it exists.
    #[graphql(name = "organization", directive = requires::apply("home.view".to_owned()))]
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "id")] organization_id: ID,
    ) -> Result<Organization> {
        let id = id("id", &organization_id)?;
        Ok(Organization::of(service::organization(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Organizations within the viewer's reach: by name when no order is asked for, and without those in the bin when no
    /// states are. DELETED only for whoever holds `organization.delete`.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        search: Option<String>,
        sort: Option<OrganizationSort>,
        states: Option<Vec<OrganizationState>>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<OrganizationConnection> {
        let order = sort.unwrap_or(OrganizationSort::Name);
        let after = after.as_deref().map(|after| place(order, after)).transpose()?;
        let page = Page { first: count("first", first)?, after };
        let states = states.map(|states| states.into_iter().map(Into::into).collect());
        let asked = Asked { search, sort: Some(order.into()), states };
        let found = service::organizations(services(ctx)?, &asking(ctx)?.actor, asked, &page).await?;
        let rows = found.rows.into_iter().map(|row| (cursor(order, &row), Organization::of(row))).collect();
        Ok(OrganizationConnection::page(rows, found.more, page.after.is_some()))
    }
}

/// What can be done to organizations.
#[derive(Default)]
pub struct OrganizationMutation;

#[Object]
impl OrganizationMutation {
    /// Creates an organization. INVALID with NOT_A_LANGUAGE or NOT_A_TIME_ZONE.
    #[graphql(directive = requires::apply("organization.create".to_owned()))]
    async fn create_organization(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        name: String,
        language: Option<String>,
        time_zone: Option<String>,
    ) -> Result<Organization> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let (language, time_zone) = (language.as_deref(), time_zone.as_deref());
        Ok(Organization::of(service::create(services, actor, &client_id, &name, language, time_zone).await?))
    }

    /// Changes the name; left out, it stays.
    #[graphql(directive = requires::apply("organization.edit".to_owned()))]
    async fn update_organization(
        &self,
        ctx: &Context<'_>,
        organization_id: ID,
        name: Option<String>,
    ) -> Result<Organization> {
        let id = id("organizationId", &organization_id)?;
        Ok(Organization::of(service::rename(services(ctx)?, &asking(ctx)?.actor, id, name.as_deref()).await?))
    }

    /// Suspends an organization: its widgets are not available, requests and chats end, and its users have nothing there
    /// until it is resumed. Staff still see its history.
    #[graphql(directive = requires::apply("organization.suspend".to_owned()))]
    async fn suspend_organization(
        &self,
        ctx: &Context<'_>,
        organization_id: ID,
        reason: String,
    ) -> Result<Organization> {
        let id = id("organizationId", &organization_id)?;
        Ok(Organization::of(service::suspend(services(ctx)?, &asking(ctx)?.actor, id, &reason).await?))
    }

    /// Puts a suspended organization back to work.
    #[graphql(directive = requires::apply("organization.suspend".to_owned()))]
    async fn resume_organization(&self, ctx: &Context<'_>, organization_id: ID) -> Result<Organization> {
        let id = id("organizationId", &organization_id)?;
        Ok(Organization::of(service::resume(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Puts an organization into the bin, from which it can be restored for thirty days; its name is the confirmation.
    /// INVALID with NAME_DIFFERS.
    #[graphql(directive = requires::apply("organization.delete".to_owned()))]
    async fn delete_organization(&self, ctx: &Context<'_>, organization_id: ID, name: String) -> Result<Organization> {
        let id = id("organizationId", &organization_id)?;
        Ok(Organization::of(service::delete(services(ctx)?, &asking(ctx)?.actor, id, &name).await?))
    }

    /// Takes an organization out of the bin, as it was. CONFLICT with TOO_LATE.
    #[graphql(directive = requires::apply("organization.delete".to_owned()))]
    async fn restore_organization(&self, ctx: &Context<'_>, organization_id: ID) -> Result<Organization> {
        let id = id("organizationId", &organization_id)?;
        Ok(Organization::of(service::restore(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}
