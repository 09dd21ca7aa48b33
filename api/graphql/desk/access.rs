//! Why somebody may, or may not (W01); and who may what, as a table (W17).

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::agent::AiAgent;
use super::identity::User;
use super::role::{PermissionSwitch, Role, names, switches};
use super::{asking, services};
use crate::domain::permission::Level;
use crate::graphql::wire::{optional_id, requires};
use crate::service::access;

/// Why a person may do something to an object, or may not.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct AccessExplanation {
    /// The answer.
    pub allowed: bool,
    /// Its reason, stable: GRANTED_BY_ROLE, MISSING_PERMISSION, NO_MEMBERSHIP, SETTING_LOCKED, ...
    pub reason: String,
    /// One sentence for a person.
    pub message: String,
    /// The permission that was asked about.
    pub permission: String,
    /// The switch that carries it, under the name that people know.
    pub switch: String,
    /// The role that decided, by its key.
    pub role: Option<String>,
    /// The membership that decided.
    pub membership_id: Option<ID>,
    /// The rule of the policy that decided, as it stands there.
    pub rule: Option<String>,
    /// People who can change the answer; at most five.
    pub grantable_by: Vec<User>,
}

/// Who may do what somewhere.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("team.view".to_owned()))]
pub struct AccessMatrix {
    /// What there is to have: the columns.
    pub switches: Vec<PermissionSwitch>,
    /// A row for each membership that reaches the place: the organization's own people, then staff, by name.
    pub rows: Vec<AccessRow>,
}

/// What one membership allows.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("team.view".to_owned()))]
pub struct AccessRow {
    /// Whose it is.
    pub user: User,
    /// Their role.
    pub role: Role,
    /// Whether they are staff of the agency.
    pub staff: bool,
    /// The AI agents that they are limited to; empty when they are not.
    pub limited_to: Vec<AiAgent>,
    /// What they may do there, as `object.action`.
    pub permissions: Vec<String>,
    /// Whether the membership is suspended, and allows nothing for the time being.
    pub suspended: bool,
}

/// Queries of access.
#[derive(Default)]
pub struct AccessQuery;

#[Object]
impl AccessQuery {
    /// Who may do what in an organization, staff who reach it included; in the agency itself when none is named.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn access_matrix(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<AccessMatrix> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let matrix = access::matrix(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        let row = |row: access::AccessRow| AccessRow {
            user: User::of(row.user),
            role: Role::of(row.role),
            staff: row.staff,
            limited_to: row.limited_to.into_iter().map(AiAgent::of).collect(),
            permissions: names(row.permissions),
            suspended: row.suspended,
        };
        // In an organization nobody holds what only the agency gives.
        let columns = switches(organization.map(|_| Level::Organization));
        Ok(AccessMatrix { switches: columns, rows: matrix.rows.into_iter().map(row).collect() })
    }

    /// The same as CSV (RFC 4180) with a column for each permission; cells that begin like formulas begin with an apostrophe.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn access_matrix_csv(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<String> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        Ok(access::matrix_csv(services(ctx)?, &asking(ctx)?.actor, organization).await?)
    }

    /// Why a user may do something to an object, or may not: the deciding rule, the missing membership or the switch.
    /// Without `userId` about oneself; about others it needs `team.view` where the object stands. The object is named
    /// by its id, of whatever kind. NOT_FOUND for objects out of one's own reach.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn explain_access(
        &self,
        ctx: &Context<'_>,
        user_id: Option<ID>,
        permission: String,
        object_id: ID,
    ) -> Result<AccessExplanation> {
        let user = optional_id("userId", user_id.as_ref())?;
        let explained = access::explain(services(ctx)?, &asking(ctx)?.actor, user, &permission, &object_id).await?;
        let explanation = explained.explanation;
        Ok(AccessExplanation {
            allowed: explanation.allowed,
            reason: explanation.reason.to_owned(),
            message: explanation.message,
            permission: explanation.permission.to_owned(),
            switch: explanation.switch.to_owned(),
            role: explanation.role,
            membership_id: explanation.membership.map(|id| id.to_string().into()),
            rule: explanation.rule,
            grantable_by: explained.grantable_by.into_iter().map(User::of).collect(),
        })
    }
}
