//! Looking names up: what stands in the DNS about a domain that an agency says is its own.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

/// Why nothing can be said about a name. That a name or a record does not exist is no trouble but an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name servers did not answer: {0}")]
pub struct NoAnswer(pub String);

/// Asks the configured name server, or those of this machine. Nothing is cached: whoever has just written a record
/// wants it to be seen.
#[derive(Clone)]
pub struct Dns {
    resolver: TokioResolver,
}

impl Dns {
    /// Asks `server`, or the servers that the machine uses.
    ///
    /// # Errors
    /// When the machine's own configuration cannot be read.
    pub fn new(server: Option<SocketAddr>) -> Result<Self, NoAnswer> {
        let unusable = |error: hickory_resolver::net::NetError| NoAnswer(error.to_string());
        let mut builder = match server {
            Some(address) => {
                let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
                (udp.port, tcp.port) = (address.port(), address.port());
                let server = NameServerConfig::new(address.ip(), true, vec![udp, tcp]);
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(unusable)?,
        };
        let options = builder.options_mut();
        options.cache_size = 0;
        options.attempts = 2;
        options.timeout = Duration::from_secs(3);
        Ok(Self { resolver: builder.build().map_err(unusable)? })
    }

    /// The texts at a name, each put together from its pieces; none when there are none.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, NoAnswer> {
        self.look(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        })
        .await
    }

    /// The name that this one stands for; none when it stands for itself.
    pub async fn cname(&self, name: &str) -> Result<Option<String>, NoAnswer> {
        let found = self.look(name, RecordType::CNAME, |data| match data {
            RData::CNAME(target) => Some(target.0.to_ascii().trim_end_matches('.').to_ascii_lowercase()),
            _ => None,
        });
        Ok(found.await?.into_iter().next())
    }

    /// The addresses of a name, of both kinds; none when it has none.
    pub async fn addresses(&self, name: &str) -> Result<Vec<String>, NoAnswer> {
        let mut found = self
            .look(name, RecordType::A, |data| match data {
                RData::A(address) => Some(address.0.to_string()),
                _ => None,
            })
            .await?;
        found.extend(
            self.look(name, RecordType::AAAA, |data| match data {
                RData::AAAA(address) => Some(address.0.to_string()),
                _ => None,
            })
            .await?,
        );
        Ok(found)
    }

    /// The hosts that take mail for a domain; none when there are none.
    pub async fn mx(&self, name: &str) -> Result<Vec<String>, NoAnswer> {
        self.look(name, RecordType::MX, |data| match data {
            RData::MX(mx) => Some(mx.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase()),
            _ => None,
        })
        .await
    }

    async fn look<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, NoAnswer> {
        // The dot says that the name is whole: no search domain of this machine is put behind it.
        match self.resolver.lookup(format!("{}.", name.trim_end_matches('.')), kind).await {
            Ok(found) => Ok(found.answers().iter().filter_map(|record| read(&record.data)).collect()),
            Err(error) if error.is_no_records_found() || error.is_nx_domain() => Ok(Vec::new()),
            Err(error) => Err(NoAnswer(error.to_string())),
        }
    }
}
