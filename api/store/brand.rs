//! An agency's brand, and the version that its changes are conditional on.

use super::{Reads, Write, fail, on};
use crate::domain::brand::Brand;
use crate::error::{Error, Result};
use crate::policy::Scope;

/// The brand and its version.
pub async fn brand(db: &mut impl Reads, scope: &Scope) -> Result<(Brand, i64)> {
    let found: Option<(String, i64)> = on!(db, c => sqlx::query_as(
        "select brand, brand_version from agencies where id = $1").bind(scope.agency()).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    let (text, version) = found.ok_or_else(|| Error::not_found("agency"))?;
    Ok((serde_json::from_str(&text).unwrap_or_default(), version))
}

/// Keeps the brand if it is still the version that was read. Says whether it was.
pub async fn update(db: &mut Write, scope: &Scope, brand: &Brand, version: i64) -> Result<bool> {
    let text = serde_json::to_string(brand).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "update agencies set brand = $1, brand_version = brand_version + 1 where id = $2 and brand_version = $3")
        .bind(&text).bind(scope.agency()).bind(version).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}
