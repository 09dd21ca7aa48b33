//! The one outgoing HTTP client.
//!
//! A tenant may name an address: a web hook, a push endpoint. It is reached over https, on a known port, at a public
//! address that was checked after the name was resolved and is the very address connected to. Redirects are answers like
//! any other; there is no proxy; time and size are capped. What the platform's operator configured is another thing: it
//! is reached by [`Egress::send_trusted`], at exactly the origins given.

use super::address::{Cidr, is_public};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url, redirect};
use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// How long a connection may take to be made, out of the call's own time.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(30);

/// What may be reached. The default: public addresses at ports 443 and 8443, and no trusted origin.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Ports for addresses that tenants name.
    pub ports: Vec<u16>,
    /// Ranges that tenants may name although they are not public: the platform operator's decision.
    pub allow: Vec<Cidr>,
    /// Where [`Egress::send_trusted`] may go.
    pub trusted: Vec<Origin>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { ports: vec![443, 8443], allow: Vec::new(), trusted: Vec::new() }
    }
}

/// Scheme, host and port of an endpoint that the platform's operator configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(reqwest::Url);

impl Origin {
    /// The origin of an `http` or `https` address; its path is of no account.
    ///
    /// # Errors
    /// Another scheme, user or password in it, or no address at all.
    pub fn of(url: &str) -> Result<Self, Forbidden> {
        let mut url = parse(url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Forbidden::Scheme);
        }
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }

    fn covers(&self, url: &Url) -> bool {
        // `Url::origin` compares scheme, host and effective port, after all spellings were made one.
        self.0.origin() == url.origin()
    }
}

/// Looks up names. The system's resolver in earnest; tests bring their own.
pub trait Resolver: Send + Sync + 'static {
    /// All addresses of a name.
    fn resolve(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

/// The system's own resolver.
pub(super) struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why an address is not called at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Not an absolute address with a host.
    #[error("this is not a web address")]
    NotAnAddress,
    /// Anything but https.
    #[error("only https addresses are called")]
    Scheme,
    /// A user or password in the address.
    #[error("the address must not carry a user or password")]
    Userinfo,
    /// A port other than those of the rules.
    #[error("this port is not called")]
    Port,
    /// The host is, or leads to, an address that is not public.
    #[error("this address does not belong to the public internet")]
    Address,
    /// Not one of the trusted origins.
    #[error("this address is not the configured one")]
    Origin,
}

/// Why there is no reply, or not all of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The address may not be called; trying again is of no use.
    #[error("not called: {0}")]
    Forbidden(#[from] Forbidden),
    /// No such name, nobody listens, bad certificate, or the connection broke.
    #[error("could not be reached")]
    Unreachable,
    /// The time given was up.
    #[error("took too long")]
    Slow,
    /// The reply is longer than was asked for.
    #[error("replied too much")]
    TooLarge,
}

/// Trouble, and whether the request may have reached the other side all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failure {
    /// What it is.
    pub trouble: Trouble,
    /// There was a connection when it ended.
    pub connected: bool,
}

impl From<Forbidden> for Failure {
    fn from(forbidden: Forbidden) -> Self {
        Self { trouble: forbidden.into(), connected: false }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        failure.trouble
    }
}

/// One request.
#[derive(Clone)]
pub struct Call {
    /// Usually POST.
    pub method: Method,
    /// Absolute; checked before anything is sent.
    pub url: String,
    /// Headers beside those that the transport needs.
    pub headers: HeaderMap,
    /// May be empty.
    pub body: Bytes,
    /// Time for all of it: looking up, connecting, sending, and reading the reply to its end.
    pub within: Duration,
    /// Bytes of the reply's body beyond which reading it fails.
    pub at_most: usize,
}

impl Call {
    /// A POST with ten seconds, for a reply of 64 KiB.
    pub fn post(url: impl Into<String>, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        let within = Duration::from_secs(10);
        Self { method: Method::POST, url: url.into(), headers, body: body.into(), within, at_most: 64 * 1024 }
    }
}

