//! What mails say. A letter is facts, not text: it gets its words, its language and its brand when it is sent.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::digest::Figures;
use super::id::{ConversationId, OfflineQueryId, UserId};
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
    /// What was said in a chat, for whoever wants to keep it.
    Transcript {
        /// Whom the visitor chatted with: the title of the widget.
        place: String,
        /// When the chat began.
        started_at: Time,
        /// What was said, in order.
        lines: Vec<TranscriptLine>,
        /// Whether there was more before that.
        cut: bool,
        /// The reader's time zone, where no account says it.
        zone: Option<String>,
        /// The language of the chat, if it is known.
        #[serde(default)]
        language: Option<String>,
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
    /// A visitor asked for a person.
    HandoffRequested(Box<ChatNotice>),
    /// A visitor still waits for one.
    HandoffWaiting(Box<ChatNotice>),
    /// A visitor wrote something that the operator who has the chat has not seen.
    MessageUnseen(Box<ChatNotice>),
    /// Nobody came to a visitor who had asked for a person.
    HandoffMissed(Box<ChatNotice>),
    /// A visitor left an offline query.
    OfflineQueryReceived(Box<ChatNotice>),
    /// A visitor answered by mail what they had been written.
    OfflineQueryReplied(Box<ChatNotice>),
    /// Something of which somebody is told as the bell tells it.
    Told(Box<Told>),
    /// What was held back while it was quiet for somebody, each with its time.
    Summary {
        /// What, oldest first.
        lines: Vec<(Time, Told)>,
    },
    /// What happened in a day or a week, for whoever wants to read it.
    Digest {
        /// Whether it is of a week.
        weekly: bool,
        /// From when.
        from: Time,
        /// Until when.
        until: Time,
        /// Where, by name, and what.
        places: Vec<DigestOf>,
    },
    /// The answer to an offline query, for the visitor.
    OfflineAnswer {
        /// Who answers.
        by: String,
        /// For which organization.
        place: String,
        /// What they say.
        text: String,
        /// What the visitor had written.
        question: String,
        /// Where the chat goes on.
        link: String,
        /// Until when.
        expires_at: Time,
        /// The local part of the address that answers come back through.
        reply: Option<String>,
        /// The language of the chat, if it is known.
        #[serde(default)]
        language: Option<String>,
    },
}

/// What happened in one organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DigestOf {
    /// Name of the organization.
    pub place: String,
    /// What happened.
    pub figures: Figures,
}

/// Something as the bell tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// What it is.
    pub title: String,
    /// The visitor's words, for whoever may read them.
    pub preview: Option<String>,
    /// Where to look at it.
    pub link: String,
}

/// What people are told of a visitor, as far as each of them may know it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatNotice {
    /// Name of the organization.
    pub place: String,
    /// What the visitor is called; empty when they have said no name.
    pub visitor: String,
    /// What else is known of them, a line each: address, number, page.
    pub info: Vec<String>,
    /// Name of the AI agent.
    pub ai_agent: String,
    /// The beginning of what they said; none for whoever may not read it.
    pub preview: Option<String>,
    /// For how many minutes they have waited.
    pub minutes: u64,
    /// Where to look at it.
    pub link: String,
    /// As long as this is so, it is worth sending.
    pub while_so: WhileSo,
}

/// What has to be so still when a mail is sent, or nobody needs it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "so", rename_all = "snake_case")]
pub enum WhileSo {
    /// The conversation waits, in that round.
    Waits {
        /// The conversation.
        conversation: ConversationId,
        /// Its version since it waits.
        round: i64,
    },
    /// The operator has the chat and has not read that far.
    Unseen {
        /// The conversation.
        conversation: ConversationId,
        /// Who has it.
        operator: UserId,
        /// Up to where.
        seq: i64,
    },
    /// The query is open.
    Open {
        /// The query.
        query: OfflineQueryId,
    },
    /// Always.
    Always,
}

