//! The agency's own mail sender, and what was sent.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};

use super::agency::Organization;
use super::{asking, loaders, services};
use crate::domain::id::OrganizationId;
use crate::domain::{mail as letters, sender as rules};
use crate::graphql::wire::{Time, connection, id, mirror, page_by_id, requires};
use crate::service::{mail, sender};

mirror! {
    /// How the connection to a mail server is made safe.
    SmtpSecurity = crate::domain::sender::Security {
        /// TLS from the first byte; usually at port 465.
        Tls,
        /// TLS after a greeting in the clear; usually at port 587.
        #[graphql(name = "STARTTLS")]
        StartTls,
    }
}

mirror! {
    /// What is known of an agency's sender.
    SenderState = crate::domain::sender::SenderState {
        /// There is none: the platform's neutral sender is used.
        None,
        /// Its address is not proved to be the agency's: it is not used.
        Unproved,
        /// It is used.
        Proved,
        /// It was used; its records have gone, or its server denies it.
        Failing,
    }
}

mirror! {
    /// What happens to mails while the agency's own sender is not proved, or fails.
    SenderFallback = crate::domain::sender::Fallback {
        /// They come from the platform's neutral address.
        Neutral,
        /// They are not sent, and shown as refused.
        Refuse,
    }
}

mirror! {
    /// What is looked up about a from-address.
    SenderProofKind = crate::domain::sender::ProofKind {
        /// The domain is the agency's.
        Ownership,
        /// Which servers may send for it.
        Spf,
        /// Whether mails are signed.
        Dkim,
        /// What is done with mails that only pretend to come from it.
        Dmarc,
    }
}

mirror! {
    /// How a proof stands.
    SenderProofState = crate::domain::sender::ProofState {
        /// As it should.
        Ok,
        /// Nothing was found.
        Missing,
        /// What was found does harm.
        Wrong,
    }
}

mirror! {
    /// What has become of a mail.
    MailState = crate::domain::mail::MailState {
        /// It waits to be sent, maybe again: `trouble` says why.
        Queued,
        /// A mail server has taken it.
        Sent,
        /// It could not be sent, and nobody tries any more.
        Failed,
        /// It came back: a mail server will never take it, for that address or for what it says; or one had taken it, and
        /// reported later that it did not arrive. `trouble` has its words.
        Bounced,
        /// It was not sent, because nothing goes out from a sender that is not proved.
        Refused,
        /// It was not sent, because nobody needed it any more.
        Dropped,
    }
}

/// A record of the DNS: what should stand there, and what did at the last look.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct DnsRecord {
    /// `TXT`, `CNAME`, `A` or `AAAA`.
    #[graphql(name = "type")]
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

/// One thing about the from-address that was looked up.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("sender.manage".to_owned()))]
pub struct SenderProof {
    /// What.
    pub kind: SenderProofKind,
    /// How it stands. A sender is used when OWNERSHIP is OK and SPF is not WRONG; all else is advice.
    pub state: SenderProofState,
    /// What that means.
    pub explanation: String,
    /// What to write into the DNS, if there is anything.
    pub record: Option<DnsRecord>,
}

impl SenderProof {
    fn of(proof: rules::Proof) -> Self {
        let record = proof.record.map(|record| DnsRecord {
            kind: record.kind,
            name: record.name,
            value: record.value,
            found: record.found,
            ok: record.ok,
        });
        Self { kind: proof.kind.into(), state: proof.state.into(), explanation: proof.explanation, record }
    }
}

/// A test of the sender.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("sender.manage".to_owned()))]
pub struct SenderTest {
    /// When it was asked for.
    pub at: Time,
    /// To which address.
    pub to: String,
    /// What has become of it.
    pub state: MailState,
    /// What was wrong, if anything was.
    pub message: Option<String>,
}