/// A reply whose body is still to be read.
pub struct Reply {
    /// As the other side said it; 3xx too, for redirects are not followed.
    pub status: StatusCode,
    /// As the other side sent them.
    pub headers: HeaderMap,
    inner: reqwest::Response,
    left: usize,
}

impl Reply {
    /// The next piece of the body, none at its end.
    ///
    /// # Errors
    /// [`Trouble::TooLarge`] as soon as the body exceeds what the call allowed, [`Trouble::Slow`] when its time is up,
    /// [`Trouble::Unreachable`] when the connection breaks before the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Trouble> {
        let chunk = self.inner.chunk().await.map_err(|error| trouble(&error))?;
        if let Some(chunk) = &chunk {
            self.left = self.left.checked_sub(chunk.len()).ok_or(Trouble::TooLarge)?;
        }
        Ok(chunk)
    }

    /// The whole body.
    ///
    /// # Errors
    /// As [`Reply::chunk`].
    pub async fn bytes(mut self) -> Result<Bytes, Trouble> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

/// The outgoing client. Cheap to clone.
#[derive(Clone)]
pub struct Egress {
    gate: Arc<Gate>,
    trusted: Arc<[Origin]>,
    /// Connects to what the gate lets through.
    outside: Client,
    /// Connects to whatever it is told; only [`Egress::send_trusted`] tells it.
    configured: Client,
}

impl Egress {
    /// A client under the given rules, with the system's resolver.
    ///
    /// # Errors
    /// When there are no root certificates to be found on this machine.
    pub fn new(rules: Rules) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        Self::with_resolver(rules, SystemResolver)
    }

    /// The same with another resolver, for the addresses that tenants name.
    ///
    /// # Errors
    /// As [`Egress::new`].
    pub fn with_resolver(rules: Rules, resolver: impl Resolver) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        let gate = Arc::new(Gate { ports: rules.ports, allow: rules.allow, resolver: Box::new(resolver) });
        #[expect(clippy::disallowed_methods, reason = "this is the one outgoing client")]
        let client = || {
            Client::builder()
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                .connect_timeout(CONNECT)
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(4)
        };
        let outside = client().https_only(true).dns_resolver(GateResolver(Arc::clone(&gate))).build()?;
        let configured = client().build()?;
        Ok(Self { gate, trusted: rules.trusted.into(), outside, configured })
    }

    /// Whether an address that a tenant names could be called, as far as that can be told without looking it up.
    ///
    /// For the moment it is written down. Passing here is not leave to connect: [`Egress::send`] checks again.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, url: &str) -> Result<(), Forbidden> {
        self.gate.check(url).map(drop)
    }

    /// Calls an address that a tenant named, if the rules allow it.
    ///
    /// # Errors
    /// Any [`Trouble`] but `TooLarge`. A status such as 500 is a reply, not an error.
    pub async fn send(&self, call: Call) -> Result<Reply, Trouble> {
        Ok(self.attempt(call).await?)
    }

    /// [`Egress::send`], for whoever must know whether a request that failed may have arrived.
    pub(super) async fn attempt(&self, call: Call) -> Result<Reply, Failure> {
        let url = self.gate.check(&call.url)?;
        send(&self.outside, url, call).await
    }

    /// Calls an endpoint that the platform's operator configured. Never for an address that a tenant can set.
    ///
    /// # Errors
    /// As [`Egress::send`]; an address outside the trusted origins is forbidden.
    pub async fn send_trusted(&self, call: Call) -> Result<Reply, Trouble> {
        Ok(self.attempt_trusted(call).await?)
    }

    /// [`Egress::send_trusted`], for whoever must know whether a request that failed may have arrived.
    pub(super) async fn attempt_trusted(&self, call: Call) -> Result<Reply, Failure> {
        let url = parse(&call.url)?;
        if !self.trusts(&url) {
            return Err(Forbidden::Origin.into());
        }
        send(&self.configured, url, call).await
    }

    /// Whether an address lies within the trusted origins.
    pub(super) fn is_trusted(&self, url: &str) -> bool {
        parse(url).is_ok_and(|url| self.trusts(&url))
    }

    fn trusts(&self, url: &Url) -> bool {
        self.trusted.iter().any(|origin| origin.covers(url))
    }
}

