//! Configuration: a TOML file, every key also an environment variable. What is unknown or contradictory stops the start
//! with one line that names the key.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::Location;
use crate::store::blob::Blobs;

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// `LIVERY_LISTEN`: where to listen.
    pub listen: SocketAddr,
    /// `LIVERY_PUBLIC_URL`: under which address people reach it.
    pub public_url: String,
    /// `LIVERY_DATABASE_URL`: where the data is.
    pub database: Location,
    /// `LIVERY_FILES_URL`: where the bytes of files are.
    pub files: Blobs,
    /// `LIVERY_SECRET_KEY_FILE`: the key that signs tokens; made on the first start.
    pub secret_key_file: PathBuf,
    /// `LIVERY_MODEL_URL`: an OpenAI-compatible endpoint; none means answers from the knowledge base alone.
    pub model_url: Option<String>,
    /// `LIVERY_MODEL_KEY`: its key.
    pub model_key: String,
    /// `LIVERY_MODEL_NAME`: which model to ask it for.
    pub model_name: String,
    /// `LIVERY_JOB_LEASE_SECONDS`: for how long a job is one worker's before another takes it.
    pub job_lease: Duration,
    /// `LIVERY_SMTP_URL`: the platform's own mail server, `smtp://` or `smtps://`; none means that mails go to the
    /// mailbox which demo mode shows under `/dev/mail`.
    pub smtp_url: Option<String>,
    /// `LIVERY_MAIL_FROM`: the neutral address that mails come from as long as an agency has no sender of its own.
    pub mail_from: String,
    /// `LIVERY_DNS_SERVER`: where names are looked up; none means the servers that the machine uses.
    pub dns_server: Option<SocketAddr>,
    /// `LIVERY_INBOUND_DOMAIN`: the host of the addresses that visitors' answers by mail come back to; none means that they go
    /// wherever the agency's sender says.
    pub inbound_domain: Option<String>,
    /// `LIVERY_INBOUND_LISTEN`: where mails to that host are taken by SMTP; none means by the webhook alone.
    pub inbound_listen: Option<SocketAddr>,
    /// `LIVERY_INBOUND_SECRET`: signs what is posted to the webhook `/inbound/mail`; none means that there is no webhook.
    pub inbound_secret: Option<String>,
    /// `LIVERY_PUSH_HOSTS`: push services besides those of the known browsers, as in `push.example.com`.
    pub push_hosts: Vec<String>,
    /// `LIVERY_PUSH_RELAY`: where everything for push services is posted instead of to them; none means that they are reached
    /// directly.
    pub push_relay: Option<String>,
    /// `LIVERY_WEBHOOK_RELAY`: where everything for webhooks is posted instead of to them; none means that they are reached directly.
    pub webhook_relay: Option<String>,
    /// `LIVERY_TRUSTED_PROXIES`: addresses whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// `LIVERY_API_KEY_REQUESTS_PER_MINUTE`: how many requests of one API key a node answers in a minute.
    pub api_key_requests_per_minute: u32,
    /// `LIVERY_VISITOR_MESSAGES_PER_MINUTE`: how many messages one visitor may write in a minute.
    pub visitor_messages_per_minute: u32,
    /// `LIVERY_VISITOR_SESSIONS_PER_MINUTE`: how many visitors' sessions may begin from one address in a minute.
    pub visitor_sessions_per_minute: u32,
    /// `LIVERY_VISITOR_REQUESTS_PER_MINUTE`: how often one visitor may ask for a person, or leave a query, in a minute.
    pub visitor_requests_per_minute: u32,
    /// `LIVERY_VISITOR_UPLOADS_PER_MINUTE`: how many files one visitor may send in a minute.
    pub visitor_uploads_per_minute: u32,
    /// `LIVERY_VISITORS_PER_NETWORK`: how many visitors' worth of that one network may do.
    pub visitors_per_network: u32,
    /// `LIVERY_VISITORS_PER_WIDGET`: how many visitors' worth all visitors of one widget may do together.
    pub visitors_per_widget: u32,
    /// `LIVERY_VISITORS_PER_ORGANIZATION`: how many visitors' worth all visitors of one organization may do together.
    pub visitors_per_organization: u32,
    /// Keys that are set and that this release does not use yet.
    pub unused: Vec<&'static str>,
}

/// What is wrong with the configuration, in one line that names the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct BadConfig {
    /// The key at fault, as the environment names it.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
}

fn bad(key: &str, problem: impl Into<String>) -> BadConfig {
    BadConfig { key: key.to_owned(), problem: problem.into() }
}

