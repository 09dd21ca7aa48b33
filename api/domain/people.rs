//! People: invitations, members as those see them who look after a team, and what people choose for themselves.

use super::access::Membership;
use super::id::{AgencyId, AiAgentId, InvitationId, OrganizationId, RoleId, UserId};
use super::permission::{Level, PermissionSet};
use super::tenant::User;
use super::time::Time;
use crate::error::{Error, Result};

/// The key of the built-in role that a place must always have somebody in.
pub const fn owner_key(organization: Option<OrganizationId>) -> &'static str {
    match organization {
        Some(_) => "organization.owner",
        None => "agency.owner",
    }
}

/// A role as it can be given: built-in, or of the agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGiven {
    /// Its id.
    pub id: RoleId,
    /// Its key in the policy.
    pub key: String,
    /// The name that people know.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Raised by every change; 1 for built-in ones, 0 for one that is gone.
    pub version: i64,
    /// Where it can be given.
    pub level: Level,
    /// Whether every agency has it.
    pub built_in: bool,
    /// Whether it reaches organizations only by assignment.
    pub assigned_only: bool,
    /// What it allows where it is given.
    pub permissions: PermissionSet,
}

/// What has become of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationState {
    /// Its link can be used.
    Open,
    /// Somebody used it.
    Accepted,
    /// It was withdrawn.
    Revoked,
    /// Nobody used it in time.
    Expired,
}

impl InvitationState {
    /// As it is kept and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Accepted => "ACCEPTED",
            Self::Revoked => "REVOKED",
            Self::Expired => "EXPIRED",
        }
    }

    /// The state of that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Accepted, Self::Revoked, Self::Expired].into_iter().find(|state| state.as_str() == text)
    }
}

/// Somebody is asked to join a place, in a role and within limits.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The agency.
    pub agency: AgencyId,
    /// The organization; none for staff.
    pub organization: Option<OrganizationId>,
    /// The only address that it is for.
    pub email: String,
    /// What whoever invites calls them.
    pub name: Option<String>,
    /// The key of the role.
    pub role_key: String,
    /// Only these organizations; none means all.
    pub organizations: Option<Vec<OrganizationId>>,
    /// Only these AI agents; none means all.
    pub ai_agents: Option<Vec<AiAgentId>>,
    /// Who invites; none for the platform.
    pub invited_by: Option<UserId>,
    /// What has become of it, as it is kept: that time has run out is seen by [`Self::state_at`].
    pub state: InvitationState,
    /// When somebody was first invited.
    pub created_at: Time,
    /// When its present link was sent.
    pub sent_at: Time,
    /// Until when that link is good.
    pub expires_at: Time,
}

impl Invitation {
    /// What has become of it by now.
    pub fn state_at(&self, now: Time) -> InvitationState {
        if self.state == InvitationState::Open && self.expires_at <= now {
            InvitationState::Expired
        } else {
            self.state
        }
    }
}

/// One membership, seen by those who look after the team.
#[derive(Debug, Clone)]
pub struct Member {
    /// Whose it is.
    pub user: User,
    /// What it is.
    pub membership: Membership,
    /// Since when it does not count.
    pub suspended_at: Option<Time>,
    /// When it began.
    pub created_at: Time,
    /// When they were last there.
    pub last_seen_at: Option<Time>,
    /// Whether they sign in with a second factor.
    pub has_second_factor: bool,
    /// Whether their password was made by somebody else.
    pub must_change_password: bool,
    /// Whether nobody else owns the place.
    pub is_last_owner: bool,
    /// Where they stand in the list.
    pub search: String,
}

/// What somebody chose for themselves.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// Language tag.
    pub language: Option<String>,
    /// Time zone of the IANA database.
    pub time_zone: Option<String>,
    /// Whether a second factor is asked for.
    pub has_second_factor: bool,
    /// Whether the agency demands one that is not there yet.
    pub must_set_up_second_factor: bool,
}

/// How far a change of address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressChange {
    /// The other address has not been confirmed yet.
    WaitingForOther,
    /// Both were: the new one counts.
    Done,
}

