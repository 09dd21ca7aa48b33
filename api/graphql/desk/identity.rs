//! Signing in and out, and one's own account.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};

use super::agency::{Agency, Organization};
use super::{asking, services};
use crate::domain::access::{Actor, BUILT_IN_ROLES, Membership as Belonging, Person};
use crate::domain::id::OrganizationId;
use crate::domain::permission::{Level, PermissionSet};
use crate::error::Error;
use crate::graphql::wire::{Time, id, optional_id, owner_only, public, requires};
use crate::service::identity::{self, SignedIn};
use crate::service::{agency, person_of};

/// A person with a login.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct User {
    /// The id: `usr_...`.
    pub id: ID,
    /// The name that others see.
    pub name: String,
    /// The address: of oneself.
    pub email: Option<String>,
}

impl User {
    /// As others see them.
    pub fn of(user: crate::domain::tenant::User) -> Self {
        Self { id: user.id.to_string().into(), name: user.name, email: None }
    }
}

/// One place where one is signed in.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct Session {
    /// The id: `ses_...`.
    pub id: ID,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it began.
    pub created_at: Time,
    /// When it was last used.
    pub last_used_at: Time,
    /// The browser, in a few words.
    pub browser: String,
    /// The network address it was last used from.
    pub address: String,
}

/// Where a role can be given.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleLevel {
    /// In the agency itself.
    Agency,
    /// In one organization.
    Organization,
}

/// A named set of permissions.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct Role {
    /// The id: `rol_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
    /// Where it can be given.
    pub level: RoleLevel,
    /// Whether every agency has it.
    pub built_in: bool,
    /// What it allows, as `object.action`.
    pub permissions: Vec<String>,
}

/// One belonging of the viewer: in the agency itself, or in one of its organizations.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = owner_only::apply())]
pub struct Membership {
    /// The id: `mem_...`.
    pub id: ID,
    /// The role.
    pub role: Role,
    #[graphql(skip)]
    of: (Option<OrganizationId>, Actor),
}

#[ComplexObject]
impl Membership {
    /// The organization; none for a membership in the agency itself.
    #[graphql(directive = owner_only::apply())]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.of.0 {
            Some(id) => Ok(Some(Organization::of(agency::organization(services(ctx)?, &self.of.1, id).await?))),
            None => Ok(None),
        }
    }
}

pub(super) fn role(ctx: &Context<'_>, belonging: &Belonging) -> Result<Role> {
    let known = BUILT_IN_ROLES.iter().find(|role| role.key == belonging.role_key);
    let permissions = services(ctx)?.policy.permissions_of(&belonging.role_key).unwrap_or(PermissionSet::EMPTY);
    Ok(Role {
        id: belonging.role.to_string().into(),
        name: known.map_or_else(|| belonging.role_key.clone(), |role| role.name.to_owned()),
        level: match (known, belonging.organization) {
            (Some(role), _) if role.level == Level::Agency => RoleLevel::Agency,
            (None, None) => RoleLevel::Agency,
            _ => RoleLevel::Organization,
        },
        built_in: known.is_some(),
        permissions: permissions.iter().map(|permission| permission.as_str().to_owned()).collect(),
    })
}

/// Whoever is signed in, or has just signed in.
pub struct Viewer(Actor);

/// Whoever is signed in, or has just signed in.
#[Object(directive = owner_only::apply())]
impl Viewer {
    /// The account.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        let account = identity::account(services(ctx)?, &self.0).await?;
        Ok(User { id: account.id.to_string().into(), name: account.name, email: Some(account.email) })
    }

    /// The agency under which they are signed in.
    async fn agency(&self, ctx: &Context<'_>) -> Result<Agency> {
        Ok(Agency::of(agency::own(services(ctx)?, &self.0).await?))
    }

    /// The session that asks.
    async fn session(&self, ctx: &Context<'_>) -> Result<Session> {
        let current = sessions(ctx, &self.0).await?.into_iter().find(|session| session.current);
        Ok(current.ok_or_else(|| Error::not_found("session"))?)
    }

    /// All sessions, last used first.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        sessions(ctx, &self.0).await
    }

    /// What they belong to.
    async fn memberships(&self, ctx: &Context<'_>) -> Result<Vec<Membership>> {
        let person = person_of(&self.0)?;
        person
            .memberships
            .iter()
            .map(|belonging| {
                Ok(Membership {
                    id: belonging.id.to_string().into(),
                    role: role(ctx, belonging)?,
                    of: (belonging.organization, self.0.clone()),
                })
            })
            .collect()
    }

    /// What they may do in an organization, or anywhere at all when none is named. For showing and hiding; every act is
    /// asked about again.
    async fn permissions(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<Vec<String>> {
        let (services, actor) = (services(ctx)?, &self.0);
        let held = match optional_id("organizationId", organization_id.as_ref())? {
            Some(organization) => {
                let there = agency::organization(services, actor, organization).await?;
                services.policy.permissions_at(actor, &agency::place(&there))
            }
            None => crate::domain::permission::Permission::ALL
                .iter()
                .copied()
                .filter(|permission| services.policy.may_somewhere(actor, *permission).is_ok())
                .collect(),
        };
        Ok(held.iter().map(|permission| permission.as_str().to_owned()).collect())
    }
}

