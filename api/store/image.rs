//! Pictures, each drawn anew by us: one of a kind for an agency, one for an organization.

use super::{Reads, Write, fail, on};
use crate::domain::id::{ImageId, OrganizationId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

/// A picture to keep.
#[derive(Debug, Clone)]
pub struct NewImage<'a> {
    /// Its id.
    pub id: ImageId,
    /// The organization whose logo it is; none for a picture of the brand.
    pub organization: Option<OrganizationId>,
    /// What it is for: a word of the brand's kinds, or `ORGANIZATION`.
    pub kind: &'a str,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// As PNG.
    pub bytes: &'a [u8],
}

/// The kind of an organization's logo.
pub const ORGANIZATION: &str = "ORGANIZATION";

/// Keeps a picture in the place of the one that was there.
pub async fn put(db: &mut Write, scope: &Scope, image: &NewImage<'_>, now: Time) -> Result<()> {
    let statement = if image.organization.is_none() {
        "insert into images (id, agency_id, organization_id, kind, width, height, bytes, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (agency_id, kind) where organization_id is null do update set \
         id = excluded.id, width = excluded.width, height = excluded.height, bytes = excluded.bytes, \
         created_at = excluded.created_at"
    } else {
        "insert into images (id, agency_id, organization_id, kind, width, height, bytes, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) \
         on conflict (agency_id, organization_id) where organization_id is not null do update set \
         id = excluded.id, width = excluded.width, height = excluded.height, bytes = excluded.bytes, \
         created_at = excluded.created_at"
    };
    on!(db, c => sqlx::query(statement)
        .bind(image.id).bind(scope.agency()).bind(image.organization).bind(image.kind).bind(i64::from(image.width))
        .bind(i64::from(image.height)).bind(image.bytes).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Removes the brand's picture of a kind.
pub async fn remove(db: &mut Write, scope: &Scope, kind: &str) -> Result<()> {
    on!(db, c => sqlx::query("delete from images where agency_id = $1 and kind = $2 and organization_id is null")
        .bind(scope.agency()).bind(kind).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Removes an organization's logo. Says whether there was one.
pub async fn remove_organization_logo(db: &mut Write, scope: &Scope, organization: OrganizationId) -> Result<bool> {
    on!(db, c => sqlx::query("delete from images where agency_id = $1 and organization_id = $2")
        .bind(scope.agency()).bind(organization).execute(&mut *c).await.map(|done| done.rows_affected() > 0))
    .map_err(fail)
}

/// The bytes of a picture.
pub async fn bytes(db: &mut impl Reads, scope: &Scope, id: ImageId) -> Result<Option<Vec<u8>>> {
    on!(db, c => sqlx::query_scalar("select bytes from images where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// The logo of an organization, if it has one.
pub async fn organization_logo(
    db: &mut impl Reads,
    scope: &Scope,
    organization: OrganizationId,
) -> Result<Option<ImageId>> {
    let found = organization_logos(db, scope, &[organization]).await?;
    Ok(found.into_iter().next().map(|(_, image)| image))
}

/// The logos of organizations, of those that have one.
pub async fn organization_logos(
    db: &mut impl Reads,
    scope: &Scope,
    organizations: &[OrganizationId],
) -> Result<Vec<(OrganizationId, ImageId)>> {
    let ids = super::types::list(organizations);
    on!(db, c => sqlx::query_as(
        "select organization_id, id from images \
         where agency_id = $1 and organization_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(&ids).fetch_all(&mut *c).await)
    .map_err(fail)
}
