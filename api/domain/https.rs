//! Addresses that somebody names for us to call: https, at a host with a name, and nothing that another reader of addresses could
//! read otherwise. It says what may be written down, not that it is safe to connect: where a name leads is looked at when it is
//! connected to.

/// An https address, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpsAddress {
    /// The host, in lower case.
    pub host: String,
    /// The port; 443 where none is written.
    pub port: u16,
    /// The rest, from the slash on.
    pub path: String,
}

/// Why a text is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is longer than that.
    TooLong,
    /// It is no address of the web, or not written plainly.
    NotAnAddress,
    /// It is one of another scheme.
    NotHttps,
    /// It carries a user or a password.
    Userinfo,
}

impl HttpsAddress {
    /// Reads an address of at most so many bytes. Strict, so that no other reader of addresses can find another host in it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, longest: usize) -> Result<Self, Fault> {
        if text.len() > longest {
            return Err(Fault::TooLong);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Fault::NotAnAddress)?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(Fault::NotHttps);
        }
        // RFC 3986 without fragments, and without brackets, which stand in hosts alone.
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:@/?".contains(&b);
        if !rest.bytes().all(fits) {
            return Err(Fault::NotAnAddress);
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(Fault::Userinfo);
        }
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, port_of(port).ok_or(Fault::NotAnAddress)?),
            None => (authority, 443),
        };
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err(Fault::NotAnAddress);
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host, port, path })
    }

    /// The host, with the port unless it is the usual one.
    pub fn authority(&self) -> String {
        match self.port {
            443 => self.host.clone(),
            port => format!("{}:{port}", self.host),
        }
    }

    /// The whole address; scheme and host in lower case.
    pub fn url(&self) -> String {
        format!("https://{}{}", self.authority(), self.path)
    }
}

/// A name in lower case: no brackets, nothing escaped, nothing but ASCII, no dot at the end.
pub(super) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// A port as it is written, without signs and zeros in front.
pub(super) fn port_of(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain)
}
