//! Names of hosts as agencies write them, and the one way in which they are kept; what may be claimed, and what a claim
//! goes through.

use std::net::IpAddr;

use super::time::Time;
use crate::error::{Error, Result};

/// Names under which anybody can have a name of their own: nobody owns these themselves. Not the whole public suffix
/// list: what is missing here is still kept apart by the proof, which only the owner of the zone can give.
const SHARED: &[&str] = &[
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "vercel.app",
    "netlify.app",
    "pages.dev",
    "workers.dev",
    "web.app",
    "firebaseapp.com",
    "azurewebsites.net",
    "cloudfront.net",
    "amazonaws.com",
    "blogspot.com",
    "fly.dev",
    "onrender.com",
    "ngrok.io",
    "ngrok.app",
    "myshopify.com",
    "wordpress.com",
    "wixsite.com",
    "surge.sh",
    "railway.app",
    "deno.dev",
];

/// Second labels below which countries give out names.
const SECOND: &[&str] = &[
    "co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go", "gob", "nom", "ltd", "plc", "me", "sch", "mil",
    "asn", "id", "web", "info", "biz", "gv", "gouv", "gen", "firm", "ind", "nic", "res", "lg", "gr", "ad", "ed",
    "geek", "school", "police", "nhs",
];

/// Last labels that are never reached from outside.
const NOWHERE: &[&str] = &["localhost", "local", "internal", "invalid", "arpa", "onion", "lan", "home", "corp"];

/// The name as it is kept and compared: A-labels in lower case, without a dot at the end.
///
/// # Errors
/// INVALID with HOST_NOT_ALLOWED for what is no name of a host, or of one that nobody can own.
pub fn host_name(field: &'static str, given: &str) -> Result<String> {
    let refused = |message: &str| Error::invalid(field, "HOST_NOT_ALLOWED", message);
    let given = given.trim();
    let given = given.strip_suffix(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).unwrap_or(given);
    if given.contains([':', '/', '@', '?', '#', '*', '_', '%', '\\']) || given.contains(char::is_whitespace) {
        return Err(refused("Write the bare name, as in chat.example.com: no protocol, no port, no path."));
    }
    let host = idna::domain_to_ascii_strict(given).map_err(|_| refused("This is not the name of a host."))?;
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    if numeric || host.parse::<IpAddr>().is_ok() {
        return Err(refused("An address of numbers is not a name."));
    }
    if labels.len() < 2 || NOWHERE.contains(&last) || last.len() < 2 {
        return Err(refused("The name must be one that can be reached from outside, as in chat.example.com."));
    }
    let of_a_country = labels.len() == 2 && last.len() == 2 && SECOND.contains(&labels[0]);
    if of_a_country || SHARED.contains(&host.as_str()) {
        return Err(refused("Others have names below this one. Write your own, as in chat.example.com."));
    }
    Ok(host)
}

/// The name with its own letters.
pub fn readable(host: &str) -> String {
    let (name, problem) = idna::domain_to_unicode(host);
    if problem.is_ok() { name } else { host.to_owned() }
}

/// All names above this one, the nearest first.
pub fn above(host: &str) -> Vec<String> {
    host.match_indices('.').map(|(at, _)| host[at + 1..].to_owned()).collect()
}

/// Whether one is the other, or stands below it.
pub fn related(a: &str, b: &str) -> bool {
    let below = |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'));
    a == b || below(a, b) || below(b, a)
}

/// The name under which the proof is looked up.
pub fn proof_name(host: &str) -> String {
    format!("_brand-proof.{host}")
}

/// What a claim of a host goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainState {
    /// Not proven yet; nothing is served.
    Pending,
    /// Proven, and served.
    Active,
    /// It was proven, and the records are gone: still served for three days.
    Failing,
    /// Given back, or lost.
    Released,
}

impl DomainState {
    /// The word that is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Active => "ACTIVE",
            Self::Failing => "FAILING",
            Self::Released => "RELEASED",
        }
    }

    /// The state of that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Failing, Self::Released].into_iter().find(|state| state.as_str() == text)
    }
}

/// What a look at the name servers showed. An error says that they did not answer, which is no answer either way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Found {
    /// The texts at the name of the proof.
    pub texts: Vec<String>,
    /// What the host stands for.
    pub target: Option<String>,
    /// The addresses of the host, when it stands for nothing.
    pub addresses: Vec<String>,
    /// The addresses that it should have.
    pub wanted: Vec<String>,
}

/// What is wanted of the records of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The host that is claimed.
    pub host: &'a str,
    /// The text that proves it.
    pub proof: &'a str,
    /// The platform's own host, which it must lead to: a name or an address.
    pub platform: &'a str,
}

impl Wanted<'_> {
    /// Whether the proof is there.
    pub fn is_proven(&self, found: &Found) -> bool {
        found.texts.iter().any(|text| text.trim() == self.proof)
    }

    /// Whether the host leads here: by its name, or, where a zone cannot have that, by the same addresses.
    pub fn leads_here(&self, found: &Found) -> bool {
        match &found.target {
            Some(target) => target.trim_end_matches('.').eq_ignore_ascii_case(self.platform),
            None => {
                !found.addresses.is_empty()
                    && found.addresses.iter().all(|address| {
                        found.wanted.contains(address) || address == self.platform.trim_matches(['[', ']'])
                    })
            }
        }
    }

    /// What is missing, in a sentence; nothing when all is there.
    pub fn missing(&self, found: &Found) -> Option<String> {
        match (self.is_proven(found), self.leads_here(found)) {
            (true, true) => None,
            (false, true) => {
                Some(format!("The text record at {} is missing or has another value.", proof_name(self.host)))
            }
            (true, false) => Some(format!("{} does not lead here yet.", self.host)),
            (false, false) => Some("Neither of the two records is there yet.".to_owned()),
        }
    }
}

