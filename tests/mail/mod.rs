//! Mails: how they look, what may stand in them, how they are sent, and from whom.

mod bounces;
mod delivery;
mod headers;
mod languages;
mod letters;
mod links;
mod mailbox;
mod reader;
mod sender;
mod texts;
mod tls;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use livery::domain::digest::Figures;
use livery::domain::id::{AgencyId, MailId};
use livery::domain::mail::{ChatNotice, DigestOf, Letter, SecurityChange, Told, WhileSo};
use livery::domain::time::Time;
use livery::outbound::Resolver;
use livery::outbound::smtp::{Rules, Smtp};
use livery::service::mail;
use serde_json::{Value, json};

pub use self::sender::prove;
use crate::support::app::{Client, config_with};
use crate::support::database::Database;
use crate::support::{App, until};

/// Names that lead where a test says.
#[derive(Default, Clone)]
pub struct Names(pub HashMap<String, IpAddr>);

impl Resolver for Names {
    fn resolve(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let found = self.0.get(&host).copied();
        Box::pin(async move { Ok(found.into_iter().collect()) })
    }
}

/// Agencies' mail servers in the house: `mail.agency.test` and its like, and the time that an attempt may take.
pub fn smtp(platform: Option<&str>, servers: &[(&str, SocketAddr)], within: Duration) -> Smtp {
    let names = Names(servers.iter().map(|(name, at)| ((*name).to_owned(), at.ip())).collect());
    let trusted = servers.iter().map(|(_, at)| *at).collect();
    Smtp::with_rules(platform, Rules { trusted, within, ..Rules::default() }, names).expect("rules")
}

