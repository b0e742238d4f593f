#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::oneshot;
use wigwag_model::clock::Clock;
use wigwag_model::id::Ids;
use wigwag_sdk::{EventBatch, Origin, Taken};

use super::{Entry, Journal, JournalConfig, segment};
use crate::metrics::EventMetrics;

fn batch(n: usize, payload: Option<&str>) -> EventBatch {
    EventBatch {
        env: "env".into(),
        body: Bytes::from(format!("[{n}]")),
        payload_id: payload.map(Into::into),
        schema: 4,
        unsummarised: false,
        application: "a".into(),
        origin: Origin::default(),
        received: 1_700_000_000_000,
    }
}

fn open(config: JournalConfig) -> Journal {
    Journal::open(config, &Ids::seeded(1), Clock::frozen(1_700_000_000_000), EventMetrics::default()).unwrap()
}

fn small(dir: &Path) -> JournalConfig {
    JournalConfig { segment: 200, ..JournalConfig::in_directory(dir) }
}

fn send(journal: &Journal, batch: EventBatch) -> Taken {
    let (reply, outcome) = oneshot::channel();
    assert!(journal.send(Entry::new(batch, reply)));
    outcome.blocking_recv().unwrap()
}

/// Bodies from a position on, to the end.
fn bodies(journal: &Journal, from: u64) -> Vec<String> {
    let (mut reader, mut all) = (journal.reader(from), Vec::new());
    while reader.position() < journal.shared().durable() {
        let portion = reader.next(64).unwrap();
        assert_eq!(portion.damaged, 0);
        all.extend(portion.batches.iter().map(|batch| String::from_utf8(batch.body.to_vec()).unwrap()));
        reader.advance(portion.to);
    }
    all
}

fn numbers(which: std::ops::Range<usize>) -> Vec<String> {
    which.map(|n| format!("[{n}]")).collect()
}

#[test]
fn what_was_written_is_read_again_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(small(dir.path()));
    (0..20).for_each(|n| assert_eq!(send(&journal, batch(n, None)), Taken::Yes));
    assert!(segment::starts(dir.path()).unwrap().len() > 2, "in several segments");
    assert_eq!(bodies(&journal, 0), numbers(0..20));
    let (name, end) = (journal.shared().id.clone(), journal.shared().durable());
    closed(journal);
    let journal = open(small(dir.path()));
    assert_eq!((journal.shared().id.as_str(), journal.shared().durable()), (name.as_str(), end));
    send(&journal, batch(20, None));
    assert_eq!(bodies(&journal, 0), numbers(0..21));
    assert_eq!(bodies(&journal, end), numbers(20..21));
}

/// Waits until the thread has let go of the directory.
fn closed(journal: Journal) {
    journal.close();
    let shared = Arc::downgrade(journal.shared());
    drop(journal);
    while shared.strong_count() > 0 {
        std::thread::yield_now();
    }
}

/// A crash in the middle of a write leaves any part of it.
#[test]
fn a_torn_end_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(JournalConfig::in_directory(dir.path()));
    (0..3).for_each(|n| assert_eq!(send(&journal, batch(n, None)), Taken::Yes));
    let two = {
        let mut reader = journal.reader(0);
        reader.next(1 << 20).unwrap().ends[1]
    };
    let end = journal.shared().durable();
    closed(journal);
    let path = segment::path(dir.path(), 0);
    let whole = std::fs::read(&path).unwrap();
    for cut in 1..=(end - two) {
        std::fs::write(&path, &whole[..whole.len() - cut as usize]).unwrap();
        let journal = open(JournalConfig::in_directory(dir.path()));
        assert_eq!(journal.shared().durable(), two, "{cut} bytes are missing");
        send(&journal, batch(7, None));
        assert_eq!(bodies(&journal, 0), ["[0]", "[1]", "[7]"]);
        closed(journal);
    }
    // Garbage behind what counts; and a segment that was only begun.
    std::fs::write(&path, [&whole[..], b"garbage that is no record"].concat()).unwrap();
    std::fs::write(segment::path(dir.path(), end), b"WWE").unwrap();
    let journal = open(JournalConfig::in_directory(dir.path()));
    assert_eq!(bodies(&journal, 0), numbers(0..3));
}

