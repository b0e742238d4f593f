//! Where a request comes from: the connection, or what trusted proxies say.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;
use wigwag_kit::Peer;

/// Notes the address for the kit.
pub(super) fn note(parts: &mut Parts, trusted: &[IpNet]) {
    if let Some(ConnectInfo(connection)) = parts.extensions.get::<ConnectInfo<SocketAddr>>().copied() {
        let peer = Peer(address(connection.ip(), &parts.headers, trusted));
        parts.extensions.insert(peer);
    }
}

/// Each proxy adds the address it was called from on the right: from there on, the first one that is no trusted
/// proxy is the client. What cannot be read is as far as anybody can be believed.
fn address(connection: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|block| block.contains(&ip));
    let mut client = connection.to_canonical();
    let fields: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
    for hop in fields.iter().rev().flat_map(|field| field.rsplit(',')) {
        if !is_trusted(client) {
            break;
        }
        let Some(ip) = parsed(hop.trim()) else { break };
        client = ip.to_canonical();
    }
    client
}

/// An address, with or without a port.
fn parsed(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|a| a.ip()).ok();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(bracketed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "::1/128"].iter().map(|t| t.parse().unwrap()).collect();
        for (connection, fields, expected) in [
            ("192.0.2.1", vec![], "192.0.2.1"),
            ("192.0.2.1", vec!["203.0.113.5"], "192.0.2.1"),
            ("10.0.0.1", vec!["203.0.113.5"], "203.0.113.5"),
            ("::ffff:10.0.0.1", vec!["203.0.113.5"], "203.0.113.5"),
            ("10.0.0.1", vec!["198.51.100.7, 203.0.113.5, 10.1.1.1"], "203.0.113.5"),
            ("10.0.0.1", vec!["198.51.100.7", "203.0.113.5:4711, 10.1.1.1"], "203.0.113.5"),
            ("10.0.0.1", vec!["spoofed, nonsense, 10.1.1.1"], "10.1.1.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("::1", vec!["[2001:db8::9]"], "2001:db8::9"),
        ] {
            let mut headers = HeaderMap::new();
            for field in &fields {
                headers.append("x-forwarded-for", field.parse().unwrap());
            }
            let found = address(connection.parse().unwrap(), &headers, &trusted);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{connection} {fields:?}");
        }
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.5".parse().unwrap());
        assert_eq!(address("10.0.0.1".parse().unwrap(), &headers, &[]).to_string(), "10.0.0.1", "nobody is trusted");
    }
}
