//! Who is who: signing in and out, sessions, and what a token proves.

pub mod factor;
pub mod limit;
pub mod password;
pub mod token;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use self::factor::Used;
use self::token::AccessClaims;
use super::seal::{hash_of, secret};
use super::{By, Services, person_of, user_of};
use crate::domain::access::{Actor, Person, VisitorActor};
use crate::domain::change::Change;
use crate::domain::id::{AgencyId, SessionId, UserId};
use crate::domain::key::Secret;
use crate::domain::people;
use crate::domain::tenant::{Session, User};
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::key;
use crate::store::identity::{Credentials, NewSession, SessionState};
use crate::store::{Write, access, agency, identity, token as tokens};

/// How long somebody stays signed in without coming back.
pub const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long the refresh token before the last is still taken: two tabs may renew at once.
const REFRESH_OVERLAP: Duration = Duration::from_secs(10);

/// What whoever signed in gets.
pub struct SignedIn {
    /// The access token.
    pub access_token: String,
    /// When that ends.
    pub expires_at: Time,
    /// The refresh token, for the cookie alone; none when the one that the browser has stays good.
    pub refresh_token: Option<String>,
    /// Who they are.
    pub person: Arc<Person>,
}

/// Where a request comes from, as far as a session remembers it.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The host that was asked, without port, in lower case.
    pub host: String,
    /// The network address.
    pub address: IpAddr,
    /// The browser, shortened for people: `Firefox on Linux`.
    pub browser: String,
}

impl Origin {
    /// The network address as text.
    pub(super) fn address_text(&self) -> String {
        self.address.to_string()
    }
}

fn refused() -> Error {
    Error::unauthenticated("WRONG_CREDENTIALS", "Address or password is wrong.")
}

pub(super) fn spent() -> Error {
    Error::unauthenticated("SESSION_ENDED", "Your session has ended. Please sign in again.")
}

/// What somebody shows to be let in.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The password.
    pub password: &'a str,
    /// A code of the second factor, or a recovery code.
    pub code: Option<&'a str>,
    /// Another password, when somebody else made the present one.
    pub new_password: Option<&'a str>,
}

/// Who somebody has proven to be. The code is used up, and the new password kept, by [`begin`].
pub(super) struct Proven {
    known: Credentials,
    used: Used,
    new_hash: Option<String>,
}

impl Proven {
    /// Who it is.
    pub(super) fn user(&self) -> UserId {
        self.known.user
    }
}

/// Signs in with address and password, under the agency of the host. On the platform's own address, where no agency is
/// certain, an address that only one agency knows is enough. No session begins before the second factor is right.
///
/// # Errors
/// UNAUTHENTICATED with WRONG_CREDENTIALS, the same and after the same work whether or not the address exists; with
/// SECOND_FACTOR_REQUIRED or SECOND_FACTOR_WRONG; with PASSWORD_CHANGE_REQUIRED when somebody else made the password;
/// with NO_MEMBERSHIP for whoever belongs to no place any more. INVALID with PASSWORD_TOO_WEAK for the new password.
/// RATE_LIMITED after too many tries for an account or from an address.
pub async fn sign_in(s: &Services, origin: &Origin, email: &str, shown: Shown<'_>) -> Result<SignedIn> {
    let email = text::email("email", email).map_err(|_| refused());
    let account = email.as_deref().unwrap_or_default().to_owned();
    let mut read = s.store.read().await?;
    let agency = super::agency::of_host(s, &mut read, &origin.host).await?;
    s.limits.try_sign_in(agency.id, &account, origin.address)?;
    let known = match &email {
        Ok(email) => match identity::credentials(&mut read, agency.id, email).await? {
            None if origin.host == s.addresses.host => identity::only_credentials(&mut read, email).await?,
            known => known,
        },
        Err(_) => None,
    };
    drop(read);
    let proven = prove(s, known, shown, &[&account]).await;
    // Whoever knows the password is not counted, but for guessing at codes.
    if !matches!(&proven, Err(error) if matches!(error.reason, "WRONG_CREDENTIALS" | "SECOND_FACTOR_WRONG")) {
        s.limits.succeeded(agency.id, &account, origin.address);
    }
    let proven = proven?;
    let mut unit = s.store.write().await?;
    if access::memberships_of(&mut unit, proven.known.user).await?.is_empty() {
        return Err(Error::unauthenticated("NO_MEMBERSHIP", "You do not belong to any place here any more."));
    }
    let begun = begin(s, &mut unit, origin, &proven).await?;
    unit.commit().await?;
    finish(s, begun).await
}

