//! Forms with files (RFC 7578), read as they come.

use std::io::Read;

use memchr::memmem;
use wigwag_kit::body::fault;
use wigwag_kit::{Error, Request, Result};

/// More parts than any form has.
const MOST: usize = 16;
/// Longer header fields has no part.
const HEADERS: usize = 16 << 10;
/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// What is said of a part before its body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file: Option<String>,
    pub(crate) media_type: String,
}

/// A form that is being read.
pub(crate) struct Form<R> {
    from: R,
    /// What was read and not yet used.
    buffer: Vec<u8>,
    delimiter: Vec<u8>,
    /// Bytes in front of a body that belong to its header fields: they may be the beginning of a delimiter, too.
    skip: usize,
    parts: usize,
}

impl<R: Read> Form<R> {
    /// The form of a request, behind what comes before its first part.
    ///
    /// # Errors
    /// Another type of body, or one that is not what it says.
    pub(crate) fn open(request: &Request, from: R) -> Result<Self> {
        if request.media_type() != "multipart/form-data" {
            return Err(Error::Invalid("Content-Type: must be multipart/form-data".to_owned()));
        }
        let boundary = parameter(request.content_type(), "boundary").filter(|b| (1..=70).contains(&b.len()));
        let boundary = boundary.ok_or_else(|| Error::Invalid("Content-Type: the boundary is missing".to_owned()))?;
        Self::new(from, &boundary)
    }

    fn new(from: R, boundary: &str) -> Result<Self> {
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        // The first delimiter may have no line before it.
        let mut form = Self { from, buffer: b"\r\n".to_vec(), delimiter, skip: 0, parts: 0 };
        form.body(&mut |_| Ok(()))?;
        Ok(form)
    }

    /// Reads more. Whether there was more.
    fn more(&mut self) -> Result<bool> {
        let before = self.buffer.len();
        self.buffer.resize(before + PIECE, 0);
        let outcome = loop {
            match self.from.read(&mut self.buffer[before..]) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        let length = outcome.map_err(fault)?;
        self.buffer.truncate(before + length);
        Ok(length > 0)
    }

    /// Where `text` is in what is to come, which is read so far.
    fn find(&mut self, text: &[u8], from: usize) -> Result<usize> {
        loop {
            if let Some(at) = self.buffer.get(from..).and_then(|rest| memmem::find(rest, text)) {
                return Ok(from + at);
            }
            if self.buffer.len() > HEADERS || !self.more()? {
                return Err(broken());
            }
        }
    }

    /// The next part, once the body of the one before is read; nothing at the end.
    ///
    /// # Errors
    /// The form is not what it says, or breaks off.
    pub(crate) fn part(&mut self) -> Result<Option<Part>> {
        while self.buffer.len() < 2 {
            if !self.more()? {
                return Err(broken());
            }
        }
        if self.buffer.starts_with(b"--") {
            return Ok(None);
        }
        self.parts += 1;
        if self.parts > MOST {
            return Err(Error::Invalid(format!("The form has more than {MOST} parts")));
        }
        // Blanks may follow the delimiter on its line. The line break stays: a part without header fields begins with
        // the one that ends them.
        let begin = self.find(b"\r\n", 0)?;
        let end = self.find(b"\r\n\r\n", begin)?;
        let part = part(&self.buffer[begin..end])?;
        self.buffer.drain(..end + 2);
        self.skip = 2;
        Ok(Some(part))
    }

    /// Hands on the body of the part in pieces.
    ///
    /// # Errors
    /// The form breaks off; and those of `take`.
    pub(crate) fn body(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let finder = memmem::Finder::new(&self.delimiter).into_owned();
        loop {
            let found = finder.find(&self.buffer);
            // The end of the buffer may be the beginning of a delimiter.
            let end = found.unwrap_or_else(|| (self.buffer.len() + 1).saturating_sub(self.delimiter.len()));
            let skipped = self.skip.min(end);
            if end > skipped {
                take(&self.buffer[skipped..end])?;
            }
            self.skip -= skipped;
            if found.is_some() {
                self.buffer.drain(..end + self.delimiter.len());
                self.skip = 0;
                return Ok(());
            }
            self.buffer.drain(..end);
            if !self.more()? {
                return Err(broken());
            }
        }
    }

    /// The body of a part that is short.
    ///
    /// # Errors
    /// As [`Form::body`], and a body of more than `most` bytes.
    pub(crate) fn text(&mut self, name: &str, most: usize) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        self.body(&mut |piece| {
            all.extend_from_slice(piece);
            if all.len() > most { Err(Error::field(name, "is too long")) } else { Ok(()) }
        })?;
        Ok(all)
    }
}

fn broken() -> Error {
    Error::Invalid("The form is broken: its parts do not end".to_owned())
}

fn part(headers: &[u8]) -> Result<Part> {
    let headers = str::from_utf8(headers).map_err(|_| Error::Invalid("The form is broken: not UTF-8".to_owned()))?;
    let field = |wanted: &str| {
        headers.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then_some(value)
        })
    };
    let disposition = field("content-disposition");
    let name = disposition.and_then(|value| parameter(value, "name"));
    let name = name.ok_or_else(|| Error::Invalid("The form is broken: a part without a name".to_owned()))?;
    let media_type = field("content-type").and_then(|value| value.split(';').next()).unwrap_or("").trim().to_owned();
    Ok(Part { name, file: disposition.and_then(|value| parameter(value, "filename")), media_type })
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

    /// Reads a byte, then two, then three at a time: however the form comes, it is the same.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.1 = self.1 % 3 + 1;
            let length = self.1.min(buffer.len()).min(self.0.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    type Parts = Vec<(String, Option<String>, String)>;

    fn all(from: impl Read) -> Result<Parts> {
        let (mut form, mut parts) = (Form::new(from, "x-y")?, Vec::new());
        while let Some(part) = form.part()? {
            let body = String::from_utf8(form.text(&part.name, 1000)?).unwrap();
            parts.push((part.name, part.file, body));
        }
        Ok(parts)
    }

    fn of(text: &str) -> Result<Parts> {
        let whole = all(text.as_bytes());
        let slow = all(Slow(text.as_bytes(), 0));
        assert_eq!(whole.as_ref().map_err(ToString::to_string), slow.as_ref().map_err(ToString::to_string));
        whole
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