/// From whom the agency's mails come.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("sender.manage".to_owned()))]
pub struct Sender {
    /// Rises with each change; 0 while there is none.
    pub version: i32,
    /// Whether the agency has a sender of its own.
    pub configured: bool,
    /// The name in front of the address; that of the brand when none was chosen.
    pub from_name: String,
    /// The address that mails come from; empty while there is none.
    pub from_address: String,
    /// Where answers go, if not to the address of support.
    pub reply_to: Option<String>,
    /// The mail server; empty while there is none.
    pub host: String,
    /// Its port: 25, 465, 587 or 2525.
    pub port: i32,
    /// How the connection to it is made safe.
    pub security: SmtpSecurity,
    /// Who signs in there; empty when nobody does.
    pub username: String,
    /// Whether a password is kept. It is shown to nobody.
    pub has_password: bool,
    /// Whether it is used.
    pub state: SenderState,
    /// Why it is not, in a sentence.
    pub problem: Option<String>,
    /// What happens while it is not.
    pub fallback: SenderFallback,
    /// The platform's neutral address.
    pub neutral_address: String,
    /// What was looked up; empty before the first look.
    pub proofs: Vec<SenderProof>,
    /// When the records were last looked up.
    pub last_checked_at: Option<Time>,
    /// Whether they are being looked up now.
    pub checking: bool,
    /// The last test, by anybody of the agency.
    pub last_test: Option<SenderTest>,
    /// How many mails of the last thirty days a mail server has taken.
    pub sent_lately: i32,
    /// How many mails of the last thirty days came back.
    pub bounced_lately: i32,
}

fn int(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Sender {
    fn of(shown: sender::Shown) -> Self {
        let last_test = shown.last_test.map(|mail| SenderTest {
            at: mail.created_at.into(),
            to: mail.recipient,
            state: mail.state.into(),
            message: mail.trouble,
        });
        let (sent_lately, bounced_lately) = (int(shown.sent_lately), int(shown.bounced_lately));
        let Some(own) = shown.sender else {
            return Self {
                version: 0,
                configured: false,
                from_name: shown.brand_name,
                from_address: String::new(),
                reply_to: None,
                host: String::new(),
                port: 587,
                security: SmtpSecurity::StartTls,
                username: String::new(),
                has_password: false,
                state: SenderState::None,
                problem: None,
                fallback: SenderFallback::Neutral,
                neutral_address: shown.neutral_address,
                proofs: Vec::new(),
                last_checked_at: None,
                checking: false,
                last_test,
                sent_lately,
                bounced_lately,
            };
        };
        Self {
            version: int(own.version),
            configured: true,
            state: own.state().into(),
            problem: sender::problem(&own),
            from_name: if own.from_name.is_empty() { shown.brand_name } else { own.from_name },
            from_address: own.from_address,
            reply_to: own.reply_to,
            host: own.host,
            port: int(own.port),
            security: own.security.into(),
            username: own.username,
            has_password: own.password.is_some(),
            fallback: own.fallback.into(),
            neutral_address: shown.neutral_address,
            proofs: own.proofs.into_iter().map(SenderProof::of).collect(),
            last_checked_at: own.checked_at.map(Time::from),
            checking: shown.checking,
            last_test,
            sent_lately,
            bounced_lately,
        }
    }
}

/// A mail that was written. What it said is shown to nobody.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("sender.manage".to_owned()))]
pub struct Mail {
    /// The id: `mal_...`.
    pub id: ID,
    /// To which address.
    pub recipient: String,
    /// The word for the kind of letter: `invitation`, `password_reset`.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// What has become of it.
    pub state: MailState,
    /// How often it was tried.
    pub attempts: i32,
    /// What was wrong when it was last tried.
    pub trouble: Option<String>,
    /// Whether it can be sent again: it did not arrive, and what it says is kept.
    pub can_resend: bool,
    /// When it was written.
    pub created_at: Time,
    /// When it was sent, or given up.
    pub settled_at: Option<Time>,
    #[graphql(skip)]
    about: Option<OrganizationId>,
}

impl Mail {
    fn of(mail: mail::Mail) -> Self {
        Self {
            id: mail.id.to_string().into(),
            can_resend: mail.can_resend(),
            recipient: mail.recipient,
            kind: mail.kind,
            subject: mail.subject,
            state: mail.state.into(),
            attempts: int(mail.attempts),
            trouble: mail.trouble,
            created_at: mail.created_at.into(),
            settled_at: mail.settled_at.map(Time::from),
            about: mail.organization,
        }
    }
}

#[ComplexObject]
impl Mail {
    /// The organization it is about; null when it is about the agency itself.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.about {
            Some(id) => Ok(Some(Organization::of(loaders(ctx)?.one(id, "organization").await?))),
            None => Ok(None),
        }
    }
}