/// Every key, and whether this release uses it.
const KEYS: &[(&str, bool)] = &[
    ("LISTEN", true),
    ("PUBLIC_URL", true),
    ("DATABASE_URL", true),
    ("SECRET_KEY_FILE", true),
    ("MODEL_URL", true),
    ("MODEL_KEY", true),
    ("MODEL_NAME", true),
    ("TRUSTED_PROXIES", true),
    ("API_KEY_REQUESTS_PER_MINUTE", true),
    ("VISITOR_MESSAGES_PER_MINUTE", true),
    ("VISITOR_SESSIONS_PER_MINUTE", true),
    ("VISITOR_REQUESTS_PER_MINUTE", true),
    ("VISITOR_UPLOADS_PER_MINUTE", true),
    ("VISITORS_PER_NETWORK", true),
    ("VISITORS_PER_WIDGET", true),
    ("VISITORS_PER_ORGANIZATION", true),
    ("JOB_LEASE_SECONDS", true),
    ("NATS_URL", false),
    ("SMTP_URL", true),
    ("MAIL_FROM", true),
    ("DNS_SERVER", true),
    ("FILES_URL", true),
    ("PUSH_HOSTS", true),
    ("PUSH_RELAY", true),
    ("WEBHOOK_RELAY", true),
    ("INBOUND_LISTEN", true),
    ("INBOUND_DOMAIN", true),
    ("INBOUND_SECRET", true),
];

/// Variables that begin like ours and are not configuration: those of tests and of the repository's scripts.
const NOT_OURS: &[&str] =
    &["LIVERY_TEST_", "LIVERY_BIN", "LIVERY_CHAOS_", "LIVERY_BENCH_", "LIVERY_CONFIG", "LIVERY_LOG"];

