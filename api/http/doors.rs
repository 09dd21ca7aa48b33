//! Who asks: the one place where credentials become an actor, for every transport and for both schemas.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use async_graphql::{ObjectType, Request, Response, SubscriptionType};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use http::{HeaderMap, HeaderValue};

use super::Settings;
use super::graphql::{Api, Credentials, Event, Limits, Transport};
use crate::domain::access::Actor;
use crate::error::Result;
use crate::graphql::desk::identity::cookie_name;
use crate::graphql::{Api as Schema, Asking, server_error};
use crate::service::audit;
use crate::service::identity::{self, Origin};
use crate::service::quota::{Left, WINDOW};
use crate::service::stream::access_ended;

/// Whose tokens a door takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Staff and client users.
    People,
    /// Visitors.
    Visitors,
}

/// A schema behind its door.
pub struct Doors<Q, M, S> {
    schema: Schema<Q, M, S>,
    settings: Arc<Settings>,
    who: Who,
}

impl<Q, M, S> Clone for Doors<Q, M, S> {
    fn clone(&self) -> Self {
        Self { schema: self.schema.clone(), settings: self.settings.clone(), who: self.who }
    }
}

impl<Q, M, S> Doors<Q, M, S> {
    pub(super) fn new(schema: Schema<Q, M, S>, settings: Arc<Settings>, who: Who) -> Self {
        Self { schema, settings, who }
    }
}

/// Says with an answer how much may be asked for, and how much of it is left: `RateLimit-Policy` and `RateLimit` of the IETF's
/// draft-ietf-httpapi-ratelimit-headers. They reach whoever asked over HTTP; a socket has no headers.
fn tell_quota(response: &mut Response, left: Left) {
    let values = [
        ("ratelimit-policy", format!("\"key\";q={};w={}", left.most, WINDOW.as_secs())),
        ("ratelimit", format!("\"key\";r={};t={}", left.requests, left.seconds)),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.http_headers.insert(name, value);
        }
    }
}

/// The address of the client: that of the connection, or, from a proxy that is trusted, the last one that it and its kind
/// vouch for. Whatever a client claims further left is not looked at.
pub(super) fn address_of(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut address = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let chain: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for claimed in chain.iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        match claimed.parse::<IpAddr>() {
            Ok(claimed) => address = claimed.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

fn cookie<'a>(cookies: Option<&'a str>, name: &str) -> Option<&'a str> {
    let pairs = cookies?.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).find(|value| !value.is_empty())
}

impl<Q, M, S> Doors<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// Counts a request of a program, by whichever transport, and says what is left to it. People are not counted here: what they
    /// could do too often is counted where it is done.
    fn count(&self, actor: &Actor) -> std::result::Result<Option<Left>, Box<Response>> {
        let Actor::Key(key) = actor else { return Ok(None) };
        self.schema.services().key_quotas.take(key.key).map(Some).map_err(|(error, left)| {
            let mut response = Response::from_errors(vec![server_error(&error)]);
            tell_quota(&mut response, left);
            Box::new(response)
        })
    }
}

impl<Q, M, S> Api for Doors<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    type Caller = Asking;

    async fn authenticate(&self, credentials: Credentials) -> Result<Asking> {
        let services = self.schema.services();
        let host = self.settings.own_name(services, &credentials.host);
        let peer = credentials.peer.map(|peer| peer.ip());
        let user_agent =
            credentials.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let address = address_of(peer, &credentials.headers, &self.settings.trusted_proxies);
        let bearer = credentials.bearer.as_deref();
        let actor = match self.who {
            Who::People => identity::authenticate(services, bearer, &host, address).await?,
            Who::Visitors => identity::authenticate_visitor(services, bearer, &host).await?,
        };
        Ok(Asking {
            actor,
            origin: Origin { host, address, browser: identity::browser_of(user_agent) },
            refresh_token: cookie(credentials.cookies.as_deref(), cookie_name(services.addresses.secure))
                .map(str::to_owned),
            can_set_cookies: credentials.transport == Transport::Post,
            outlives: credentials.transport == Transport::Socket,
        })
    }

    async fn execute(&self, caller: Asking, request: Request) -> Response {
        let counted = match self.count(&caller.actor) {
            Ok(left) => left,
            Err(refusal) => return *refusal,
        };
        let (address, actor) = (caller.origin.address, caller.actor.clone());
        let mut response = audit::asked_from(address, &actor, self.schema.execute(caller, request)).await;
        if let Some(left) = counted {
            tell_quota(&mut response, left);
        }
        response
    }

    fn subscribe(&self, caller: Asking, request: Request) -> BoxStream<'static, Event> {
        match self.count(&caller.actor) {
            Ok(_) => self.schema.subscribe(caller, request).map(Event::from).boxed(),
            Err(refusal) => futures_util::stream::once(std::future::ready(Event::Response(refusal))).boxed(),
        }
    }

    fn revoked(&self, caller: &Asking) -> BoxFuture<'static, ()> {
        match caller.actor {
            Actor::Anonymous => std::future::pending().boxed(),
            _ => access_ended(self.schema.services().clone(), caller.actor.clone()).boxed(),
        }
    }

    fn origin_allowed(&self, host: &str, origin: &str) -> bool {
        let services = self.schema.services();
        let Some((scheme, rest)) = origin.split_once("://") else { return false };
        let wanted = if services.addresses.secure { "https" } else { "http" };
        scheme == wanted && rest.eq_ignore_ascii_case(host)
    }

    fn limits(&self) -> &Limits {
        const { &Limits::DEFAULT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        fn check(peer: &str, forwarded: &[&str], trusted: &[&str], expected: &str) {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().expect("header"));
            }
            let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().expect("address")).collect();
            let got = address_of(peer.parse().ok(), &headers, &trusted);
            assert_eq!(got.to_string(), expected, "{peer} {forwarded:?} {trusted:?}");
        }
        check("192.0.2.1", &["203.0.113.9"], &[], "192.0.2.1");
        check("10.0.0.1", &["203.0.113.9"], &["10.0.0.1"], "203.0.113.9");
        check("10.0.0.1", &["1.1.1.1, 203.0.113.9"], &["10.0.0.1"], "203.0.113.9");
        check("10.0.0.1", &["1.1.1.1", "203.0.113.9, 10.0.0.2"], &["10.0.0.1", "10.0.0.2"], "203.0.113.9");
        check("10.0.0.1", &["nonsense"], &["10.0.0.1"], "10.0.0.1");
        check("10.0.0.1", &[], &["10.0.0.1"], "10.0.0.1");
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        assert_eq!(cookie(Some("a=1; refresh=x.y; b=2"), "refresh"), Some("x.y"));
        assert_eq!(cookie(Some("xrefresh=1"), "refresh"), None);
        assert_eq!(cookie(Some("refresh="), "refresh"), None);
        assert_eq!(cookie(None, "refresh"), None);
    }
}
