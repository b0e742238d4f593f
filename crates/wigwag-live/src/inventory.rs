//! The flags and segments of one environment, and who depends on whom among them.

use std::collections::BTreeSet;
use std::sync::Arc;

use wigwag_eval::dependents::{Dependents, Item as Reference};

use crate::item::Item;
use crate::lifts;
use crate::publish;
use crate::snapshot::{EnvSnapshot, FlagItem, Items, Lifts, SegmentItem, Settings};
use crate::update::{Op, Update, Withdrawn};

/// What an environment holds, as its newest snapshot.
#[derive(Default)]
pub(crate) struct Inventory {
    snapshot: Arc<EnvSnapshot>,
    dependents: Dependents,
}

impl Inventory {
    /// Everything anew. `written` says when a flag was last written, also one that is not published.
    pub(crate) fn of(
        seq: u64,
        settings: Arc<Settings>,
        flags: Vec<Arc<FlagItem>>,
        segments: Vec<Arc<SegmentItem>>,
        written: impl Fn(&str) -> u64,
    ) -> Self {
        let (flags, segments) = (Items::new(flags), Items::new(segments));
        let mut dependents = Dependents::default();
        for item in flags.iter() {
            dependents.set(Reference::Flag(item.key().into()), referred(item));
        }
        for item in segments.iter() {
            dependents.set(Reference::Segment(item.key().into()), referred(item));
        }
        let lifts = lifts::all(&flags, &segments, written);
        Self { snapshot: Arc::new(EnvSnapshot::new(seq, settings, flags, segments, lifts)), dependents }
    }

    /// The newest snapshot.
    pub(crate) const fn snapshot(&self) -> &Arc<EnvSnapshot> {
        &self.snapshot
    }

    /// Takes other settings. Whether they are.
    pub(crate) fn settle(&mut self, settings: Arc<Settings>) -> bool {
        let changed = settings != *self.snapshot.settings();
        if changed {
            self.snapshot = Arc::new(self.snapshot.with_settings(settings));
        }
        changed
    }

    /// Takes in what the change `seq` did: the documents written, and what of it is to be told. Whether anything can
    /// be seen of it.
    pub(crate) fn apply(&mut self, seq: u64, ops: Vec<Op>, written: &BTreeSet<Reference>) -> bool {
        self.depend(&ops);
        let told = ops.iter().map(Op::reference);
        let affected = self.dependents.affected_flags(written.iter().cloned().chain(told));
        let lifts = self.lifted(seq, written, &affected);
        if !ops.is_empty() {
            self.snapshot = Arc::new(after(&self.snapshot, seq, publish::in_order(ops), affected, false, lifts));
        } else if lifts != *self.snapshot.lifts() {
            self.snapshot = Arc::new(self.snapshot.with_lifts(lifts));
        } else {
            return false;
        }
        true
    }

    /// Takes in that members of these segments changed, of which nothing can be seen but results. Whether any can
    /// differ.
    pub(crate) fn members_changed(&mut self, seq: u64, segments: &BTreeSet<Reference>) -> bool {
        let affected = self.dependents.affected_flags(segments.iter().cloned());
        if affected.is_empty() {
            return false;
        }
        let before = &self.snapshot;
        let lifts = self.lifted(seq, segments, &affected);
        let update = Update::of_members(seq, affected.into_boxed_slice());
        self.snapshot = Arc::new(before.after(update, before.flags().clone(), before.segments().clone(), lifts));
        true
    }

    /// Takes items that are the same but for the views that they are linked to.
    pub(crate) fn relink(&mut self, seq: u64, flags: &[Arc<FlagItem>], segments: &[Arc<SegmentItem>]) {
        let flags = self.snapshot.flags().edited(flags.iter().map(|item| (item.key(), Some(item))));
        let segments = self.snapshot.segments().edited(segments.iter().map(|item| (item.key(), Some(item))));
        self.snapshot = Arc::new(self.snapshot.with_links(seq, flags, segments));
    }

    /// Notes who now refers to whom.
    fn depend(&mut self, ops: &[Op]) {
        for op in ops {
            let reference = op.reference();
            match op {
                Op::Flag(item) => self.dependents.set(reference, referred(item)),
                Op::Segment(item) => self.dependents.set(reference, referred(item)),
                Op::FlagGone { .. } | Op::SegmentGone { .. } => self.dependents.remove(&reference),
            }
        }
    }

    /// The lifts after a change: flags that were written need none, those that depend on them do.
    fn lifted(&self, seq: u64, written: &BTreeSet<Reference>, affected: &[Box<str>]) -> Lifts {
        let mut lifts = Arc::clone(self.snapshot.lifts());
        for key in affected {
            if !written.contains(&Reference::Flag(key.clone())) {
                Arc::make_mut(&mut lifts).insert(key.clone(), seq);
            } else if lifts.contains_key(key) {
                Arc::make_mut(&mut lifts).remove(key);
            }
        }
        lifts
    }
}

fn referred<C>(item: &Item<C>) -> impl Iterator<Item = Reference> {
    item.about().refers_to.iter().cloned()
}

/// The snapshot that `ops` lead to, after which members of big segments may have to be looked up.
pub(crate) fn after(
    before: &EnvSnapshot,
    seq: u64,
    ops: Vec<Op>,
    affected: Vec<Box<str>>,
    members: bool,
    lifts: Lifts,
) -> EnvSnapshot {
    let flags = ops.iter().filter_map(|op| match op {
        Op::Flag(item) => Some((item.key(), Some(item))),
        Op::FlagGone { key, .. } => Some((&**key, None)),
        Op::Segment(_) | Op::SegmentGone { .. } => None,
    });
    let segments = ops.iter().filter_map(|op| match op {
        Op::Segment(item) => Some((item.key(), Some(item))),
        Op::SegmentGone { key, .. } => Some((&**key, None)),
        Op::Flag(_) | Op::FlagGone { .. } => None,
    });
    let (flags, segments) = (before.flags().edited(flags), before.segments().edited(segments));
    let withdrawn = ops.iter().filter_map(|op| match op {
        Op::Flag(item) => Withdrawn::of(before.flags().get(item.key())?, Some(item)),
        Op::FlagGone { key, .. } => Withdrawn::of(before.flags().get(key)?, None),
        Op::Segment(_) | Op::SegmentGone { .. } => None,
    });
    let withdrawn = withdrawn.collect();
    let update = Update::new(seq, ops, affected.into_boxed_slice(), withdrawn).with_members(members);
    before.after(update, flags, segments, lifts)
}
