//! The five dated API versions (behaviour.md 8), and which of them a request gets
//! (access-control.md 1.6).

use http::HeaderMap;

use crate::error::{Error, Result};

/// The header field that names a version.
pub const HEADER: &str = "ld-api-version";

/// A dated version of the API. Later ones compare greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiVersion {
    /// 2016-04-26.
    V20160426,
    /// 2019-12-12.
    V20191212,
    /// 2021-07-29.
    V20210729,
    /// 2022-06-03.
    V20220603,
    /// 2024-04-15.
    V20240415,
}

impl ApiVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 5] = [Self::V20160426, Self::V20191212, Self::V20210729, Self::V20220603, Self::V20240415];
    /// The newest.
    pub const NEWEST: Self = Self::V20240415;

    /// As `yyyymmdd`.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::V20160426 => 20_160_426,
            Self::V20191212 => 20_191_212,
            Self::V20210729 => 20_210_729,
            Self::V20220603 => 20_220_603,
            Self::V20240415 => 20_240_415,
        }
    }

    /// The version written as `number`.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.number() == number)
    }
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// The version in force.
    pub version: ApiVersion,
    /// Whether beta operations are open.
    pub beta: bool,
}

/// The version of a request: the header's, else the token's default, else the newest.
/// Among several header values `beta` opens beta operations; alone it means the newest version.
///
/// # Errors
/// A value that is no version, or two different dates.
pub fn negotiate(headers: &HeaderMap, token_default: Option<u32>) -> Result<Negotiated> {
    let (mut dated, mut beta) = (None, false);
    for value in headers.get_all(HEADER) {
        let text = value.to_str().map_err(|_| Error::field("LD-API-Version", "is not text"))?;
        for text in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
            if text.eq_ignore_ascii_case("beta") {
                beta = true;
                continue;
            }
            let version = text.parse().ok().and_then(ApiVersion::from_number).ok_or_else(|| unknown(text))?;
            if dated.is_some_and(|d| d != version) {
                return Err(Error::field("LD-API-Version", "names two different versions"));
            }
            dated = Some(version);
        }
    }
    let default = token_default.filter(|_| !beta).and_then(ApiVersion::from_number);
    Ok(Negotiated { version: dated.or(default).unwrap_or(ApiVersion::NEWEST), beta })
}

fn unknown(text: &str) -> Error {
    let known: Vec<_> = ApiVersion::ALL.iter().map(|v| v.number().to_string()).collect();
    Error::field("LD-API-Version", format_args!("unknown version {text}; known are {}, beta", known.join(", ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn header_then_token_then_newest() {
        let case = |values: &[&str], token| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, value.parse().unwrap());
            }
            negotiate(&headers, token).map(|n| (n.version.number(), n.beta))
        };
        for (values, token, expected) in [
            (&[][..], None, (20_240_415, false)),
            (&[], Some(20_191_212), (20_191_212, false)),
            (&[], Some(7), (20_240_415, false)),
            (&["20160426"], Some(20_191_212), (20_160_426, false)),
            (&["beta"], Some(20_191_212), (20_240_415, true)),
            (&["20220603", "beta"], None, (20_220_603, true)),
            (&["beta, 20220603"], None, (20_220_603, true)),
            (&["20220603", "20220603"], None, (20_220_603, false)),
            (&[""], Some(20_191_212), (20_191_212, false)),
        ] {
            assert_eq!(case(values, token).unwrap(), expected, "{values:?} {token:?}");
        }
        for bad in [&["20230101"][..], &["newest"], &["20220603", "20240415"]] {
            assert!(case(bad, None).unwrap_err().to_string().contains("LD-API-Version"), "{bad:?}");
        }
    }
}
