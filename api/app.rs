//! The wiring: the only place that knows every room.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{BadConfig, Config, host_of};
use crate::domain::change::Change;
use crate::domain::id::{AgencyId, IdSource};
use crate::domain::push::Hosts;
use crate::domain::time::{Clock, Time};
use crate::error::{Error, Result};
use crate::graphql::{Desk, WidgetApi};
use crate::http::accept::{self, Drain, Server};
use crate::http::inbound::Receiver;
use crate::http::{self, Router, Settings};
use crate::jobs::Worker;
use crate::live::Hub;
use crate::outbound::{Dns, Egress, ModelClient, Origin, Outside, Push, Rules, Smtp, Vapid, Way, Webhooks};
use crate::policy::Policy;
use crate::service::identity::limit::SignInLimit;
use crate::service::identity::password::Passwords;
use crate::service::identity::token::Tokens;
use crate::service::reply::Replies;
use crate::service::seal::Seal;
use crate::service::{
    Addresses, Cached, Parts, coverage, domain, ending, file, key, keyword, organization, presence, quota, rehearsal,
    routing, sender, setup, visitor, webhook,
};
use crate::store::{Announce, Store, access};

/// How often the database is asked whether somebody's rights have changed elsewhere: by another node, or on the command
/// line.
const AUTHORITY_LOOK: Duration = Duration::from_secs(1);

/// How often it is looked whether a domain's records are due to be looked at. They themselves are asked for daily.
const DOMAINS_LOOK: Duration = Duration::from_secs(20);

/// How often it is looked whether an organization has been in the bin for too long.
const EMPTY_BIN: Duration = Duration::from_secs(60);

/// How often it is looked whether files were announced that did not come, or came and were not sent.
const EXPIRE_FILES: Duration = Duration::from_secs(30);

/// Once in so many of those looks, bytes that no row names are swept away.
const SWEEP_FILES: u32 = 120;
/// How often it is looked for chats in which nothing is said any more.
const QUIET_LOOK: Duration = Duration::from_secs(10);

/// How often it is looked whose turn a request is, and whether an operator is gone.
const ROUTING_LOOK: Duration = Duration::from_secs(1);

/// How often it is looked whether a coverage agreement begins or ends, or a rehearsal is over.
const TURNS: Duration = Duration::from_secs(1);

/// How often what is only counted is tidied up.
const TIDY: Duration = Duration::from_secs(300);

pub use crate::graphql::{desk_sdl, widget_sdl};
pub use crate::service::Services;
pub use crate::service::agency::{all as agencies, suspend as suspend_agency};
pub use crate::service::setup::{DEMO_PASSWORD, DEMO_PEOPLE, create_agency, hand_over_agency};

/// The agency that somebody named on the command line.
///
/// # Errors
/// INVALID for a text that is no id of an agency.
pub fn agency_id(text: &str) -> Result<AgencyId> {
    text.parse().map_err(|_| Error::invalid("id", "NOT_AN_ID", format!("{text} is not the id of an agency (agy_...).")))
}

/// The clock of this machine.
#[expect(clippy::disallowed_methods, reason = "the one place where the machine is asked for the time")]
pub fn system_clock() -> Clock {
    Clock::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    })
}

/// Ids from the randomness of the operating system.
#[expect(clippy::disallowed_methods, reason = "the one place where the machine is asked for chance")]
pub fn system_ids() -> IdSource {
    IdSource::new(|| {
        let mut bits = [0u8; 16];
        // Without randomness nothing of this may run on: ids would collide and secrets could be guessed.
        getrandom::fill(&mut bits).unwrap_or_else(|error| panic!("the operating system gives no randomness: {error}"));
        u128::from_ne_bytes(bits)
    })
}

/// Reads the secret key, or makes it on the first start, readable by its owner alone.
pub fn secret_key(file: &Path) -> Result<[u8; 32]> {
    use std::os::unix::fs::OpenOptionsExt;
    let problem =
        |error: std::io::Error| Error::internal(format!("LIVERY_SECRET_KEY_FILE {}: {error}", file.display()));
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(problem)?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(mut new) => {
            let ids = system_ids();
            let mut key = [0u8; 32];
            key[..16].copy_from_slice(&ids.bits().to_ne_bytes());
            key[16..].copy_from_slice(&ids.bits().to_ne_bytes());
            new.write_all(&key).and_then(|()| new.sync_all()).map_err(problem)?;
            Ok(key)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let kept = std::fs::read(file).map_err(problem)?;
            kept.try_into().map_err(|_| {
                Error::internal(format!("LIVERY_SECRET_KEY_FILE {}: 32 bytes are expected", file.display()))
            })
        }
        Err(error) => Err(problem(error)),
    }
}

