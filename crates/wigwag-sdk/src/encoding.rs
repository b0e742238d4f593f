//! Compression that clients ask for, and compressed bodies that they send.

use std::io::Read as _;

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

use crate::refusal::Refusal;
use crate::room::Hold;

/// Whether the client takes gzip.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut any = None;
    for coding in lists.flat_map(|list| list.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)));
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            return !refused;
        }
        if name == "*" {
            any = Some(!refused);
        }
    }
    any.unwrap_or(false)
}

/// How a body was compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
}

/// How the body of a request says it is compressed.
pub(crate) fn of_request(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    let Some(value) = headers.get(CONTENT_ENCODING) else { return Ok(Encoding::Plain) };
    match value.to_str().unwrap_or("?").trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(Encoding::Plain),
        "gzip" | "x-gzip" => Ok(Encoding::Gzip),
        _ => Err(Refusal::UnknownEncoding),
    }
}

/// Bytes for which room is taken before they are decompressed.
const STEP: u64 = 256 << 10;

/// Decompresses `body` up to `max` bytes and no further, and no further than there is room.
pub(crate) fn gunzip(body: &[u8], max: usize, hold: &mut Hold) -> Result<Bytes, Refusal> {
    let mut decoder = MultiGzDecoder::new(body);
    let mut out = Vec::with_capacity(max.min(body.len().saturating_mul(8)));
    loop {
        // One more than there may be tells that there is more.
        let step = STEP.min((max - out.len()) as u64 + 1);
        hold.grow(step as usize)?;
        let read = decoder.by_ref().take(step).read_to_end(&mut out).map_err(|_| Refusal::UnreadableBody)?;
        if out.len() > max {
            return Err(Refusal::TooLarge);
        }
        if (read as u64) < step {
            return Ok(Bytes::from(out));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn gzip_is_used_only_where_asked_for() {
        let accepts = |sent: &'static str| {
            accepts_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(sent))]))
        };
        assert!(["gzip", "deflate, GZIP;q=0.5", "*", "x-gzip", "br;q=1.0, gzip; q=0.1"].into_iter().all(accepts));
        assert!(!["", "identity", "gzip;q=0", "*;q=0", "br", "gzip;q=0, *"].into_iter().any(accepts));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
