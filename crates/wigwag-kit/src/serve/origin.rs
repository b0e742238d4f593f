//! Requests of browsers: what a session changes has to come from pages of our own (access-control.md 1).

use http::HeaderMap;
use http::HeaderValue;
use http::header::{HOST, ORIGIN};
use http::request::Parts;

use crate::access::Caller;
use crate::error::{Error, Result};

/// The caller, unless a session is about to change something from a foreign page. Tokens are exempt: no
/// browser sends them by itself.
pub(super) fn checked(caller: Caller, parts: &Parts, site: &str) -> Result<Caller> {
    if caller.token.is_none() && !parts.method.is_safe() {
        from_own_page(&parts.headers, site)?;
    }
    Ok(caller)
}

/// Refuses what a session changes unless the request says that it comes from a page of ours.
///
/// # Errors
/// 403 naming the header field.
pub fn from_own_page(headers: &HeaderMap, site: &str) -> Result<()> {
    match headers.get(ORIGIN) {
        Some(_) => not_from_another(headers, site),
        None => Err(Error::Forbidden(format!("Changes by a session need the header Origin: {}", origin_of(site)))),
    }
}

/// Refuses what a foreign page sends; programs, which send no `Origin`, pass.
///
/// # Errors
/// 403 naming the header field.
pub fn not_from_another(headers: &HeaderMap, site: &str) -> Result<()> {
    match headers.get(ORIGIN) {
        Some(origin) if !is_own(origin, headers.get(HOST), site) => {
            let own = origin_of(site);
            Err(Error::Forbidden(format!(
                "Changes by a session need the header Origin: {own}, or the server's --public-url"
            )))
        }
        _ => Ok(()),
    }
}

/// Whether a page is ours: it is on the address that is ours by configuration, or on the host that this request was
/// sent to, by which somebody else knows the same server (`localhost`, a name in the network). A page cannot choose the
/// `Host` its browser sends; where it makes its own name lead here, it has not got our cookie.
fn is_own(origin: &HeaderValue, host: Option<&HeaderValue>, site: &str) -> bool {
    let (origin, own) = (origin.as_bytes(), origin_of(site));
    let scheme = own.find("://").map_or("", |at| &own[..at + 3]).as_bytes();
    let same_host = |host: &HeaderValue| {
        origin.len() > scheme.len()
            && origin[..scheme.len()].eq_ignore_ascii_case(scheme)
            && origin[scheme.len()..].eq_ignore_ascii_case(host.as_bytes())
    };
    origin.eq_ignore_ascii_case(own.as_bytes()) || host.is_some_and(same_host)
}

/// Has a request say its host the one way, however its protocol does: HTTP/2 has it in the target.
pub(super) fn name_host(parts: &mut Parts) {
    if parts.headers.contains_key(HOST) {
        return;
    }
    if let Some(host) = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        parts.headers.insert(HOST, host);
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
    use http::HeaderMap;
    use http::header::{HOST, ORIGIN};

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

    #[test]
    fn own_pages() {
        let site = "http://127.0.0.1:8030/flags";
        let says = |origin: &'static str, host: &'static str| {
            let mut headers = HeaderMap::new();
            for (name, value) in [(ORIGIN, origin), (HOST, host)] {
                if !value.is_empty() {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            (super::from_own_page(&headers, site).is_ok(), super::not_from_another(&headers, site).is_ok())
        };
        for (origin, host, from_own, not_from_another) in [
            ("http://127.0.0.1:8030", "127.0.0.1:8030", true, true),
            ("HTTP://127.0.0.1:8030", "", true, true),
            ("http://localhost:8030", "localhost:8030", true, true),
            ("http://flags.internal:8030", "flags.internal:8030", true, true),
            ("http://localhost:8031", "localhost:8030", false, false),
            ("https://localhost:8030", "localhost:8030", false, false),
            ("http://evil.example", "127.0.0.1:8030", false, false),
            ("http://", "", false, false),
            ("null", "127.0.0.1:8030", false, false),
            ("", "127.0.0.1:8030", false, true),
        ] {
            assert_eq!(says(origin, host), (from_own, not_from_another), "{origin} at {host}");
        }
    }
}