/// One entry of a chat as its transcript has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TranscriptLine {
    /// Who said it; none for announcements.
    pub who: Option<String>,
    /// When.
    pub at: Time,
    /// What.
    pub text: String,
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
            Self::Transcript { .. } => "transcript",
            Self::AccessChanged { .. } => "access_changed",
            Self::HandoffRequested(_) => "handoff_requested",
            Self::HandoffWaiting(_) => "handoff_waiting",
            Self::MessageUnseen(_) => "message_unseen",
            Self::HandoffMissed(_) => "handoff_missed",
            Self::OfflineQueryReceived(_) => "offline_query_received",
            Self::OfflineQueryReplied(_) => "offline_query_replied",
            Self::Told(_) => "told",
            Self::Summary { .. } => "summary",
            Self::Digest { .. } => "digest",
            Self::OfflineAnswer { .. } => "offline_answer",
        }
    }

    /// The language of the chat that it is about, for readers who have no account to say it.
    pub fn language(&self) -> Option<&str> {
        match self {
            Self::Transcript { language, .. } | Self::OfflineAnswer { language, .. } => language.as_deref(),
            _ => None,
        }
    }

    /// The visitor's time zone, for the same readers.
    pub fn zone(&self) -> Option<&str> {
        match self {
            Self::Transcript { zone, .. } => zone.as_deref(),
            _ => None,
        }
    }

    /// What has to be so still when it is sent.
    pub fn while_so(&self) -> WhileSo {
        match self {
            Self::HandoffRequested(notice)
            | Self::HandoffWaiting(notice)
            | Self::MessageUnseen(notice)
            | Self::HandoffMissed(notice)
            | Self::OfflineQueryReceived(notice)
            | Self::OfflineQueryReplied(notice) => notice.while_so,
            _ => WhileSo::Always,
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
    /// It came back: a mail server will never take it, for that address or for what it says; or one had, and reported later
    /// that it did not arrive.
    Bounced,
    /// It was not sent, because nothing goes out from a sender that is not proved.
    Refused,
    /// It was not sent, because nobody needed it any more: somebody had accepted, or had read what it tells of.
    Dropped,
}

impl MailState {
    /// As it is kept and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
            Self::Bounced => "BOUNCED",
            Self::Refused => "REFUSED",
            Self::Dropped => "DROPPED",
        }
    }

    /// Whether nobody tries any more, though it did not arrive.
    pub const fn is_given_up(self) -> bool {
        matches!(self, Self::Failed | Self::Bounced | Self::Refused)
    }

    /// The state of that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Sent, Self::Failed, Self::Bounced, Self::Refused, Self::Dropped]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// Text that may stand in a header of a mail: one line, free of control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderText(String);

/// Why a text may not stand in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("control characters cannot stand in the header of a mail")]
pub struct NotHeaderText;

impl HeaderText {
    /// Exactly that text.
    ///
    /// # Errors
    /// When there is a control character in it.
    pub fn new(text: &str) -> Result<Self, NotHeaderText> {
        if text.chars().any(breaks_a_line) { Err(NotHeaderText) } else { Ok(Self(text.to_owned())) }
    }

