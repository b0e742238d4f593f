//! A segment ready for evaluation.

use super::clause::{CompiledClause, segment_keys};
use super::serve::{BucketBy, Placing, share};
use crate::bucket::Prefix;
use crate::keymap::KeyMap;
use std::sync::Arc;
use wigwag_model::context::Context;
use wigwag_model::kind::Kind;
use wigwag_model::segment::{Segment, SegmentRule, SegmentTarget};

/// A segment compiled once per version. Compiling never fails: what is broken makes a flag
/// malformed only where it is reached.
#[derive(Debug)]
pub struct CompiledSegment {
    source: Arc<Segment>,
    /// Per kind, the listed keys: [`INCLUDED`] or [`EXCLUDED`].
    lists: Box<[(Kind, KeyMap)]>,
    pub(crate) unbounded_kind: Kind,
    pub(crate) rules: Box<[CompiledSegmentRule]>,
}

const INCLUDED: u32 = 0;
const EXCLUDED: u32 = 1;

#[derive(Debug)]
pub(crate) struct CompiledSegmentRule {
    pub(crate) clauses: Box<[CompiledClause]>,
    pub(crate) weight: Option<Weight>,
}

/// The share of a weighted rule.
#[derive(Debug)]
pub(crate) struct Weight {
    pub(crate) placing: Placing,
    pub(crate) limit: f32,
}

impl CompiledSegment {
    /// Compiles a segment.
    pub fn new(source: Arc<Segment>) -> CompiledSegment {
        let segment = &*source;
        CompiledSegment {
            lists: lists(segment),
            unbounded_kind: Kind::named(segment.unbounded_context_kind.as_deref().unwrap_or_default()),
            rules: segment.rules.iter().map(|rule| CompiledSegmentRule::new(rule, segment)).collect(),
            source,
        }
    }

    /// The segment as it came.
    #[inline]
    pub fn source(&self) -> &Segment {
        &self.source
    }

    /// The segment as it came, shared.
    pub fn shared_source(&self) -> &Arc<Segment> {
        &self.source
    }

    /// The segment's key.
    #[inline]
    pub fn key(&self) -> &str {
        &self.source.key
    }

    /// The segment's version.
    pub fn version(&self) -> u64 {
        self.source.version
    }

    /// Keys of the segments this one's rules directly ask about, with repetitions.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.source.rules.iter().flat_map(|rule| segment_keys(&rule.clauses))
    }

    /// Whether a list decides: `Some(true)` included, `Some(false)` excluded. Any included part
    /// beats every excluded one.
    #[inline]
    pub(crate) fn listed(&self, context: &Context) -> Option<bool> {
        let mut excluded = None;
        for (kind, keys) in &self.lists {
            let Some(part) = context.part(kind) else {
                continue;
            };
            match keys.get_hashed(part.key(), part.key_hash()) {
                Some(INCLUDED) => return Some(true),
                Some(_) => excluded = Some(false),
                None => {}
            }
        }
        excluded
    }
}

fn lists(segment: &Segment) -> Box<[(Kind, KeyMap)]> {
    let mut kinds = vec![Kind::User];
    for target in segment.included_contexts.iter().chain(&segment.excluded_contexts) {
        let kind = Kind::named(&target.context_kind);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let keys_of = |kind: Kind| {
        let keys = keys(&segment.included, &segment.included_contexts, &kind, INCLUDED).chain(keys(
            &segment.excluded,
            &segment.excluded_contexts,
            &kind,
            EXCLUDED,
        ));
        let keys = KeyMap::new(keys);
        (!keys.is_empty()).then_some((kind, keys))
    };
    kinds.into_iter().filter_map(keys_of).collect()
}

fn keys<'s>(
    users: &'s [String],
    others: &'s [SegmentTarget],
    kind: &Kind,
    mark: u32,
) -> impl Iterator<Item = (&'s str, u32)> + Clone {
    let users = if *kind == Kind::User { users } else { &[] };
    let others = others.iter().filter(move |target| Kind::named(&target.context_kind) == *kind);
    users.iter().chain(others.flat_map(|target| &target.values)).map(move |key| (key.as_str(), mark))
}

impl CompiledSegmentRule {
    fn new(rule: &SegmentRule, segment: &Segment) -> CompiledSegmentRule {
        let context_kind = rule.rollout_context_kind.as_deref();
        let weight = rule.weight.map(|weight| Weight {
            limit: share(weight),
            placing: Placing {
                kind: Kind::named(context_kind.unwrap_or_default()),
                by: BucketBy::new(rule.bucket_by.as_deref(), context_kind),
                prefix: Prefix::new(&segment.key, &segment.salt, None),
            },
        });
        CompiledSegmentRule { clauses: CompiledClause::all(&rule.clauses), weight }
    }
}
