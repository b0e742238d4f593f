//! The stream as files, and files as the stream.

use super::manifest::{FORMAT, MANIFEST, Manifest, TableFile};
use super::piece::{Cell, Gathered, Piece, Stream, WAITING};
use super::schema::{self, ColumnKind, Table};
use crate::{Result, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// Writes a stream as a backup.
pub(super) async fn write(stream: Stream, to: &Path) -> Result<Manifest> {
    let to = to.to_path_buf();
    let task = tokio::task::spawn_blocking(move || write_blocking(stream, &to));
    task.await.map_err(|e| StoreError::Unavailable(format!("writing was interrupted: {e}")))?
}

/// Under another name first: what has the name asked for is whole and on disk.
fn write_blocking(mut stream: Stream, to: &Path) -> Result<Manifest> {
    if to.exists() {
        return Err(StoreError::Invalid(format!("{} is there already: name a new directory", to.display())));
    }
    let draft = draft(to)?;
    let mut manifest = Manifest {
        format: FORMAT,
        release: env!("CARGO_PKG_VERSION").to_owned(),
        head: stream.head.clone(),
        events: stream.tables.iter().any(|table| table.events),
        tables: Vec::new(),
    };
    DirBuilder::new().mode(0o700).create(&draft).map_err(|e| failed(&draft, &e))?;
    let written = files(&mut stream, &draft, &mut manifest).and_then(|()| finish(&draft, to, &manifest));
    if written.is_err() {
        let _left_behind = fs::remove_dir_all(&draft);
    }
    written.map(|()| manifest)
}

fn draft(to: &Path) -> Result<PathBuf> {
    let name = to.file_name().ok_or_else(|| StoreError::Invalid(format!("{} has no name", to.display())))?;
    Ok(to.with_file_name(format!("{}.partial", name.to_string_lossy())))
}

fn files(stream: &mut Stream, dir: &Path, manifest: &mut Manifest) -> Result<()> {
    let tables = std::mem::take(&mut stream.tables);
    let mut next = tables.iter();
    let mut open: Option<Output> = None;
    loop {
        let broke = || StoreError::Unavailable("reading broke off".into());
        match stream.pieces.blocking_recv().ok_or_else(broke)?? {
            Piece::Rows(rows) => open.as_mut().ok_or_else(broke)?.rows(&rows)?,
            piece => {
                manifest.tables.extend(open.take().map(Output::end).transpose()?);
                let Piece::Table = piece else { return Ok(()) };
                open = Some(Output::begin(dir, next.next().ok_or_else(broke)?)?);
            }
        }
    }
}

fn finish(draft: &Path, to: &Path, manifest: &Manifest) -> Result<()> {
    let path = draft.join(MANIFEST);
    let write = || -> std::io::Result<()> {
        let mut file = created(&path)?;
        serde_json::to_writer_pretty(&mut file, manifest)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        File::open(draft)?.sync_all()?;
        fs::rename(draft, to)?;
        let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        File::open(parent)?.sync_all()
    };
    write().map_err(|e| failed(to, &e))
}

/// For its owner's eyes only: there are hashes of passwords in it.
fn created(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn failed(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}

/// A file on its way.
struct Output {
    path: PathBuf,
    to: GzEncoder<Summed<std::io::BufWriter<File>>>,
    entry: TableFile,
}

impl Output {
    fn begin(dir: &Path, table: &Table) -> Result<Self> {
        let name = format!("{}.jsonl.gz", table.name);
        let path = dir.join(&name);
        let file = created(&path).map_err(|e| failed(&path, &e))?;
        let summed = Summed { inner: std::io::BufWriter::new(file), sum: Sha256::new(), bytes: 0 };
        let entry = TableFile {
            table: table.name.clone(),
            file: name,
            columns: table.columns.clone(),
            rows: 0,
            bytes: 0,
            sha256: String::new(),
        };
        Ok(Self { path, to: GzEncoder::new(summed, Compression::fast()), entry })
    }

    fn rows(&mut self, rows: &[Vec<Cell>]) -> Result<()> {
        for row in rows {
            let line = serde_json::to_writer(&mut self.to, row).map_err(std::io::Error::from);
            line.and_then(|()| self.to.write_all(b"\n")).map_err(|e| failed(&self.path, &e))?;
        }
        self.entry.rows += rows.len() as u64;
        Ok(())
    }

    fn end(mut self) -> Result<TableFile> {
        let path = self.path;
        let end = || -> std::io::Result<(u64, String)> {
            let mut summed = self.to.finish()?;
            summed.inner.flush()?;
            summed.inner.get_ref().sync_all()?;
            Ok((summed.bytes, hex::encode(summed.sum.finalize())))
        };
        (self.entry.bytes, self.entry.sha256) = end().map_err(|e| failed(&path, &e))?;
        Ok(self.entry)
    }
}

/// Sums what passes.
struct Summed<T> {
    inner: T,
    sum: Sha256,
    bytes: u64,
}

impl<T: Write> Write for Summed<T> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let n = self.inner.write(buffer)?;
        self.sum.update(&buffer[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Summed<T> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.sum.update(&buffer[..n]);
        self.bytes += n as u64;
        Ok(n)
    }
}

/// Begins to read a backup.
pub(super) fn open(dir: &Path, manifest: Manifest) -> Result<Stream> {
    let mut tables = schema::tables(manifest.head.schema)?;
    tables.retain(|table| manifest.events || !table.events);
    let named = tables.iter().map(|table| (&table.name, &table.columns));
    if !named.eq(manifest.tables.iter().map(|entry| (&entry.table, &entry.columns))) {
        return Err(StoreError::Corrupt(format!("the tables of {MANIFEST} are not those of its schema")));
    }
    let (pieces, received) = mpsc::channel(WAITING);
    let (dir, head) = (dir.to_path_buf(), manifest.head.clone());
    drop(tokio::task::spawn_blocking(move || {
        let sent = manifest.tables.iter().try_for_each(|entry| read(&dir, entry, &pieces));
        let end = match sent {
            Ok(()) => Ok(Piece::End),
            Err(Ended::Gone) => return,
            Err(Ended::Wrong(error)) => Err(error),
        };
        let _gone = pieces.blocking_send(end);
    }));
    Ok(Stream { head, tables, pieces: received })
}

/// Why reading a file ended early.
enum Ended {
    /// Nobody listens any more.
    Gone,
    Wrong(StoreError),
}

fn read(dir: &Path, entry: &TableFile, pieces: &mpsc::Sender<Result<Piece>>) -> std::result::Result<(), Ended> {
    let send = |piece| pieces.blocking_send(Ok(piece)).map_err(|_| Ended::Gone);
    // The manifest is text that others may write: a name leads nowhere else.
    let path = match Path::new(&entry.file).file_name() {
        Some(name) => dir.join(name),
        None => return Err(Ended::Wrong(StoreError::Corrupt(format!("\"{}\" is not a file", entry.file)))),
    };
    let io = |e: std::io::Error| Ended::Wrong(StoreError::Corrupt(format!("{}: {e}", path.display())));
    let wrong = |what: String| Ended::Wrong(StoreError::Corrupt(format!("{}: {what}", path.display())));
    send(Piece::Table)?;
    let file = File::open(&path).map_err(io)?;
    let summed = Summed { inner: BufReader::new(file), sum: Sha256::new(), bytes: 0 };
    let mut lines = BufReader::new(GzDecoder::new(summed));
    let (mut gathered, mut line, mut rows) = (Gathered::default(), Vec::new(), 0_u64);
    while lines.read_until(b'\n', &mut line).map_err(io)? > 0 {
        rows += 1;
        let row = cells(&line, entry).map_err(|what| wrong(format!("line {rows}: {what}")))?;
        gathered.add(row).map_or(Ok(()), send)?;
        line.clear();
    }
    gathered.rest().map_or(Ok(()), send)?;
    let mut summed = lines.into_inner().into_inner();
    std::io::copy(&mut summed, &mut std::io::sink()).map_err(io)?;
    if hex::encode(summed.sum.finalize()) != entry.sha256 || summed.bytes != entry.bytes || rows != entry.rows {
        return Err(wrong("is not the file that was written: its sum is another one".to_owned()));
    }
    Ok(())
}

fn cells(line: &[u8], entry: &TableFile) -> std::result::Result<Vec<Cell>, String> {
    let values: Vec<Value> = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    if values.len() != entry.columns.len() {
        return Err(format!("{} values for {} columns", values.len(), entry.columns.len()));
    }
    let cell = |(value, kind): (Value, ColumnKind)| match (kind, value) {
        (_, Value::Null) => Ok(Cell::Null),
        (ColumnKind::Integer, Value::Number(n)) => n.as_i64().map(Cell::Int).ok_or_else(|| n.to_string()),
        (ColumnKind::Text, Value::String(text)) => Ok(Cell::Text(text)),
        (ColumnKind::Bytes, Value::String(text)) => STANDARD.decode(text).map(Cell::Bytes).map_err(|e| e.to_string()),
        (_, other) => Err(format!("{other} where none can be")),
    };
    values.into_iter().zip(entry.columns.iter().map(|column| column.kind)).map(cell).collect()
}
