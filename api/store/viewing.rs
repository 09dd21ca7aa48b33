//! Who looks through whose eyes.

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{AgencyId, MembershipId, SessionId, UserId};
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Scope;

/// One look through a client's eyes: a session of the member of staff, tied to the session it was begun from.
#[derive(Debug, Clone)]
pub struct Viewing {
    /// The session.
    pub session: SessionId,
    /// The agency.
    pub agency: AgencyId,
    /// The session it was begun from.
    pub parent: SessionId,
    /// The client user.
    pub user: UserId,
    /// The client's membership.
    pub membership: MembershipId,
    /// Why.
    pub reason: String,
    /// When it began.
    pub created_at: Time,
}

row!(Viewing {
    session: "session_id",
    agency: "agency_id",
    parent: "parent_session_id",
    user: "user_id",
    membership: "membership_id",
    reason: "reason",
    created_at: "created_at",
});

/// Keeps a new one.
pub async fn insert(db: &mut Write, scope: &Scope, new: &Viewing) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into viewings (session_id, agency_id, parent_session_id, user_id, membership_id, reason, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(new.session).bind(scope.agency()).bind(new.parent).bind(new.user).bind(new.membership).bind(&new.reason)
        .bind(new.created_at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The look that a session is, if it is one.
pub async fn of_session(db: &mut impl Reads, scope: &Scope, session: SessionId) -> Result<Option<Viewing>> {
    on!(db, c => sqlx::query_as(
        "select session_id, agency_id, parent_session_id, user_id, membership_id, reason, created_at \
         from viewings where agency_id = $1 and session_id = $2")
        .bind(scope.agency()).bind(session).fetch_optional(&mut *c).await)
    .map_err(fail)
}

/// Whose membership that is.
pub async fn user_of_membership(db: &mut impl Reads, scope: &Scope, id: MembershipId) -> Result<Option<UserId>> {
    let found: Option<(UserId,)> =
        on!(db, c => sqlx::query_as("select user_id from memberships where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
        .map_err(fail)?;
    Ok(found.map(|(user,)| user))
}

/// The users of those memberships, for their names.
pub async fn users_of_memberships(
    db: &mut impl Reads,
    scope: &Scope,
    ids: &[MembershipId],
) -> Result<Vec<(MembershipId, UserId)>> {
    on!(db, c => sqlx::query_as(
        "select id, user_id from memberships where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}