/// Whether somebody is who they say they are: by the password of `known`, or of nobody, and by the second factor.
/// `texts`: what a new password may not be.
pub(super) async fn prove(
    s: &Services,
    known: Option<Credentials>,
    shown: Shown<'_>,
    texts: &[&str],
) -> Result<Proven> {
    let hash = known.as_ref().map(|known| known.password_hash.as_str());
    let right = s.passwords.verify(hash, shown.password).await?.is_right();
    let Some(known) = known.filter(|_| right) else { return Err(refused()) };
    let scope = Scope::system(known.agency, "signing in");
    let factor = tokens::factor(&mut s.store.read().await?, &scope, known.user).await?;
    let used = match factor.filter(|factor| factor.confirmed_at.is_some()) {
        None => Used::Nothing,
        Some(factor) => {
            let code = shown.code.map(str::trim).filter(|code| !code.is_empty()).ok_or_else(|| {
                Error::unauthenticated("SECOND_FACTOR_REQUIRED", "Please enter a code of your authenticator app.")
            })?;
            self::factor::look(s, &scope, known.user, &factor, code).await?.ok_or_else(wrong_code)?
        }
    };
    let new_hash = match shown.new_password.filter(|_| known.must_change_password) {
        Some(new) if new == shown.password => {
            return Err(Error::invalid(
                "newPassword",
                "PASSWORD_TOO_WEAK",
                "Choose another password than the one you got.",
            ));
        }
        Some(new) => Some(hash_new(s, "newPassword", new, texts).await?),
        None if known.must_change_password => {
            return Err(Error::unauthenticated("PASSWORD_CHANGE_REQUIRED", "Please choose a password of your own."));
        }
        None => None,
    };
    Ok(Proven { known, used, new_hash })
}

fn wrong_code() -> Error {
    Error::unauthenticated("SECOND_FACTOR_WRONG", "This code is wrong, or was used before.")
}

/// The hash of a password that somebody chose.
///
/// # Errors
/// INVALID with PASSWORD_TOO_WEAK when it is too short, too long, among the first that are tried, or one of `texts`.
pub(super) async fn hash_new(s: &Services, field: &'static str, password: &str, texts: &[&str]) -> Result<String> {
    let weak = |message: String| Error::invalid(field, "PASSWORD_TOO_WEAK", message);
    if password.chars().count() >= self::password::SHORTEST && people::is_weak(password, texts) {
        return Err(weak("This password is among the first that are tried. Choose another one.".to_owned()));
    }
    s.passwords.hash(password).await.map_err(|error| match error.reason {
        "PASSWORD_TOO_SHORT" | "PASSWORD_TOO_LONG" => weak(error.message),
        _ => error,
    })
}

/// A session that was written and is good once its unit is committed.
pub(super) struct Begun {
    session: SessionId,
    refresh_token: String,
}

/// Begins a session for whoever was proven, in the unit that uses up what proved it.
pub(super) async fn begin(s: &Services, unit: &mut Write, origin: &Origin, proven: &Proven) -> Result<Begun> {
    let known = &proven.known;
    let scope = Scope::system(known.agency, "signing in");
    if !self::factor::use_up(unit, &scope, known.user, &proven.used, s.clock.now()).await? {
        return Err(wrong_code());
    }
    if let Some(hash) = &proven.new_hash
        && !identity::set_password(unit, &scope, known.user, &known.password_hash, hash, false).await?
    {
        return Err(refused());
    }
    begin_for(s, unit, origin, known.agency, known.user).await
}