/// Opens the database and puts the services together.
pub async fn services(config: &Config, clock: Clock, ids: IdSource) -> Result<Services> {
    let hub = Arc::new(Hub::default());
    let announce: Announce = {
        let hub = hub.clone();
        Arc::new(move |changes| hub.announce(changes))
    };
    let store = Store::open(&config.database, announce).await?;
    let secret = secret_key(&config.secret_key_file)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let services = Services::new(
        store,
        Parts {
            people: Cached::new(hub.authority()),
            keys: Cached::new(hub.authority()),
            key_uses: key::Uses::default(),
            key_quotas: quota::Quotas::new(config.api_key_requests_per_minute, clock.clone()),
            widgets: Cached::new(hub.authority()),
            policy: Policy::built_in()?,
            tokens: Tokens::new(&secret)?,
            seal: Seal::new(&secret, ids.clone())?,
            replies: Replies::new(&secret, config.inbound_domain.clone(), config.inbound_secret.clone())?,
            passwords: Passwords::new(cores),
            limits: SignInLimit::new(clock.clone()),
            signs: presence::Signs::default(),
            visitor_limits: visitor::Limits::new(&visitor::Caps {
                messages: config.visitor_messages_per_minute,
                sessions: config.visitor_sessions_per_minute,
                requests: config.visitor_requests_per_minute,
                uploads: config.visitor_uploads_per_minute,
                per_network: config.visitors_per_network,
                per_widget: config.visitors_per_widget,
                per_organization: config.visitors_per_organization,
            }),
            addresses: Addresses {
                host: host_of(&config.public_url).unwrap_or_default(),
                secure: config.public_url.starts_with("https://"),
                public_url: config.public_url.clone(),
                mail_from: config.mail_from.clone(),
                mail_server: config.smtp_url.is_some(),
            },
            push_hosts: Hosts::with(&config.push_hosts)?,
            make_push_keys: {
                let ids = ids.clone();
                Box::new(move || {
                    let pair = Vapid::generate(&ids);
                    (pair.stored(), pair.public_key().to_owned())
                })
            },
            job_lease: config.job_lease,
            model: config.model_url.is_some(),
            blobs: config.files.clone(),
            hub,
            clock,
            ids,
        },
    );
    setup::settle(&services).await?;
    Ok(services)
}

/// The client of the configured model.
pub fn model(config: &Config) -> Result<Option<Arc<ModelClient>>, BadConfig> {
    let Some(url) = &config.model_url else { return Ok(None) };
    let bad = |problem: String| BadConfig { key: "LIVERY_MODEL_URL".to_owned(), problem };
    let origin = Origin::of(url).map_err(|error| bad(error.to_string()))?;
    let rules = Rules { trusted: vec![origin], ..Rules::default() };
    let egress = Egress::new(rules).map_err(|error| bad(error.to_string()))?;
    let model =
        ModelClient::new(egress, url, &config.model_key, &config.model_name).map_err(|error| bad(error.to_string()))?;
    Ok(Some(Arc::new(model)))
}

/// The way to strangers, by the relay that a key of the configuration names or without one.
fn way(key: &str, relay: Option<&str>) -> Result<Way, BadConfig> {
    let bad = |problem: String| BadConfig { key: key.to_owned(), problem };
    let trusted = relay.map(Origin::of).transpose().map_err(|error| bad(error.to_string()))?;
    let egress = Egress::new(Rules { trusted: trusted.into_iter().collect(), ..Rules::default() });
    let egress = egress.map_err(|error| bad(error.to_string()))?;
    match relay {
        Some(relay) => Way::relayed(egress, relay).map_err(|error| bad(error.to_string())),
        None => Ok(egress.into()),
    }
}

/// What carries notifications to browsers, as it is configured.
fn push(config: &Config) -> Result<Push, BadConfig> {
    let bad = |error: Error| BadConfig { key: "LIVERY_PUSH_HOSTS".to_owned(), problem: error.message };
    let hosts = Hosts::with(&config.push_hosts).map_err(bad)?;
    Ok(Push::new(way("LIVERY_PUSH_RELAY", config.push_relay.as_deref())?, hosts, system_clock()))
}

/// What makes deliveries to webhooks, as it is configured.
fn webhooks(config: &Config) -> Result<Webhooks, BadConfig> {
    Ok(Webhooks::new(way("LIVERY_WEBHOOK_RELAY", config.webhook_relay.as_deref())?, system_clock()))
}

