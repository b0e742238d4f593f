//! `Content-Encoding` of request bodies.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use crate::body::{Body, Upload};
use crate::error::{Error, Result};
use crate::operation::Operation;

/// The body as it was before it was packed, at most `limit` bytes of it.
///
/// # Errors
/// An encoding other than gzip, a body that is not what it says, one that unpacks to more than `limit`.
pub(super) async fn unpacked(headers: &HeaderMap, body: Bytes, limit: usize) -> Result<Bytes> {
    if !is_gzip(headers)? || body.is_empty() {
        return Ok(body);
    }
    // Megabytes come out of kilobytes: not on a thread that serves others.
    let task = tokio::task::spawn_blocking(move || gunzip(&body, limit));
    task.await.map_err(|e| Error::Internal(format!("unpacking a body: {e}")))?
}

/// The body of an operation that is streamed, unpacked as it is read.
///
/// # Errors
/// An encoding other than gzip.
pub(super) fn upload(headers: &HeaderMap, body: Body, operation: &Operation) -> Result<Upload> {
    Ok(Upload::new(body, is_gzip(headers)?, operation.body_limit, operation.unpacked_limit))
}

fn is_gzip(headers: &HeaderMap) -> Result<bool> {
    let encoding = headers.get(CONTENT_ENCODING).map(|value| value.as_bytes().trim_ascii().to_ascii_lowercase());
    match encoding.as_deref() {
        None | Some(b"" | b"identity") => Ok(false),
        Some(b"gzip" | b"x-gzip") => Ok(true),
        Some(_) => Err(Error::field("Content-Encoding", "must be gzip, or left out")),
    }
}

fn gunzip(body: &[u8], limit: usize) -> Result<Bytes> {
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(body).take(limit as u64 + 1).read_to_end(&mut plain);
    read.map_err(|e| Error::field("Content-Encoding", format_args!("the body is not gzip: {e}")))?;
    if plain.len() > limit { Err(Error::TooLarge(limit)) } else { Ok(plain.into()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzipped(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    async fn unpack(encoding: Option<&str>, body: &[u8], limit: usize) -> Result<Bytes> {
        let mut headers = HeaderMap::new();
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, encoding.parse().unwrap());
        }
        unpacked(&headers, Bytes::copy_from_slice(body), limit).await
    }

    #[tokio::test]
    async fn encodings() {
        let packed = gzipped(b"{}");
        assert_eq!(unpack(Some("GZIP"), &packed, 2).await.unwrap(), &b"{}"[..]);
        assert_eq!(unpack(Some("gzip"), &[packed.clone(), packed.clone()].concat(), 9).await.unwrap(), &b"{}{}"[..]);
        assert_eq!(unpack(Some("identity"), b"{}", 2).await.unwrap(), &b"{}"[..]);
        assert_eq!(unpack(None, &packed, 9).await.unwrap(), packed);
        assert!(matches!(unpack(Some("gzip"), b"{}", 9).await, Err(Error::Invalid(m)) if m.contains("not gzip")));
        assert!(matches!(unpack(Some("gzip"), &packed[..packed.len() - 1], 9).await, Err(Error::Invalid(_))));
        assert!(matches!(unpack(Some("br"), b"{}", 9).await, Err(Error::Invalid(m)) if m.starts_with("Content-Enc")));
    }

    /// A few kilobytes that unpack to a lot are cut off at the limit.
    #[tokio::test]
    async fn bombs() {
        let bomb = gzipped(&vec![b' '; 10 << 20]);
        assert!(bomb.len() < 20_000);
        assert!(matches!(unpack(Some("gzip"), &bomb, 1 << 20).await, Err(Error::TooLarge(1_048_576))));
        assert_eq!(unpack(Some("gzip"), &bomb, 10 << 20).await.unwrap().len(), 10 << 20);
    }
}
