//! Reading the journal: from where recording stands, and at a start from the beginning.

use std::io;

use wigwag_sdk::EventBatch;

use super::Shared;
use super::record::{Found, first};
use super::segment::Segment;

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// What was read.
#[derive(Default)]
pub(crate) struct Portion {
    /// Batches in the order in which they came.
    pub(crate) batches: Vec<EventBatch>,
    /// Where each of them ends.
    pub(crate) ends: Vec<u64>,
    /// Where the next portion begins.
    pub(crate) to: u64,
    /// Bytes that are no records: a disk gave back something else than was written.
    pub(crate) damaged: u64,
}

/// Reads records of one segment from a position to `end`, at most so many bytes unless the first has more.
pub(super) fn portion(segment: &mut Segment, from: u64, end: u64, most: usize) -> io::Result<Portion> {
    let mut read = Portion { to: from, ..Portion::default() };
    let mut want = CHUNK.min(most);
    while read.to < end && (read.to - from < most as u64) {
        let length = usize::try_from(end - read.to).unwrap_or(usize::MAX).min(want);
        let mut bytes = segment.read(read.to, length)?;
        let short = bytes.len() < length;
        let mut found = false;
        loop {
            match first(&bytes) {
                _ if bytes.is_empty() => break,
                Found::Record(batch, taken) => {
                    read.batches.push(*batch);
                    read.to += taken as u64;
                    read.ends.push(read.to);
                    let _done = bytes.split_to(taken);
                    found = true;
                }
                Found::Partial(whole) if !short && read.to + whole as u64 <= end => {
                    want = CHUNK.min(most).max(whole);
                    break;
                }
                // Beyond a record that is damaged none can be found: lengths lead from one to the next.
                Found::Partial(_) | Found::Damaged => {
                    read.damaged = end - read.to;
                    return Ok(read);
                }
            }
        }
        if found {
            want = CHUNK.min(most);
        } else if bytes.is_empty() {
            read.damaged = end - read.to;
            break;
        }
    }
    Ok(read)
}

/// Reads on where it stands.
pub(crate) struct Reader {
    shared: std::sync::Arc<Shared>,
    position: u64,
    open: Option<Segment>,
}

impl Reader {
    pub(super) const fn new(shared: std::sync::Arc<Shared>, position: u64) -> Self {
        Self { shared, position, open: None }
    }

    /// Where it stands.
    pub(crate) const fn position(&self) -> u64 {
        self.position
    }

    /// What follows, at most so many bytes; nothing where all that is durable was read. Goes on with the next portion
    /// only after [`Self::advance`]. Blocks.
    pub(crate) fn next(&mut self, most: usize) -> io::Result<Portion> {
        let durable = self.shared.durable();
        if self.position >= durable {
            return Ok(Portion { to: self.position, ..Portion::default() });
        }
        let (start, end) = self.shared.segment_at(self.position).unwrap_or((durable, durable));
        let end = end.min(durable);
        if start > self.position || start == end {
            tracing::error!(from = self.position, to = start.max(end), "a part of the journal of events is missing");
            let damaged = start.max(end) - self.position;
            return Ok(Portion { to: start.max(end), damaged, ..Portion::default() });
        }
        if self.open.as_ref().is_none_or(|open| open.start != start) {
            self.open = Segment::open(&self.shared.dir, start)?;
        }
        let Some(segment) = self.open.as_mut() else {
            return Ok(Portion { to: end, damaged: end - self.position, ..Portion::default() });
        };
        let mut read = portion(segment, self.position, end, most)?;
        if read.damaged > 0 {
            tracing::error!(bytes = read.damaged, segment = start, "the journal of events is damaged");
            read.to = end;
        }
        Ok(read)
    }

    /// As [`Self::next`], off the reactor: it blocks, on what was just written, in memory as a rule. Nothing once the
    /// runtime shuts down.
    pub(crate) async fn next_apart(mut self, most: usize) -> Option<(Self, io::Result<Portion>)> {
        let read = tokio::task::spawn_blocking(move || {
            let portion = self.next(most);
            (self, portion)
        });
        read.await.ok()
    }

    /// What was read up to there is recorded.
    pub(crate) fn advance(&mut self, to: u64) {
        self.position = to;
        self.shared.recorded_to(to);
    }
}
