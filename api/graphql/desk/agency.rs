//! Agency, brand and organizations.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};

use super::agent::AiAgentConnection;
use super::{asking, services};
use crate::domain::access::Place;
use crate::domain::brand::text_on;
use crate::domain::id::{AgencyId, OrganizationId};
use crate::domain::permission::Permission;
use crate::domain::tenant;
use crate::error::Error;
use crate::graphql::wire::{Time, connection, id, page_by_id, public, requires};
use crate::service::agency;

/// The tenant.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct Agency {
    /// The id: `agy_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
}

impl Agency {
    /// Wraps one.
    pub fn of(agency: tenant::Agency) -> Self {
        Self { id: agency.id.to_string().into(), name: agency.name }
    }
}

/// What everything of an agency looks like: typed tokens, never CSS or HTML.
#[derive(SimpleObject, Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[graphql(directive = public::apply())]
pub struct Brand {
    /// The name that everything carries.
    pub name: String,
    /// The accent on light ground, `#rrggbb`.
    pub accent: String,
    /// The colour that reads on it.
    pub accent_text: String,
    /// The accent on dark ground, `#rrggbb`.
    pub accent_dark: String,
    /// The colour that reads on that.
    pub accent_dark_text: String,
    /// Corner radius in pixels.
    pub radius: i32,
    /// Font families, as CSS lists them.
    pub font: String,
    /// Path of the logo on light ground, on this host.
    pub logo: Option<String>,
    /// Path of the logo on dark ground, on this host.
    pub logo_dark: Option<String>,
    /// Address people of the clients can write to.
    pub support_email: Option<String>,
    /// Terms of use.
    pub terms_url: Option<String>,
    /// Privacy notice.
    pub privacy_url: Option<String>,
}

impl Brand {
    /// The brand of an agency.
    pub fn of(agency: &tenant::Agency) -> Self {
        let brand = &agency.brand;
        Self {
            name: brand.name.clone(),
            accent: brand.accent.clone(),
            accent_text: text_on(&brand.accent).to_owned(),
            accent_dark: brand.accent_dark.clone(),
            accent_dark_text: text_on(&brand.accent_dark).to_owned(),
            radius: i32::from(brand.radius),
            font: brand.font_families().to_owned(),
            logo: Some("/brand/logo.svg".to_owned()),
            logo_dark: Some("/brand/logo-dark.svg".to_owned()),
            support_email: brand.support_email.clone(),
            terms_url: brand.terms_url.clone(),
            privacy_url: brand.privacy_url.clone(),
        }
    }
}

/// One client company of an agency.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("home.view".to_owned()))]
pub struct Organization {
    /// The id: `org_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Time,
    #[graphql(skip)]
    of: (AgencyId, OrganizationId),
}

impl Organization {
    /// Wraps one.
    pub fn of(organization: tenant::Organization) -> Self {
        Self {
            id: organization.id.to_string().into(),
            name: organization.name,
            created_at: organization.created_at.into(),
            of: (organization.agency, organization.id),
        }
    }
}

#[ComplexObject]
impl Organization {
    /// Its AI agents, oldest first.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn ai_agents(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<AiAgentConnection> {
        super::agent::page(ctx, Some(self.of.1), first, after).await
    }

    /// Whether the viewer may do that here. For showing and hiding; every act is asked about again.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn viewer_can(&self, ctx: &Context<'_>, permission: String) -> Result<bool> {
        viewer_can(ctx, &permission, &Place::organization(self.of.0, self.of.1))
    }
}

/// Whether the viewer may do something at a place.
pub(super) fn viewer_can(ctx: &Context<'_>, permission: &str, place: &Place) -> Result<bool> {
    let permission: Permission = permission
        .parse()
        .map_err(|_| Error::invalid("permission", "UNKNOWN_PERMISSION", "There is no such permission."))?;
    Ok(services(ctx)?.policy.may(&asking(ctx)?.actor, permission, place))
}

connection!(
    OrganizationConnection,
    OrganizationEdge,
    Organization,
    "organizations",
    requires::apply("home.view".to_owned())
);

/// Queries of agency and organizations.
#[derive(Default)]
pub struct AgencyQuery;

#[Object]
impl AgencyQuery {
    /// The brand to show: that of the viewer's agency, or that of the host before anybody is signed in.
    #[graphql(directive = public::apply())]
    async fn brand(&self, ctx: &Context<'_>) -> Result<Brand> {
        let asking = asking(ctx)?;
        Ok(Brand::of(&agency::shown(services(ctx)?, &asking.actor, &asking.origin.host).await?))
    }

    /// An organization within the viewer's reach. NOT_FOUND for any other, whether or not it exists.
    #[graphql(name = "organization", directive = requires::apply("home.view".to_owned()))]
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "id")] organization_id: ID,
    ) -> Result<Organization> {
        let id = id("id", &organization_id)?;
        Ok(Organization::of(agency::organization(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Organizations within the viewer's reach, oldest first.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<OrganizationConnection> {
        let page = page_by_id(first, after.as_deref())?;
        let found = agency::organizations(services(ctx)?, &asking(ctx)?.actor, &page).await?;
        let rows = found.rows.into_iter().map(|row| (row.id.to_string(), Organization::of(row))).collect();
        Ok(OrganizationConnection::page(rows, found.more, page.after.is_some()))
    }
}
