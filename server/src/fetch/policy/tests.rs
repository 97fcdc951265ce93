use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn listing(nets: &[&str]) -> NetPolicy {
    NetPolicy::new(nets.iter().map(|n| NetPolicy::parse_net(n).unwrap()).collect())
}

const REFUSED: &[&str] = &[
    // This machine.
    "0.0.0.0 0.255.255.255 127.0.0.0 127.0.0.1 127.255.255.255 :: ::1",
    // RFC 1918 and carriers' NAT.
    "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 100.64.0.0 100.127.255.255",
    // Link-local and metadata.
    "169.254.0.0 169.254.169.254 169.254.255.255 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254 fd20:ce::254 fe80::",
    "fe80::1 febf:ffff::1",
    // Protocol assignments, documentation, benchmarks, relays.
    "192.0.0.0 192.0.0.255 192.0.2.0 192.0.2.255 198.51.100.1 203.0.113.255 198.18.0.0 198.19.255.255 192.88.99.1 2001:db8::1",
    "2001:db8:ffff::1 3fff::1 3fff:fff::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff:ffff::1 3ffe::1 100::1 5f00::1",
    // Multicast, reserved, broadcast.
    "224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.254 255.255.255.255 ff02::1 ff0e::1",
    // Unique local and site-local.
    "fc00::1 fcff::1 fdff:ffff::1 fec0::1",
    // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo; whatever they carry.
    "::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8 ::127.0.0.1 ::8.8.8.8 ::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1 64:ff9b::169.254.169.254 64:ff9b::8.8.8.8 64:ff9b:1::10.0.0.1 2002:7f00:1:: 2002:a9fe:a9fe::1",
    "2002:808:808::1 2001::1 2001:0:7f00:1::",
    // Never given out.
    "1fff::1 4000::1 8000::1",
];

const PUBLIC: &[&str] = &[
    "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 168.63.129.15 168.63.129.17",
    "169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.88.98.255 192.167.255.255 192.169.0.0",
    "198.17.255.255 198.20.0.0 198.51.99.255 203.0.112.255 203.0.114.0 223.255.255.255 2001:200::1 2001:4860:4860::8888",
    "2003::1 2606:4700:4700::1111 2a00:1450:4001::1 3fff:1000::1",
];

#[test]
fn special_addresses_are_refused() {
    for text in REFUSED.iter().flat_map(|line| line.split(' ')) {
        assert!(!NetPolicy::default().allows(ip(text)), "{text}");
    }
}

#[test]
fn public_addresses_are_allowed() {
    for text in PUBLIC.iter().flat_map(|line| line.split(' ')) {
        assert!(NetPolicy::default().allows(ip(text)), "{text}");
    }
}

#[test]
fn a_list_allows_what_it_holds_and_no_more() {
    let policy = listing(&["127.0.0.1", "10.1.0.0/16", "fd00::/8"]);
    for text in ["127.0.0.1", "10.1.255.255", "fd12::1", "8.8.8.8"] {
        assert!(policy.allows(ip(text)), "{text}");
    }
    for text in [
        "127.0.0.2",
        "10.2.0.0",
        "fc00::1",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.0.1",
        "169.254.169.254",
    ] {
        assert!(!policy.allows(ip(text)), "{text}");
    }
}

#[test]
fn an_address_that_carries_another_needs_both() {
    let nat64 = listing(&["64:ff9b::/96"]);
    assert!(nat64.allows(ip("64:ff9b::8.8.8.8")));
    assert!(!nat64.allows(ip("64:ff9b::10.0.0.1")));
    assert!(!nat64.allows(ip("64:ff9b::169.254.169.254")));
    assert!(listing(&["64:ff9b::/96", "10.0.0.0/8"]).allows(ip("64:ff9b::10.0.0.1")));

    assert!(!listing(&["2002::/16"]).allows(ip("2002:a00:1::1")));
    assert!(!listing(&["::/0"]).allows(ip("::ffff:10.0.0.1")));
    assert!(listing(&["::/0", "0.0.0.0/0"]).allows(ip("::ffff:10.0.0.1")));
}

#[test]
fn entries_of_the_list_are_networks_or_addresses() {
    assert_eq!(NetPolicy::parse_net("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
    assert_eq!(NetPolicy::parse_net("127.0.0.1").unwrap().to_string(), "127.0.0.1/32");
    assert_eq!(NetPolicy::parse_net("::1").unwrap().to_string(), "::1/128");
    for text in ["", "10.0.0.0/33", "localhost", "10.0.0"] {
        assert_eq!(NetPolicy::parse_net(text), Err(NotANetwork), "{text}");
    }
}