connection!(MailConnection, MailEdge, Mail, "mails", requires::apply("sender.manage".to_owned()));

/// Queries of sender and mails.
#[derive(Default)]
pub struct SenderQuery;

#[Object]
impl SenderQuery {
    /// From whom the agency's mails come.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn sender(&self, ctx: &Context<'_>) -> Result<Sender> {
        Ok(Sender::of(sender::sender(services(ctx)?, &asking(ctx)?.actor).await?))
    }

    /// What was sent, newest first; only what is in one state, when one is given.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn mails(
        &self,
        ctx: &Context<'_>,
        state: Option<MailState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<MailConnection> {
        let page = page_by_id(first, after.as_deref())?;
        let state = state.map(letters::MailState::from);
        let found = mail::mails(services(ctx)?, &asking(ctx)?.actor, state, &page).await?;
        let rows = found.rows.into_iter().map(|row| (row.id.to_string(), Mail::of(row))).collect();
        Ok(MailConnection::page(rows, found.more, page.after.is_some()))
    }
}

/// Changes of the sender.
#[derive(Default)]
pub struct SenderMutation;

#[Object]
impl SenderMutation {
    /// Sets the sender up, or changes it. What is left out stays; empty text clears. CONFLICT CHANGED_MEANWHILE when it has
    /// another version. Another address or server begins the proof anew; another server wants the password again
    /// (INVALID PASSWORD_NEEDED). Ports other than 25, 465, 587 and 2525 are refused with PORT_NOT_ALLOWED.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    #[expect(clippy::too_many_arguments, reason = "one for each field of the form")]
    async fn update_sender(
        &self,
        ctx: &Context<'_>,
        version: i32,
        from_name: Option<String>,
        from_address: Option<String>,
        reply_to: Option<String>,
        host: Option<String>,
        port: Option<i32>,
        security: Option<SmtpSecurity>,
        username: Option<String>,
        password: Option<String>,
        fallback: Option<SenderFallback>,
    ) -> Result<Sender> {
        let change = sender::SenderChange {
            from_name,
            from_address,
            reply_to,
            host,
            port: port.map(i64::from),
            security: security.map(rules::Security::from),
            username,
            password,
            fallback: fallback.map(rules::Fallback::from),
        };
        let actor = &asking(ctx)?.actor;
        Ok(Sender::of(sender::update(services(ctx)?, actor, i64::from(version), &change).await?))
    }

    /// Removes the agency's own sender: its mails come from the platform's neutral address.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn remove_sender(&self, ctx: &Context<'_>) -> Result<Sender> {
        Ok(Sender::of(sender::remove(services(ctx)?, &asking(ctx)?.actor).await?))
    }

    /// Has the records looked up; ask again until `checking` is false. CONFLICT NO_SENDER when there is none.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn check_sender(&self, ctx: &Context<'_>) -> Result<Sender> {
        Ok(Sender::of(sender::check(services(ctx)?, &asking(ctx)?.actor).await?))
    }

    /// Sends a test to the viewer's own address, through the agency's own server if there is one, proved or not; ask again
    /// until `lastTest` is not QUEUED. RATE_LIMITED TOO_MANY_TESTS after five in a quarter of an hour.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn send_test_mail(&self, ctx: &Context<'_>) -> Result<Sender> {
        Ok(Sender::of(sender::send_test(services(ctx)?, &asking(ctx)?.actor).await?))
    }

    /// Sends a mail again that failed, came back or was refused, or at once one that waits. CONFLICT ALREADY_SENT for any other.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn resend_mail(&self, ctx: &Context<'_>, mail_id: ID) -> Result<Mail> {
        let id = id("mailId", &mail_id)?;
        Ok(Mail::of(mail::resend(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}
