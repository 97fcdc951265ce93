//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Public addresses, and the networks that the operator lists.
#[derive(Clone, Debug, Default)]
pub struct NetPolicy {
    allow: Vec<IpNet>,
}

/// What `--allow-net` was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a network like 10.0.0.0/8 or fd00::/8, or one address")]
pub struct NotANetwork;

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(head: [u16; 4], bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(head[0], head[1], head[2], head[3], 0, 0, 0, 0), bits)
}

/// What is not public, by the registry of special addresses (RFC 6890 and its successors).
const SPECIAL_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),        // "this network"; 0.0.0.0 reaches this machine
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // shared behind carriers' NAT; metadata of some clouds
    v4(127, 0, 0, 0, 8),      // loopback
    v4(168, 63, 129, 16, 32), // looks public, is the metadata service of one cloud
    v4(169, 254, 0, 0, 16),   // link-local; metadata of most clouds
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocol assignments; metadata of one cloud
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 88, 99, 0, 24),   // 6to4 relays, given up
    v4(192, 168, 0, 0, 16),   // private
    v4(198, 18, 0, 0, 15),    // benchmarks
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved; broadcast
];

/// All that was ever given out as public. Outside lie ::, ::1, IPv4-compatible, -mapped and -translated, NAT64, fc00::/7, fe80::/10, ff00::/8.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// What is not public inside it.
const SPECIAL_V6: [Ipv6Net; 5] = [
    v6([0x2001, 0, 0, 0], 23),     // protocol assignments: Teredo, benchmarks, ORCHID
    v6([0x2001, 0xdb8, 0, 0], 32), // documentation
    SIX_TO_FOUR,
    v6([0x3ffe, 0, 0, 0], 16), // the old test network
    v6([0x3fff, 0, 0, 0], 20), // documentation
];

// What carries an IPv4 address.
const MAPPED: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96);
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0], 16);

impl NetPolicy {
    /// Public addresses and these.
    pub fn new(allow: Vec<IpNet>) -> Self {
        Self { allow }
    }

    /// Reads one entry of the list: a network, or an address alone.
    pub fn parse_net(text: &str) -> Result<IpNet, NotANetwork> {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse().or_else(|_| address()).map_err(|_| NotANetwork)
    }

    /// Whether this address may be connected to. One that carries another (NAT64, say) needs both to be allowed, so that listing
    /// `64:ff9b::/96` for a network without IPv4 does not open 10.0.0.1 behind it.
    pub fn allows(&self, ip: IpAddr) -> bool {
        let listed = self.allow.iter().any(|net| net.contains(&ip));
        (listed || public(ip)) && carried(ip).is_none_or(|inner| self.allows(inner.into()))
    }
}

fn public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) => GLOBAL_V6.contains(&ip) && !SPECIAL_V6.iter().any(|net| net.contains(&ip)),
    }
}

/// The IPv4 address that a router, or this machine, would take out of an IPv6 address.
fn carried(ip: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(ip) = ip else { return None };
    let [_, _, a, b, c, d, .., w, x, y, z] = ip.octets();
    if SIX_TO_FOUR.contains(&ip) {
        Some(Ipv4Addr::new(a, b, c, d))
    } else if MAPPED.contains(&ip) || NAT64.contains(&ip) {
        Some(Ipv4Addr::new(w, x, y, z))
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
