//! Signing in and out, and one's own account.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};

use super::agency::{Agency, Organization};
pub use super::role::{Role, RoleLevel};
use super::viewing::ViewingAs;
use super::{asking, services};
use crate::domain::access::{Actor, Person};
use crate::domain::id::OrganizationId;
use crate::domain::people::Profile;
use crate::error::Error;
use crate::graphql::wire::{Time, id, optional_id, owner_only, public, requires};
use crate::service::identity::{self, Shown, SignedIn};
use crate::service::people::{account, factor};
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

    /// Set while a member of staff views as this client.
    async fn viewing_as(&self) -> Result<Option<ViewingAs>> {
        Ok(ViewingAs::of(person_of(&self.0)?))
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
                    role: Role::of_membership(ctx, belonging)?,
                    of: (belonging.organization, self.0.clone()),
                })
            })
            .collect()
    }

    /// Whether a second factor is asked for when they sign in.
    async fn has_second_factor(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.profile(ctx).await?.has_second_factor)
    }

    /// The agency demands a second factor and there is none yet: until then the viewer has no memberships.
    async fn must_set_up_second_factor(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.profile(ctx).await?.must_set_up_second_factor)
    }

    /// The language that they chose, as a tag like `en`.
    async fn language(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.profile(ctx).await?.language)
    }

    /// The time zone that they chose, as the IANA database names it.
    async fn time_zone(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.profile(ctx).await?.time_zone)
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

impl Viewer {
    async fn profile(&self, ctx: &Context<'_>) -> Result<Profile> {
        Ok(account::profile(services(ctx)?, &self.0).await?)
    }
}

/// What an authenticator app needs for a second factor.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct SecondFactorSetup {
    /// The secret in base 32, to be typed.
    pub secret: String,
    /// The same as an `otpauth` address, to be opened on the same machine.
    pub uri: String,
    /// The same as a picture: rows of 0 and 1, without the quiet zone around it.
    pub qr: Vec<String>,
}

