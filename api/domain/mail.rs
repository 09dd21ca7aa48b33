//! What mails say. A letter is facts, not text: it gets its words, its language and its brand when it is sent.

use serde::{Deserialize, Serialize};

use super::time::Time;

/// What somebody is written about. `link` is a path on the agency's own host, with its token if it has one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// Somebody is invited to an organization, or to the agency itself.
    Invitation {
        /// Who invites; none when the platform does.
        inviter: Option<String>,
        /// Name of the organization or agency.
        place: String,
        /// Name of the role.
        role: String,
        /// Where to accept.
        link: String,
        /// Until when.
        expires_at: Time,
    },
    /// Somebody was given an account, with a password that whoever made it hands over by other means.
    AccountCreated {
        /// Who made it.
        by: String,
        /// Name of the organization or agency.
        place: String,
        /// Where to sign in.
        link: String,
    },
    /// Somebody who has an account belongs to one more place.
    MemberAdded {
        /// Who added them.
        by: String,
        /// Name of the organization or agency.
        place: String,
        /// Name of the role.
        role: String,
        /// Where to look at it.
        link: String,
    },
    /// Somebody wants a new password.
    PasswordReset {
        /// Where to choose it.
        link: String,
        /// Until when.
        expires_at: Time,
        /// From where it was asked for: `Firefox on Linux`.
        browser: String,
    },
    /// Somebody wants another address: to be confirmed at the old one and at the new one.
    AddressChange {
        /// The address that will be left.
        old: String,
        /// The address that will be used.
        new: String,
        /// Where to confirm it.
        link: String,
        /// Until when.
        expires_at: Time,
    },
    /// Something about how somebody signs in has changed.
    SecurityNotice {
        /// What.
        change: SecurityChange,
        /// When.
        at: Time,
        /// From where: `Firefox on Linux`.
        browser: String,
    },
    /// Whether the sender works.
    SenderTest {
        /// Who wants to know.
        by: String,
    },
    /// What somebody may do in a place has changed, or they were removed from it.
    AccessChanged {
        /// Who changed it.
        by: String,
        /// Name of the organization or agency.
        place: String,
        /// The role they have there now; none when they were removed.
        role: Option<String>,
    },
}

/// What has changed about how somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityChange {
    /// The password.
    Password,
    /// The address.
    Address,
    /// A second factor is asked for from now on.
    SecondFactorOn,
    /// No second factor is asked for any more.
    SecondFactorOff,
    /// New recovery codes; the old ones are no good.
    RecoveryCodes,
}

impl Letter {
    /// The word for the kind of letter: `invitation`. Never anything that it says.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::AccountCreated { .. } => "account_created",
            Self::MemberAdded { .. } => "member_added",
            Self::PasswordReset { .. } => "password_reset",
            Self::AddressChange { .. } => "address_change",
            Self::SecurityNotice { .. } => "security_notice",
            Self::SenderTest { .. } => "sender_test",
            Self::AccessChanged { .. } => "access_changed",
        }
    }
}

/// What has become of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// It waits to be sent, maybe again.
    Queued,
    /// A mail server has taken it; or, where none is configured, the mailbox.
    Sent,
    /// It could not be sent, and nobody tries any more.
    Failed,
    /// It was not sent, because nothing goes out from a sender that is not proved.
    Refused,
}

impl MailState {
    /// As it is kept and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
            Self::Refused => "REFUSED",
        }
    }

    /// The state of that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Sent, Self::Failed, Self::Refused].into_iter().find(|state| state.as_str() == text)
    }
}
