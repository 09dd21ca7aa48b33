//! The second factor of one's own account, and the agency's demand for one.

use serde_json::json;

use super::super::identity::{self as sessions, Origin, factor};
use super::super::{Services, agency as hosts, agency_of, person_of, team};
use super::account::{ask_password, own};
use super::note;
use crate::domain::access::{Actor, Person, Place};
use crate::domain::change::Change;
use crate::domain::id::AgencyId;
use crate::domain::mail::SecurityChange;
use crate::domain::permission::Permission;
use crate::domain::tenant::Agency;
use crate::error::{Error, Result};
use crate::store::token::Factor;
use crate::store::{Write, conversation, identity, people, token};

/// What an authenticator app needs.
pub struct SetUp {
    /// To be typed.
    pub secret: String,
    /// To be opened on the same machine.
    pub uri: String,
    /// To be read by a camera: rows of 0 and 1.
    pub picture: Vec<String>,
}

fn wrong_code() -> Error {
    Error::invalid("code", "SECOND_FACTOR_WRONG", "This code is wrong, or was used before.")
}

/// Begins to set up a second factor. Nothing is asked for until a code of it was shown.
///
/// # Errors
/// CONFLICT with SECOND_FACTOR_EXISTS; INVALID with WRONG_CREDENTIALS.
pub async fn start(s: &Services, actor: &Actor, origin: &Origin, password: &str) -> Result<SetUp> {
    let person = person_of(actor)?;
    let scope = own(person);
    ask_password(s, person, origin, "password", password).await?;
    let (secret, sealed) = factor::new_secret(s, person.user)?;
    let mut unit = s.store.write().await?;
    if !token::put_factor(&mut unit, &scope, person.user, &sealed, s.clock.now()).await? {
        return Err(Error::conflict("SECOND_FACTOR_EXISTS", "You have a second factor already. Remove it first."));
    }
    let user = super::user(&mut unit, &scope, person.user).await?;
    note(s, &mut unit, &scope, actor, None, "second_factor.start", person.user, json!({})).await?;
    unit.commit().await?;
    let issuer = hosts::own(s, actor).await?.brand.name;
    let uri = factor::uri(&issuer, &user.email, &secret);
    let picture = factor::picture(&uri)?;
    Ok(SetUp { secret, uri, picture })
}

/// Looks at a code of whoever is signed in. Counted as a try to sign in.
async fn ask_code(s: &Services, person: &Person, origin: &Origin, found: &Factor, code: &str) -> Result<factor::Used> {
    let user = super::user(&mut s.store.read().await?, &own(person), person.user).await?;
    s.limits.try_sign_in(person.agency, &user.email, origin.address)?;
    let used = factor::look(s, &own(person), person.user, found, code).await?.ok_or_else(wrong_code)?;
    s.limits.succeeded(person.agency, &user.email, origin.address);
    Ok(used)
}

/// Shows that the app works: from now on a code is asked for. All other sessions end. Gives the recovery codes.
///
/// # Errors
/// CONFLICT with SECOND_FACTOR_EXISTS or NOT_STARTED; INVALID with SECOND_FACTOR_WRONG.
pub async fn confirm(s: &Services, actor: &Actor, origin: &Origin, code: &str) -> Result<Vec<String>> {
    let person = person_of(actor)?;
    let scope = own(person);
    let found = token::factor(&mut s.store.read().await?, &scope, person.user).await?;
    let found = found.ok_or_else(|| Error::conflict("NOT_STARTED", "Begin to set up the second factor first."))?;
    if found.confirmed_at.is_some() {
        return Err(Error::conflict("SECOND_FACTOR_EXISTS", "You have a second factor already."));
    }
    let factor::Used::Step(step) = ask_code(s, person, origin, &found, code).await? else { return Err(wrong_code()) };
    let (codes, hashes) = factor::new_codes(s);
    let mut unit = s.store.write().await?;
    if !token::confirm_factor(&mut unit, &scope, person.user, &found.secret, step, s.clock.now()).await? {
        return Err(wrong_code());
    }
    token::set_codes(&mut unit, &scope, person.user, &hashes).await?;
    sessions::end_others(s, &mut unit, &scope, person.user, Some(person.session)).await?;
    let user = super::user(&mut unit, &scope, person.user).await?;
    super::tell_of_change(s, &mut unit, &user, SecurityChange::SecondFactorOn, &origin.browser).await?;
    note(s, &mut unit, &scope, actor, None, "second_factor.on", person.user, json!({})).await?;
    unit.commit().await?;
    Ok(codes)
}

