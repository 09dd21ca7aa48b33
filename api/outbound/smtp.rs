//! Mails on their way: one conversation with a mail server for each, whole within twenty seconds.
//!
//! The platform's own server is the operator's word: it is reached as it was configured. An agency's is a stranger's:
//! known ports alone, a public address that was checked after the name was looked up and is the very one connected to, and
//! never without TLS for the name that the agency gave.

use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, UNIX_EPOCH};

use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

use super::address::{Cidr, is_public};
use super::egress::{Resolver, SystemResolver};
use crate::domain::mail::{Message, Outcome};
use crate::domain::sender::{PORTS, Route, Security, Server};
use crate::domain::text;

/// How long an attempt may take, from the look-up of the name to the server's last word.
pub const ATTEMPT: Duration = Duration::from_secs(20);
/// How long one address is tried to be connected to.
const CONNECT: Duration = Duration::from_secs(6);
/// How long saying goodbye may take; by then it is settled what became of the mail.
const GOODBYE: Duration = Duration::from_secs(1);
/// Longest piece of a server's words that is kept.
const WORDS: usize = 200;

/// What may be reached of what agencies name.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The ports.
    pub ports: Vec<u16>,
    /// Ranges that count although they are not public: the platform operator's decision.
    pub allow: Vec<Cidr>,
    /// Servers in the house, at any address and port; they may do without TLS.
    pub trusted: Vec<SocketAddr>,
    /// Certificates (PEM) that are believed besides those of this machine.
    pub roots: Vec<Vec<u8>>,
    /// How long an attempt may take.
    pub within: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self { ports: PORTS.to_vec(), allow: Vec::new(), trusted: Vec::new(), roots: Vec::new(), within: ATTEMPT }
    }
}

/// Why `LIVERY_SMTP_URL` names no mail server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadServer(&'static str);

/// Whether the platform's server is spoken to under TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cover {
    /// From the first byte.
    Whole,
    /// By STARTTLS, or not at all.
    Demanded,
    /// By STARTTLS if the server offers it.
    Offered,
    /// Never.
    None,
}

#[derive(Debug, Clone)]
struct Platform {
    host: String,
    port: u16,
    cover: Cover,
    credentials: Option<(String, String)>,
}

impl Platform {
    fn parse(url: &str) -> Result<Self, BadServer> {
        let url = reqwest::Url::parse(url)
            .map_err(|_| BadServer("an address is expected, as in smtps://user:password@mail.example.com"))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(BadServer("it names no host"))?;
        let tls = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value.into_owned());
        let (port, cover) = match (url.scheme(), tls.as_deref()) {
            ("smtps", None) => (465, Cover::Whole),
            ("smtp", None | Some("offered")) => (25, Cover::Offered),
            ("smtp", Some("required")) => (587, Cover::Demanded),
            ("smtp", Some("none")) => (25, Cover::None),
            _ => return Err(BadServer("smtp:// takes ?tls=required, ?tls=offered or ?tls=none, smtps:// nothing")),
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((unescaped(user)?, unescaped(password.unwrap_or_default())?)),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port: url.port().unwrap_or(port), cover, credentials })
    }
}

/// Undoes `%40` and its like.
fn unescaped(text: &str) -> Result<String, BadServer> {
    let bad = BadServer("its user or password is not well escaped");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let pair = [rest.next().unwrap_or(b'?'), rest.next().unwrap_or(b'?')];
        let pair = std::str::from_utf8(&pair).map_err(|_| bad.clone())?;
        bytes.push(u8::from_str_radix(pair, 16).map_err(|_| bad.clone())?);
    }
    String::from_utf8(bytes).map_err(|_| bad)
}