/// The app with a mail server of the platform, and those of agencies.
pub async fn app_with(
    database: Database,
    platform: Option<&str>,
    servers: &[(&str, SocketAddr)],
    also: &[(&'static str, &str)],
) -> App {
    let config = config_with(&database, also);
    let smtp = Arc::new(smtp(platform, servers, Duration::from_secs(2)));
    App::with_outside(database, config, move |outside| outside.smtp = smtp).await
}

/// The id of the agency of somebody.
pub async fn agency_of(client: &Client<'_>) -> AgencyId {
    let data = client.ask("{ viewer { agency { id } } }", json!({})).await;
    data["viewer"]["agency"]["id"].as_str().expect("an id").parse().expect("an agency's id")
}

/// Writes a mail as a service would.
pub async fn post(app: &App, agency: AgencyId, to: &str, letter: &Letter) -> MailId {
    let s = &app.services;
    let mut unit = s.store.write().await.expect("a unit");
    let id = mail::post(s, &mut unit, agency, None, to, letter).await.expect("written");
    unit.commit().await.expect("kept");
    id
}

pub const MAILS: &str =
    "{ mails(first: 100) { nodes { id recipient kind subject state attempts trouble settledAt } } }";

/// What the agency sees of a mail.
pub async fn seen(owner: &Client<'_>, id: MailId) -> Value {
    let data = owner.ask(MAILS, json!({})).await;
    let nodes = data["mails"]["nodes"].as_array().expect("mails").clone();
    nodes.into_iter().find(|node| node["id"] == id.to_string()).expect("the mail")
}

/// Waits until a mail is in that state.
pub async fn until_state(owner: &Client<'_>, id: MailId, state: &str) -> Value {
    until(async || Some(seen(owner, id).await).filter(|mail| mail["state"] == state)).await
}

/// Waits until a mail has been tried so often.
pub async fn until_attempts(owner: &Client<'_>, id: MailId, attempts: i64) -> Value {
    until(async || Some(seen(owner, id).await).filter(|mail| mail["attempts"] == attempts)).await
}

pub const AT: Time = Time::from_micros(1_795_788_300_000_000);

/// One of each kind.
pub fn letters() -> Vec<(&'static str, Letter)> {
    let (by, place, role) = (|| "Olivia Hart".to_owned(), || "Blue Bakery".to_owned(), || "Operator".to_owned());
    let link = |path: &str| path.to_owned();
    let browser = || "Firefox on Linux".to_owned();
    vec![
        (
            "invitation",
            Letter::Invitation {
                inviter: Some(by()),
                place: place(),
                role: role(),
                link: link("/invitation?token=mZ0x1yQ4r7"),
                expires_at: AT,
            },
        ),
        (
            "invitation_by_nobody",
            Letter::Invitation {
                inviter: None,
                place: place(),
                role: role(),
                link: link("/invitation?token=mZ0x1yQ4r7"),
                expires_at: AT,
            },
        ),
        ("account_created", Letter::AccountCreated { by: by(), place: place(), link: link("/sign-in") }),
        ("member_added", Letter::MemberAdded { by: by(), place: place(), role: role(), link: link("/") }),
        (
            "password_reset",
            Letter::PasswordReset { link: link("/reset?token=mZ0x1yQ4r7"), expires_at: AT, browser: browser() },
        ),
        (
            "address_change",
            Letter::AddressChange {
                old: "jo@old.example".to_owned(),
                new: "jo@new.example".to_owned(),
                link: link("/address?token=mZ0x1yQ4r7"),
                expires_at: AT,
            },
        ),
        (
            "security_notice",
            Letter::SecurityNotice { change: SecurityChange::SecondFactorOff, at: AT, browser: browser() },
        ),
        ("sender_test", Letter::SenderTest { by: by() }),
        ("access_changed", Letter::AccessChanged { by: by(), place: place(), role: Some(role()) }),
        ("access_removed", Letter::AccessChanged { by: by(), place: place(), role: None }),
        ("handoff_requested", Letter::HandoffRequested(notice("/live-chats/cnv_1"))),
        ("handoff_waiting", Letter::HandoffWaiting(notice("/live-chats/cnv_1"))),
        ("message_unseen", Letter::MessageUnseen(notice("/live-chats/cnv_1"))),
        ("handoff_missed", Letter::HandoffMissed(notice("/live-chats/cnv_1"))),
        ("offline_query_received", Letter::OfflineQueryReceived(notice("/offline-queries/ofq_1"))),
        ("offline_query_replied", Letter::OfflineQueryReplied(notice("/offline-queries/ofq_1"))),
        ("told", Letter::Told(Box::new(told("Omar Reyes mentioned you in the chat with Ada", Some("Is it ready?"))))),
        (
            "summary",
            Letter::Summary {
                lines: vec![
                    (AT, told("Ada asks for a person", Some("Is my cake ready?"))),
                    (AT, told("Nobody came to Grace", None)),
                ],
            },
        ),
        ("digest", digest(false, &[("Blue Bakery", [12, 5, 4, 1, 2, 3])])),
        ("digest_of_week", digest(true, &[("Blue Bakery", [1, 1, 1, 0, 0, 0]), ("Harbor Dental", [0, 0, 0, 0, 1, 1])])),
        (
            "offline_answer",
            Letter::OfflineAnswer {
                by: by(),
                place: place(),
                text: "Yes, we bake on Sundays.\n\nSee you then,\nOlivia".to_owned(),
                question: "Do you bake on Sundays?".to_owned(),
                link: link("/resume?token=mZ0x1yQ4r7"),
                expires_at: AT,
                reply: Some("r0123".to_owned()),
                language: None,
            },
        ),
    ]
}

/// What happened: chats, requests, answered, missed, queries, open queries, by organization.
fn digest(weekly: bool, places: &[(&str, [i64; 6])]) -> Letter {
    let places = places.iter().map(|(place, [chats, requests, answered, missed, queries, open_queries])| DigestOf {
        place: (*place).to_owned(),
        figures: Figures {
            chats: *chats,
            requests: *requests,
            answered: *answered,
            missed: *missed,
            queries: *queries,
            open_queries: *open_queries,
        },
    });
    let days = if weekly { 7 } else { 1 };
    Letter::Digest { weekly, from: AT.minus(Duration::from_secs(days * 86_400)), until: AT, places: places.collect() }
}

/// Something as the bell tells it.
fn told(title: &str, preview: Option<&str>) -> Told {
    Told { title: title.to_owned(), preview: preview.map(str::to_owned), link: "/live-chats/cnv_1".to_owned() }
}

/// What somebody may know who may know everything.
fn notice(link: &str) -> Box<ChatNotice> {
    Box::new(ChatNotice {
        place: "Blue Bakery".to_owned(),
        visitor: "Vera".to_owned(),
        info: vec!["vera@visitor.test".to_owned(), "Firefox on Linux".to_owned()],
        ai_agent: "Crumb".to_owned(),
        preview: Some("Do you bake on Sundays?".to_owned()),
        minutes: 5,
        link: link.to_owned(),
        while_so: WhileSo::Always,
    })
}