/// Begins a session for somebody who needs no more proof.
pub(super) async fn begin_for(
    s: &Services,
    unit: &mut Write,
    origin: &Origin,
    agency: AgencyId,
    user: UserId,
) -> Result<Begun> {
    let now = s.clock.now();
    let id: SessionId = s.ids.next(now);
    let refresh_token = new_refresh_token(s, id);
    let session = NewSession {
        id,
        agency,
        user,
        refresh_hash: &hash_of(&refresh_token),
        now,
        expires_at: now.plus(SESSION_LIFE),
        browser: &origin.browser,
        address: &origin.address_text(),
    };
    identity::insert_session(unit, &session).await?;
    let scope = Scope::system(agency, "signing in");
    let user = user.to_string();
    let by = By { actor: &user, organization: None };
    s.note(unit, &scope, &by, "session.begin", id, serde_json::json!({ "browser": origin.browser })).await?;
    Ok(Begun { session: id, refresh_token })
}

/// What whoever signed in gets, once the unit is committed.
pub(super) async fn finish(s: &Services, begun: Begun) -> Result<SignedIn> {
    let person = person_of_session(s, begun.session).await?;
    signed_in(s, person, Some(begun.refresh_token))
}

fn signed_in(s: &Services, person: Arc<Person>, refresh_token: Option<String>) -> Result<SignedIn> {
    let claims = AccessClaims { user: person.user, session: person.session, agency: person.agency };
    let issued = s.tokens.issue_access(&claims, s.clock.now())?;
    Ok(SignedIn { access_token: issued.token, expires_at: issued.expires, refresh_token, person })
}

/// The token of a look through a client's eyes: it lasts as long as the look, and there is nothing to renew it with.
pub(super) fn signed_in_for_a_look(s: &Services, person: Arc<Person>) -> Result<SignedIn> {
    let claims = AccessClaims { user: person.user, session: person.session, agency: person.agency };
    let issued = s.tokens.issue_viewing(&claims, s.clock.now())?;
    Ok(SignedIn { access_token: issued.token, expires_at: issued.expires, refresh_token: None, person })
}

/// `ses_....random`: the session is found by its id, and its secret compared by hash.
fn new_refresh_token(s: &Services, session: SessionId) -> String {
    format!("{session}.{}", secret(&s.ids))
}

/// Renews the access token by the refresh token of the cookie, and replaces that.
///
/// A refresh token that was replaced longer than ten seconds ago is a stolen copy, or its original: the session ends.
pub async fn refresh(s: &Services, origin: &Origin, token: Option<&str>) -> Result<SignedIn> {
    let token = token.ok_or_else(|| Error::unauthenticated("NOT_SIGNED_IN", "Please sign in."))?;
    let id: SessionId = token.split('.').next().and_then(|id| id.parse().ok()).ok_or_else(spent)?;
    let now = s.clock.now();
    let mut read = s.store.read().await?;
    let state = identity::session_state(&mut read, id).await?.ok_or_else(spent)?;
    drop(read);
    if state.ended_at.is_some() || state.expires_at <= now {
        return Err(spent());
    }
    let shown = hash_of(token);
    if shown == state.refresh_hash {
        let next = new_refresh_token(s, id);
        let mut unit = s.store.write().await?;
        if identity::rotate_session(&mut unit, &state, &hash_of(&next), &origin.address_text(), now).await? {
            unit.commit().await?;
            return signed_in(s, person_of_session(s, id).await?, Some(next));
        }
        drop(unit);
        // Another tab was faster by a hair; its cookie is the browser's by now.
        return signed_in(s, person_of_session(s, id).await?, None);
    }
    if state.previous_hash.as_deref() == Some(&shown) && now.since(state.rotated_at) <= REFRESH_OVERLAP {
        return signed_in(s, person_of_session(s, id).await?, None);
    }
    if state.previous_hash.as_deref() == Some(&shown) {
        end(s, &state, "session.reuse_detected", now).await?;
    }
    Err(spent())
}

