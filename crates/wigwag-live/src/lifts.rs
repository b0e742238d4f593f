//! Which flags were overtaken by what they depend on, worked out anew.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use wigwag_eval::dependents::Item as Reference;

use crate::snapshot::{Flags, Lifts, Segments};

/// The newest sequence among everything each flag depends on, where it is newer than the flag's own.
/// `written` says when a flag was last written, also one that is not published.
pub(crate) fn all(flags: &Flags, segments: &Segments, written: impl Fn(&str) -> u64) -> Lifts {
    let mut lifts = FxHashMap::default();
    let mut seen: FxHashSet<&Reference> = FxHashSet::default();
    for flag in flags.iter().filter(|flag| !flag.about().refers_to.is_empty()) {
        seen.clear();
        let mut open: Vec<&Reference> = flag.about().refers_to.iter().collect();
        let mut newest = 0;
        while let Some(reference) = open.pop() {
            if !seen.insert(reference) {
                continue;
            }
            let (seq, further) = match reference {
                Reference::Flag(key) => (written(key), flags.get(key).map(|flag| &flag.about().refers_to)),
                Reference::Segment(key) => {
                    let about = segments.get(key).map(|segment| segment.about());
                    (about.map_or(0, |about| about.seq), about.map(|about| &about.refers_to))
                }
            };
            newest = newest.max(seq);
            open.extend(further.into_iter().flatten());
        }
        if newest > flag.about().seq {
            lifts.insert(flag.key().into(), newest);
        }
    }
    Arc::new(lifts)
}
