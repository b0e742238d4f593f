//! `multipart/form-data` in a body that is there as a whole: parts are slices of it, not copies (RFC 7578).

use bytes::Bytes;
use memchr::memmem;
use wigwag_kit::{Error, Request, Result};

/// More parts than any form has.
const MOST: usize = 16;

/// One part of the form.
pub struct Part {
    /// Its name.
    pub name: String,
    /// The name of the file, if it is one.
    pub file: Option<String>,
    /// What it holds.
    pub body: Bytes,
}

/// The parts of the request's form.
///
/// # Errors
/// Another type of body, or one that is not what it says.
pub fn parts(request: &Request) -> Result<Vec<Part>> {
    if request.media_type() != "multipart/form-data" {
        return Err(Error::Invalid("Content-Type: must be multipart/form-data".to_owned()));
    }
    let boundary = parameter(request.content_type(), "boundary").filter(|b| (1..=70).contains(&b.len()));
    let boundary = boundary.ok_or_else(|| Error::Invalid("Content-Type: the boundary is missing".to_owned()))?;
    split(&request.body, &boundary)
}

fn split(body: &Bytes, boundary: &str) -> Result<Vec<Part>> {
    let broken = || Error::Invalid("The form is broken: its parts do not end".to_owned());
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n{opening}");
    let finder = memmem::Finder::new(&delimiter);
    // The first delimiter has no line before it, or what nobody reads.
    let mut at = match body.starts_with(opening.as_bytes()) {
        true => opening.len(),
        false => finder.find(body).ok_or_else(broken)? + delimiter.len(),
    };
    let mut parts = Vec::new();
    loop {
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        // Blanks may follow the delimiter on its line.
        let line = memmem::find(rest, b"\r\n").ok_or_else(broken)?;
        // The line break stays: a part without header fields begins with the one that ends them.
        let begin = at + line;
        let headers = memmem::find(&body[begin..], b"\r\n\r\n").ok_or_else(broken)?;
        let start = begin + headers + 4;
        let length = finder.find(&body[start - 2..]).ok_or_else(broken)?;
        let end = (start - 2 + length).max(start);
        parts.push(part(&body[begin..begin + headers], body.slice(start..end))?);
        if parts.len() > MOST {
            return Err(Error::Invalid(format!("The form has more than {MOST} parts")));
        }
        at = start - 2 + length + delimiter.len();
    }
}

fn part(headers: &[u8], body: Bytes) -> Result<Part> {
    let headers = str::from_utf8(headers).map_err(|_| Error::Invalid("The form is broken: not UTF-8".to_owned()))?;
    let disposition = headers.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    });
    let name = disposition.and_then(|value| parameter(value, "name"));
    let name = name.ok_or_else(|| Error::Invalid("The form is broken: a part without a name".to_owned()))?;
    Ok(Part { name, file: disposition.and_then(|value| parameter(value, "filename")), body })
}

/// A parameter of a header field, out of its quotes.
fn parameter(field: &str, name: &str) -> Option<String> {
    let mut rest = field.split_once(';')?.1;
    loop {
        let (found, after) = rest.split_once('=')?;
        let (value, next) = value(after.trim_start());
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = next.split_once(';')?.1;
    }
}

/// A value, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return (value, &quoted[at..]),
            c => {
                // Browsers do not escape backslashes: they escape only quotes.
                if escaped && c != '"' && c != '\\' {
                    value.push('\\');
                }
                value.push(c);
                escaped = false;
            }
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn of(text: &str) -> Result<Vec<(String, Option<String>, String)>> {
        let parts = split(&Bytes::copy_from_slice(text.as_bytes()), "x-y")?;
        let text = |body: &Bytes| String::from_utf8(body.to_vec()).unwrap();
        Ok(parts.iter().map(|part| (part.name.clone(), part.file.clone(), text(&part.body))).collect())
    }

    #[test]
    fn parts_are_taken_apart() {
        let form = "--x-y\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nmerge\r\n--x-y  \r\n\
                    content-type: text/csv\r\nCONTENT-DISPOSITION: form-data; filename=\"a;\\\"b\\c.csv\"; name=file\r\n\r\n\
                    a\r\n--x\r\nb\r\n\r\n--x-y\r\nContent-Disposition: form-data; name=\"e\"\r\n\r\n\r\n--x-y--\r\n";
        let s = str::to_owned;
        assert_eq!(
            of(form).unwrap(),
            [
                (s("mode"), None, s("merge")),
                (s("file"), Some(s("a;\"b\\c.csv")), s("a\r\n--x\r\nb\r\n")),
                (s("e"), None, s("")),
            ]
        );
        assert!(of("preamble\r\n--x-y--").unwrap().is_empty());
    }

    #[test]
    fn broken_forms_are_refused() {
        let whole = "--x-y\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nmerge\r\n--x-y--";
        assert_eq!(of(whole).unwrap().len(), 1);
        for cut in 0..whole.len() - 1 {
            assert!(of(&whole[..cut]).is_err(), "{:?}", &whole[..cut]);
        }
        assert!(of(&whole.replace("name=", "nom=")).is_err());
        assert!(of(&format!("{}--x-y--", "--x-y\r\nContent-Disposition: x; name=a\r\n\r\n\r\n".repeat(17))).is_err());
    }

    #[test]
    fn boundaries_are_read_quoted_or_not() {
        let boundary = |field| parameter(field, "boundary");
        assert_eq!(boundary("multipart/form-data; charset=utf-8; boundary=abc"), Some("abc".to_owned()));
        assert_eq!(boundary("multipart/form-data;boundary=\"a b;c\" ; x=y"), Some("a b;c".to_owned()));
        assert_eq!(boundary("multipart/form-data"), None);
        assert_eq!(boundary("multipart/form-data; x"), None);
    }
}
