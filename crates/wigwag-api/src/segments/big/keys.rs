//! The keys of a file: found row by row, sorted, each once, without copying them.

use std::ops::Range;

use bytes::Bytes;
use memchr::{memchr, memchr_iter};
use wigwag_kit::{Error, Result};

use super::targets::fault;

/// The keys of a file in the order of their bytes.
pub(super) struct Keys {
    file: Bytes,
    /// Keys that are written otherwise than they read, one behind the other.
    odd: Vec<u8>,
    /// Start and length; starts beyond the file are in `odd`.
    places: Vec<(u32, u16)>,
}

impl Keys {
    /// Reads a CSV file of one column (RFC 4180), without a header. Empty lines do not count.
    ///
    /// # Errors
    /// The first row that is wrong, by its line.
    pub(super) fn read(file: Bytes) -> Result<Self> {
        if u32::try_from(file.len()).is_err() {
            return Err(Error::field("file", "is too large"));
        }
        // Once and for all: a list that grows is there twice meanwhile.
        let lines = memchr_iter(b'\n', &file).count() + 1;
        let mut keys = Self { odd: Vec::new(), places: Vec::with_capacity(lines), file };
        let bytes = keys.file.clone();
        let mut at = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        let mut line = 1;
        while at < bytes.len() {
            at = keys.row(&bytes, at).map_err(|fault| Error::field("file", format_args!("line {line} {fault}")))?;
            line += 1;
        }
        if keys.places.is_empty() {
            return Err(Error::field("file", "has no keys"));
        }
        keys.sort();
        Ok(keys)
    }

    /// Takes in the row that begins at `at`; answers where the next one begins.
    fn row(&mut self, bytes: &[u8], at: usize) -> Result<usize, String> {
        let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        let row = &bytes[at..end];
        let row = row.strip_suffix(b"\r").unwrap_or(row);
        if row.is_empty() {
            return Ok(end + 1);
        }
        let text = str::from_utf8(row).map_err(|_| "is not UTF-8")?;
        match text.strip_prefix('"') {
            None if text.contains(',') => return Err("has more than one column".to_owned()),
            None if text.contains('"') => return Err("has a quote within a key that is not quoted".to_owned()),
            None => self.add(text, at)?,
            Some(quoted) => {
                let inner = quoted.strip_suffix('"').ok_or("has a quote that does not end, or more than one column")?;
                if inner.replace("\"\"", "").contains('"') {
                    return Err("has more than one column, or a quote that is not doubled".to_owned());
                }
                if inner.contains('"') { self.odd(&inner.replace("\"\"", "\""))? } else { self.add(inner, at + 1)? }
            }
        }
        Ok(end + 1)
    }

    fn odd(&mut self, key: &str) -> Result<(), String> {
        self.add(key, self.file.len() + self.odd.len())?;
        self.odd.extend_from_slice(key.as_bytes());
        Ok(())
    }

    fn add(&mut self, key: &str, at: usize) -> Result<(), String> {
        if let Some(fault) = fault(key) {
            return Err(if key.is_empty() { "has an empty key".to_owned() } else { fault });
        }
        let too_large = |_| "is beyond the largest file";
        let place = (u32::try_from(at).map_err(too_large)?, u16::try_from(key.len()).map_err(too_large)?);
        self.places.push(place);
        Ok(())
    }

    fn sort(&mut self) {
        let mut places = std::mem::take(&mut self.places);
        // Most files are sorted already.
        places.sort_unstable_by(|a, b| self.bytes(*a).cmp(self.bytes(*b)));
        places.dedup_by(|a, b| self.bytes(*a) == self.bytes(*b));
        self.places = places;
    }

    fn bytes(&self, (at, length): (u32, u16)) -> &[u8] {
        let range = |at: usize| -> Range<usize> { at..at + usize::from(length) };
        let at = at as usize;
        match at.checked_sub(self.file.len()) {
            None => &self.file[range(at)],
            Some(at) => &self.odd[range(at)],
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Them, in order, so many at a time.
    pub(super) fn chunks(&self, size: usize) -> impl Iterator<Item = Vec<String>> {
        let text = |place: &(u32, u16)| String::from_utf8_lossy(self.bytes(*place)).into_owned();
        self.places.chunks(size).map(move |places| places.iter().map(text).collect())
    }
}

/// A key as a row of such a file.
pub(super) fn row(key: &str, file: &mut String) {
    if key.contains(['"', ',', '\n', '\r']) || key.starts_with('\u{feff}') {
        file.push('"');
        file.push_str(&key.replace('"', "\"\""));
        file.push_str("\"\n");
    } else {
        file.push_str(key);
        file.push('\n');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn read(file: &str) -> Result<Vec<String>> {
        let keys = Keys::read(Bytes::copy_from_slice(file.as_bytes()))?;
        let found: Vec<_> = keys.chunks(2).flatten().collect();
        assert_eq!(keys.len(), found.len());
        Ok(found)
    }

    #[test]
    fn rows_of_all_sorts() {
        let file = "\u{feff}zed\r\nann\n\n\"b,c\"\nann\n\"say \"\"hi\"\"\"\n\"plain\"\nlast \u{e9}";
        assert_eq!(read(file).unwrap(), ["ann", "b,c", "last \u{e9}", "plain", "say \"hi\"", "zed"]);
    }

    #[test]
    fn what_is_written_is_read() {
        let mut keys = vec!["a", "b,c", "\"", "\"\"x", "\u{feff}bom", " blank ", "\u{1F6A6}"];
        let mut file = String::new();
        keys.iter().for_each(|key| row(key, &mut file));
        keys.sort_unstable();
        assert_eq!(read(&file).unwrap(), keys);
    }

    #[test]
    fn wrong_rows_are_named_by_their_line() {
        let long = format!("a\n{}\n", "x".repeat(513));
        for (file, fault) in [
            ("a\nb,c\n", "line 2 has more than one column"),
            ("a\n\n\"b\",c\n", "line 3 has a quote that does not end, or more than one column"),
            ("a\n\"b\n", "line 2 has a quote that does not end, or more than one column"),
            ("\"a\"b\"\n", "line 1 has more than one column, or a quote that is not doubled"),
            ("a\"b\n", "line 1 has a quote within a key that is not quoted"),
            ("a\n\"\"\n", "line 2 has an empty key"),
            ("a\tb\n", "line 1 holds a control character"),
            (&long, "line 2 is longer than 512 bytes"),
            ("\n\r\n", "has no keys"),
        ] {
            assert_eq!(read(file).unwrap_err().to_string(), format!("file: {fault}"));
        }
        let error = Keys::read(Bytes::from_static(b"a\n\xff\n")).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "file: line 2 is not UTF-8");
    }
}
