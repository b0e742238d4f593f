//! Which addresses are the public's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet: not of this machine, of a private network, of a link (where
/// clouds have their metadata service), nor one of those set apart for other ends. Addresses that carry an IPv4
/// address are judged by that.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let apart = matches!(
        (a, b, c),
        (0 | 10 | 127, ..)          // this network, private, loopback
            | (100, 64..=127, _)    // shared by carriers; clouds have services there
            | (169, 254, _)         // link
            | (172, 16..=31, _)     // private
            | (192, 0, 0 | 2)       // protocols, documentation
            | (192, 88, 99)         // relays to IPv6
            | (192, 168, _)         // private
            | (198, 18..=19, _)     // benchmarks
            | (198, 51, 100)        // documentation
            | (203, 0, 113)         // documentation
            | (224..=255, ..) // multicast, reserved, broadcast
    );
    !apart
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let carried = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // ::, ::1, IPv4-mapped and the old IPv4-compatible ones.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => carried(high, low),
        // Translation to IPv4, by the well-known prefix; the local ones lead anywhere.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => carried(high, low),
        [0x64, 0xff9b, ..] => false,
        // 6to4.
        [0x2002, high, low, ..] => carried(high, low),
        // Protocols (Teredo among them) and documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, ..] => false,
        // Only this block is given out at all: not fc00::/7, fe80::/10, fec0::/10, ff00::/8.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}