/// A language tag, as in `en` or `pt-BR`.
pub fn language(field: &'static str, text: &str) -> Result<String> {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let fits = (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
        && text.len() <= 35;
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid(field, "NOT_A_LANGUAGE", "This is no language tag like “en”."))
    }
}

/// A time zone under the name that the IANA database gives it.
pub fn time_zone(field: &'static str, text: &str) -> Result<String> {
    let unknown = || Error::invalid(field, "NOT_A_TIME_ZONE", "This is no time zone like “Europe/Berlin”.");
    if text.len() > 64 {
        return Err(unknown());
    }
    let found = jiff::tz::TimeZoneDatabase::bundled().get(text).map_err(|_| unknown())?;
    found.iana_name().map(str::to_owned).ok_or_else(unknown)
}

/// Passwords that everybody tries first, and those that are somebody's name or address.
pub fn is_weak(password: &str, known: &[&str]) -> bool {
    const FIRST_TRIED: &[&str] = &[
        "password",
        "passw0rd",
        "12345678",
        "123456789",
        "1234567890",
        "qwertyui",
        "qwertyuiop",
        "iloveyou",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "welcome1",
        "password1",
        "password123",
        "11111111",
        "00000000",
        "abc12345",
        "letmein1",
        "trustno1",
        "admin123",
        "changeme",
        "superman",
        "asdfghjk",
    ];
    let plain = password.trim().to_lowercase();
    let mut kinds: Vec<char> = plain.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() < 4
        || FIRST_TRIED.contains(&plain.as_str())
        || known.iter().any(|known| plain == known.trim().to_lowercase())
}

/// A password that can be read out on the telephone, from 66 random bits: `bolu-kame-ridu-tosa-fine-gapo`.
pub fn readable_password(bits: u128) -> String {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aeou";
    let mut rest = bits;
    let mut text = String::new();
    for at in 0..11 {
        if at > 0 && at % 2 == 0 {
            text.push('-');
        }
        text.push(char::from(CONSONANTS[(rest & 15) as usize]));
        rest >>= 4;
        text.push(char::from(VOWELS[(rest & 3) as usize]));
        rest >>= 2;
    }
    text
}

/// Base 32 of RFC 4648 without padding, as authenticator apps want their secrets.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut held, mut count) = (String::new(), 0u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(ALPHABET[(held >> count & 31) as usize]));
        }
    }
    if count > 0 {
        text.push(char::from(ALPHABET[(held << (5 - count) & 31) as usize]));
    }
    text
}

/// Percent-encodes everything but what RFC 3986 calls unreserved.
pub fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_and_zones_are_those_that_exist() {
        let check = |text: &str, fits: bool| assert_eq!(language("language", text).is_ok(), fits, "{text}");
        check("en", true);
        check("pt-BR", true);
        check("zh-Hant-TW", true);
        check("", false);
        check("EN", false);
        check("e", false);
        check("en-", false);
        check("en\"><b", false);
        let check = |text: &str, fits: bool| assert_eq!(time_zone("timeZone", text).is_ok(), fits, "{text}");
        check("Europe/Berlin", true);
        check("UTC", true);
        check("Mars/Olympus", false);
        check("../../etc/passwd", false);
        check("", false);
    }

    #[test]
    fn weak_passwords_are_known() {
        let check =
            |text: &str, weak: bool| assert_eq!(is_weak(text, &["Ada Byron", "ada@northlight.test"]), weak, "{text}");
        check("Password1", true);
        check("aaaaaaaaaaaa", true);
        check("ADA@northlight.test", true);
        check("ada byron", true);
        check("correct horse", false);
    }

    #[test]
    fn made_passwords_can_be_read_out() {
        assert_eq!(readable_password(0), "baba-baba-baba-baba-baba-ba");
        assert_ne!(readable_password(1), readable_password(2));
        assert_eq!(readable_password(u128::MAX), "zuzu-zuzu-zuzu-zuzu-zuzu-zu");
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(percent("Blue Bakery: ü"), "Blue%20Bakery%3A%20%C3%BC");
    }
}