/// What jobs may turn to outside, as it is configured.
pub fn outside(config: &Config) -> Result<Outside, BadConfig> {
    let bad_smtp = |problem: String| BadConfig { key: "LIVERY_SMTP_URL".to_owned(), problem };
    let smtp = Smtp::new(config.smtp_url.as_deref()).map_err(|error| bad_smtp(error.to_string()))?;
    let dns = Dns::new(config.dns_server).or_else(|error| {
        // A machine that names no servers can still do all the rest; look-ups then say that nobody answered.
        tracing::warn!(%error, "this machine names no name servers; LIVERY_DNS_SERVER can");
        Dns::new(Some(SocketAddr::from(([127, 0, 0, 1], 53))))
    });
    let bad_dns = |problem: String| BadConfig { key: "LIVERY_DNS_SERVER".to_owned(), problem };
    let dns = dns.map_err(|error| bad_dns(error.to_string()))?;
    Ok(Outside {
        model: model(config)?,
        dns,
        push: Arc::new(push(config)?),
        smtp: Arc::new(smtp),
        webhooks: Arc::new(webhooks(config)?),
    })
}

/// Everything that is served over those services.
pub fn router(services: &Services, config: &Config, demo: bool, drain: Drain) -> Result<Router> {
    let desk = Desk::desk(services.clone(), demo)?;
    let widget = WidgetApi::widget(services.clone(), demo)?;
    let settings = Settings { demo, trusted_proxies: config.trusted_proxies.clone() };
    Ok(http::router(desk, widget, settings, drain))
}

/// What runs beside the requests: jobs, the look at the authority, tidying.
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Background {
    /// Starts all of it.
    pub fn start(services: &Services, outside: Outside) -> Self {
        let (stop, stopped) = watch::channel(false);
        let services = services.in_background();
        let tasks = vec![
            tokio::spawn(Worker::new(services.clone(), outside).run(stopped.clone())),
            tokio::spawn(look_at_authority(services.clone(), stopped.clone())),
            tokio::spawn(tidy(services.clone(), stopped.clone())),
            tokio::spawn(empty_bin(services.clone(), stopped.clone())),
            tokio::spawn(clear_files(services.clone(), stopped.clone())),
            tokio::spawn(route_requests(services.clone(), stopped.clone())),
            tokio::spawn(look_at_quiet_chats(services.clone(), stopped.clone())),
            tokio::spawn(look_at_domains(services.clone(), stopped.clone())),
            tokio::spawn(turn_coverage(services.clone(), stopped)),
        ];
        Self { stop, tasks }
    }

    /// Takes mails as well.
    pub fn receive(&mut self, receiver: Receiver, services: &Services) {
        self.tasks.push(tokio::spawn(receiver.serve(services.clone(), self.stop.subscribe())));
    }

    /// Lets each finish what it has begun.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a background task ended badly");
            }
        }
    }
}

async fn until_stopped(stopped: &mut watch::Receiver<bool>, pause: Duration) -> bool {
    tokio::select! {
        _ = stopped.wait_for(|stop| *stop) => true,
        () = tokio::time::sleep(pause) => false,
    }
}

async fn look_at_authority(services: Services, mut stopped: watch::Receiver<bool>) {
    let mut known = None;
    while !until_stopped(&mut stopped, AUTHORITY_LOOK).await {
        let looked = async { access::authority(&mut services.store.read().await?).await };
        match looked.await {
            Ok(now) => {
                if known.is_some_and(|known| known != now) {
                    services.hub.announce(vec![Change::Authority { user: None }]);
                }
                known = Some(now);
            }
            Err(error) => tracing::warn!(%error, "the database was not asked for changes of rights"),
        }
    }
}

async fn empty_bin(services: Services, mut stopped: watch::Receiver<bool>) {
    while !until_stopped(&mut stopped, EMPTY_BIN).await {
        if let Err(error) = organization::purge(&services).await {
            tracing::warn!(%error, cause = ?error.cause, "the bin was not emptied");
        }
    }
}

async fn clear_files(services: Services, mut stopped: watch::Receiver<bool>) {
    let mut looks = 0_u32;
    while !until_stopped(&mut stopped, EXPIRE_FILES).await {
        if let Err(error) = file::expire(&services).await {
            tracing::warn!(%error, cause = ?error.cause, "files that nobody sent were not taken away");
        }
        if looks.is_multiple_of(SWEEP_FILES)
            && let Err(error) = file::sweep(&services).await
        {
            tracing::warn!(%error, cause = ?error.cause, "bytes that belong to no file were not swept away");
        }
        looks = looks.wrapping_add(1);
    }
}