/// How long a domain is still served after its records went: a hiccup takes no client down.
pub const GRACE: std::time::Duration = std::time::Duration::from_secs(3 * 24 * 3600);

/// How long a domain may fail before it counts as released.
pub const GIVEN_UP: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 3600);

/// How long nobody else can take a domain after its release.
pub const QUARANTINE: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 3600);

/// The state of a claim and since when: what a look at the name servers changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The state.
    pub state: DomainState,
    /// Whether pages are served under it.
    pub served: bool,
    /// Since when its records have been gone.
    pub failing_since: Option<Time>,
}

impl Standing {
    /// What becomes of it after a look that showed that all is there, or not.
    pub fn after(self, all_there: bool, now: Time) -> Self {
        match (self.state, all_there) {
            (DomainState::Released, _) | (DomainState::Pending, false) => self,
            (_, true) => Self { state: DomainState::Active, served: true, failing_since: None },
            (DomainState::Active | DomainState::Failing, false) => {
                let since = self.failing_since.unwrap_or(now);
                let over = now.since(since);
                let state = if over > GIVEN_UP { DomainState::Released } else { DomainState::Failing };
                Self { state, served: self.served && over <= GRACE, failing_since: Some(since) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_host_is_written_in_one_way() {
        fn check(given: &str, expected: Option<&str>) {
            assert_eq!(host_name("host", given).ok().as_deref(), expected, "{given}");
        }
        check(" Chat.Example.COM. ", Some("chat.example.com"));
        check("chat.example.com", Some("chat.example.com"));
        check("Bücher.example", Some("xn--bcher-kva.example"));
        check("xn--bcher-kva.example", Some("xn--bcher-kva.example"));
        check("BU\u{308}CHER.example", Some("xn--bcher-kva.example"));
        check("chat\u{3002}example\u{ff0e}com\u{3002}", Some("chat.example.com"));
        check("\u{ff43}hat.example.com", Some("chat.example.com"));
        check("example.co.uk", Some("example.co.uk"));
        for refused in [
            "",
            ".",
            "com",
            "localhost",
            "co.uk",
            "CO.UK.",
            "com.au",
            "github.io",
            "chat.example.com:443",
            "https://chat.example.com",
            "chat.example.com/path",
            "user@example.com",
            "*.example.com",
            "127.0.0.1",
            "1.2.3.4.",
            "[::1]",
            "::1",
            "0x7f.1",
            "a..example.com",
            "chat.example.com..",
            "-a.example.com",
            "a_b.example.com",
            "chat .example.com",
            "xn--a.example.com",
            "printer.local",
            "a.internal",
            "x.onion",
            "chat%2eexample.com",
            "a\u{200d}b.example.com",
            "\u{0}.example.com",
        ] {
            check(refused, None);
        }
        check(&format!("{}.example.com", "a".repeat(64)), None);
        check(&format!("{}com", "a.".repeat(130)), None);
        assert_eq!(readable("xn--bcher-kva.example"), "bücher.example");
    }

    #[test]
    fn names_above_and_below_are_related() {
        assert!(related("a.example.com", "example.com") && related("example.com", "a.example.com"));
        assert!(related("example.com", "example.com"));
        assert!(!related("notexample.com", "example.com") && !related("a.example.com", "b.example.com"));
        assert_eq!(above("a.b.example.com"), ["b.example.com", "example.com", "com"]);
    }

    #[test]
    fn a_claim_goes_through_its_states() {
        let start = Time::from_micros(0);
        let day = |days: u64| start.plus(Duration::from_secs(days * 86_400));
        let new = Standing { state: DomainState::Pending, served: false, failing_since: None };
        assert_eq!(new.after(false, day(0)), new);
        let active = new.after(true, day(0));
        assert_eq!((active.state, active.served), (DomainState::Active, true));
        let failing = active.after(false, day(1));
        assert_eq!((failing.state, failing.served), (DomainState::Failing, true));
        assert!(failing.after(false, day(3)).served);
        let lapsed = failing.after(false, day(5));
        assert_eq!((lapsed.state, lapsed.served), (DomainState::Failing, false));
        assert_eq!(lapsed.after(true, day(6)), active);
        let lost = lapsed.after(false, day(40));
        assert_eq!((lost.state, lost.served), (DomainState::Released, false));
        assert_eq!(lost.after(true, day(41)), lost);
    }

    #[test]
    fn records_are_compared_whole() {
        let wanted = Wanted { host: "chat.example.com", proof: "abc", platform: "desk.example.net" };
        let found = |texts: &[&str], target: Option<&str>, addresses: &[&str]| Found {
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
            target: target.map(str::to_owned),
            addresses: addresses.iter().map(|text| (*text).to_owned()).collect(),
            wanted: vec!["192.0.2.1".to_owned()],
        };
        assert_eq!(wanted.missing(&found(&["x", "abc"], Some("Desk.example.net."), &[])), None);
        assert_eq!(wanted.missing(&found(&["abc"], None, &["192.0.2.1"])), None);
        assert!(wanted.missing(&found(&["abcd"], Some("desk.example.net"), &[])).is_some());
        assert!(wanted.missing(&found(&["abc"], Some("evil.desk.example.net"), &[])).is_some());
        assert!(wanted.missing(&found(&["abc"], None, &[])).is_some());
        assert!(wanted.missing(&found(&["abc"], None, &["192.0.2.1", "192.0.2.9"])).is_some());
    }
}
