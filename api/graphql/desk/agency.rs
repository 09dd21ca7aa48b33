//! The agency and its brand.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};

use super::{asking, services};
use crate::domain::access::Place;
use crate::domain::id::AgencyId;
use crate::domain::permission::Permission;
use crate::domain::tenant;
use crate::error::Error;
use crate::graphql::wire::requires;

pub use super::organization::Organization;

/// The tenant.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("home.view".to_owned()))]
pub struct Agency {
    /// The id: `agy_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
    #[graphql(skip)]
    of: AgencyId,
}

impl Agency {
    /// Wraps one.
    pub fn of(agency: tenant::Agency) -> Self {
        Self { id: agency.id.to_string().into(), name: agency.name, of: agency.id }
    }
}

#[ComplexObject]
impl Agency {
    /// Whether everybody has to sign in with a second factor.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn demands_second_factor(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(crate::service::people::factor::is_demanded(services(ctx)?, self.of).await?)
    }
}

/// Whether the viewer may do something at a place.
pub(super) fn viewer_can(ctx: &Context<'_>, permission: &str, place: &Place) -> Result<bool> {
    let permission: Permission = permission
        .parse()
        .map_err(|_| Error::invalid("permission", "UNKNOWN_PERMISSION", "There is no such permission."))?;
    Ok(services(ctx)?.policy.may(&asking(ctx)?.actor, permission, place))
}
