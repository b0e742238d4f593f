//! Who depends on whom: which flags a change can affect.

use crate::compile::clause::segment_keys;
use crate::{CompiledFlag, CompiledSegment};
use rustc_hash::{FxHashMap, FxHashSet};
use wigwag_model::flag::Flag;
use wigwag_model::segment::Segment;

/// A flag or a segment, by key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// A flag.
    Flag(Box<str>),
    /// A segment.
    Segment(Box<str>),
}

/// What a flag refers to directly: its prerequisites and the segments its rules ask about, each once.
#[must_use]
pub fn of_flag(flag: &Flag) -> Box<[Item]> {
    let flags = flag.prerequisites.iter().map(|required| Item::Flag(required.key.as_str().into()));
    let segments = flag.rules.iter().flat_map(|rule| segment_keys(&rule.clauses)).map(|key| Item::Segment(key.into()));
    distinct(flags.chain(segments))
}

/// The segments that a segment's rules ask about, each once.
#[must_use]
pub fn of_segment(segment: &Segment) -> Box<[Item]> {
    distinct(segment.rules.iter().flat_map(|rule| segment_keys(&rule.clauses)).map(|key| Item::Segment(key.into())))
}

fn distinct(items: impl Iterator<Item = Item>) -> Box<[Item]> {
    let mut items: Vec<Item> = items.collect();
    items.sort_unstable();
    items.dedup();
    items.into_boxed_slice()
}

/// For every flag and segment, which others refer to it directly. Kept current by setting and
/// removing items as they change; the cost is that of the changed item's own references.
#[derive(Clone, Debug, Default)]
pub struct Dependents {
    refers_to: FxHashMap<Item, FxHashSet<Item>>,
    referred_by: FxHashMap<Item, FxHashSet<Item>>,
}

impl Dependents {
    /// Takes a flag's references in place of those it had.
    pub fn set_flag(&mut self, flag: &CompiledFlag) {
        self.set(Item::Flag(flag.key().into()), of_flag(flag.source()));
    }

    /// Takes a segment's references in place of those it had.
    pub fn set_segment(&mut self, segment: &CompiledSegment) {
        self.set(Item::Segment(segment.key().into()), of_segment(segment.source()));
    }

    /// Forgets an item's own references. Others may still refer to it.
    pub fn remove(&mut self, item: &Item) {
        for target in self.refers_to.remove(item).unwrap_or_default() {
            if let Some(sources) = self.referred_by.get_mut(&target) {
                sources.remove(item);
                if sources.is_empty() {
                    self.referred_by.remove(&target);
                }
            }
        }
    }

    /// Keys of all flags whose result can change when these items do: the flags among them, and
    /// every flag that refers to one of them, directly or through others. Sorted.
    pub fn affected_flags(&self, changed: impl IntoIterator<Item = Item>) -> Vec<Box<str>> {
        let mut seen: FxHashSet<Item> = FxHashSet::default();
        let mut open: Vec<Item> = changed.into_iter().collect();
        while let Some(item) = open.pop() {
            if seen.contains(&item) {
                continue;
            }
            open.extend(self.referred_by.get(&item).into_iter().flatten().cloned());
            seen.insert(item);
        }
        let flag = |item| {
            if let Item::Flag(key) = item { Some(key) } else { None }
        };
        let mut flags: Vec<Box<str>> = seen.into_iter().filter_map(flag).collect();
        flags.sort_unstable();
        flags
    }

    /// Takes what an item refers to directly, in place of what it referred to.
    pub fn set(&mut self, item: Item, targets: impl IntoIterator<Item = Item>) {
        self.remove(&item);
        let targets: FxHashSet<Item> = targets.into_iter().collect();
        if targets.is_empty() {
            return;
        }
        for target in &targets {
            self.referred_by.entry(target.clone()).or_default().insert(item.clone());
        }
        self.refers_to.insert(item, targets);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;
    use std::sync::Arc;

    fn flag(key: &str, requires: &[&str], segments: &[&str]) -> CompiledFlag {
        let requires: Vec<_> = requires.iter().map(|key| json!({"key": key, "variation": 0})).collect();
        let clause = json!({"attribute": "", "op": "segmentMatch", "values": segments});
        let flag = json!({"key": key, "prerequisites": requires, "rules": [{"clauses": [clause], "variation": 0}]});
        CompiledFlag::new(Arc::new(serde_json::from_value(flag).unwrap()))
    }

    fn segment(key: &str, segments: &[&str]) -> CompiledSegment {
        let clause = json!({"attribute": "", "op": "segmentMatch", "values": segments});
        let segment = json!({"key": key, "rules": [{"clauses": [clause]}]});
        CompiledSegment::new(Arc::new(serde_json::from_value(segment).unwrap()))
    }

    #[test]
    fn changes_reach_flags_through_flags_and_segments() {
        let mut dependents = Dependents::default();
        dependents.set_flag(&flag("a", &["b"], &[]));
        dependents.set_flag(&flag("b", &[], &["s"]));
        dependents.set_flag(&flag("c", &["a", "c"], &[]));
        dependents.set_flag(&flag("d", &[], &[]));
        dependents.set_segment(&segment("s", &["t"]));
        let affected = |d: &Dependents, item| d.affected_flags([item]).join(" ");
        assert_eq!(affected(&dependents, Item::Segment("t".into())), "a b c");
        assert_eq!(affected(&dependents, Item::Flag("a".into())), "a c");
        assert_eq!(affected(&dependents, Item::Flag("d".into())), "d");
        dependents.set_segment(&segment("s", &[]));
        assert_eq!(affected(&dependents, Item::Segment("t".into())), "");
        dependents.remove(&Item::Flag("a".into()));
        assert_eq!(affected(&dependents, Item::Segment("s".into())), "b");
    }
}
