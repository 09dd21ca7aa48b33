//! One's own account: password, address, name, language and zone.

use std::time::Duration;

use serde_json::json;

use super::super::identity::{self as sessions, Origin};
use super::super::seal::{hash_of, secret};
use super::super::{By, Services, mail, person_of};
use super::note;
use crate::domain::access::{Actor, Person};
use crate::domain::change::Change;
use crate::domain::mail::{Letter, SecurityChange};
use crate::domain::people::{AddressChange, Profile, language, time_zone};
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::identity::Credentials;
use crate::store::token::{Purpose, Token};
use crate::store::{access, identity, token};

/// How long both addresses can be confirmed.
pub const ADDRESS_CHANGE_LASTS: Duration = Duration::from_secs(24 * 3600);

/// The scope of what somebody does with their own account.
pub(super) fn own(person: &Person) -> Scope {
    Scope::system(person.agency, "one's own account")
}

/// What somebody chose for themselves.
pub async fn profile(s: &Services, actor: &Actor) -> Result<Profile> {
    let person = person_of(actor)?;
    let scope = own(person);
    let mut read = s.store.read().await?;
    let (language, time_zone) = identity::preferences(&mut read, &scope, person.user).await?;
    let factor = token::factor(&mut read, &scope, person.user).await?;
    Ok(Profile {
        language,
        time_zone,
        has_second_factor: factor.is_some_and(|factor| factor.confirmed_at.is_some()),
        must_set_up_second_factor: identity::lacks_demanded_factor(&mut read, person.agency, person.user).await?,
    })
}

/// Looks at the password of whoever is signed in. Counted as a try to sign in.
///
/// # Errors
/// INVALID with WRONG_CREDENTIALS; RATE_LIMITED.
pub(super) async fn ask_password(
    s: &Services,
    person: &Person,
    origin: &Origin,
    field: &'static str,
    password: &str,
) -> Result<Credentials> {
    let mut read = s.store.read().await?;
    let user = super::user(&mut read, &own(person), person.user).await?;
    let known = identity::credentials_of(&mut read, &own(person), person.user).await?;
    drop(read);
    s.limits.try_sign_in(person.agency, &user.email, origin.address)?;
    let hash = known.as_ref().map(|known| known.password_hash.as_str());
    let right = s.passwords.verify(hash, password).await?.is_right();
    let wrong = || Error::invalid(field, "WRONG_CREDENTIALS", "This is not your password.");
    let known = known.filter(|_| right).ok_or_else(wrong)?;
    s.limits.succeeded(person.agency, &user.email, origin.address);
    Ok(known)
}

/// Changes one's own password. All other sessions end.
///
/// # Errors
/// INVALID with WRONG_CREDENTIALS or PASSWORD_TOO_WEAK.
pub async fn change_password(s: &Services, actor: &Actor, origin: &Origin, current: &str, new: &str) -> Result<()> {
    let person = person_of(actor)?;
    let scope = own(person);
    let known = ask_password(s, person, origin, "currentPassword", current).await?;
    let user = super::user(&mut s.store.read().await?, &scope, person.user).await?;
    let hash = sessions::hash_new(s, "newPassword", new, &[&user.email, &user.name, current]).await?;
    let mut unit = s.store.write().await?;
    if !identity::set_password(&mut unit, &scope, person.user, &known.password_hash, &hash, false).await? {
        return Err(Error::conflict("CHANGED_MEANWHILE", "Your password was changed elsewhere just now."));
    }
    token::kill(&mut unit, &scope, person.user, Purpose::Reset).await?;
    sessions::end_others(s, &mut unit, &scope, person.user, Some(person.session)).await?;
    super::tell_of_change(s, &mut unit, &user, SecurityChange::Password, &origin.browser).await?;
    note(s, &mut unit, &scope, actor, None, "password.change", person.user, json!({})).await?;
    unit.commit().await
}

/// Changes name, language and time zone; what is left out stays, and an empty language or zone is none.
pub async fn update_profile(
    s: &Services,
    actor: &Actor,
    name: Option<&str>,
    tag: Option<&str>,
    zone: Option<&str>,
) -> Result<()> {
    let person = person_of(actor)?;
    let scope = own(person);
    let name = name.map(|name| text::line("name", name, 80)).transpose()?;
    let some = |text: &str| !text.trim().is_empty();
    let tag = tag.map(|tag| Some(tag).filter(|tag| some(tag)).map(|tag| language("language", tag.trim())).transpose());
    let zone = zone
        .map(|zone| Some(zone).filter(|zone| some(zone)).map(|zone| time_zone("timeZone", zone.trim())).transpose());
    let (tag, zone) = (tag.transpose()?, zone.transpose()?);
    let mut unit = s.store.write().await?;
    identity::lock_user(&mut unit, &scope, person.user).await?;
    let mut user = super::user(&mut unit, &scope, person.user).await?;
    let before = identity::preferences(&mut unit, &scope, person.user).await?;
    let detail = json!({
        "before": { "name": user.name, "language": before.0, "timeZone": before.1 },
        "after": { "name": name, "language": tag, "timeZone": zone },
    });
    let (tag, zone) = (tag.unwrap_or(before.0), zone.unwrap_or(before.1));
    identity::set_preferences(&mut unit, &scope, person.user, tag.as_deref(), zone.as_deref()).await?;
    if let Some(name) = name {
        user.name = name;
        identity::update_user(&mut unit, &scope, &user).await?;
        // The name is held in memory with the rest of the person.
        access::raise_authority(&mut unit).await?;
        unit.note(Change::Authority { user: Some(person.user) });
    }
    note(s, &mut unit, &scope, actor, None, "profile.update", person.user, detail).await?;
    unit.commit().await
}

