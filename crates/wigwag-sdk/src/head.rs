//! Heads of responses, as HTTP/1.1 writes them, where the HTTP library does not.

use std::cell::RefCell;

use http::header::{CONTENT_LENGTH, DATE, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};

/// Appends a status line, `headers` without those that frame a body, the date, and `framing`, which is whole lines.
pub(crate) fn write(out: &mut Vec<u8>, status: StatusCode, headers: &HeaderMap, framing: &[u8]) {
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
    out.extend_from_slice(b"\r\n");
    for (name, value) in headers {
        if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            line(out, name, value.as_bytes());
        }
    }
    out.extend_from_slice(framing);
    if !headers.contains_key(DATE) {
        with_date(|now| line(out, &DATE, now));
    }
    out.extend_from_slice(b"\r\n");
}

fn line(out: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    out.extend_from_slice(name.as_str().as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

thread_local! {
    /// The second that was written last, and its text: the same for thousands of answers.
    static WRITTEN: RefCell<(i64, String)> = const { RefCell::new((0, String::new())) };
}

/// Hands over the time of day, as header fields tell it.
fn with_date(then: impl FnOnce(&[u8])) {
    let now = jiff::Timestamp::now().as_second();
    WRITTEN.with_borrow_mut(|(second, text)| {
        if *second != now {
            (*second, *text) = (now, date(now));
        }
        then(text.as_bytes());
    });
}

fn date(second: i64) -> String {
    let time = jiff::Timestamp::from_second(second).unwrap_or_default();
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_head_is_whole_and_frames_its_body_once() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("7"));
        headers.insert("x-one", HeaderValue::from_static("1"));
        headers.append("x-one", HeaderValue::from_static("2"));
        headers.insert(DATE, HeaderValue::from_static("then"));
        let mut out = Vec::new();
        write(&mut out, StatusCode::NOT_FOUND, &headers, b"content-length: 5\r\n");
        let told = String::from_utf8(out).unwrap();
        assert_eq!(told, "HTTP/1.1 404 Not Found\r\nx-one: 1\r\nx-one: 2\r\ndate: then\r\ncontent-length: 5\r\n\r\n");
    }

    #[test]
    fn dates_are_those_of_http() {
        assert_eq!(date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        let mut out = Vec::new();
        write(&mut out, StatusCode::OK, &HeaderMap::new(), b"");
        assert!(String::from_utf8(out).unwrap().ends_with(" GMT\r\n\r\n"));
    }
}
