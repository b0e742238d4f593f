//! Cookies, as requests carry them and answers set them (RFC 6265).

use http::HeaderMap;
use http::header::COOKIE;

/// A cookie of ours. Over https its name begins with `__Host-`: browsers take such a cookie from this very host only,
/// over https, so that no other site of the same domain can plant one.
#[derive(Clone, Copy, Debug)]
pub struct Cookie {
    plain: &'static str,
    secure: &'static str,
}

impl Cookie {
    /// By both names, without and with the prefix.
    #[must_use]
    pub const fn named(plain: &'static str, secure: &'static str) -> Self {
        Self { plain, secure }
    }

    /// Its name, where cookies are for https only or not.
    #[must_use]
    pub const fn name(self, secure: bool) -> &'static str {
        if secure { self.secure } else { self.plain }
    }

    /// The value of the first cookie of its name. Requests may have several header fields, and anything in them.
    #[must_use]
    pub fn value(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
        let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(own, _)| own.trim() == self.name(secure)).map(|(_, value)| value.trim());
        values.find(|value| !value.is_empty())
    }

    /// A `Set-Cookie` field: for this site's pages and navigation to them only, out of reach of scripts.
    /// `max_age` is in seconds; 0 takes the cookie away.
    #[must_use]
    pub fn set(self, value: &str, max_age: i64, secure: bool) -> String {
        let (name, only) = (self.name(secure), if secure { "; Secure" } else { "" });
        format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{only}")
    }
}
