//! Why somebody may, or may not (W01).

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::identity::User;
use super::{asking, services};
use crate::graphql::wire::{optional_id, requires};
use crate::service::access;

/// Why a person may do something to an object, or may not.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct AccessExplanation {
    /// The answer.
    pub allowed: bool,
    /// Its reason, stable: GRANTED_BY_ROLE, MISSING_PERMISSION, NO_MEMBERSHIP, ...
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

/// Queries of access.
#[derive(Default)]
pub struct AccessQuery;

#[Object]
impl AccessQuery {
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