async fn look_at_quiet_chats(services: Services, mut stopped: watch::Receiver<bool>) {
    while !until_stopped(&mut stopped, QUIET_LOOK).await {
        if let Err(error) = ending::sweep(&services).await {
            tracing::warn!(%error, cause = ?error.cause, "quiet chats were not looked at");
        }
    }
}

async fn turn_coverage(services: Services, mut stopped: watch::Receiver<bool>) {
    while !until_stopped(&mut stopped, TURNS).await {
        if let Err(error) = coverage::turn_what_is_due(&services).await {
            tracing::warn!(%error, "coverage agreements were not looked at");
        }
        if let Err(error) = rehearsal::end_what_is_over(&services).await {
            tracing::warn!(%error, "rehearsals were not looked at");
        }
    }
}

async fn tidy(services: Services, mut stopped: watch::Receiver<bool>) {
    while !until_stopped(&mut stopped, TIDY).await {
        services.limits.forget_quiet_ones();
        services.visitor_limits.tidy();
        services.key_uses.tidy(services.clock.now());
        services.key_quotas.tidy();
        if let Err(error) = sender::recheck(&services).await {
            tracing::warn!(%error, "senders were not looked at again");
        }
        if let Err(error) = webhook::sweep(&services).await {
            tracing::warn!(%error, "what webhooks were told long ago was not swept away");
        }
        if let Err(error) = keyword::sweep(&services).await {
            tracing::warn!(%error, "old hits of keyword alerts were not swept away");
        }
    }
}

async fn route_requests(services: Services, mut stopped: watch::Receiver<bool>) {
    let mut watch = presence::Watch::new(services.clock.now());
    while !until_stopped(&mut stopped, ROUTING_LOOK).await {
        if let Err(error) = routing::lead_all(&services).await {
            tracing::warn!(%error, cause = ?error.cause, "requests were not offered on");
        }
        if let Err(error) = presence::look(&services, &mut watch).await {
            tracing::warn!(%error, cause = ?error.cause, "it was not looked who is gone");
        }
    }
}

async fn look_at_domains(services: Services, mut stopped: watch::Receiver<bool>) {
    while !until_stopped(&mut stopped, DOMAINS_LOOK).await {
        if let Err(error) = domain::look_at_what_is_due(&services).await {
            tracing::warn!(%error, "domains were not looked at");
        }
    }
}

/// A server that runs.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The services behind it.
    pub services: Services,
    drain: Drain,
    serving: JoinHandle<bool>,
    background: Background,
}

/// Starts the server: opens the database, fills it in demo mode, listens, works.
pub async fn start(config: &Config, demo: bool) -> Result<Running> {
    if demo && !config.listen.ip().is_loopback() {
        return Err(Error::invalid("listen", "DEMO_IS_LOCAL", "LIVERY_LISTEN: demo mode listens on loopback alone."));
    }
    let outside = outside(config).map_err(Error::internal)?;
    let services = services(config, system_clock(), system_ids()).await?;
    if demo {
        setup::seed_demo(&services).await?;
    }
    let drain = Drain::new();
    let mut limits = accept::Config::default();
    if !config.trusted_proxies.is_empty() {
        // All connections come from the proxy then, and it is the proxy that counts clients.
        limits.per_address = limits.total as usize;
        limits.per_loopback = limits.total as usize;
    }
    let server = Server::bind(config.listen, limits)
        .await
        .map_err(|error| Error::internal(format!("LIVERY_LISTEN {}: {error}", config.listen)))?;
    let address = server.local_addr().map_err(Error::internal)?;
    let router = router(&services, config, demo, drain.clone())?;
    let receiver = match config.inbound_listen {
        Some(listen) => Some(
            Receiver::bind(listen)
                .await
                .map_err(|error| Error::internal(format!("LIVERY_INBOUND_LISTEN {listen}: {error}")))?,
        ),
        None => None,
    };
    let mut background = Background::start(&services, outside);
    if let Some(receiver) = receiver {
        background.receive(receiver, &services);
    }
    let serving = tokio::spawn(server.serve(router, drain.clone()));
    Ok(Running { address, services, drain, serving, background })
}

impl Running {
    /// Stops: sockets are told to come back elsewhere, requests are finished, jobs are finished, the database is closed.
    pub async fn stop(self) {
        self.drain.start();
        if !self.serving.await.unwrap_or(false) {
            tracing::warn!("some connections were cut off");
        }
        self.background.stop().await;
        self.services.store.close().await;
    }
}
