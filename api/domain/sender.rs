//! An agency's own mail sender: the server that it names, and the proof that it may write in that name.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::AgencyId;
use super::time::Time;
use crate::error::{Error, Result};

/// Ports at which an agency's mail server is reached.
pub const PORTS: [u16; 4] = [25, 465, 587, 2525];

/// How a connection to a mail server is made safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS by STARTTLS.
    StartTls,
}

impl Security {
    /// As it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "TLS",
            Self::StartTls => "STARTTLS",
        }
    }

    /// What that word means.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Tls, Self::StartTls].into_iter().find(|word| word.as_str() == text)
    }
}

/// A password that is about to be used. It shows itself in no log.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// That text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the server alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A mail server of an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is made safe.
    pub security: Security,
    /// Who signs in; empty when nobody does.
    pub username: String,
    /// With what.
    pub password: Password,
}

/// Whose server a mail goes through.
#[derive(Debug, Clone)]
pub enum Route {
    /// The platform's.
    Platform,
    /// The agency's own.
    Own(Server),
}

/// An agency's sender as it is kept.
#[derive(Debug, Clone)]
pub struct Sender {
    /// Whose.
    pub agency: AgencyId,
    /// Rises with each change.
    pub version: i64,
    /// The name in front of the address; empty for that of the brand.
    pub from_name: String,
    /// The address that it writes from.
    pub from_address: String,
    /// Where answers go, if elsewhere.
    pub reply_to: Option<String>,
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: i64,
    /// How the connection to it is made safe.
    pub security: Security,
    /// Who signs in there; empty when nobody does.
    pub username: String,
    /// With what, sealed.
    pub password: Option<String>,
    /// What happens while it is not proved.
    pub fallback: Fallback,
    /// What the records said when they were last looked up.
    pub state: SenderState,
    /// What has to stand in the domain's records.
    pub proof: String,
    /// What was found, when it was last looked up.
    pub proofs: Vec<Proof>,
    /// Why its own server will not have it any more.
    pub trouble: Option<String>,
    /// When the records were last looked up.
    pub checked_at: Option<Time>,
}

impl Sender {
    /// What is known of it: a sender that its own server denies is failing, whatever the records say.
    pub fn state(&self) -> SenderState {
        match self.state {
            SenderState::Proved if self.trouble.is_some() => SenderState::Failing,
            state => state,
        }
    }

    /// The domain behind the `@`, as the DNS knows it.
    pub fn from_domain(&self) -> String {
        domain_of(&self.from_address)
    }
}

/// The domain of an address, as the DNS knows it.
pub fn domain_of(address: &str) -> String {
    let domain = address.rsplit('@').next().unwrap_or_default();
    idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned())
}

/// Whether a domain is that one, or lies under it.
pub fn is_under(domain: &str, parent: &str) -> bool {
    domain == parent || domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))
}

/// What is proved, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofKind {
    /// The domain is the agency's.
    Ownership,
    /// Which servers may send for it.
    Spf,
    /// Mails are signed.
    Dkim,
    /// What others do with mails that are not right.
    Dmarc,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofState {
    /// As it should.
    Ok,
    /// Nothing was found.
    Missing,
    /// What was found does harm.
    Wrong,
}

/// A record of the DNS: what should stand there, and what does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// `TXT`.
    pub kind: String,
    /// At which name.
    pub name: String,
    /// What should stand there.
    pub value: String,
    /// What does.
    pub found: Vec<String>,
    /// Whether that is good.
    pub ok: bool,
}

/// One thing about a from-address that was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What.
    pub kind: ProofKind,
    /// How it stands.
    pub state: ProofState,
    /// What that means, in a sentence or two.
    pub explanation: String,
    /// What to write into the DNS, if anything.
    pub record: Option<Record>,
}

/// What is known of an agency's sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderState {
    /// There is none.
    None,
    /// Nothing has been proved yet.
    Unproved,
    /// It is used.
    Proved,
    /// It was used, and something about it has broken.
    Failing,
}

impl SenderState {
    /// As it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Unproved => "UNPROVED",
            Self::Proved => "PROVED",
            Self::Failing => "FAILING",
        }
    }

    /// What that word means.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::None, Self::Unproved, Self::Proved, Self::Failing].into_iter().find(|word| word.as_str() == text)
    }
}

/// What happens to mails while the agency's own sender is not proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The platform's neutral address sends them.
    Neutral,
    /// Nobody does.
    Refuse,
}

impl Fallback {
    /// As it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "NEUTRAL",
            Self::Refuse => "REFUSE",
        }
    }

    /// What that word means.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Neutral, Self::Refuse].into_iter().find(|word| word.as_str() == text)
    }
}

/// The name of a mail server: in ASCII, with a dot, no number.
pub fn host(field: &'static str, text: &str) -> Result<String> {
    let refused = || Error::invalid(field, "NOT_A_HOST", "This is not the name of a mail server.");
    let ascii = idna::domain_to_ascii_strict(text.trim().trim_end_matches('.')).map_err(|_| refused())?;
    let last = ascii.rsplit('.').next().unwrap_or_default();
    let named = ascii.contains('.') && ascii.len() <= 253 && !last.bytes().all(|byte| byte.is_ascii_digit());
    let plain = ascii.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if named && plain { Ok(ascii) } else { Err(refused()) }
}

/// A port of a mail server.
pub fn port(field: &'static str, number: i64) -> Result<u16> {
    u16::try_from(number).ok().filter(|port| PORTS.contains(port)).ok_or_else(|| {
        Error::invalid(field, "PORT_NOT_ALLOWED", "Mail servers are reached at port 25, 465, 587 or 2525.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_names() {
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(host("host", text).ok().as_deref(), expected, "{text}");
        }
        check(" Mail.Example.com. ", Some("mail.example.com"));
        check("post.müller.de", Some("post.xn--mller-kva.de"));
        for text in
            ["localhost", "127.0.0.1", "0x7f.1", "[::1]", "", "a b.de", "mail.example.com:25", "x.de/y", "u@x.de"]
        {
            check(text, None);
        }
    }

    #[test]
    fn a_password_does_not_show_itself() {
        let server = Server {
            host: "m.example.com".to_owned(),
            port: 587,
            security: Security::Tls,
            username: "jo".to_owned(),
            password: Password::new("hunter2".to_owned()),
        };
        assert!(!format!("{server:?}").contains("hunter2"));
    }
}