async fn send(client: &Client, url: Url, call: Call) -> Result<Reply, Failure> {
    let sent = client.request(call.method, url).headers(call.headers).body(call.body).timeout(call.within).send().await;
    let inner = sent
        .map_err(|error| Failure { trouble: trouble(&error), connected: !error.is_connect() && !error.is_builder() })?;
    if inner.content_length().is_some_and(|length| length > call.at_most as u64) {
        return Err(Failure { trouble: Trouble::TooLarge, connected: true });
    }
    Ok(Reply { status: inner.status(), headers: inner.headers().clone(), left: call.at_most, inner })
}

fn trouble(error: &reqwest::Error) -> Trouble {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(forbidden) = inner.downcast_ref::<Forbidden>() {
            return Trouble::Forbidden(*forbidden);
        }
        cause = inner.source();
    }
    if error.is_timeout() { Trouble::Slow } else { Trouble::Unreachable }
}

/// An absolute address with a host and without user or password, all spellings of it made one.
fn parse(url: &str) -> Result<Url, Forbidden> {
    let url = Url::parse(url).map_err(|_| Forbidden::NotAnAddress)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Forbidden::Userinfo);
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(Forbidden::NotAnAddress);
    }
    Ok(url)
}

struct Gate {
    ports: Vec<u16>,
    allow: Vec<Cidr>,
    resolver: Box<dyn Resolver>,
}

impl Gate {
    fn check(&self, url: &str) -> Result<Url, Forbidden> {
        let url = parse(url)?;
        if url.scheme() != "https" {
            return Err(Forbidden::Scheme);
        }
        if !url.port_or_known_default().is_some_and(|port| self.ports.contains(&port)) {
            return Err(Forbidden::Port);
        }
        // The connector never asks the resolver about a literal, so it is judged here: decimal, octal, hexadecimal
        // and shortened forms have become four plain numbers by now (WHATWG URL, host parsing).
        let host = url.host_str().unwrap_or_default();
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match literal.parse::<IpAddr>() {
            Ok(address) if !self.lets_through(address) => Err(Forbidden::Address),
            _ => Ok(url),
        }
    }

    fn lets_through(&self, address: IpAddr) -> bool {
        is_public(address) || self.allow.iter().any(|range| range.contains(address))
    }

    /// The addresses of a name that may be connected to; those that may not are as if they were not there.
    async fn addresses(&self, host: String) -> Result<Vec<IpAddr>, Box<dyn StdError + Send + Sync>> {
        let mut found = self.resolver.resolve(host).await?;
        let any = !found.is_empty();
        found.retain(|address| self.lets_through(*address));
        if found.is_empty() && any {
            return Err(Forbidden::Address.into());
        }
        Ok(found)
    }
}

/// Gives the connector nothing but checked addresses. It connects to these and asks nobody again.
struct GateResolver(Arc<Gate>);

