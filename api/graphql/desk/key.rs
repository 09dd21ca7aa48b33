//! API keys.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::identity::User;
use super::{asking, loaders, services};
use crate::domain::id::UserId;
use crate::graphql::wire::{Time, connection, id, mirror, optional_id, page_by_id, public, requires};
use crate::service::key::{self, Seen, Wanted};
use crate::service::role::Givable;

mirror! {
    /// Whether an API key counts.
    ApiKeyState = crate::domain::key::State {
        /// It does.
        Active,
        /// Its time is over.
        Expired,
        /// Somebody ended it.
        Revoked,
    }
}

/// By what a program acts: `Authorization: Bearer lvk_...`. It belongs to an organization or to the agency itself, has a role
/// there like a member, and goes on when whoever made it leaves.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("api_key.manage".to_owned()))]
pub struct ApiKey {
    /// The id: `key_...`.
    pub id: ID,
    /// Whether it is one of the agency itself.
    pub of_agency: bool,
    /// What people call it.
    pub name: String,
    /// The name of its role; it may do what that role allows now.
    pub role_name: String,
    /// How its secret begins: `lvk_AbCd`.
    pub hint: String,
    /// Whether it counts.
    pub state: ApiKeyState,
    /// When it was made.
    pub created_at: Time,
    /// From when on it does not count any more; null for one without an end.
    pub expires_at: Option<Time>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Time>,
    /// When somebody ended it.
    pub revoked_at: Option<Time>,
    #[graphql(skip)]
    created_by: UserId,
}

impl ApiKey {
    fn of(Seen { key, role, state }: Seen) -> Self {
        Self {
            id: key.id.to_string().into(),
            of_agency: key.organization.is_none(),
            name: key.name,
            role_name: role.name,
            hint: key.hint,
            state: state.into(),
            created_at: key.created_at.into(),
            expires_at: key.expires_at.map(Into::into),
            last_used_at: key.last_used_at.map(Into::into),
            revoked_at: key.revoked_at.map(Into::into),
            created_by: key.created_by,
        }
    }
}

#[ComplexObject]
impl ApiKey {
    /// Who made it.
    #[graphql(directive = requires::apply("api_key.manage".to_owned()))]
    async fn created_by(&self, ctx: &Context<'_>) -> Result<User> {
        Ok(User::of(loaders(ctx)?.one(self.created_by, "user").await?))
    }
}

/// An API key, and its secret.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("api_key.manage".to_owned()))]
pub struct ApiKeyWithSecret {
    /// The key.
    pub api_key: ApiKey,
    /// The secret, `lvk_...`: shown now and never again. Null in the answer to a retry: nobody knows it then, so revoke the key
    /// and make another.
    pub secret: Option<String>,
}

/// A role that an API key can have, and whether the viewer may give it.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("api_key.manage".to_owned()))]
pub struct ApiKeyRole {
    /// The id: `rol_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether the viewer may give it: nobody gives more than they may do themselves.
    pub givable: bool,
}

impl ApiKeyRole {
    fn of(found: Givable) -> Self {
        Self {
            id: found.role.id.to_string().into(),
            name: found.role.name,
            description: found.role.description,
            givable: found.reason.is_none(),
        }
    }
}

/// What an API key is told of itself.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
pub struct CurrentApiKey {
    /// The id: `key_...`.
    pub id: ID,
    /// What people call it.
    pub name: String,
    /// The id of the organization it belongs to; null for a key of the agency itself.
    pub organization_id: Option<ID>,
    /// The name of its role.
    pub role_name: String,
    /// What it may do there now, as `object.action`; nothing while the organization is suspended.
    pub permissions: Vec<String>,
    /// From when on it does not count any more; null for one without an end.
    pub expires_at: Option<Time>,
}

connection!(ApiKeyConnection, ApiKeyEdge, ApiKey, "API keys", requires::apply("api_key.manage".to_owned()));

/// What somebody wants an API key to be.
#[derive(InputObject, Debug, Clone)]
pub struct ApiKeyInput {
    /// What people call it: 1 to 80 characters, and no other living key of the place has that name.
    pub name: String,
    /// Its role: one of `apiKeyRoles`.
    pub role_id: ID,
    /// After how many days it ends, 1 to 730; null for no end.
    pub expires_in_days: Option<i64>,
}

/// Queries of API keys.
#[derive(Default)]
pub struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// The API keys of an organization; without one those of the agency itself. The newest first; one that is over stays listed
    /// for thirty days.
    #[graphql(directive = requires::apply("api_key.manage".to_owned()))]
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<ApiKeyConnection> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let page = page_by_id(first, after.as_deref())?;
        let found = key::keys(services(ctx)?, &asking(ctx)?.actor, organization, &page).await?;
        let rows = found.rows.into_iter().map(|one| (one.key.id.to_string(), ApiKey::of(one)));
        Ok(ApiKeyConnection::page(rows.collect(), found.more, page.after.is_some()))
    }

    /// The roles that an API key can have there, each with whether the viewer may give it: never an owner's.
    #[graphql(directive = requires::apply("api_key.manage".to_owned()))]
    async fn api_key_roles(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<Vec<ApiKeyRole>> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let found = key::roles_for(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(found.into_iter().map(ApiKeyRole::of).collect())
    }

    /// The API key that asks; null for everybody else.
    #[graphql(directive = public::apply())]
    async fn current_api_key(&self, ctx: &Context<'_>) -> Result<Option<CurrentApiKey>> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let Some((seen, permissions)) = key::current(services, actor).await? else { return Ok(None) };
        Ok(Some(CurrentApiKey {
            id: seen.key.id.to_string().into(),
            name: seen.key.name,
            organization_id: seen.key.organization.map(|id| id.to_string().into()),
            role_name: seen.role.name,
            permissions: permissions.iter().map(|permission| permission.as_str().to_owned()).collect(),
            expires_at: seen.key.expires_at.map(Into::into),
        }))
    }
}

/// Changes of API keys: for people alone.
#[derive(Default)]
pub struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Makes an API key for an organization; without one for the agency itself. Gives its secret: this once. INVALID with
    /// OWNER_ROLE, ROLE_NOT_FOR_THIS or OUT_OF_RANGE; FORBIDDEN with CANNOT_GRANT or NEEDS_A_PERSON; CONFLICT with NAME_TAKEN or
    /// TOO_MANY.
    #[graphql(directive = requires::apply("api_key.manage".to_owned()))]
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        organization_id: Option<ID>,
        input: ApiKeyInput,
    ) -> Result<ApiKeyWithSecret> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let role = id("roleId", &input.role_id)?;
        let wanted = Wanted { name: input.name, role, expires_in_days: input.expires_in_days };
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let (seen, secret) = key::create(services, actor, &client_id, organization, wanted).await?;
        Ok(ApiKeyWithSecret { api_key: ApiKey::of(seen), secret: secret.map(|secret| secret.reveal().to_owned()) })
    }

    /// Ends an API key at once; its subscriptions end too. FORBIDDEN with NEEDS_A_PERSON; CONFLICT with REVOKED.
    #[graphql(directive = requires::apply("api_key.manage".to_owned()))]
    async fn revoke_api_key(&self, ctx: &Context<'_>, api_key_id: ID) -> Result<ApiKey> {
        let id = id("apiKeyId", &api_key_id)?;
        Ok(ApiKey::of(key::revoke(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}