    /// That text with single spaces in place of whatever may not stand here, and no longer than `most` characters.
    pub fn tamed(text: &str, most: usize) -> Self {
        let plain: String = text.chars().map(|c| if breaks_a_line(c) { ' ' } else { c }).collect();
        let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        Self(line.chars().take(most).collect::<String>().trim_end().to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, and those that some readers take for the end of a line.
fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Somebody in a header: `"Name" <address>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// What to call them.
    pub name: HeaderText,
    /// Where they are written to.
    pub address: String,
}

/// A mail as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its Message-ID, without the angles: the same for every attempt.
    pub id: String,
    /// Who is told if it does not arrive after all: the sender on the envelope.
    pub envelope: String,
    /// Who writes.
    pub from: Mailbox,
    /// Who gets the answers, if it is somebody else.
    pub reply_to: Option<String>,
    /// Who is written to.
    pub to: String,
    /// What it is about.
    pub subject: HeaderText,
    /// What it says, with its looks.
    pub html: String,
    /// The same in plain text.
    pub text: String,
    /// When it was written.
    pub at: Time,
    /// What mails about the same thing are filed under: the id of a mail that never was, without the angles.
    pub thread: Option<String>,
    /// The address at which whoever gets it wants no more of its kind, with one click (RFC 8058).
    pub unsubscribe: Option<String>,
}

impl Message {
    /// The headers, for people to look at.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("From", format!("\"{}\" <{}>", self.from.name.as_str().replace(['"', '\\'], ""), self.from.address)),
            ("To", self.to.clone()),
            ("Subject", self.subject.as_str().to_owned()),
            ("Date", self.at.to_string()),
            ("Message-ID", format!("<{}>", self.id)),
            ("Auto-Submitted", "auto-generated".to_owned()),
        ];
        headers.extend(self.reply_to.clone().map(|address| ("Reply-To", address)));
        headers.extend(self.thread.as_ref().map(|thread| ("References", format!("<{thread}>"))));
        headers.extend(self.unsubscribe.as_ref().map(|address| ("List-Unsubscribe", format!("<{address}>"))));
        headers
    }
}

/// What became of an attempt to hand a mail over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server has taken it.
    Taken,
    /// The server wants this mail never, before it has heard for whom it is.
    Refused(String),
    /// The server will never take it for that address, or never what it says.
    Bounced(String),
    /// The server wants nothing of this sender at all: a wrong password, an address that it does not send for.
    Denied(String),
    /// The server says: not now.
    Later(String),
    /// The server was not there, or not in time.
    Unreachable(String),
    /// It was handed over and the connection broke before the server's word: maybe it has it, maybe not.
    Unknown(String),
}

impl Outcome {
    /// The word for it. Never what the server said: there are addresses in that.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refused(_) => "refused",
            Self::Bounced(_) => "bounced",
            Self::Denied(_) => "denied",
            Self::Later(_) => "later",
            Self::Unreachable(_) => "unreachable",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// How long a mail waits after each attempt that came to nothing: six more over a good day, each a little later than
/// it says here.
const PAUSES: [u64; 6] = [60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 16 * 3600];

/// How long to wait after that many attempts; none when it is time to give up. `chance` spreads those that failed
/// together, by up to a fifth.
pub fn pause_after(attempts: i64, chance: u128) -> Option<Duration> {
    let pause = *PAUSES.get(usize::try_from(attempts.checked_sub(1)?).ok()?)? * 1000;
    let more = (chance % u128::from(pause / 5)) as u64;
    Some(Duration::from_millis(pause + more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_more_tries_over_a_day() {
        for chance in [0, 1, 12_345_678, u128::MAX] {
            let pauses: Vec<Duration> = (1..).map_while(|tries| pause_after(tries, chance)).collect();
            assert_eq!(pauses.len(), 6);
            assert!(pauses.is_sorted());
            let day: Duration = pauses.iter().sum();
            assert!((24..31).contains(&(day.as_secs() / 3600)), "{day:?}");
        }
        assert_ne!(pause_after(1, 1), pause_after(1, 2));
        assert!(pause_after(0, 0).is_none() && pause_after(7, 0).is_none());
    }

    #[test]
    fn a_header_is_one_line() {
        for bad in ["a\r\nBcc: x@y.z", "a\nb", "a\0b", "a\u{85}b", "a\u{2028}b", "a\u{202e}b", "\u{7f}"] {
            assert!(HeaderText::new(bad).is_err(), "{bad:?}");
            let tamed = HeaderText::tamed(bad, 40);
            assert!(HeaderText::new(tamed.as_str()).is_ok(), "{bad:?}");
        }
        assert_eq!(HeaderText::tamed("  Blue \t Bakery\r\n", 40).as_str(), "Blue Bakery");
        assert_eq!(HeaderText::tamed("Blue Bakery", 5).as_str(), "Blue");
    }
}