impl Config {
    /// Reads the file, if there is one, and the environment on top of it.
    ///
    /// # Errors
    /// For keys that do not exist, values that cannot be parsed, and values that contradict each other.
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self, BadConfig> {
        let mut values: BTreeMap<&'static str, String> = BTreeMap::new();
        let known = |name: &str| KEYS.iter().map(|(key, _)| *key).find(|key| *key == name);
        if let Some(file) = file {
            let name = file.display().to_string();
            let text = std::fs::read_to_string(file).map_err(|error| bad(&name, error.to_string()))?;
            let table: toml::Table = text.parse().map_err(|error: toml::de::Error| bad(&name, error.message()))?;
            for (key, value) in table {
                let found = known(&key.to_ascii_uppercase()).ok_or_else(|| bad(&key, "there is no such key"))?;
                let value = match value {
                    toml::Value::String(text) => text,
                    toml::Value::Array(items) => {
                        items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(",")
                    }
                    _ => return Err(bad(&key, "a text is expected")),
                };
                values.insert(found, value);
            }
        }
        for (name, value) in environment {
            let Some(key) = name.strip_prefix("LIVERY_") else { continue };
            if NOT_OURS.iter().any(|prefix| name.starts_with(prefix)) {
                continue;
            }
            let found = known(key).ok_or_else(|| bad(&name, "there is no such key"))?;
            values.insert(found, value);
        }
        let unused = KEYS
            .iter()
            .filter(|(key, used)| !used && values.get(key).is_some_and(|value| !value.is_empty()))
            .map(|(key, _)| *key)
            .collect();
        let text = |key: &str, default: &str| {
            values.get(key).filter(|value| !value.is_empty()).cloned().unwrap_or_else(|| default.to_owned())
        };

        let listen: SocketAddr = text("LISTEN", "127.0.0.1:8080")
            .parse()
            .map_err(|_| bad("LIVERY_LISTEN", "an address and a port are expected, as in 127.0.0.1:8080"))?;
        let default_url = format!("http://{listen}");
        let public_url = text("PUBLIC_URL", &default_url).trim_end_matches('/').to_owned();
        host_of(&public_url).ok_or_else(|| {
            bad("LIVERY_PUBLIC_URL", "an address without a path is expected, as in https://chat.example.com")
        })?;
        let database = Location::parse(&text("DATABASE_URL", "sqlite://data/livery.db"))
            .map_err(|problem| bad("LIVERY_DATABASE_URL", problem))?;
        let files = Blobs::parse(&text("FILES_URL", "file://data/files"))
            .map_err(|problem| bad("LIVERY_FILES_URL", problem))?;
        let model_url = values.get("MODEL_URL").filter(|url| !url.is_empty()).cloned();
        if model_url.is_none() && values.get("MODEL_KEY").is_some_and(|key| !key.is_empty()) {
            return Err(bad("LIVERY_MODEL_KEY", "there is a key and no LIVERY_MODEL_URL to use it at"));
        }
        let mut trusted_proxies = Vec::new();
        for proxy in text("TRUSTED_PROXIES", "").split(',').map(str::trim).filter(|proxy| !proxy.is_empty()) {
            let proxy =
                proxy.parse().map_err(|_| bad("LIVERY_TRUSTED_PROXIES", format!("{proxy} is not an address")))?;
            trusted_proxies.push(proxy);
        }
        let smtp_url = values.get("SMTP_URL").filter(|url| !url.is_empty()).cloned();
        if smtp_url.as_deref().is_some_and(|url| !url.starts_with("smtp://") && !url.starts_with("smtps://")) {
            return Err(bad("LIVERY_SMTP_URL", "an address is expected, as in smtps://user:password@mail.example.com"));
        }
        let mail_from = text("MAIL_FROM", "no-reply@localhost.localdomain");
        let mail_from = crate::domain::text::email("mailFrom", &mail_from)
            .map_err(|_| bad("LIVERY_MAIL_FROM", "an e-mail address is expected, as in no-reply@example.com"))?;
        let dns_server = match text("DNS_SERVER", "").as_str() {
            "" => None,
            server => Some(
                server
                    .parse()
                    .map_err(|_| bad("LIVERY_DNS_SERVER", "an address and a port are expected, as in 127.0.0.1:53"))?,
            ),
        };
        let set = |key: &str| values.get(key).filter(|value| !value.is_empty()).cloned();
        let inbound_domain = set("INBOUND_DOMAIN").map(|host| host.to_lowercase());
        let fits = |host: &str| crate::domain::text::email("inboundDomain", &format!("reply@{host}")).is_ok();
        if inbound_domain.as_deref().is_some_and(|host| !fits(host)) {
            return Err(bad("LIVERY_INBOUND_DOMAIN", "a host is expected, as in reply.example.com"));
        }
        let inbound_listen =
            match set("INBOUND_LISTEN") {
                None => None,
                Some(listen) => Some(listen.parse().map_err(|_| {
                    bad("LIVERY_INBOUND_LISTEN", "an address and a port are expected, as in 0.0.0.0:25")
                })?),
            };
        let inbound_secret = set("INBOUND_SECRET");
        if inbound_secret.as_deref().is_some_and(|secret| secret.len() < 16) {
            return Err(bad("LIVERY_INBOUND_SECRET", "at least 16 characters are expected"));
        }
        if inbound_domain.is_none() && (inbound_listen.is_some() || inbound_secret.is_some()) {
            return Err(bad("LIVERY_INBOUND_DOMAIN", "mails are to be taken, and there is no host to take them for"));
        }
        let push_hosts: Vec<String> = text("PUSH_HOSTS", "")
            .split(',')
            .map(str::trim)
            .filter(|host| !host.is_empty())
            .map(str::to_owned)
            .collect();
        crate::domain::push::Hosts::with(&push_hosts).map_err(|error| bad("LIVERY_PUSH_HOSTS", error.message))?;
        let (push_relay, webhook_relay) = (set("PUSH_RELAY"), set("WEBHOOK_RELAY"));
        for (key, relay) in [("LIVERY_PUSH_RELAY", &push_relay), ("LIVERY_WEBHOOK_RELAY", &webhook_relay)] {
            if relay.as_deref().is_some_and(|relay| host_of(relay).is_none()) {
                return Err(bad(key, "an address without a path is expected, as in https://relay.example.com"));
            }
        }
        let count = |key: &str, default: u32| match values.get(key).filter(|value| !value.is_empty()) {
            None => Ok(default),
            Some(value) => value
                .parse::<u32>()
                .ok()
                .filter(|count| *count > 0)
                .ok_or_else(|| bad(&format!("LIVERY_{key}"), "a number greater than nought is expected")),
        };
        Ok(Self {
            api_key_requests_per_minute: count("API_KEY_REQUESTS_PER_MINUTE", 600)?,
            visitor_messages_per_minute: count("VISITOR_MESSAGES_PER_MINUTE", 60)?,
            visitor_sessions_per_minute: count("VISITOR_SESSIONS_PER_MINUTE", 120)?,
            visitor_requests_per_minute: count("VISITOR_REQUESTS_PER_MINUTE", 20)?,
            visitor_uploads_per_minute: count("VISITOR_UPLOADS_PER_MINUTE", 30)?,
            visitors_per_network: count("VISITORS_PER_NETWORK", 50)?,
            visitors_per_widget: count("VISITORS_PER_WIDGET", 5_000)?,
            visitors_per_organization: count("VISITORS_PER_ORGANIZATION", 20_000)?,
            job_lease: Duration::from_secs(count("JOB_LEASE_SECONDS", 30)?.into()),
            listen,
            public_url,
            database,
            files,
            secret_key_file: text("SECRET_KEY_FILE", "data/secret.key").into(),
            model_url,
            model_key: text("MODEL_KEY", ""),
            model_name: text("MODEL_NAME", "gpt-4o-mini"),
            trusted_proxies,
            smtp_url,
            mail_from,
            dns_server,
            inbound_domain,
            inbound_listen,
            inbound_secret,
            push_hosts,
            push_relay,
            webhook_relay,
            unused,
        })
    }
}