/// The password and a code of somebody who is signed in; the code is used up in the unit that is opened.
async fn ask_both(s: &Services, person: &Person, origin: &Origin, password: &str, code: &str) -> Result<Write> {
    let scope = own(person);
    ask_password(s, person, origin, "password", password).await?;
    let found = token::factor(&mut s.store.read().await?, &scope, person.user).await?;
    let found = found.filter(|found| found.confirmed_at.is_some());
    let found = found.ok_or_else(|| Error::conflict("NO_SECOND_FACTOR", "You have no second factor."))?;
    let used = ask_code(s, person, origin, &found, code).await?;
    let mut unit = s.store.write().await?;
    if !factor::use_up(&mut unit, &scope, person.user, &used, s.clock.now()).await? {
        return Err(wrong_code());
    }
    Ok(unit)
}

/// Makes new recovery codes; the old ones are no good.
///
/// # Errors
/// CONFLICT with NO_SECOND_FACTOR; INVALID with WRONG_CREDENTIALS or SECOND_FACTOR_WRONG.
pub async fn renew_codes(
    s: &Services,
    actor: &Actor,
    origin: &Origin,
    password: &str,
    code: &str,
) -> Result<Vec<String>> {
    let person = person_of(actor)?;
    let scope = own(person);
    let (codes, hashes) = factor::new_codes(s);
    let mut unit = ask_both(s, person, origin, password, code).await?;
    token::set_codes(&mut unit, &scope, person.user, &hashes).await?;
    let user = super::user(&mut unit, &scope, person.user).await?;
    super::tell_of_change(s, &mut unit, &user, SecurityChange::RecoveryCodes, &origin.browser).await?;
    note(s, &mut unit, &scope, actor, None, "second_factor.renew_codes", person.user, json!({})).await?;
    unit.commit().await?;
    Ok(codes)
}

/// Takes one's own second factor away.
///
/// # Errors
/// CONFLICT with SECOND_FACTOR_DEMANDED or NO_SECOND_FACTOR; INVALID with WRONG_CREDENTIALS or SECOND_FACTOR_WRONG.
pub async fn remove(s: &Services, actor: &Actor, origin: &Origin, password: &str, code: &str) -> Result<()> {
    let person = person_of(actor)?;
    let scope = own(person);
    if people::demands_second_factor(&mut s.store.read().await?, person.agency).await? {
        return Err(Error::conflict("SECOND_FACTOR_DEMANDED", "A second factor is demanded of everybody here."));
    }
    let mut unit = ask_both(s, person, origin, password, code).await?;
    token::remove_factor(&mut unit, &scope, person.user).await?;
    let user = super::user(&mut unit, &scope, person.user).await?;
    super::tell_of_change(s, &mut unit, &user, SecurityChange::SecondFactorOff, &origin.browser).await?;
    note(s, &mut unit, &scope, actor, None, "second_factor.off", person.user, json!({})).await?;
    unit.commit().await
}

/// Says whether the agency demands a second factor of everybody. Whoever has none keeps their session, to set one up, and
/// nothing else: claims go back to the queue.
pub async fn demand(s: &Services, actor: &Actor, demanded: bool) -> Result<Agency> {
    let place = Place::agency(agency_of(actor)?);
    let scope = s.policy.allow(actor, Permission::StaffManage, &place, "agency")?;
    let mut unit = s.store.write().await?;
    people::lock_team(&mut unit, &scope, None).await?;
    let before = people::demands_second_factor(&mut unit, scope.agency()).await?;
    people::demand_second_factor(&mut unit, &scope, demanded).await?;
    unit.note(Change::Authority { user: None });
    if demanded {
        for user in conversation::holders(&mut unit, &scope).await? {
            identity::lock_user(&mut unit, &scope, user).await?;
            team::release_claims(s, &mut unit, &scope, user).await?;
        }
    }
    let detail = json!({ "before": before, "after": demanded });
    note(s, &mut unit, &scope, actor, None, "second_factor.demand", scope.agency(), detail).await?;
    unit.commit().await?;
    hosts::own(s, actor).await
}

/// Whether the agency, which the person has been allowed to see, demands a second factor of everybody.
pub async fn is_demanded(s: &Services, agency: AgencyId) -> Result<bool> {
    people::demands_second_factor(&mut s.store.read().await?, agency).await
}
