//! Who asks: the one place where credentials become an actor, for every transport and for both schemas.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use async_graphql::{ObjectType, Request, Response, SubscriptionType};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use http::HeaderMap;

use super::Settings;
use super::graphql::{Api, Credentials, Event, Limits, Transport};
use crate::domain::access::Actor;
use crate::error::Result;
use crate::graphql::desk::identity::cookie_name;
use crate::graphql::{Api as Schema, Asking};
use crate::service::audit;
use crate::service::identity::{self, Origin};
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
        let (address, actor) = (caller.origin.address, caller.actor.clone());
        audit::asked_from(address, &actor, self.schema.execute(caller, request)).await
    }

    fn subscribe(&self, caller: Asking, request: Request) -> BoxStream<'static, Event> {
        self.schema.subscribe(caller, request).map(Event::from).boxed()
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