/// Codes for when the authenticator app is lost. Each works once.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct RecoveryCodes {
    /// Ten of them. Shown once.
    pub codes: Vec<String>,
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

    /// When the access token ends: ten minutes from now; a view as a client ends with it.
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
    /// Without a cookie: the page keeps it beside its own.
    pub(super) fn beside(signed_in: SignedIn) -> Self {
        Self { access_token: signed_in.access_token, expires_at: signed_in.expires_at, person: signed_in.person }
    }

    /// For whoever has just signed in; sets the cookie.
    pub(super) fn of(ctx: &Context<'_>, signed_in: SignedIn) -> Result<Self> {
        let asking = asking(ctx)?;
        if let Some(token) = &signed_in.refresh_token {
            set_cookie(ctx, token, identity::SESSION_LIFE.as_secs())?;
        }
        asking.must_set_cookies()?;
        Ok(Self { access_token: signed_in.access_token, expires_at: signed_in.expires_at, person: signed_in.person })
    }
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
    /// Signs in with address and password under the brand of the host. Sets the refresh cookie. `code` is one of the
    /// authenticator app or a recovery code; `newPassword` replaces one that somebody else made. UNAUTHENTICATED with
    /// WRONG_CREDENTIALS, whether or not the address exists, with SECOND_FACTOR_REQUIRED, SECOND_FACTOR_WRONG,
    /// PASSWORD_CHANGE_REQUIRED or NO_MEMBERSHIP; INVALID with PASSWORD_TOO_WEAK; RATE_LIMITED after too many wrong tries.
    #[graphql(directive = public::apply())]
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        email: String,
        password: String,
        code: Option<String>,
        new_password: Option<String>,
    ) -> Result<SignIn> {
        let asking = asking(ctx)?;
        asking.must_set_cookies()?;
        let shown = Shown { password: &password, code: code.as_deref(), new_password: new_password.as_deref() };
        SignIn::of(ctx, identity::sign_in(services(ctx)?, &asking.origin, &email, shown).await?)
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

/// One's own account.
#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Ends all of one's own sessions but the one that asks; their streams close.
    #[graphql(directive = owner_only::apply())]
    async fn end_other_sessions(&self, ctx: &Context<'_>) -> Result<bool> {
        identity::end_other_sessions(services(ctx)?, &asking(ctx)?.actor).await?;
        Ok(true)
    }

    /// Changes one's own password. All other sessions end. INVALID with WRONG_CREDENTIALS or PASSWORD_TOO_WEAK.
    #[graphql(directive = owner_only::apply())]
    async fn change_password(&self, ctx: &Context<'_>, current_password: String, new_password: String) -> Result<bool> {
        let asking = asking(ctx)?;
        let (actor, origin) = (&asking.actor, &asking.origin);
        account::change_password(services(ctx)?, actor, origin, &current_password, &new_password).await?;
        Ok(true)
    }

    /// Changes one's own name, language and time zone; what is left out stays, and an empty language or zone is none.
    #[graphql(directive = owner_only::apply())]
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        name: Option<String>,
        language: Option<String>,
        time_zone: Option<String>,
    ) -> Result<Viewer> {
        let actor = &asking(ctx)?.actor;
        let (name, language, zone) = (name.as_deref(), language.as_deref(), time_zone.as_deref());
        account::update_profile(services(ctx)?, actor, name, language, zone).await?;
        Ok(Viewer(actor.clone()))
    }

    /// Begins a change of one's own address: both ends get a letter with a link, and it counts once both were used. Whether
    /// somebody else has the new address is not told. INVALID with WRONG_CREDENTIALS or SAME_ADDRESS.
    #[graphql(directive = owner_only::apply())]
    async fn request_address_change(&self, ctx: &Context<'_>, email: String, password: String) -> Result<bool> {
        let asking = asking(ctx)?;
        account::request_address_change(services(ctx)?, &asking.actor, &asking.origin, &email, &password).await?;
        Ok(true)
    }

    /// Begins to set up a second factor; nothing is asked for until `confirmSecondFactor`. INVALID with WRONG_CREDENTIALS;
    /// CONFLICT with SECOND_FACTOR_EXISTS.
    #[graphql(directive = owner_only::apply())]
    async fn start_second_factor(&self, ctx: &Context<'_>, password: String) -> Result<SecondFactorSetup> {
        let asking = asking(ctx)?;
        let begun = factor::start(services(ctx)?, &asking.actor, &asking.origin, &password).await?;
        Ok(SecondFactorSetup { secret: begun.secret, uri: begun.uri, qr: begun.picture })
    }

    /// Shows by a code that the app works: from now on one is asked for. All other sessions end. INVALID with
    /// SECOND_FACTOR_WRONG; CONFLICT with NOT_STARTED or SECOND_FACTOR_EXISTS.
    #[graphql(directive = owner_only::apply())]
    async fn confirm_second_factor(&self, ctx: &Context<'_>, code: String) -> Result<RecoveryCodes> {
        let asking = asking(ctx)?;
        let codes = factor::confirm(services(ctx)?, &asking.actor, &asking.origin, &code).await?;
        Ok(RecoveryCodes { codes })
    }

    /// Makes new recovery codes; the old ones are no good. INVALID with WRONG_CREDENTIALS or SECOND_FACTOR_WRONG; CONFLICT
    /// with NO_SECOND_FACTOR.
    #[graphql(directive = owner_only::apply())]
    async fn renew_recovery_codes(&self, ctx: &Context<'_>, password: String, code: String) -> Result<RecoveryCodes> {
        let asking = asking(ctx)?;
        let codes = factor::renew_codes(services(ctx)?, &asking.actor, &asking.origin, &password, &code).await?;
        Ok(RecoveryCodes { codes })
    }

    /// Takes one's own second factor away. CONFLICT with SECOND_FACTOR_DEMANDED or NO_SECOND_FACTOR; INVALID with
    /// WRONG_CREDENTIALS or SECOND_FACTOR_WRONG.
    #[graphql(directive = owner_only::apply())]
    async fn remove_second_factor(&self, ctx: &Context<'_>, password: String, code: String) -> Result<bool> {
        let asking = asking(ctx)?;
        factor::remove(services(ctx)?, &asking.actor, &asking.origin, &password, &code).await?;
        Ok(true)
    }
}