/// The host of an address like `https://host:port`, in lower case and without port.
pub fn host_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "http" | "https") || rest.is_empty() || rest.contains(['/', '?', '#', '@', ' ']) {
        return None;
    }
    let name = match rest.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some((_, _)) if !rest.starts_with('[') => return None,
        _ => rest,
    };
    Some(name.to_ascii_lowercase()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Config, String> {
        let environment = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Config::load(None, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_wrong_is_named_in_one_line() {
        fn check(pairs: &[(&str, &str)], expected: &str) {
            let error = load(pairs).expect_err("refused");
            assert!(error.starts_with(expected) && !error.contains('\n'), "{error}");
        }
        check(&[("LIVERY_LISTNE", "x")], "LIVERY_LISTNE: there is no such key");
        check(&[("LIVERY_LISTEN", "8080")], "LIVERY_LISTEN: ");
        check(&[("LIVERY_PUBLIC_URL", "chat.example.com")], "LIVERY_PUBLIC_URL: ");
        check(&[("LIVERY_PUBLIC_URL", "https://chat.example.com/path")], "LIVERY_PUBLIC_URL: ");
        check(&[("LIVERY_DATABASE_URL", "mysql://x")], "LIVERY_DATABASE_URL: ");
        check(&[("LIVERY_FILES_URL", "data/files")], "LIVERY_FILES_URL: ");
        check(&[("LIVERY_FILES_URL", "file://")], "LIVERY_FILES_URL: ");
        check(&[("LIVERY_FILES_URL", "s3://bucket/files")], "LIVERY_FILES_URL: this release keeps files in a folder");
        check(&[("LIVERY_MODEL_KEY", "secret")], "LIVERY_MODEL_KEY: ");
        check(&[("LIVERY_SMTP_URL", "http://x")], "LIVERY_SMTP_URL: ");
        check(&[("LIVERY_MAIL_FROM", "nobody")], "LIVERY_MAIL_FROM: ");
        check(&[("LIVERY_DNS_SERVER", "here")], "LIVERY_DNS_SERVER: ");
        check(&[("LIVERY_INBOUND_DOMAIN", "not a host")], "LIVERY_INBOUND_DOMAIN: ");
        check(
            &[("LIVERY_INBOUND_LISTEN", "25"), ("LIVERY_INBOUND_DOMAIN", "r.example.com")],
            "LIVERY_INBOUND_LISTEN: ",
        );
        check(&[("LIVERY_INBOUND_LISTEN", "127.0.0.1:25")], "LIVERY_INBOUND_DOMAIN: ");
        check(
            &[("LIVERY_INBOUND_SECRET", "short"), ("LIVERY_INBOUND_DOMAIN", "r.example.com")],
            "LIVERY_INBOUND_SECRET: ",
        );
        check(&[("LIVERY_PUSH_HOSTS", "push.example.com, *.com")], "LIVERY_PUSH_HOSTS: ");
        check(&[("LIVERY_PUSH_RELAY", "relay.example.com")], "LIVERY_PUSH_RELAY: ");
        check(&[("LIVERY_WEBHOOK_RELAY", "relay.example.com")], "LIVERY_WEBHOOK_RELAY: ");
        check(&[("LIVERY_TRUSTED_PROXIES", "10.0.0.1, here")], "LIVERY_TRUSTED_PROXIES: here");
    }

    #[test]
    fn nothing_set_means_the_defaults() {
        let config = load(&[("PATH", "/bin"), ("LIVERY_TEST_POSTGRES_URL", "x")]).expect("defaults");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert!(config.model_url.is_none() && config.unused.is_empty());
    }

    #[test]
    fn the_environment_is_stronger_than_the_file() {
        let folder = std::env::temp_dir().join(format!("config-{}", std::process::id()));
        std::fs::write(&folder, "listen = \"127.0.0.1:1\"\nmodel_url = \"http://127.0.0.1:9\"\n").expect("file");
        let environment = [("LIVERY_LISTEN".to_owned(), "127.0.0.1:2".to_owned())].into_iter();
        let config = Config::load(Some(&folder), environment).expect("config");
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.model_url.as_deref(), Some("http://127.0.0.1:9"));
        std::fs::write(&folder, "listne = \"x\"\n").expect("file");
        let error = Config::load(Some(&folder), std::iter::empty()).expect_err("refused");
        assert_eq!(error.key, "listne");
        std::fs::remove_file(&folder).expect("removed");
    }
}