async fn sessions(ctx: &Context<'_>, actor: &Actor) -> Result<Vec<Session>> {
    let current = person_of(actor)?.session;
    let all = identity::sessions(services(ctx)?, actor).await?;
    Ok(all
        .into_iter()
        .map(|session| Session {
            id: session.id.to_string().into(),
            current: session.id == current,
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            browser: session.browser,
            address: session.address,
        })
        .collect())
}

/// A fresh access token, and who it is for.
pub struct SignIn {
    access_token: String,
    expires_at: crate::domain::time::Time,
    person: std::sync::Arc<Person>,
}

/// A fresh access token, and who it is for.
#[Object(directive = owner_only::apply())]
impl SignIn {
    /// Goes into `Authorization: Bearer`, and into `connection_init` as `token`. Keep it in memory alone.
    #[graphql(directive = public::apply())]
    async fn access_token(&self) -> &str {
        &self.access_token
    }

    /// When the access token ends: ten minutes from now.
    #[graphql(directive = public::apply())]
    async fn expires_at(&self) -> Time {
        self.expires_at.into()
    }

    /// Who has signed in.
    #[graphql(directive = public::apply())]
    async fn viewer(&self) -> Viewer {
        Viewer(Actor::Person(self.person.clone()))
    }
}

impl SignIn {
    fn of(ctx: &Context<'_>, signed_in: SignedIn) -> Result<Self> {
        let asking = asking(ctx)?;
        if let Some(token) = &signed_in.refresh_token {
            set_cookie(ctx, token, identity::SESSION_LIFE.as_secs())?;
        }
        if !asking.can_set_cookies {
            return Err(use_post().into());
        }
        Ok(Self { access_token: signed_in.access_token, expires_at: signed_in.expires_at, person: signed_in.person })
    }
}

fn use_post() -> Error {
    Error::invalid("operation", "USE_POST", "Signing in and out sets a cookie: send it by POST.")
}

/// The name of the refresh cookie. With TLS it is bound to the host by its prefix (RFC 6265bis, 4.1.3.2).
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-refresh" } else { "refresh" }
}

fn set_cookie(ctx: &Context<'_>, token: &str, max_age: u64) -> Result<()> {
    let secure = services(ctx)?.addresses.secure;
    let name = cookie_name(secure);
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}");
    ctx.append_http_header("set-cookie", cookie);
    Ok(())
}

/// Queries of one's own account.
#[derive(Default)]
pub struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// Whoever is signed in.
    #[graphql(directive = owner_only::apply())]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        Ok(Viewer(asking(ctx)?.actor.clone()))
    }
}

/// Signing in and out.
#[derive(Default)]
pub struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Signs in with address and password under the brand of the host. Sets the refresh cookie. UNAUTHENTICATED with
    /// WRONG_CREDENTIALS, whether or not the address exists; RATE_LIMITED after too many wrong tries.
    #[graphql(directive = public::apply())]
    async fn sign_in(&self, ctx: &Context<'_>, email: String, password: String) -> Result<SignIn> {
        let asking = asking(ctx)?;
        if !asking.can_set_cookies {
            return Err(use_post().into());
        }
        SignIn::of(ctx, identity::sign_in(services(ctx)?, &asking.origin, &email, &password).await?)
    }

    /// Gives a new access token for the refresh cookie, and replaces that. UNAUTHENTICATED with SESSION_ENDED when the
    /// session is over, or when a replaced cookie is shown again: then it ends.
    #[graphql(directive = public::apply())]
    async fn refresh_session(&self, ctx: &Context<'_>) -> Result<SignIn> {
        let asking = asking(ctx)?;
        let renewed = identity::refresh(services(ctx)?, &asking.origin, asking.refresh_token.as_deref()).await;
        match renewed {
            Ok(renewed) => SignIn::of(ctx, renewed),
            Err(error) => {
                if asking.refresh_token.is_some() && error.code == crate::error::Code::Unauthenticated {
                    set_cookie(ctx, "", 0)?;
                }
                Err(error.into())
            }
        }
    }

    /// Ends the session that asks; its streams close.
    #[graphql(directive = owner_only::apply())]
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<bool> {
        identity::sign_out(services(ctx)?, &asking(ctx)?.actor).await?;
        set_cookie(ctx, "", 0)?;
        Ok(true)
    }

    /// Ends one of one's own sessions; its streams close. NOT_FOUND for anybody else's.
    #[graphql(directive = owner_only::apply())]
    async fn end_session(&self, ctx: &Context<'_>, session_id: ID) -> Result<bool> {
        let session = id("sessionId", &session_id)?;
        identity::end_session(services(ctx)?, &asking(ctx)?.actor, session).await?;
        Ok(true)
    }
}
