//! Cookies, as requests carry them and answers set them (RFC 6265).

use http::HeaderMap;
use http::header::COOKIE;

/// The value of the first cookie of this name. Requests may have several header fields, and anything in them.
#[must_use]
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(own, _)| own.trim() == name).map(|(_, value)| value.trim());
    values.find(|value| !value.is_empty())
}

/// A `Set-Cookie` field: for this site's pages and navigation to them only, out of reach of scripts.
/// `max_age` is in seconds; 0 takes the cookie away.
#[must_use]
pub fn set(name: &str, value: &str, max_age: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}")
}
