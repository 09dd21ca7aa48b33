//! Of whom nothing is taken: a visitor, or everybody behind a network address.

use std::net::{IpAddr, Ipv6Addr};

use super::id::{BlockId, OrganizationId, UserId, VisitorId};
use super::time::Time;

/// One block. Of a visitor, of a network address, or of both at once by two of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its id.
    pub id: BlockId,
    /// Where it counts.
    pub organization: OrganizationId,
    /// The visitor.
    pub visitor: Option<VisitorId>,
    /// The network address, as [`network_of`] writes it.
    pub address: Option<String>,
    /// Why, in the words of whoever did it.
    pub reason: String,
    /// Who did it.
    pub created_by: UserId,
    /// When.
    pub created_at: Time,
}

/// The network that an address is counted and blocked with: alone in IPv4; with the 64 bits that one subscriber has to
/// themselves in IPv6, where counting single addresses would count nobody.
pub fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("{address}/32"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_by_their_network() {
        fn check(address: &str, expected: &str) {
            assert_eq!(network_of(address.parse().expect("an address")), expected, "{address}");
        }
        check("203.0.113.7", "203.0.113.7/32");
        check("::ffff:203.0.113.7", "203.0.113.7/32");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
        check("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64");
        check("2001:db8:1:3::1", "2001:db8:1:3::/64");
    }
}
