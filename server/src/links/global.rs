//! Which addresses anybody on the internet can reach, by the registries of the IANA for special purposes (RFC 6890 and those after
//! it). What is in doubt is not global.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 that is not global: where it begins, and how many bits of that are the same in all of it.
const V4: [([u8; 4], u32); 16] = [
    // This network.
    ([0, 0, 0, 0], 8),
    // Private.
    ([10, 0, 0, 0], 8),
    // Behind a provider's own translation (CGNAT).
    ([100, 64, 0, 0], 10),
    // Loopback.
    ([127, 0, 0, 0], 8),
    // Link-local, and where clouds hand a machine its secrets.
    ([169, 254, 0, 0], 16),
    // Private.
    ([172, 16, 0, 0], 12),
    // Of the protocols themselves.
    ([192, 0, 0, 0], 24),
    // Documentation.
    ([192, 0, 2, 0], 24),
    // Relays from IPv6, given up.
    ([192, 88, 99, 0], 24),
    // Private.
    ([192, 168, 0, 0], 16),
    // Benchmarks.
    ([198, 18, 0, 0], 15),
    // Documentation.
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast.
    ([224, 0, 0, 0], 4),
    // Reserved, and broadcast at its end.
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

/// All global IPv6 that there is. Loopback, link-local (fe80::/10), unique-local (fc00::/7), multicast (ff00::/8) and the rest lie
/// outside of it.
const V6: ([u16; 8], u32) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What of that is not global.
const NOT_V6: [([u16; 8], u32); 3] = [
    // Of the protocols themselves: Teredo, benchmarks, ORCHID.
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    // Documentation.
    ([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Whether anybody on the internet can reach this address.
pub(super) fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => match inside(address) {
            Some(inside) => is_global_v4(inside),
            None => begins_v6(address, V6) && !NOT_V6.iter().any(|net| begins_v6(address, *net)),
        },
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let begins = |(net, bits): ([u8; 4], u32)| {
        let differ = u32::from(address) ^ u32::from_be_bytes(net);
        differ.checked_shr(32 - bits) == Some(0)
    };
    !V4.into_iter().any(begins)
}

fn begins_v6(address: Ipv6Addr, (net, bits): ([u16; 8], u32)) -> bool {
    let differ = u128::from(address) ^ u128::from(Ipv6Addr::from(net));
    differ.checked_shr(128 - bits) == Some(0)
}

/// The IPv4 that an IPv6 address leads to: mapped, translated by the network (NAT64), or tunnelled (6to4).
fn inside(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            (high, low)
        }
        _ => return None,
    };
    Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(addresses: &[&str], global: bool) {
        for address in addresses {
            assert_eq!(is_global(address.parse().unwrap()), global, "{address}");
        }
    }

    #[test]
    fn what_anybody_can_reach_is_global() {
        all(&["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"], true);
        all(&["126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"], true);
        all(&["192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0"], true);
        all(&["198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255"], true);
        all(&["2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2606:4700:4700::1111", "3ffe:ffff::"], true);
        all(&["3fff:1000::", "2a00:1450:4009:81f::200e"], true);
    }

    #[test]
    fn loopback_and_this_network_are_not() {
        all(&["127.0.0.1", "127.0.0.53", "127.255.255.255", "0.0.0.0", "0.255.255.255", "::1", "::"], false);
    }

    #[test]
    fn private_and_unique_local_are_not() {
        all(&["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"], false);
        all(&["fc00::", "fd00::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], false);
    }

    #[test]
    fn link_local_and_what_hands_a_machine_its_secrets_are_not() {
        all(&["169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "febf:ffff::", "fd00:ec2::254"], false);
        all(&["fec0::1"], false);
    }

    #[test]
    fn a_providers_own_network_is_not() {
        all(&["100.64.0.0", "100.100.100.200", "100.127.255.255"], false);
    }

    #[test]
    fn multicast_broadcast_and_reserved_are_not() {
        all(
            &["224.0.0.0", "239.255.255.255", "240.0.0.0", "254.0.0.1", "255.255.255.255", "ff02::1", "ff0e::1"],
            false,
        );
        all(&["100::1", "1fff:ffff::", "4000::", "5f00::1", "8000::", "64:ff9a::1"], false);
    }

    #[test]
    fn documentation_benchmarks_and_protocols_are_not() {
        all(
            &["192.0.2.0", "192.0.2.255", "198.51.100.7", "203.0.113.9", "2001:db8::1", "2001:db8:ffff::", "3fff::1"],
            false,
        );
        all(&["3fff:fff:ffff::", "198.18.0.0", "198.19.255.255", "2001:2::1", "192.0.0.0", "192.0.0.255"], false);
        all(&["192.88.99.1", "2001::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::"], false);
    }

    #[test]
    fn an_ipv6_address_is_as_global_as_the_ipv4_in_it() {
        all(&["::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"], true);
        all(&["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0"], false);
        all(&["64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::100.64.0.1"], false);
        all(&["2002:7f00:1::1", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:c0a8:101::"], false);
        // IPv4 in forms that nobody uses any more, Teredo, and a translation of a network of its own.
        all(&["::127.0.0.1", "::8.8.8.8", "::ffff:0:8.8.8.8", "2001:0:808:808::1", "64:ff9b:1::8.8.8.8"], false);
    }
}