/// Begins a change of one's address: both ends get a link, and it counts once both were used. Whether somebody else has
/// the new address is not told.
///
/// # Errors
/// INVALID with NOT_AN_ADDRESS, SAME_ADDRESS or WRONG_CREDENTIALS; RATE_LIMITED.
pub async fn request_address_change(
    s: &Services,
    actor: &Actor,
    origin: &Origin,
    email: &str,
    password: &str,
) -> Result<()> {
    let person = person_of(actor)?;
    let scope = own(person);
    let email = text::email("email", email)?;
    ask_password(s, person, origin, "password", password).await?;
    let user = super::user(&mut s.store.read().await?, &scope, person.user).await?;
    if user.email == email {
        return Err(Error::invalid("email", "SAME_ADDRESS", "This is your address already."));
    }
    s.limits.try_letter(person.agency, &email, origin.address)?;
    let now = s.clock.now();
    let expires_at = now.plus(ADDRESS_CHANGE_LASTS);
    let pair = hash_of(&secret(&s.ids));
    let mut unit = s.store.write().await?;
    // Only the last wish counts.
    token::kill(&mut unit, &scope, person.user, Purpose::Address).await?;
    for recipient in [&user.email, &email] {
        let link_secret = secret(&s.ids);
        let new = Token {
            hash: hash_of(&link_secret),
            agency: person.agency,
            user: person.user,
            pair: pair.clone(),
            email: email.clone(),
            created_at: now,
            expires_at,
        };
        token::insert(&mut unit, Purpose::Address, &new).await?;
        let link = format!("/confirm-address?token={link_secret}");
        let letter = Letter::AddressChange { old: user.email.clone(), new: email.clone(), link, expires_at };
        mail::post(s, &mut unit, person.agency, None, recipient, &letter).await?;
    }
    let detail = json!({ "before": user.email, "after": email });
    note(s, &mut unit, &scope, actor, None, "address.request_change", person.user, detail).await?;
    unit.commit().await
}

/// Confirms a change of address at one end. With the second one it counts, and both addresses are told.
///
/// # Errors
/// NOT_FOUND with ADDRESS_CHANGE_SPENT; CONFLICT with ADDRESS_TAKEN, to whoever has shown that both addresses are theirs;
/// RATE_LIMITED.
pub async fn confirm_address_change(s: &Services, origin: &Origin, link: &str) -> Result<AddressChange> {
    let spent = || {
        let message = "This link was used or has run out. Ask for the change again.";
        Error::new(Code::NotFound, "ADDRESS_CHANGE_SPENT", message)
    };
    s.limits.try_link(origin.address)?;
    let now = s.clock.now();
    let hash = hash_of(link);
    let found = token::look(&mut s.store.read().await?, Purpose::Address, &hash, now).await?.ok_or_else(spent)?;
    if !sessions::belongs_to_host(s, found.agency, &origin.host).await? {
        return Err(spent());
    }
    s.limits.link_opened(origin.address);
    let scope = Scope::system(found.agency, "confirming a change of address");
    let mut unit = s.store.write().await?;
    // Both ends at once: each must see whether the other was first.
    identity::lock_user(&mut unit, &scope, found.user).await?;
    if !token::spend(&mut unit, Purpose::Address, &hash, now).await? {
        return Err(spent());
    }
    if token::left_of_pair(&mut unit, &scope, &found.pair).await? > 0 {
        unit.commit().await?;
        return Ok(AddressChange::WaitingForOther);
    }
    let mut user = super::user(&mut unit, &scope, found.user).await?;
    let before = user.clone();
    user.email = found.email;
    if !identity::update_user(&mut unit, &scope, &user).await? {
        return Err(Error::conflict("ADDRESS_TAKEN", "Another account has this address."));
    }
    token::kill(&mut unit, &scope, found.user, Purpose::Address).await?;
    token::kill(&mut unit, &scope, found.user, Purpose::Reset).await?;
    for told in [&before, &user] {
        super::tell_of_change(s, &mut unit, told, SecurityChange::Address, &origin.browser).await?;
    }
    let actor = found.user.to_string();
    let by = By { actor: &actor, organization: None };
    let detail = json!({ "before": before.email, "after": user.email });
    s.note(&mut unit, &scope, &by, "address.change", found.user, detail).await?;
    unit.commit().await?;
    Ok(AddressChange::Done)
}
