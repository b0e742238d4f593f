//! Keys in order, each once, however many: what does not fit into memory is sorted in files without a name.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _};

use wigwag_kit::{Error, Result};

/// Bytes of keys that are held before they are written away, and how many keys.
const HELD: (usize, usize) = (24 << 20, 3 << 19);
/// Sorted files that are merged at once: each has a buffer of 64 KiB.
const BUFFER: usize = 64 << 10;

/// Keys that come in any order.
#[derive(Default)]
pub(super) struct Sorter {
    held: Vec<u8>,
    /// Where each begins in `held`, and its length.
    places: Vec<(u32, u16)>,
    files: Vec<File>,
    most: Option<(usize, usize)>,
}

impl Sorter {
    /// Adds a key.
    ///
    /// # Errors
    /// The disk for temporary files takes no more.
    pub(super) fn add(&mut self, key: &str) -> Result<()> {
        let place = (u32::try_from(self.held.len()), u16::try_from(key.len()));
        let (Ok(at), Ok(length)) = place else { return Err(Error::field("file", "has a key that is too long")) };
        self.held.extend_from_slice(key.as_bytes());
        self.places.push((at, length));
        let (bytes, keys) = self.most.unwrap_or(HELD);
        if self.held.len() >= bytes || self.places.len() >= keys { self.write().map_err(broken) } else { Ok(()) }
    }

    fn sort(&mut self) {
        let held = &self.held;
        let bytes = |(at, length): (u32, u16)| &held[at as usize..][..usize::from(length)];
        // Most files are sorted already.
        self.places.sort_unstable_by(|a, b| bytes(*a).cmp(bytes(*b)));
        self.places.dedup_by(|a, b| bytes(*a) == bytes(*b));
    }

    fn write(&mut self) -> io::Result<()> {
        self.sort();
        let mut out = BufWriter::with_capacity(BUFFER, tempfile::tempfile()?);
        for (at, length) in &self.places {
            put(&mut out, &self.held[*at as usize..][..usize::from(*length)])?;
        }
        self.files.push(finished(out)?);
        self.held.clear();
        self.places.clear();
        Ok(())
    }

    /// All of them, in the order of their bytes.
    ///
    /// # Errors
    /// There are none, or the disk for temporary files takes no more.
    pub(super) fn finish(mut self) -> Result<Keys> {
        if self.files.is_empty() {
            self.sort();
            if self.places.is_empty() {
                return Err(Error::field("file", "has no keys"));
            }
            return Ok(Keys::Held { held: self.held, places: self.places, next: 0 });
        }
        self.write().map_err(broken)?;
        let files = std::mem::take(&mut self.files);
        drop(self);
        merged(files).map_err(broken)
    }
}

fn broken(error: io::Error) -> Error {
    Error::Internal(format!("sorting a file of keys in the folder of temporary files: {error}"))
}

fn put(out: &mut impl io::Write, key: &[u8]) -> io::Result<()> {
    out.write_all(&u16::try_from(key.len()).unwrap_or(u16::MAX).to_le_bytes())?;
    out.write_all(key)
}

fn finished(out: BufWriter<File>) -> io::Result<File> {
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// The next key of a file; nothing at its end.
fn get(from: &mut BufReader<File>) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut key = vec![0; usize::from(u16::from_le_bytes(length))];
    from.read_exact(&mut key)?;
    Ok(Some(key))
}

/// One sorted file of several.
fn merged(files: Vec<File>) -> io::Result<Keys> {
    let mut from: Vec<_> = files.into_iter().map(|file| BufReader::with_capacity(BUFFER, file)).collect();
    let mut heads = BinaryHeap::new();
    for (n, file) in from.iter_mut().enumerate() {
        heads.extend(get(file)?.map(|key| Reverse((key, n))));
    }
    let mut out = BufWriter::with_capacity(BUFFER, tempfile::tempfile()?);
    let (mut count, mut last): (usize, Option<Vec<u8>>) = (0, None);
    while let Some(Reverse((key, n))) = heads.pop() {
        heads.extend(get(&mut from[n])?.map(|key| Reverse((key, n))));
        if last.as_ref() != Some(&key) {
            put(&mut out, &key)?;
            count += 1;
            last = Some(key);
        }
    }
    Ok(Keys::Filed { file: BufReader::with_capacity(BUFFER, finished(out)?), count })
}

/// Keys in the order of their bytes, each once.
pub(super) enum Keys {
    Held { held: Vec<u8>, places: Vec<(u32, u16)>, next: usize },
    Filed { file: BufReader<File>, count: usize },
}

impl Keys {
    /// How many there are in all.
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Held { places, .. } => places.len(),
            Self::Filed { count, .. } => *count,
        }
    }

    /// The next ones, so many at most; none at the end.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn take(&mut self, most: usize) -> Result<Vec<String>> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match self {
            Self::Held { held, places, next } => {
                let some = &places[*next..places.len().min(*next + most)];
                *next += some.len();
                Ok(some.iter().map(|(at, length)| text(&held[*at as usize..][..usize::from(*length)])).collect())
            }
            Self::Filed { file, .. } => {
                let mut some = Vec::with_capacity(most);
                while some.len() < most
                    && let Some(key) = get(file).map_err(broken)?
                {
                    some.push(text(&key));
                }
                Ok(some)
            }
        }
    }
}

/// A key as a row of a CSV file.
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
    use super::super::rows::{Format, Rows};
    use super::*;

    fn sorted(keys: &[&str], most: Option<(usize, usize)>) -> Vec<String> {
        let mut sorter = Sorter { most, ..Sorter::default() };
        keys.iter().for_each(|key| sorter.add(key).unwrap());
        let mut keys = sorter.finish().unwrap();
        let (count, mut all) = (keys.len(), Vec::new());
        loop {
            let some = keys.take(2).unwrap();
            if some.is_empty() {
                assert_eq!(all.len(), count);
                return all;
            }
            all.extend(some);
        }
    }

    #[test]
    fn files_change_nothing() {
        let keys: Vec<String> = (0..200).map(|n| format!("k{}", n * 37 % 61)).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let held = sorted(&keys, None);
        assert_eq!((held.len(), held.is_sorted()), (61, true));
        for most in [(1 << 20, 7), (40, 1000), (1, 1), (1 << 20, 200)] {
            assert_eq!(sorted(&keys, Some(most)), held, "{most:?}");
        }
        assert_eq!(Sorter::default().finish().map(drop).unwrap_err().to_string(), "file: has no keys");
    }

    #[test]
    fn what_is_written_is_read() {
        let mut keys = vec!["a", "b,c", "\"", "\"\"x", "\u{feff}bom", " blank ", "\u{1F6A6}"];
        let mut file = String::new();
        keys.iter().for_each(|key| row(key, &mut file));
        let (mut rows, mut read) = (Rows::new(Format::Csv), Vec::new());
        let mut take = |key: &str| {
            read.push(key.to_owned());
            Ok(())
        };
        rows.push(file.as_bytes(), &mut take).unwrap();
        rows.finish(&mut take).unwrap();
        read.sort_unstable();
        keys.sort_unstable();
        assert_eq!(read, keys);
    }
}
