//! Compression that clients ask for, and compressed bodies that they send.

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
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
const STEP: usize = 256 << 10;
/// With so much room to spare to the end a decoder need not look where it writes.
const SPARE: usize = 512;
/// The largest there is.
const WINDOW_BITS: u8 = 15;

/// Decompresses `body`, one member or several, up to `max` bytes and no further, and no further than there is room.
///
/// Into one piece of memory that mostly holds all of it, and not through a reader: what a decoder cannot hand out at once it
/// keeps, and copies.
pub(crate) fn gunzip(mut body: &[u8], max: usize, hold: &mut Hold) -> Result<Bytes, Refusal> {
    let mut out = Vec::new();
    let mut guess = said(body).saturating_add(SPARE).min(STEP);
    loop {
        let mut member = Decompress::new_gzip(WINDOW_BITS);
        loop {
            if out.len() == out.capacity() {
                // One more than there may be tells that there is more.
                let step = guess.clamp(1, max - out.len() + 1);
                hold.grow(step)?;
                out.reserve_exact(step);
                guess = STEP;
            }
            let before = (member.total_in(), member.total_out());
            let status = member.decompress_vec(body, &mut out, FlushDecompress::Finish);
            let status = status.map_err(|_| Refusal::UnreadableBody)?;
            body = body.get((member.total_in() - before.0) as usize..).unwrap_or_default();
            if out.len() > max {
                return Err(Refusal::TooLarge);
            }
            if status == Status::StreamEnd {
                break;
            }
            // There is room for more, but there is no more.
            if out.len() < out.capacity() && before == (member.total_in(), member.total_out()) {
                return Err(Refusal::UnreadableBody);
            }
        }
        if body.is_empty() {
            return Ok(Bytes::from(out));
        }
    }
}

/// How long the last member says that it is, in its last four bytes. Whoever believes that must be bounded.
fn said(body: &[u8]) -> usize {
    body.last_chunk().map_or(0, |length| u32::from_le_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use super::*;
    use crate::room::Room;
    use http::HeaderValue;

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn bodies_are_decompressed_whole_or_not_at_all() {
        let (max, room) = (3_000_000, Room::new(10_000_000));
        let read = |body: &[u8]| gunzip(body, max, &mut room.hold());
        // Nothing, what does not shrink, what shrinks a little, and what shrinks very much.
        let noise =
            |length: u32| (0..length).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect::<Vec<u8>>();
        for body in [vec![], b"[]".to_vec(), noise(100_000), noise(max as u32), vec![b' '; 1_000_000], vec![b' '; max]]
        {
            let small = gzip(&body);
            assert_eq!(read(&small).unwrap(), body);
            // Two members are read as one text.
            let twice = [&small[..], &gzip(b"x")].concat();
            assert_eq!(read(&twice).ok(), (body.len() < max).then(|| [&body[..], b"x"].concat().into()));
            for end in [0, 1, 9, small.len() / 2, small.len() - 9, small.len() - 1] {
                assert_eq!(read(&small[..end]), Err(Refusal::UnreadableBody), "{end} of {}", small.len());
            }
            assert_eq!(read(&[&small[..], b"x"].concat()), Err(Refusal::UnreadableBody));
            let mut wrong = small.clone();
            let sum = wrong.len() - 6;
            wrong[sum] ^= 1;
            assert_eq!(read(&wrong), Err(Refusal::UnreadableBody));
        }
        assert_eq!(read(&gzip(&vec![b' '; max + 1])), Err(Refusal::TooLarge));
        assert_eq!(read(&gzip(&vec![b' '; 50_000_000])), Err(Refusal::TooLarge));
        let mut taken = room.hold();
        taken.grow(9_900_000).unwrap();
        assert_eq!(read(&gzip(&vec![b' '; 1_000_000])), Err(Refusal::Overloaded));
    }

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
