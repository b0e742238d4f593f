//! Reading the requests that are answered directly.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

/// Fields of a head. Requests with more are not for here.
const FIELDS: usize = 40;

/// What bytes from a client begin with.
#[expect(clippy::large_enum_variant, reason = "it mostly is the large one, and is not kept")]
pub(super) enum Read {
    /// A request that there is nothing unusual about, and how many bytes it is long.
    Whole(Request<Bytes>, usize),
    /// The beginning of something, and how long that is going to be, as far as it says.
    Part(usize),
    /// Anything else: the HTTP library knows what to make of it.
    Unusual,
}

/// Reads what `bytes` begin with. Unusual is every request that HTTP/1.1 has more than one way to understand, that
/// wants anything of its connection, or that is wrong.
pub(super) fn read(bytes: &Bytes) -> Read {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut head = httparse::Request::new(&mut fields);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Read::Part(bytes.len() + 1),
        Err(_) => return Read::Unusual,
    };
    let Some((request, body)) = usual(bytes, &head) else { return Read::Unusual };
    let Some(end) = length.checked_add(body) else { return Read::Unusual };
    if bytes.len() < end {
        return Read::Part(end);
    }
    Read::Whole(request.map(|()| bytes.slice(length..end)), end)
}

/// The request and how long its body is, if nothing about it is unusual.
fn usual(bytes: &Bytes, head: &httparse::Request<'_, '_>) -> Option<(Request<()>, usize)> {
    let (method, target) = (Method::from_bytes(head.method?.as_bytes()).ok()?, head.path?);
    if head.version != Some(1) || !target.starts_with('/') || method == Method::HEAD || method == Method::CONNECT {
        return None;
    }
    let mut headers = HeaderMap::with_capacity(head.headers.len());
    let mut length = None;
    for field in &*head.headers {
        let name = HeaderName::from_bytes(field.name.as_bytes()).ok()?;
        match name {
            TRANSFER_ENCODING | EXPECT | UPGRADE => return None,
            CONNECTION if !field.value.eq_ignore_ascii_case(b"keep-alive") => return None,
            // One, and of digits only.
            CONTENT_LENGTH if length.is_some() => return None,
            CONTENT_LENGTH => length = Some(number(field.value)?),
            _ => {}
        }
        headers.append(name, HeaderValue::from_maybe_shared(bytes.slice_ref(field.value)).ok()?);
    }
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.uri_mut() = Uri::from_maybe_shared(bytes.slice_ref(target.as_bytes())).ok()?;
    *request.headers_mut() = headers;
    Some((request, length.unwrap_or(0)))
}

fn number(digits: &[u8]) -> Option<usize> {
    let digits = digits.iter().all(u8::is_ascii_digit).then_some(digits)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(text: &str) -> String {
        match read(&Bytes::from(text.to_owned())) {
            Read::Whole(request, length) => {
                let fields = request.headers().iter();
                let fields: Vec<_> =
                    fields.map(|(name, value)| format!("{name}={}", value.to_str().unwrap())).collect();
                let body = String::from_utf8(request.body().to_vec()).unwrap();
                format!("{} {} {} {body:?} {length}", request.method(), request.uri(), fields.join("&"))
            }
            Read::Part(length) => format!("part of {length}"),
            Read::Unusual => "unusual".to_owned(),
        }
    }

    #[test]
    fn usual_requests_are_read() {
        let bulk = "POST /bulk HTTP/1.1\r\nHost: a\r\ncontent-length: 2\r\nConnection: Keep-Alive\r\n\r\n[]GET /";
        let fields = "host=a&content-length=2&connection=Keep-Alive";
        assert_eq!(told(bulk), format!("POST /bulk {fields} \"[]\" {}", bulk.len() - "GET /".len()));
        let report = "REPORT /a?b=c HTTP/1.1\r\nA: 1\r\na: 2\r\n\r\n";
        assert_eq!(told(report), format!("REPORT /a?b=c a=1&a=2 \"\" {}", report.len()));
    }

    #[test]
    fn beginnings_say_how_long_they_are_going_to_be() {
        assert_eq!(told("P"), "part of 2");
        assert_eq!(told("POST /bulk HTTP/1.1\r\n"), "part of 22");
        assert_eq!(told("POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\n[1]"), "part of 47");
    }

    #[test]
    fn everything_else_is_left_to_the_library() {
        let fields = |fields: &str| format!("POST /bulk HTTP/1.1\r\n{fields}\r\n\r\n[]");
        for text in [
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            "GET / HTTP/1.0\r\n\r\n".to_owned(),
            "GET http://a/b HTTP/1.1\r\n\r\n".to_owned(),
            "OPTIONS * HTTP/1.1\r\n\r\n".to_owned(),
            "HEAD / HTTP/1.1\r\n\r\n".to_owned(),
            "CONNECT /a HTTP/1.1\r\n\r\n".to_owned(),
            "\u{1}GET / HTTP/1.1\r\n\r\n".to_owned(),
            fields("transfer-encoding: chunked"),
            fields("transfer-encoding: identity\r\ncontent-length: 2"),
            fields("content-length: 2\r\ncontent-length: 2"),
            fields("content-length: 2, 2"),
            fields("content-length: +2"),
            fields("content-length: -2"),
            fields("content-length: 0x2"),
            fields("content-length:"),
            fields("content-length: 99999999999999999999"),
            fields("content-length: 18446744073709551615"),
            fields("content-length : 2"),
            fields("a: 1\r\n b"),
            fields("a b: 1"),
            fields("a: \u{1}"),
            fields("expect: 100-continue"),
            fields("upgrade: h2c"),
            fields("connection: close"),
            fields("connection: keep-alive, upgrade"),
            fields(&vec!["a: 1"; FIELDS + 1].join("\r\n")),
        ] {
            assert_eq!(told(&text), "unusual", "{text:?}");
        }
    }
}
