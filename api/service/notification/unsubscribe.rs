//! One click in a mail, and no more of its kind come by mail (RFC 8058): the bell and push go on.

use crate::domain::id::{AgencyId, OrganizationId, UserId};
use crate::domain::notification::{Choices, Kind};
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::service::{Services, identity};
use crate::store::agency;
use crate::store::notification::{self as store, Decision};

/// Where no more of a kind come from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// What the organization is called; without one, everywhere.
    pub organization: Option<String>,
}

fn purpose(agency: AgencyId) -> String {
    format!("unsubscribe {agency}")
}

/// The path that a mail leads to which carries out some decisions: for whoever they were made for, in the organization that all of
/// them are about, or else everywhere. Good for ever, for mails are read late.
pub(in crate::service) fn path(s: &Services, scope: &Scope, decisions: &[Decision]) -> Option<String> {
    // A test is asked for each time.
    let first = decisions.first().filter(|first| first.kind != Kind::Test)?;
    let organization =
        first.organization.filter(|place| decisions.iter().all(|other| other.organization == Some(*place)));
    Some(format!("/unsubscribe?token={}", token(s, scope.agency(), first.user, organization)))
}

/// What shows that somebody got a mail of an organization, or of the agency.
pub fn token(s: &Services, agency: AgencyId, user: UserId, organization: Option<OrganizationId>) -> String {
    let place = organization.map_or_else(|| agency.to_string(), |organization| organization.to_string());
    let text = format!("{user}.{place}");
    let mark = s.seal.sign(&purpose(agency), &text);
    format!("{agency}.{text}.{mark}")
}

/// Has whoever got a mail told by mail no more, where its link says. Doing it again changes nothing.
///
/// # Errors
/// NOT_FOUND with UNSUBSCRIBE_UNKNOWN for what was never in a mail of the host's agency.
pub async fn stop(s: &Services, host: &str, token: &str) -> Result<Stopped> {
    let unknown = || {
        let message = "This link is not complete. Open it again from the mail, or choose in your preferences.";
        Error::new(Code::NotFound, "UNSUBSCRIBE_UNKNOWN", message)
    };
    let mut parts = token.splitn(4, '.');
    let mut part = || parts.next().ok_or_else(unknown);
    let (agency, user, place, mark) = (part()?, part()?, part()?, part()?);
    let agency: AgencyId = agency.parse().map_err(|_| unknown())?;
    let signed = s.seal.is_signed(&purpose(agency), &format!("{user}.{place}"), mark);
    if !signed || !identity::belongs_to_host(s, agency, host).await? {
        return Err(unknown());
    }
    let user: UserId = user.parse().map_err(|_| unknown())?;
    let organization: Option<OrganizationId> = place.parse().ok();
    let scope = Scope::system(agency, "somebody wants no more mails");
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let own = store::choices_of(&mut unit, &scope, &[user]).await?;
    let everywhere = agency.to_string();
    let chosen = |place: &str| own.iter().find(|(_, at, _)| at == place).map(|(.., choices)| choices.clone());
    let asked: Vec<OrganizationId> = organization.into_iter().collect();
    let usual = store::defaults_of(&mut unit, &scope, &asked).await?.pop().map(|(_, choices)| choices);
    let before = chosen(place).or_else(|| chosen(&everywhere)).or(usual).unwrap_or_default();
    let mut changed = vec![(place, before)];
    if organization.is_none() {
        let others = own.iter().filter(|(_, at, _)| *at != everywhere);
        changed.extend(others.map(|(_, at, choices)| (at.as_str(), choices.clone())));
    }
    for (place, before) in changed {
        let after = Choices { email: false, ..before };
        store::choose(&mut unit, &scope, user, place, Some(&after), now).await?;
    }
    let named = agency::organizations_of(&mut unit, &scope, &asked).await?.pop().map(|found| found.name);
    unit.commit().await?;
    Ok(Stopped { organization: named })
}
