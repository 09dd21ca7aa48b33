//! API keys: programs act by them, with a role like anybody's, in an agency or in one of its organizations.

use std::fmt;
use std::time::Duration;

use super::id::{AgencyId, ApiKeyId, OrganizationId, UserId};
use super::permission::Permission;
use super::text;
use super::time::Time;
use crate::error::{Error, Result};

/// How every key begins, so that people, programs and scanners of secrets know one when they see it.
const BEGINS: &str = "lvk_";
/// How many characters of the secret are kept to recognise a key by: 24 of 256 bits.
const HINT: usize = 4;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The shortest life of a key that is given one, in days.
pub const SHORTEST_DAYS: i64 = 1;
/// The longest, in days.
pub const LONGEST_DAYS: i64 = 730;
/// For how long a key that is over stays listed.
pub const LISTED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How often a key is noted to be in use, at most.
pub const NOTED_EVERY: Duration = Duration::from_secs(60);
/// How many a place may have that are not over.
pub const MOST: i64 = 50;

/// The secret of a key: whoever knows it acts by the key. In no log, hence neither `Debug` nor `Display`.
pub struct Secret(String);

impl Secret {
    /// The key over 256 random bits, as text.
    pub fn of(random: &str) -> Self {
        Self(format!("{BEGINS}{random}"))
    }

    /// Whether a bearer means to be a key. What does is never taken for anything else.
    pub fn is_meant(bearer: &str) -> bool {
        bearer.starts_with(BEGINS)
    }

    /// The whole text, to be shown once, and to be hashed.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// How it begins, by which people tell their keys apart.
    pub fn hint(&self) -> String {
        self.0.chars().take(BEGINS.len() + HINT).collect()
    }
}

/// Whether a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody ended it.
    Revoked,
}

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The agency.
    pub agency: AgencyId,
    /// The organization; none for a key of the agency itself.
    pub organization: Option<OrganizationId>,
    /// What people call it.
    pub name: String,
    /// The key of its role in the policy.
    pub role_key: String,
    /// How its secret begins.
    pub hint: String,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Time,
    /// From when on it does not count any more, if ever.
    pub expires_at: Option<Time>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Time>,
    /// Who ended it.
    pub revoked_by: Option<UserId>,
    /// When.
    pub revoked_at: Option<Time>,
}

impl ApiKey {
    /// Whether it counts at an instant.
    pub fn state(&self, now: Time) -> State {
        if self.revoked_at.is_some() {
            State::Revoked
        } else if self.expires_at.is_some_and(|at| at <= now) {
            State::Expired
        } else {
            State::Active
        }
    }
}

/// Whether a key can have a role at all: an owner is somebody who answers for a place, and no program does.
///
/// # Errors
/// INVALID `roleId` with OWNER_ROLE, or with ROLE_NOT_FOR_THIS for a role that reaches only what is assigned to a person.
pub fn may_have(role_key: &str, assigned_only: bool) -> Result<()> {
    if role_key.ends_with(".owner") {
        return Err(Error::invalid("roleId", "OWNER_ROLE", "Owners are people: choose another role for a key."));
    }
    if assigned_only {
        let message = "This role reaches only what is assigned to a person: choose another one for a key.";
        return Err(Error::invalid("roleId", "ROLE_NOT_FOR_THIS", message));
    }
    Ok(())
}

/// Whether it decides who may do what: people do that, and no key, so that none can ever give what it does not hold, or
/// live on by what it gave.
pub const fn is_of_rights(permission: Permission) -> bool {
    matches!(
        permission,
        Permission::ApiKeyManage
            | Permission::TeamInvite
            | Permission::TeamRemove
            | Permission::TeamSetRoles
            | Permission::StaffManage
            | Permission::RoleEdit
            | Permission::Impersonate
            | Permission::CoverageManage
    )
}

/// What people call a key.
///
/// # Errors
/// INVALID `name` when there is none, or more than 80 characters.
pub fn name(given: &str) -> Result<String> {
    text::line("name", given, 80)
}

/// When a key that is made now ends: after so many days, or never.
///
/// # Errors
/// INVALID `expiresInDays` with OUT_OF_RANGE.
pub fn expiry(days: Option<i64>, now: Time) -> Result<Option<Time>> {
    let Some(days) = days else { return Ok(None) };
    let range = SHORTEST_DAYS..=LONGEST_DAYS;
    let count = u32::try_from(days).ok().filter(|_| range.contains(&days)).ok_or_else(|| {
        let message = format!("Choose {SHORTEST_DAYS} to {LONGEST_DAYS} days, or no end at all.");
        Error::invalid("expiresInDays", "OUT_OF_RANGE", message)
    })?;
    Ok(Some(now.plus(DAY * count)))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(1_795_182_453_000_000);

    fn key(expires_at: Option<Time>, revoked_at: Option<Time>) -> ApiKey {
        ApiKey {
            id: ApiKeyId::from_number(1),
            agency: AgencyId::from_number(2),
            organization: None,
            name: "Nightly export".to_owned(),
            role_key: "agency.admin".to_owned(),
            hint: "lvk_AbCd".to_owned(),
            created_by: UserId::from_number(3),
            created_at: NOW,
            expires_at,
            last_used_at: None,
            revoked_by: None,
            revoked_at,
        }
    }

    #[test]
    fn a_key_counts_until_its_end() {
        let check = |expires_at, revoked_at, now, expected| {
            assert_eq!(key(expires_at, revoked_at).state(now), expected);
        };
        check(None, None, NOW.plus(DAY * 9999), State::Active);
        check(Some(NOW.plus(DAY)), None, NOW, State::Active);
        check(Some(NOW.plus(DAY)), None, NOW.plus(DAY), State::Expired);
        check(Some(NOW.plus(DAY)), Some(NOW), NOW, State::Revoked);
        check(Some(NOW), Some(NOW), NOW.plus(DAY), State::Revoked);
    }

    #[test]
    fn a_life_is_one_day_to_two_years() {
        let check = |days, expected: Option<u32>| {
            assert_eq!(expiry(Some(days), NOW).ok().flatten(), expected.map(|days| NOW.plus(DAY * days)), "{days}");
        };
        check(-1, None);
        check(0, None);
        check(1, Some(1));
        check(90, Some(90));
        check(730, Some(730));
        check(731, None);
        check(i64::MAX, None);
        assert_eq!(expiry(None, NOW).expect("no end"), None);
    }

    #[test]
    fn a_secret_shows_how_it_begins_and_nothing_else() {
        let secret = Secret::of("AbCdEfGhIjKl");
        assert_eq!(secret.reveal(), "lvk_AbCdEfGhIjKl");
        assert_eq!(secret.hint(), "lvk_AbCd");
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert!(Secret::is_meant("lvk_") && !Secret::is_meant("eyJ0eXAi") && !Secret::is_meant(" lvk_"));
    }

    #[test]
    fn owners_are_people() {
        let check = |role, assigned_only, expected: Option<&str>| {
            assert_eq!(may_have(role, assigned_only).err().map(|error| error.reason), expected, "{role}");
        };
        check("organization.owner", false, Some("OWNER_ROLE"));
        check("agency.owner", false, Some("OWNER_ROLE"));
        check("agency.member", true, Some("ROLE_NOT_FOR_THIS"));
        check("agency.admin", false, None);
        check("rol_00000000000000000000000001", false, None);
    }
}