impl Resolve for GateResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let gate = Arc::clone(&self.0);
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found = gate.addresses(host).await?;
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_judged_by_what_they_are() {
        fn check(url: &str, verdict: Result<(), Forbidden>) {
            let gate = Gate { ports: Rules::default().ports, allow: Vec::new(), resolver: Box::new(SystemResolver) };
            assert_eq!(gate.check(url).map(drop), verdict, "{url}");
        }
        check("https://example.com/hook", Ok(()));
        check("https://example.com:8443/hook?x=1#y", Ok(()));
        check("https://8.8.8.8/", Ok(()));
        check("https://[2606:4700::1111]/", Ok(()));
        check("https://münchen.example/", Ok(()));
        check("HTTPS://EXAMPLE.COM/", Ok(()));
        check("http://example.com/", Err(Forbidden::Scheme));
        check("ftp://example.com/", Err(Forbidden::Scheme));
        check("file:///etc/passwd", Err(Forbidden::NotAnAddress));
        check("https://example.com:22/", Err(Forbidden::Port));
        check("https://example.com:80/", Err(Forbidden::Port));
        check("https://a@example.com/", Err(Forbidden::Userinfo));
        check("https://:b@example.com/", Err(Forbidden::Userinfo));
        check("https:///example", Ok(()));
        check("https://", Err(Forbidden::NotAnAddress));
        check("/relative", Err(Forbidden::NotAnAddress));
        check("", Err(Forbidden::NotAnAddress));
        check("https://0x7f.1/", Err(Forbidden::Address));
    }

    struct Fixed(&'static [&'static str]);

    impl Resolver for Fixed {
        fn resolve(&self, _: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
            let found = self.0.iter().map(|address| address.parse().expect("an address")).collect();
            Box::pin(async move { Ok(found) })
        }
    }

    #[tokio::test]
    async fn names_are_judged_by_where_they_lead() {
        async fn check(found: &'static [&'static str], allow: &[&str], kept: Option<&[&str]>) {
            let allow = allow.iter().map(|range| range.parse().expect("a range")).collect();
            let gate = Gate { ports: vec![443], allow, resolver: Box::new(Fixed(found)) };
            let kept = kept
                .map(|kept| kept.iter().map(|address| address.parse().expect("an address")).collect::<Vec<IpAddr>>());
            assert_eq!(gate.addresses("hook.example".to_owned()).await.ok(), kept, "{found:?}");
        }
        check(&["93.184.216.34"], &[], Some(&["93.184.216.34"])).await;
        check(&["93.184.216.34", "10.0.0.1", "::1", "2606:4700::1"], &[], Some(&["93.184.216.34", "2606:4700::1"]))
            .await;
        check(&["127.0.0.1"], &[], None).await;
        check(&["::ffff:169.254.169.254"], &[], None).await;
        check(&["10.1.2.3", "10.2.0.1"], &["10.1.0.0/16"], Some(&["10.1.2.3"])).await;
        check(&[], &[], Some(&[])).await;
    }

    #[tokio::test]
    async fn push_services_are_let_through() {
        for (url, addresses) in [
            ("https://fcm.googleapis.com/fcm/send/abc:APA91b", &["142.250.74.138", "2a00:1450:4001:82a::200a"][..]),
            ("https://updates.push.services.mozilla.com/wpush/v2/gAAAA", &["34.107.243.93", "2600:1901:0:38d7::"][..]),
            ("https://web.push.apple.com/QGvnMKwx", &["17.188.168.66", "2620:149:a44:100::6"][..]),
            ("https://wns2-par02p.notify.windows.com/w/?token=BQYAAAD", &["20.199.120.182"][..]),
            ("https://db5p.notify.windows.com/w/?token=BQYAAAD", &["40.77.229.77", "2603:1020:201:10::10f"][..]),
        ] {
            let gate = Gate { ports: Rules::default().ports, allow: Vec::new(), resolver: Box::new(Fixed(addresses)) };
            let host = gate.check(url).expect(url).host_str().expect(url).to_owned();
            assert_eq!(gate.addresses(host).await.expect(url).len(), addresses.len(), "{url}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        fn check(url: &str, covered: bool) {
            let origin = Origin::of("http://127.0.0.1:11434/v1").expect("an origin");
            assert_eq!(parse(url).is_ok_and(|url| origin.covers(&url)), covered, "{url}");
        }
        check("http://127.0.0.1:11434/v1/chat/completions", true);
        check("http://0x7f000001:11434/", true);
        check("https://127.0.0.1:11434/", false);
        check("http://127.0.0.1:11435/", false);
        check("http://127.0.0.1/", false);
        check("http://localhost:11434/", false);
        check("http://127.0.0.2:11434/", false);
        check("http://x@127.0.0.1:11434/", false);
        check("http://127.0.0.1:11434@evil.example/", false);
        check("http://127.0.0.1:11434.evil.example/", false);
    }
}
