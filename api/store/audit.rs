//! Who did what, to what, from where. Only ever added to.

use super::{Write, fail, on};
use crate::domain::id::{AgencyId, AuditEntryId, OrganizationId};
use crate::domain::time::Time;
use crate::error::Result;

/// One line of the audit log.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// The agency it happened in.
    pub agency: AgencyId,
    /// The organization it happened in, if in one.
    pub organization: Option<OrganizationId>,
    /// Id of who did it.
    pub actor: String,
    /// What was done: `handoff.enable`.
    pub action: &'static str,
    /// Id of what it was done to.
    pub object: String,
    /// What it was before and after, as JSON.
    pub detail: String,
    /// The network address it came from.
    pub address: String,
    /// When.
    pub created_at: Time,
}

/// Adds a line, in the unit that it tells of.
pub async fn append(db: &mut Write, entry: &AuditEntry) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into audit_entries (id, agency_id, organization_id, actor, action, object, detail, address, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(entry.id).bind(entry.agency).bind(entry.organization).bind(&entry.actor).bind(entry.action)
        .bind(&entry.object).bind(&entry.detail).bind(&entry.address).bind(entry.created_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
