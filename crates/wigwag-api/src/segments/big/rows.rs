//! The rows of a file of keys, as it comes: CSV with one column (RFC 4180) and no header, or a JSON array of texts.

use wigwag_kit::{Error, Result};

use super::targets::fault;

/// No row of one key is longer, however it is written.
const LONGEST: usize = 4096;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Json,
}

impl Format {
    /// By the name and the type of the file.
    pub(super) fn of(name: &str, media_type: &str) -> Self {
        let json = media_type.trim().eq_ignore_ascii_case("application/json")
            || name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("json"));
        if json { Self::Json } else { Self::Csv }
    }
}

/// Takes a file apart. Each key goes to the function that is given.
pub(super) struct Rows {
    format: Format,
    /// What has come of a row (CSV) or text (JSON).
    row: Vec<u8>,
    line: u64,
    state: State,
}

/// Where in a JSON array the file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    /// At the beginning, where the array may end.
    Opened,
    /// Behind a comma.
    Wanted,
    Text,
    Escaped,
    /// Behind a text.
    Behind,
    Ended,
}

impl Rows {
    pub(super) const fn new(format: Format) -> Self {
        Self { format, row: Vec::new(), line: 1, state: State::Before }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// The first row that is wrong, by its line; and those of `take`.
    pub(super) fn push(&mut self, piece: &[u8], take: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
        match self.format {
            Format::Csv => self.csv(piece, take),
            Format::Json => self.json(piece, take),
        }
    }

    /// Takes the end of the file.
    ///
    /// # Errors
    /// As [`Rows::push`].
    pub(super) fn finish(mut self, take: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
        match self.format {
            Format::Csv if self.row.is_empty() => Ok(()),
            Format::Csv => {
                let row = std::mem::take(&mut self.row);
                self.csv_row(&row, take)
            }
            Format::Json if self.state == State::Ended => Ok(()),
            Format::Json => Err(self.wrong("the array of keys does not end")),
        }
    }

    fn wrong(&self, fault: &str) -> Error {
        Error::field("file", format_args!("line {} {fault}", self.line))
    }

    fn keep(&mut self, some: &[u8]) -> Result<()> {
        if self.row.len() + some.len() > LONGEST {
            return Err(self.wrong("is longer than 512 bytes"));
        }
        self.row.extend_from_slice(some);
        Ok(())
    }

    fn csv(&mut self, mut piece: &[u8], take: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
        while let Some(end) = memchr::memchr(b'\n', piece) {
            if self.row.is_empty() {
                self.csv_row(&piece[..end], take)?;
            } else {
                self.keep(&piece[..end])?;
                let row = std::mem::take(&mut self.row);
                self.csv_row(&row, take)?;
                self.row = row;
                self.row.clear();
            }
            self.line += 1;
            piece = &piece[end + 1..];
        }
        self.keep(piece)
    }

    fn csv_row(&self, row: &[u8], take: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
        let row = if self.line == 1 { row.strip_prefix("\u{feff}".as_bytes()).unwrap_or(row) } else { row };
        let row = row.strip_suffix(b"\r").unwrap_or(row);
        if row.is_empty() {
            return Ok(());
        }
        let text = str::from_utf8(row).map_err(|_| self.wrong("is not UTF-8"))?;
        let Some(quoted) = text.strip_prefix('"') else {
            return match () {
                () if text.contains(',') => Err(self.wrong("has more than one column")),
                () if text.contains('"') => Err(self.wrong("has a quote within a key that is not quoted")),
                () => self.key(text, take),
            };
        };
        let unended = "has a quote that does not end, or more than one column";
        let inner = quoted.strip_suffix('"').ok_or_else(|| self.wrong(unended))?;
        if !inner.contains('"') {
            return self.key(inner, take);
        }
        if inner.replace("\"\"", "").contains('"') {
            return Err(self.wrong("has more than one column, or a quote that is not doubled"));
        }
        self.key(&inner.replace("\"\"", "\""), take)
    }

    fn key(&self, key: &str, take: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
        match fault(key) {
            None => take(key),
            Some(_) if key.is_empty() => Err(self.wrong("has an empty key")),
            Some(fault) => Err(self.wrong(&fault)),
        }
    }

    fn json(&mut self, piece: &[u8], take: &mut impl FnMut(&str) -> Result<()>) -> Result<()> {
        for byte in piece {
            self.state = match (self.state, byte) {
                (State::Text, b'"') => {
                    self.keep(b"\"")?;
                    let key: String =
                        serde_json::from_slice(&self.row).map_err(|_| self.wrong("has a text that is not JSON"))?;
                    self.row.clear();
                    self.key(&key, take)?;
                    State::Behind
                }
                (State::Text | State::Escaped, byte) => {
                    self.keep(&[*byte])?;
                    if self.state == State::Text && *byte == b'\\' { State::Escaped } else { State::Text }
                }
                (state, b'\n') => {
                    self.line += 1;
                    state
                }
                (state, b' ' | b'\t' | b'\r') => state,
                (State::Before, b'[') => State::Opened,
                (State::Opened | State::Wanted, b'"') => {
                    self.keep(b"\"")?;
                    State::Text
                }
                (State::Behind, b',') => State::Wanted,
                (State::Opened | State::Behind, b']') => State::Ended,
                _ => return Err(self.wrong("is not part of a JSON array of keys")),
            };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    /// However the file is cut into pieces, its keys are the same.
    fn read(format: Format, file: &[u8]) -> Result<Vec<String>> {
        let of = |size: usize| {
            let (mut rows, mut keys) = (Rows::new(format), Vec::new());
            let mut take = |key: &str| {
                keys.push(key.to_owned());
                Ok(())
            };
            for piece in file.chunks(size) {
                rows.push(piece, &mut take)?;
            }
            rows.finish(&mut take)?;
            Ok(keys)
        };
        let whole: Result<Vec<String>> = of(file.len().max(1));
        for size in [1, 2, 7] {
            let pieces: Result<Vec<String>> = of(size);
            assert_eq!(whole.as_ref().map_err(ToString::to_string), pieces.as_ref().map_err(ToString::to_string));
        }
        whole
    }

    #[test]
    fn rows_of_all_sorts() {
        let file = "\u{feff}zed\r\nann\n\n\"b,c\"\nann\n\"say \"\"hi\"\"\"\n\"plain\"\nlast \u{e9}";
        let keys = read(Format::Csv, file.as_bytes()).unwrap();
        assert_eq!(keys, ["zed", "ann", "b,c", "ann", "say \"hi\"", "plain", "last \u{e9}"]);
        let file = " [\"zed\",\n\t\"a \\\"b\\\\\" , \"\\u00e9\"]\n";
        assert_eq!(read(Format::Json, file.as_bytes()).unwrap(), ["zed", "a \"b\\", "\u{e9}"]);
        assert!(read(Format::Json, b"[]").unwrap().is_empty());
    }

    #[test]
    fn wrong_rows_are_named_by_their_line() {
        let long = format!("a\n{}\n", "x".repeat(513));
        let longer = format!("a\n{}\n", "x".repeat(5000));
        for (file, fault) in [
            ("a\nb,c\n", "line 2 has more than one column"),
            ("a\n\n\"b\",c\n", "line 3 has a quote that does not end, or more than one column"),
            ("a\n\"b\n", "line 2 has a quote that does not end, or more than one column"),
            ("\"a\"b\"\n", "line 1 has more than one column, or a quote that is not doubled"),
            ("a\"b\n", "line 1 has a quote within a key that is not quoted"),
            ("a\n\"\"\n", "line 2 has an empty key"),
            ("a\tb\n", "line 1 holds a control character"),
            (&long, "line 2 is longer than 512 bytes"),
            (&longer, "line 2 is longer than 512 bytes"),
        ] {
            assert_eq!(read(Format::Csv, file.as_bytes()).unwrap_err().to_string(), format!("file: {fault}"));
        }
        let error = read(Format::Csv, b"a\n\xff\n").unwrap_err();
        assert_eq!(error.to_string(), "file: line 2 is not UTF-8");
        for (file, fault) in [
            ("[\"a\",\n7]", "line 2 is not part of a JSON array of keys"),
            ("[\"a\"\n\"b\"]", "line 2 is not part of a JSON array of keys"),
            ("{}", "line 1 is not part of a JSON array of keys"),
            ("[\"a\",]", "line 1 is not part of a JSON array of keys"),
            ("[\"a\"]]", "line 1 is not part of a JSON array of keys"),
            ("[\"a\\x\"]", "line 1 has a text that is not JSON"),
            ("[\n\"\"]", "line 2 has an empty key"),
            ("[\"a\\u0007\"]", "line 1 holds a control character"),
            ("[\"a\",\n\"b", "line 2 the array of keys does not end"),
            ("", "line 1 the array of keys does not end"),
        ] {
            assert_eq!(read(Format::Json, file.as_bytes()).unwrap_err().to_string(), format!("file: {fault}"));
        }
    }

    #[test]
    fn formats_are_told_by_name_or_type() {
        assert_eq!(Format::of("keys.CSV", "text/csv"), Format::Csv);
        assert_eq!(Format::of("keys.Json", ""), Format::Json);
        assert_eq!(Format::of("", "application/json"), Format::Json);
        assert_eq!(Format::of("json", ""), Format::Csv);
    }
}
