//! Where the evaluator finds flags and segments.

use crate::{BigSegmentsStatus, CompiledFlag, CompiledSegment};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A consistent view of one environment. Tombstones may be given: the evaluator takes them as not
/// there.
pub trait Lookup {
    /// The flag of this key.
    fn flag(&self, key: &str) -> Option<&CompiledFlag>;

    /// The segment of this key.
    fn segment(&self, key: &str) -> Option<&CompiledSegment>;

    /// Asks the big-segment store whether a raw context key is in a generation of a segment. An
    /// implementation that queries something slow caches by context key.
    fn big_segment(&self, segment: &str, generation: i64, context_key: &str) -> BigSegmentAnswer {
        let _ = (segment, generation, context_key);
        BigSegmentAnswer { status: BigSegmentsStatus::NotConfigured, included: None }
    }
}

/// The big-segment store's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigSegmentAnswer {
    /// State of the store.
    pub status: BigSegmentsStatus,
    /// Listed as included, as excluded, or not at all (then the segment's rules decide).
    pub included: Option<bool>,
}

/// Flags and segments by key, shared and cheap to clone entry by entry.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    flags: FxHashMap<Box<str>, Arc<CompiledFlag>>,
    segments: FxHashMap<Box<str>, Arc<CompiledSegment>>,
}

impl Environment {
    /// Adds or replaces a flag, whatever its version. Nothing else is compiled again.
    pub fn put_flag(&mut self, flag: Arc<CompiledFlag>) {
        self.flags.insert(flag.key().into(), flag);
    }

    /// Adds or replaces a segment, whatever its version.
    pub fn put_segment(&mut self, segment: Arc<CompiledSegment>) {
        self.segments.insert(segment.key().into(), segment);
    }

    /// Removes a flag.
    pub fn remove_flag(&mut self, key: &str) -> Option<Arc<CompiledFlag>> {
        self.flags.remove(key)
    }

    /// Removes a segment.
    pub fn remove_segment(&mut self, key: &str) -> Option<Arc<CompiledSegment>> {
        self.segments.remove(key)
    }

    /// All flags, in no particular order.
    pub fn flags(&self) -> impl Iterator<Item = &Arc<CompiledFlag>> {
        self.flags.values()
    }

    /// All segments, in no particular order.
    pub fn segments(&self) -> impl Iterator<Item = &Arc<CompiledSegment>> {
        self.segments.values()
    }
}

impl Lookup for Environment {
    #[inline]
    fn flag(&self, key: &str) -> Option<&CompiledFlag> {
        self.flags.get(key).map(|flag| &**flag)
    }

    #[inline]
    fn segment(&self, key: &str) -> Option<&CompiledSegment> {
        self.segments.get(key).map(|segment| &**segment)
    }
}
