//! Files of the journal. A position counts all bytes of records ever written to it; a segment is named by the
//! position at which it begins and ends where the next one begins.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;

/// The first bytes of every segment.
const MAGIC: &[u8; 8] = b"WWEVENT1";
/// What its name ends in.
const ENDING: &str = ".events";

/// The file of the segment that begins at a position.
pub(super) fn path(dir: &Path, start: u64) -> PathBuf {
    dir.join(format!("{start:020}{ENDING}"))
}

/// Where the segments in a directory begin, in order.
pub(super) fn starts(dir: &Path) -> io::Result<Vec<u64>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name();
        all.extend(name.to_str().and_then(|name| name.strip_suffix(ENDING)?.parse::<u64>().ok()));
    }
    all.sort_unstable();
    Ok(all)
}

/// Creates the segment that begins at a position, empty, so that it is there after a power cut too. One of the same
/// name held nothing that counts.
pub(super) fn create(dir: &Path, start: u64) -> io::Result<File> {
    use io::Write as _;
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path(dir, start))?;
    file.write_all(MAGIC)?;
    file.sync_all()?;
    sync_directory(dir)?;
    Ok(file)
}

/// Makes what was created or removed in a directory last.
pub(super) fn sync_directory(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

/// Opens the segment that begins at `start` to write behind `end`; what comes after is cut off.
pub(super) fn resume(dir: &Path, start: u64, end: u64) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).open(path(dir, start))?;
    cut(&file, end - start)?;
    file.seek(SeekFrom::End(0))?;
    file.sync_all()?;
    Ok(file)
}

/// Cuts off what follows the first bytes of records of a segment.
pub(super) fn cut(file: &File, length: u64) -> io::Result<()> {
    file.set_len(MAGIC.len() as u64 + length)
}

/// A segment that is read.
pub(super) struct Segment {
    pub(super) start: u64,
    file: File,
}

impl Segment {
    /// Opens one; nothing if it is no segment, which one is not whose making was cut short.
    pub(super) fn open(dir: &Path, start: u64) -> io::Result<Option<Self>> {
        let mut file = File::open(path(dir, start))?;
        let mut magic = [0; MAGIC.len()];
        match file.read_exact(&mut magic) {
            Ok(()) if magic == *MAGIC => Ok(Some(Self { start, file })),
            Ok(()) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where the file ends.
    pub(super) fn end(&self) -> io::Result<u64> {
        Ok(self.start + self.file.metadata()?.len().saturating_sub(MAGIC.len() as u64))
    }

    /// At most so many bytes from a position on.
    pub(super) fn read(&mut self, from: u64, most: usize) -> io::Result<Bytes> {
        self.file.seek(SeekFrom::Start(MAGIC.len() as u64 + (from - self.start)))?;
        let mut bytes = Vec::with_capacity(most);
        (&self.file).take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes.into())
    }
}