async fn end(s: &Services, state: &SessionState, action: &'static str, now: Time) -> Result<()> {
    let mut unit = s.store.write().await?;
    if identity::end_session(&mut unit, state.user, state.session, now).await? {
        access::raise_authority(&mut unit).await?;
        let user = state.user.to_string();
        let by = By { actor: &user, organization: None };
        let scope = Scope::system(state.agency, "ending a session");
        s.note(&mut unit, &scope, &by, action, state.session, serde_json::json!({})).await?;
        unit.note(Change::Authority { user: Some(state.user) });
        unit.commit().await?;
    }
    Ok(())
}

/// Ends one of the person's own sessions; its streams close at once.
///
/// # Errors
/// NOT_FOUND when it is nobody's, or somebody else's.
pub async fn end_session(s: &Services, actor: &Actor, session: SessionId) -> Result<()> {
    let user = user_of(actor)?;
    let mut read = s.store.read().await?;
    let state = identity::session_state(&mut read, session).await?.filter(|state| state.user == user);
    drop(read);
    let state = state.filter(|state| state.ended_at.is_none()).ok_or_else(|| Error::not_found("session"))?;
    end(s, &state, "session.end", s.clock.now()).await
}

/// The person's own sessions, last used first.
pub async fn sessions(s: &Services, actor: &Actor) -> Result<Vec<Session>> {
    let person = person_of(actor)?;
    let scope = Scope::system(person.agency, "one's own sessions");
    let mut read = s.store.read().await?;
    let mut all = identity::sessions(&mut read, &scope, person.user, s.clock.now()).await?;
    if person.viewing_as.is_some() {
        all.retain(|session| session.id == person.session);
    }
    Ok(all)
}

/// The person's own account, or that of the client through whose eyes they look.
pub async fn account(s: &Services, actor: &Actor) -> Result<User> {
    let person = person_of(actor)?;
    let scope = Scope::system(person.agency, "one's own account");
    let mut read = s.store.read().await?;
    // Through a client's eyes one sees the client's.
    let user = person.viewing_as.as_ref().map_or(person.user, |look| look.user);
    identity::users_of(&mut read, &scope, &[user]).await?.pop().ok_or_else(spent)
}

/// The person behind a session that is running, with the memberships that count now.
pub(super) async fn person_of_session(s: &Services, id: SessionId) -> Result<Arc<Person>> {
    if let Some(person) = s.people.get(&id) {
        // Nothing but time ends a look that is held in memory.
        let over = person.viewing_as.as_ref().is_some_and(|look| look.expires_at <= s.clock.now());
        return if over { Err(spent()) } else { Ok(person) };
    }
    let generation = s.people.generation();
    let mut read = s.store.read().await?;
    let state = identity::session_state(&mut read, id).await?.ok_or_else(spent)?;
    if state.ended_at.is_some() || state.expires_at <= s.clock.now() {
        return Err(spent());
    }
    let scope = Scope::system(state.agency, "finding out who asks");
    let user = identity::users_of(&mut read, &scope, &[state.user]).await?.pop().ok_or_else(spent)?;
    let memberships = super::team::counting(s, &mut read, user.agency, state.user).await?;
    if agency::is_suspended(&mut read, user.agency).await? {
        return Err(Error::unauthenticated("AGENCY_SUSPENDED", "This service is not available at the moment."));
    }
    let person =
        Person { user: user.id, agency: user.agency, session: id, name: user.name, memberships, viewing_as: None };
    let person = super::viewing::looking(s, &mut read, &state, person).await?;
    let person = Arc::new(person);
    s.people.put(generation, id, person.clone());
    Ok(person)
}

/// Turns what somebody brings to the desk, the access token of a person or the secret of an API key, into an actor; nothing is
/// nobody in particular. The one way, over whatever it came.
///
/// # Errors
/// UNAUTHENTICATED with TOKEN_INVALID, SESSION_ENDED or OTHER_HOST when there is a token and it proves nothing there, or as of
/// [`key::authenticate`].
pub async fn authenticate(s: &Services, bearer: Option<&str>, host: &str, address: IpAddr) -> Result<Actor> {
    let Some(bearer) = bearer else { return Ok(Actor::Anonymous) };
    if Secret::is_meant(bearer) {
        return Ok(Actor::Key(key::authenticate(s, bearer, host, address).await?));
    }
    let claims = s.tokens.verify_access(bearer, s.clock.now())?.claims;
    let person = person_of_session(s, claims.session).await?;
    if person.user != claims.user || person.agency != claims.agency {
        return Err(spent());
    }
    at_home(s, person.agency, host).await?;
    Ok(Actor::Person(person))
}

