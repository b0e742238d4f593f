//! Requests of browsers: what a session changes has to come from pages of our own (access-control.md 1).

use http::header::ORIGIN;
use http::request::Parts;

use crate::access::Caller;
use crate::error::{Error, Result};

/// The caller, unless a session is about to change something from a foreign page. Tokens are exempt: no
/// browser sends them by itself.
pub(super) fn checked(caller: Caller, parts: &Parts, site: &str) -> Result<Caller> {
    if caller.token.is_some() || parts.method.is_safe() {
        return Ok(caller);
    }
    let own = origin_of(site);
    match parts.headers.get(ORIGIN) {
        Some(origin) if origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()) => Ok(caller),
        _ => Err(Error::Forbidden(format!("Changes by a session need the header Origin: {own}"))),
    }
}

/// The origin of an address: scheme, host and port.
#[must_use]
pub fn origin_of(site: &str) -> &str {
    let host = site.find("://").map_or(0, |at| at + 3);
    site[host..].find('/').map_or(site, |at| &site[..host + at])
}

#[cfg(test)]
mod tests {
    #[test]
    fn origins() {
        for (site, origin) in [
            ("https://flags.example.com", "https://flags.example.com"),
            ("https://example.com/flags/x", "https://example.com"),
            ("http://[::1]:8030", "http://[::1]:8030"),
        ] {
            assert_eq!(super::origin_of(site), origin);
        }
    }
}