/// How far a conversation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Looking up, connecting, greeting, TLS.
    Reaching,
    /// User and password.
    SigningIn,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`, and leave to begin.
    Recipient,
    /// The mail itself, and the server's word on it.
    Content,
}

/// Why a conversation ended early.
enum Ended {
    /// By the server, or by the network.
    Smtp(SmtpError),
    /// By us; trying again is of no use.
    NotAllowed(String),
    /// By us; it may be otherwise later.
    NotNow(String),
}

impl From<SmtpError> for Ended {
    fn from(error: SmtpError) -> Self {
        Self::Smtp(error)
    }
}

/// What carries mails.
pub struct Smtp {
    platform: Option<Platform>,
    rules: Rules,
    resolver: Box<dyn Resolver>,
}

impl Smtp {
    /// Over the platform's server, if one is configured, and those of agencies.
    ///
    /// # Errors
    /// When the address of the platform's server is none.
    pub fn new(url: Option<&str>) -> Result<Self, BadServer> {
        Self::with_rules(url, Rules::default(), SystemResolver)
    }

    /// The same under other rules and with another resolver for the names that agencies give.
    ///
    /// # Errors
    /// As [`Smtp::new`].
    pub fn with_rules(url: Option<&str>, rules: Rules, resolver: impl Resolver) -> Result<Self, BadServer> {
        Ok(Self { platform: url.map(Platform::parse).transpose()?, rules, resolver: Box::new(resolver) })
    }

    /// Whether the platform has a server; mails stay in the mailbox otherwise.
    pub fn has_platform(&self) -> bool {
        self.platform.is_some()
    }

    /// Tries to hand a mail over, once.
    pub async fn deliver(&self, route: &Route, message: &Message) -> Outcome {
        let letter = match composed(message) {
            Ok(letter) => letter,
            Err(problem) => return Outcome::Refused(problem),
        };
        let mut stage = Stage::Reaching;
        match tokio::time::timeout(self.rules.within, self.converse(route, &letter, &mut stage)).await {
            Ok(Ok(())) => Outcome::Taken,
            Ok(Err(ended)) => judged(route, stage, &ended),
            Err(_) if stage == Stage::Content => Outcome::Unknown(UNKNOWN.to_owned()),
            Err(_) => Outcome::Unreachable("The mail server took too long.".to_owned()),
        }
    }

    async fn converse(&self, route: &Route, letter: &Composed, stage: &mut Stage) -> Result<(), Ended> {
        let (mut connection, credentials) = match route {
            Route::Platform => self.reach_platform(letter).await?,
            Route::Own(server) => self.reach(server, letter).await?,
        };
        *stage = Stage::SigningIn;
        if let Some(credentials) = credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
        }
        *stage = Stage::Sender;
        let mut options = Vec::new();
        if !(letter.envelope.user().is_ascii() && letter.to.user().is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Ended::NotAllowed("The mail server takes no addresses with such letters.".to_owned()));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        connection.command(Mail::new(Some(letter.envelope.clone()), options)).await?;
        *stage = Stage::Recipient;
        connection.command(Rcpt::new(letter.to.clone(), Vec::new())).await?;
        connection.command(Data).await?;
        *stage = Stage::Content;
        connection.message(&letter.bytes).await?;
        // It is theirs now. What they say to a goodbye changes nothing, and nobody waits for it.
        tokio::spawn(async move { tokio::time::timeout(GOODBYE, connection.quit()).await.map(drop) });
        Ok(())
    }

    async fn reach_platform(&self, letter: &Composed) -> Result<(AsyncSmtpConnection, Option<Credentials>), Ended> {
        let Some(platform) = &self.platform else {
            return Err(Ended::NotNow("No mail server is configured.".to_owned()));
        };
        let tls = || TlsParameters::new(platform.host.clone());
        let whole = if platform.cover == Cover::Whole { Some(tls()?) } else { None };
        let at = (platform.host.as_str(), platform.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(at, Some(CONNECT), &letter.hello, whole, None).await?;
        let begins = match platform.cover {
            Cover::Whole | Cover::None => false,
            Cover::Demanded => true,
            Cover::Offered => connection.can_starttls(),
        };
        if begins {
            connection.starttls(tls()?, &letter.hello).await?;
        }
        let credentials = platform.credentials.clone().map(|(user, password)| Credentials::new(user, password));
        Ok((connection, credentials))
    }

    /// Connects to an agency's server: to no other address than one that was looked at.
    async fn reach(
        &self,
        server: &Server,
        letter: &Composed,
    ) -> Result<(AsyncSmtpConnection, Option<Credentials>), Ended> {
        let found = match server.host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.resolver.resolve(server.host.clone()).await.unwrap_or_default(),
        };
        if found.is_empty() {
            return Err(Ended::NotNow(format!("There is no address for {}.", server.host)));
        }
        let at = found.into_iter().map(|address| SocketAddr::new(address, server.port));
        let Some(at) = at.clone().find(|at| self.is_trusted(*at)).or_else(|| at.clone().find(|at| self.allows(*at)))
        else {
            return Err(Ended::NotAllowed(format!(
                "{} at port {} is not a mail server on the public internet.",
                server.host, server.port
            )));
        };
        let plain = self.is_trusted(at);
        let tls = || {
            let roots = self.rules.roots.iter().filter_map(|root| Certificate::from_pem(root).ok());
            roots.fold(TlsParameters::builder(server.host.clone()), |tls, root| tls.add_root_certificate(root)).build()
        };
        let whole = if server.security == Security::Tls && !plain { Some(tls()?) } else { None };
        let mut connection = AsyncSmtpConnection::connect_tokio1(at, Some(CONNECT), &letter.hello, whole, None).await?;
        if connection.can_starttls() || (server.security == Security::StartTls && !plain) {
            connection.starttls(tls()?, &letter.hello).await?;
        }
        let credentials = (!server.username.is_empty())
            .then(|| Credentials::new(server.username.clone(), server.password.reveal().to_owned()));
        Ok((connection, credentials))
    }

    fn is_trusted(&self, at: SocketAddr) -> bool {
        self.rules.trusted.contains(&at)
    }

    fn allows(&self, at: SocketAddr) -> bool {
        let address = at.ip();
        self.rules.ports.contains(&at.port())
            && (is_public(address) || self.rules.allow.iter().any(|range| range.contains(address)))
    }
}

const UNKNOWN: &str = "The connection broke after the mail was handed over; it may have arrived.";

/// What an end at that stage means.
fn judged(route: &Route, stage: Stage, ended: &Ended) -> Outcome {
    let error = match ended {
        Ended::NotAllowed(problem) if matches!(route, Route::Own(_)) => return Outcome::Denied(problem.clone()),
        Ended::NotAllowed(problem) => return Outcome::Refused(problem.clone()),
        Ended::NotNow(problem) => return Outcome::Unreachable(problem.clone()),
        Ended::Smtp(error) => error,
    };
    let own = matches!(route, Route::Own(_));
    if error.is_permanent() {
        let words = words_of(error);
        return match stage {
            Stage::SigningIn if own => Outcome::Denied(format!("The mail server did not accept the sign-in: {words}")),
            // The operator's own password is no fault of this mail.
            Stage::SigningIn => Outcome::Later(format!("The mail server did not accept the sign-in: {words}")),
            Stage::Reaching | Stage::Sender if own => {
                Outcome::Denied(format!("The mail server does not send for this address: {words}"))
            }
            Stage::Recipient | Stage::Content => Outcome::Bounced(format!("The mail server refused it: {words}")),
            Stage::Reaching | Stage::Sender => Outcome::Refused(format!("The mail server refused it: {words}")),
        };
    }
    if error.is_transient() {
        return Outcome::Later(format!("The mail server asks to try later: {}", words_of(error)));
    }
    if stage == Stage::Content {
        return Outcome::Unknown(UNKNOWN.to_owned());
    }
    if error.is_tls() {
        return Outcome::Unreachable("No secure connection to the mail server could be made.".to_owned());
    }
    Outcome::Unreachable(
        match stage {
            Stage::Reaching if error.is_client() => "The mail server offers no secure connection.",
            Stage::SigningIn if error.is_client() => "The mail server offers no way to sign in that we know.",
            Stage::Reaching => "The mail server could not be reached.",
            _ => "The connection to the mail server broke.",
        }
        .to_owned(),
    )
}

/// What the server said, with its number: one short line, nothing in it that could pretend to be more.
fn words_of(error: &SmtpError) -> String {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let said: String = format!("{code} {said}").chars().take(WORDS).collect();
    text::line("said", &said, WORDS).map(|said| format!("“{said}”")).unwrap_or_default()
}

/// A mail as it goes over the line.
struct Composed {
    envelope: Address,
    to: Address,
    hello: ClientId,
    bytes: Vec<u8>,
}

/// Puts a mail together. What cannot stand in a mail is a plain refusal: the library panics on some of it.
fn composed(message: &Message) -> Result<Composed, String> {
    catch_unwind(AssertUnwindSafe(|| compose(message)))
        .unwrap_or_else(|_| Err("It cannot be written as a mail.".to_owned()))
}

/// The bytes of a mail, for tests.
///
/// # Errors
/// What cannot stand in a mail.
pub fn bytes_of(message: &Message) -> Result<Vec<u8>, String> {
    composed(message).map(|composed| composed.bytes)
}

fn compose(message: &Message) -> Result<Composed, String> {
    let (envelope, from, to) = (address(&message.envelope)?, address(&message.from.address)?, address(&message.to)?);
    let instant = UNIX_EPOCH + Duration::from_micros(u64::try_from(message.at.micros()).unwrap_or(0));
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let mut builder = lettre::Message::builder()
        .date(instant)
        .from(Mailbox::new(Some(message.from.name.as_str().to_owned()), from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(message.subject.as_str())
        .message_id(Some(format!("<{}>", message.id)))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
    if let Some(reply_to) = &message.reply_to {
        builder = builder.reply_to(Mailbox::new(None, address(reply_to)?));
    }
    if let Some(thread) = &message.thread {
        builder = builder.in_reply_to(format!("<{thread}>")).references(format!("<{thread}>"));
    }
    if let Some(unsubscribe) = &message.unsubscribe {
        // The library would encode so long a word, which none that looks for an address here would read.
        let header = |name: &'static str, value: String| {
            HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
        };
        if !unsubscribe.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>')) {
            return Err("There is no address that is written like this.".to_owned());
        }
        builder = builder
            .raw_header(header("List-Unsubscribe", format!("<{unsubscribe}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    let boundary = message.id.split('@').next().unwrap_or_default();
    let parts = MultiPart::alternative()
        .boundary(format!("={boundary}="))
        .singlepart(SinglePart::plain(message.text.clone()))
        .singlepart(SinglePart::html(message.html.clone()));
    let whole = builder.multipart(parts).map_err(|_| "It cannot be written as a mail.".to_owned())?;
    let hello = ClientId::Domain(from.domain().to_owned());
    Ok(Composed { envelope, to, hello, bytes: whole.formatted() })
}

/// An address as mail servers know it: the host in ASCII, and never a number in brackets.
fn address(text: &str) -> Result<Address, String> {
    let bad = || "There is no mail address that is written like this.".to_owned();
    let (name, host) = text.rsplit_once('@').ok_or_else(bad)?;
    let host = idna::domain_to_ascii(host).map_err(|_| bad())?;
    if host.starts_with('[') || host.parse::<IpAddr>().is_ok() || text.chars().any(char::is_control) {
        return Err(bad());
    }
    Address::new(name, host).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_server_is_understood_or_refused() {
        type Understood<'a> = (&'a str, u16, Cover, Option<(&'a str, &'a str)>);
        fn check(url: &str, expected: Option<Understood<'_>>) {
            let found = Platform::parse(url).ok();
            let found = found.as_ref().map(|found| {
                let credentials = found.credentials.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
                (found.host.as_str(), found.port, found.cover, credentials)
            });
            assert_eq!(found, expected, "{url}");
        }
        check("smtp://mail.example.com", Some(("mail.example.com", 25, Cover::Offered, None)));
        check("smtp://127.0.0.1:1025?tls=none", Some(("127.0.0.1", 1025, Cover::None, None)));
        check("smtp://[::1]:25", Some(("::1", 25, Cover::Offered, None)));
        check("smtp://m.example.com?tls=required", Some(("m.example.com", 587, Cover::Demanded, None)));
        check(
            "smtps://jo%40example.com:p%3Ass@m.example.com",
            Some(("m.example.com", 465, Cover::Whole, Some(("jo@example.com", "p:ss")))),
        );
        check("smtps://m.example.com?tls=none", None);
        check("smtp://m.example.com?tls=maybe", None);
        check("smtp://", None);
        check("smtp://jo:%zz@m.example.com", None);
    }

    #[test]
    fn strangers_servers_stand_on_the_public_internet_at_known_ports() {
        let smtp = Smtp::new(None).expect("nothing configured");
        let check = |at: &str, allowed: bool| {
            assert_eq!(smtp.allows(at.parse().expect("an address")), allowed, "{at}");
        };
        for port in PORTS {
            check(&format!("93.184.216.34:{port}"), true);
        }
        for at in ["93.184.216.34:80", "127.0.0.1:25", "10.0.0.1:587", "169.254.169.254:25", "[::1]:25"] {
            check(at, false);
        }
        for at in ["[::ffff:127.0.0.1]:587", "[::ffff:93.184.216.34]:25", "[64:ff9b::7f00:1]:465", "0.0.0.0:25"] {
            check(at, false);
        }
    }
}