#[test]
fn damage_in_the_middle_costs_its_segment_only() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(small(dir.path()));
    (0..20).for_each(|n| assert_eq!(send(&journal, batch(n, None)), Taken::Yes));
    closed(journal);
    let path = segment::path(dir.path(), 0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[30] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let journal = open(small(dir.path()));
    let mut reader = journal.reader(0);
    let first = reader.next(1 << 20).unwrap();
    assert_eq!((first.batches.len(), first.damaged), (0, first.to));
    let rest = bodies(&journal, first.to);
    assert!(rest.len() > 10 && rest.last().unwrap() == "[19]");
}

#[test]
fn batches_that_come_again_are_known_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(JournalConfig::in_directory(dir.path()));
    (0..3).for_each(|n| assert_eq!(send(&journal, batch(n, Some("p"))), Taken::Yes));
    assert_eq!(bodies(&journal, 0), ["[0]"]);
    closed(journal);
    let journal = open(JournalConfig::in_directory(dir.path()));
    assert_eq!(send(&journal, batch(3, Some("p"))), Taken::Yes);
    assert_eq!(send(&journal, batch(4, Some("q"))), Taken::Yes);
    assert_eq!(bodies(&journal, 0), ["[0]", "[4]"]);
}

/// A disk that takes so many bytes, and of the last write only a part.
fn disk(dir: &Path, free: &Arc<AtomicU64>) -> JournalConfig {
    let free = Arc::clone(free);
    let write: super::Write = Arc::new(move |file, bytes| {
        let left = free.load(Ordering::SeqCst).min(bytes.len() as u64);
        free.fetch_sub(left, Ordering::SeqCst);
        io::Write::write_all(file, &bytes[..left as usize])?;
        if left < bytes.len() as u64 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    });
    JournalConfig { write, ..JournalConfig::in_directory(dir) }
}

#[test]
fn a_full_disk_refuses_and_goes_on_when_there_is_room_again() {
    let dir = tempfile::tempdir().unwrap();
    let free = Arc::new(AtomicU64::new(50));
    let journal = open(disk(dir.path(), &free));
    assert_eq!(send(&journal, batch(0, Some("0"))), Taken::Yes);
    for n in 1..4 {
        assert_eq!(send(&journal, batch(n, Some("1"))), Taken::Full, "{n}");
    }
    free.store(1000, Ordering::SeqCst);
    // It counts as never sent.
    assert_eq!(send(&journal, batch(5, Some("1"))), Taken::Yes);
    assert_eq!(send(&journal, batch(6, Some("1"))), Taken::Yes);
    assert_eq!(bodies(&journal, 0), ["[0]", "[5]"]);
    closed(journal);
    let journal = open(JournalConfig::in_directory(dir.path()));
    assert_eq!(bodies(&journal, 0), ["[0]", "[5]"]);
}

#[test]
fn so_much_may_wait_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(JournalConfig { most: 200, ..small(dir.path()) });
    let taken = (0..20).take_while(|n| send(&journal, batch(*n, None)) == Taken::Yes).count();
    assert!((2..6).contains(&taken), "{taken}");
    assert_eq!(bodies(&journal, 0).len(), taken);
    // What is recorded waits no more.
    assert_eq!(send(&journal, batch(20, None)), Taken::Yes);
}

#[test]
fn a_journal_belongs_to_one() {
    let dir = tempfile::tempdir().unwrap();
    let _held = open(JournalConfig::in_directory(dir.path()));
    let again = Journal::open(
        JournalConfig::in_directory(dir.path()),
        &Ids::seeded(2),
        Clock::frozen(0),
        EventMetrics::default(),
    );
    assert!(again.is_err_and(|error| error.to_string().contains("in use")));
}
