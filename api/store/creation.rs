//! Exactly once: what was created under a client's id is found again by a retry.

use super::{Write, fail, on};
use crate::domain::id::AgencyId;
use crate::domain::time::Time;
use crate::error::{Error, Result};

/// One creation under a client's id.
pub struct Creation<'a> {
    /// Who creates; client ids are unique for each.
    pub actor: &'a str,
    /// The id that the client chose.
    pub client_id: &'a str,
    /// The agency it happens in.
    pub agency: AgencyId,
    /// Everything that the request said; a retry must say the same.
    pub fingerprint: &'a str,
    /// The id of what is created.
    pub result: &'a str,
    /// The present instant.
    pub now: Time,
}

/// Claims the client id. Gives `None` when it was free, and the first result when this is a retry.
///
/// # Errors
/// CONFLICT when the same client id came with another request before.
pub async fn create_once(db: &mut Write, creation: &Creation<'_>) -> Result<Option<String>> {
    let claimed = on!(db, c => sqlx::query(
        "insert into creations (actor, client_id, agency_id, fingerprint, result, created_at) \
         values ($1, $2, $3, $4, $5, $6) on conflict (actor, client_id) do nothing")
        .bind(creation.actor).bind(creation.client_id).bind(creation.agency).bind(creation.fingerprint)
        .bind(creation.result).bind(creation.now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)?;
    if claimed {
        return Ok(None);
    }
    let (fingerprint, result): (String, String) = on!(db, c => sqlx::query_as(
        "select fingerprint, result from creations where actor = $1 and client_id = $2")
        .bind(creation.actor).bind(creation.client_id).fetch_one(&mut *c).await)
    .map_err(fail)?;
    if fingerprint == creation.fingerprint { Ok(Some(result)) } else { Err(client_id_taken()) }
}

/// The same client id with another request.
pub(super) fn client_id_taken() -> Error {
    Error {
        field: Some("clientId"),
        ..Error::conflict("CLIENT_ID_REUSED", "This client id was used for another request.")
    }
}
