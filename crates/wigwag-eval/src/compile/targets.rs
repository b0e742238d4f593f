//! Individually targeted keys: all lists of one kind in one map.

use super::serve::{Index, index};
use crate::keymap::KeyMap;
use wigwag_model::context::Context;
use wigwag_model::flag::{Flag, Target};
use wigwag_model::kind::Kind;

#[derive(Debug, Default)]
pub(crate) struct Targets {
    /// Per kind, the first list (by position) that holds a key.
    kinds: Box<[(Kind, KeyMap)]>,
    /// What each list serves.
    serves: Box<[Index]>,
}

/// A target list that holds the context's key.
pub(crate) struct Hit<'t> {
    pub(crate) position: u32,
    pub(crate) kind: &'t Kind,
    pub(crate) variation: Index,
}

impl Targets {
    pub(crate) fn new(flag: &Flag) -> Targets {
        let lists = effective(flag);
        let mut kinds: Vec<Kind> = Vec::new();
        for (kind, ..) in &lists {
            if !kinds.contains(kind) {
                kinds.push(kind.clone());
            }
        }
        let keys_of = |kind: Kind| {
            let lists = lists.iter().zip(0u32..).filter(|((k, ..), _)| *k == kind);
            let keys = lists.flat_map(|((_, keys, _), at)| keys.iter().map(move |key| (key.as_str(), at)));
            let keys = KeyMap::new(keys);
            (!keys.is_empty()).then(|| (kind.clone(), keys))
        };
        Targets {
            kinds: kinds.into_iter().filter_map(keys_of).collect(),
            serves: lists.iter().map(|(_, _, variation)| index(*variation, flag.variations.len())).collect(),
        }
    }

    /// Whether no list holds any key.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The first list, in order of position, that holds the key of one of the context's parts.
    #[inline]
    pub(crate) fn find(&self, context: &Context) -> Option<Hit<'_>> {
        let mut best: Option<(u32, &Kind)> = None;
        for (kind, keys) in &self.kinds {
            let Some(part) = context.part(kind) else {
                continue;
            };
            if let Some(position) = keys.get_hashed(part.key(), part.key_hash())
                && best.is_none_or(|(first, _)| position < first)
            {
                best = Some((position, kind));
            }
        }
        let (position, kind) = best?;
        let variation = self.serves.get(position as usize).copied().flatten();
        Some(Hit { position, kind, variation })
    }
}

/// A target list: kind, keys, variation.
type List<'f> = (Kind, &'f [String], i64);

/// The lists to test in order (evaluation §5.3), placeholders resolved.
fn effective(flag: &Flag) -> Vec<List<'_>> {
    if flag.context_targets.is_empty() {
        return flag.targets.iter().map(list).collect();
    }
    flag.context_targets.iter().map(|target| resolve(list(target), flag)).collect()
}

fn list(target: &Target) -> List<'_> {
    let kind = Kind::named(target.context_kind.as_deref().unwrap_or_default());
    (kind, &target.values, target.variation)
}

/// An empty list of users stands for the first of `targets` with the same variation, whose own kind
/// (if it has one, which no producer should write) is honoured.
fn resolve<'f>(own: List<'f>, flag: &'f Flag) -> List<'f> {
    let (kind, keys, variation) = own;
    if kind != Kind::User || !keys.is_empty() {
        return (kind, keys, variation);
    }
    let behind = flag.targets.iter().find(|target| target.variation == variation);
    behind.map_or((kind, keys, variation), list)
}
