//! Which internet addresses a stranger may make us connect to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A range of addresses: `10.20.0.0/16`, `fd00::/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr {
    network: IpAddr,
    bits: u8,
}

/// Why a text is no range: the address, or a number of bits beyond its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address range such as 10.20.0.0/16 or fd00::/8")]
pub struct NotACidr;

impl Cidr {
    const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Self {
        Self { network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), bits }
    }

    const fn v6(a: u16, b: u16, c: u16, bits: u8) -> Self {
        Self { network: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), bits }
    }

    /// Whether an address lies in the range. An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl FromStr for Cidr {
    type Err = NotACidr;

    fn from_str(text: &str) -> Result<Self, NotACidr> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let network: IpAddr = address.parse().map_err(|_| NotACidr)?;
        let length = if network.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(length), |bits| bits.parse().map_err(|_| NotACidr))?;
        if bits > length {
            return Err(NotACidr);
        }
        Ok(Self { network, bits })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.bits)
    }
}

/// IPv4 space that is not the public internet: the special-purpose registry of RFC 6890 as kept by IANA, multicast
/// (RFC 5771), the reserved rest, and one public address that is a cloud's own control plane on every machine in it.
const NOT_PUBLIC_V4: &[Cidr] = &[
    Cidr::v4(0, 0, 0, 0, 8),
    Cidr::v4(10, 0, 0, 0, 8),
    // Shared address space of carriers (RFC 6598); a cloud keeps its metadata service here too.
    Cidr::v4(100, 64, 0, 0, 10),
    Cidr::v4(127, 0, 0, 0, 8),
    // Link-local (RFC 3927): most metadata services.
    Cidr::v4(169, 254, 0, 0, 16),
    Cidr::v4(172, 16, 0, 0, 12),
    Cidr::v4(192, 0, 0, 0, 24),
    Cidr::v4(192, 0, 2, 0, 24),
    Cidr::v4(192, 31, 196, 0, 24),
    Cidr::v4(192, 52, 193, 0, 24),
    Cidr::v4(192, 88, 99, 0, 24),
    Cidr::v4(192, 168, 0, 0, 16),
    Cidr::v4(192, 175, 48, 0, 24),
    Cidr::v4(198, 18, 0, 0, 15),
    Cidr::v4(198, 51, 100, 0, 24),
    Cidr::v4(203, 0, 113, 0, 24),
    Cidr::v4(224, 0, 0, 0, 4),
    Cidr::v4(240, 0, 0, 0, 4),
    Cidr::v4(168, 63, 129, 16, 32),
];

/// All that is routed of IPv6 (RFC 4291); loopback, link-local, unique local, multicast, mapped and translated
/// addresses (`64:ff9b::/96`, RFC 6052) lie outside.
const PUBLIC_V6: Cidr = Cidr::v6(0x2000, 0, 0, 3);

/// Exceptions from [`PUBLIC_V6`]: addresses that carry an IPv4 address or stand for nobody.
const NOT_PUBLIC_V6: &[Cidr] = &[
    // Protocol assignments (RFC 2928), Teredo and ORCHID among them.
    Cidr::v6(0x2001, 0, 0, 23),
    Cidr::v6(0x2001, 0xdb8, 0, 32),
    // 6to4 (RFC 3056): any IPv4 address in disguise.
    Cidr::v6(0x2002, 0, 0, 16),
    Cidr::v6(0x2620, 0x4f, 0x8000, 48),
    Cidr::v6(0x3ffe, 0, 0, 16),
    Cidr::v6(0x3fff, 0, 0, 20),
    Cidr::v6(0x5f00, 0, 0, 16),
];

/// Whether an address belongs to the public internet, and to it alone.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => !NOT_PUBLIC_V4.iter().any(|range| range.contains(address)),
        IpAddr::V6(v6) => {
            let [.., a, b, _, _] = v6.segments();
            // ISATAP (RFC 5214) hides an IPv4 address behind any prefix.
            let isatap = (a & !0x0200) == 0 && b == 0x5efe;
            // `contains` unmaps ::ffff:1.2.3.4, which thereby is in no IPv6 range, hence not public.
            PUBLIC_V6.contains(address) && !isatap && !NOT_PUBLIC_V6.iter().any(|range| range.contains(address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_public_internet_is_public() {
        fn check(address: &str, public: bool) {
            assert_eq!(is_public(address.parse().expect(address)), public, "{address}");
        }
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::2",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:1234::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:808:808::1",
            "2620:4f:8000::1",
            "3ffe::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "8000::1",
            "fc00::1",
            "fd00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
            "2a00::5efe:127.0.0.1",
            "2a00::200:5efe:10.0.0.1",
        ] {
            check(address, false);
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.1",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.1",
            "126.255.255.255",
            "128.0.0.1",
            "142.250.74.138",
            "169.253.255.255",
            "169.255.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "191.255.255.255",
            "192.0.1.1",
            "192.167.255.255",
            "192.169.0.1",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "17.188.168.1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2620:149:a44::1",
            "2a00:1450:4001::200e",
            "2600::1",
        ] {
            check(address, true);
        }
    }

    #[test]
    fn ranges_are_parsed() {
        fn check(text: &str, parsed: Option<&str>) {
            assert_eq!(text.parse::<Cidr>().ok().map(|cidr| cidr.to_string()).as_deref(), parsed, "{text}");
        }
        check("10.0.0.0/8", Some("10.0.0.0/8"));
        check(" 10.1.2.3 ", Some("10.1.2.3/32"));
        check("fd00::/8", Some("fd00::/8"));
        check("0.0.0.0/0", Some("0.0.0.0/0"));
        check("10.0.0.0/33", None);
        check("::/129", None);
        check("10.0.0/8", None);
        check("10.0.0.0/", None);
        check("10.0.0.0/-1", None);
        check("", None);
        check("example.com", None);
    }

    proptest! {
        #[test]
        fn a_range_has_its_own_and_not_its_neighbours(address: u32, bits in 1u8..=32) {
            let cidr = Cidr { network: IpAddr::V4(Ipv4Addr::from(address)), bits };
            let neighbour = address ^ 1 << (32 - u32::from(bits));
            prop_assert!(cidr.contains(IpAddr::V4(Ipv4Addr::from(address))));
            prop_assert!(!cidr.contains(IpAddr::V4(Ipv4Addr::from(neighbour))));
            prop_assert!(cidr.contains(IpAddr::V6(Ipv4Addr::from(address).to_ipv6_mapped())));
        }

        #[test]
        fn an_ipv4_address_in_ipv6_clothes_is_never_public(address: u32) {
            let v4 = Ipv4Addr::from(address);
            prop_assert!(!is_public(IpAddr::V6(v4.to_ipv6_mapped())));
            prop_assert!(!is_public(IpAddr::V6(v4.to_ipv6_compatible())));
        }

        #[test]
        fn what_the_standard_library_calls_special_is_not_public(address: u32) {
            let v4 = Ipv4Addr::from(address);
            let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_broadcast()
                || v4.is_documentation() || v4.is_multicast() || v4.is_unspecified();
            prop_assert!(!(special && is_public(IpAddr::V4(v4))));
        }
    }
}