/// A session of one agency is nothing on another's domain.
async fn at_home(s: &Services, agency: AgencyId, host: &str) -> Result<()> {
    if belongs_to_host(s, agency, host).await? {
        return Ok(());
    }
    Err(Error::unauthenticated("OTHER_HOST", "Please sign in at this address."))
}

/// Turns the token of a visitor into an actor; no token is nobody in particular. API keys are of no use to visitors.
pub async fn authenticate_visitor(s: &Services, bearer: Option<&str>, host: &str) -> Result<Actor> {
    let Some(bearer) = bearer else { return Ok(Actor::Anonymous) };
    if Secret::is_meant(bearer) {
        return Err(key::unknown());
    }
    let claims = s.tokens.verify_visitor(bearer, s.clock.now())?.claims;
    let shown = super::widget::shown(s, claims.widget).await?;
    let visitor = VisitorActor {
        visitor: claims.visitor,
        widget: claims.widget,
        ai_agent: shown.agent.id,
        agency: claims.agency,
        organization: shown.agent.organization,
        conversation: claims.conversation,
        identified: claims.identified,
    };
    // Whoever has become another, or is forgotten, or goes on elsewhere, comes in by a new session alone.
    super::visitor::still(s, &visitor).await?;
    at_home(s, visitor.agency, host).await?;
    Ok(Actor::Visitor(Arc::new(visitor)))
}

/// The same actor as things are now; for streams, which outlive what they began with.
pub async fn again(s: &Services, actor: &Actor) -> Result<Actor> {
    match actor {
        Actor::Person(person) => Ok(Actor::Person(person_of_session(s, person.session).await?)),
        Actor::Key(known) => Ok(Actor::Key(key::again(s, known).await?)),
        Actor::Visitor(visitor) => {
            let shown = super::widget::shown(s, visitor.widget).await?;
            let organization = shown.agent.organization;
            Ok(Actor::Visitor(Arc::new(VisitorActor { organization, ..VisitorActor::clone(visitor) })))
        }
        Actor::Anonymous => Ok(Actor::Anonymous),
    }
}

/// What is made of a `User-Agent` for people: `Firefox on Linux`.
pub fn browser_of(user_agent: &str) -> String {
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

/// Ends all of the person's own sessions but the one that asks; their streams close.
pub async fn end_other_sessions(s: &Services, actor: &Actor) -> Result<()> {
    let person = person_of(actor)?;
    let scope = Scope::system(person.agency, "one's own sessions");
    let mut unit = s.store.write().await?;
    end_others(s, &mut unit, &scope, person.user, Some(person.session)).await?;
    let user = person.user.to_string();
    let by = By { actor: &user, organization: None };
    s.note(&mut unit, &scope, &by, "session.end_others", person.user, serde_json::json!({})).await?;
    unit.commit().await
}

/// Ends the sessions of a user but for the one to keep, in the unit of what they end for.
pub(super) async fn end_others(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    user: UserId,
    keep: Option<SessionId>,
) -> Result<()> {
    identity::end_sessions(unit, scope, user, keep, s.clock.now()).await?;
    access::raise_authority(unit).await?;
    unit.note(Change::Authority { user: Some(user) });
    Ok(())
}

/// Ends the session that asks.
pub async fn sign_out(s: &Services, actor: &Actor) -> Result<()> {
    let session = person_of(actor)?.session;
    end_session(s, actor, session).await
}

/// Whether that agency is the one that the session may be used for on that host: the host's own, or any on the platform's.
pub async fn belongs_to_host(s: &Services, agency: AgencyId, host: &str) -> Result<bool> {
    if host == s.addresses.host {
        return Ok(true);
    }
    let mut read = s.store.read().await?;
    Ok(super::agency::of_host(s, &mut read, host).await?.id == agency)
}
