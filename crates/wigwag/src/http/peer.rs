//! Where a request comes from, also behind proxies.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use axum::http::HeaderMap;

use crate::config::Net;

/// The address that a request comes from: that of the connection, or what trusted proxies say of it.
/// Of the addresses they list, the last that is none of theirs counts; who sends the list can forge the others.
pub(super) fn of(extensions: &Extensions, headers: &HeaderMap, trusted: &[Net]) -> Option<IpAddr> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    let mut at = peer.ip().to_canonical();
    let known = |address: IpAddr| trusted.iter().any(|net| net.contains(address));
    let fields: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
    let mut before = fields.iter().rev().flat_map(|field| field.rsplit(','));
    while known(at) {
        let Some(address) = before.next().and_then(|text| text.trim().parse::<IpAddr>().ok()) else { break };
        at = address.to_canonical();
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = [Net::parse("10.0.0.0/8").unwrap()];
        for (peer, fields, expected) in [
            ("192.0.2.1", &["198.51.100.1"][..], "192.0.2.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["nonsense"], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["10.0.0.3"], "10.0.0.3"),
        ] {
            let mut extensions = Extensions::new();
            extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append("x-forwarded-for", field.parse().unwrap());
            }
            assert_eq!(of(&extensions, &headers, &trusted), Some(expected.parse().unwrap()), "{peer} {fields:?}");
        }
    }
}
