//! The rollouts of many flags for one context: hashed many at once, where the processor can.

use crate::bucket::{Block, Prefix, Tail, bucket_of_hash, with_bucketing_text};
use crate::compile::serve::Split;
use std::borrow::Cow;
use wigwag_lanes::{LANES, Lanes};
use wigwag_model::context::{AttributeValue, Context};
use wigwag_model::kind::Kind;
use wigwag_model::reference::AttributeRef;

/// What is hashed behind prefixes of one length.
#[derive(Debug)]
pub(super) struct Bucketed {
    pub(super) kind: Kind,
    /// The attribute, or nothing for the key.
    pub(super) by: Option<AttributeRef>,
    pub(super) length: usize,
}

/// What is hashed of a context.
#[derive(Debug)]
pub(super) enum Hashed<'c> {
    /// Nothing: it falls into the first bucket.
    Nothing,
    Short(Tail),
    Long(Cow<'c, str>),
}

impl<'c> Hashed<'c> {
    pub(super) fn of(context: &'c Context, of: &Bucketed) -> Hashed<'c> {
        let part = context.part(&of.kind);
        let text: Option<Cow<'c, str>> = match &of.by {
            None => part.map(|part| part.key().into()),
            Some(reference) => match part.and_then(|part| part.get(reference)) {
                Some(AttributeValue::Text(text)) => Some(text.into()),
                Some(value) => with_bucketing_text(value, |text| text.to_owned().into()),
                None => None,
            },
        };
        let Some(text) = text else { return Hashed::Nothing };
        Tail::new(of.length, text.as_bytes()).map_or(Hashed::Long(text), Hashed::Short)
    }

    #[inline]
    fn bucket(&self, split: &Split) -> f32 {
        match self {
            Hashed::Nothing => 0.0,
            Hashed::Short(tail) => split.placing.prefix.bucket_of(tail),
            Hashed::Long(text) => split.placing.prefix.bucket(text),
        }
    }
}

/// A rollout of a plan in the making.
pub(super) struct Rollout<'f> {
    /// The number of what is hashed behind its prefix.
    pub(super) of: u32,
    pub(super) prefix: &'f Prefix,
}

/// The rollouts of a plan, by number.
#[derive(Debug, Default)]
pub(super) struct Rollouts {
    /// For each, the number of what is hashed behind its prefix.
    of: Box<[u32]>,
    /// The prefixes of each group of them, as fronts of blocks; those that are longer have none, and are hashed alone.
    fronts: Box<[[Block; LANES]]>,
    lanes: Option<Lanes>,
}

/// A group that is hashed together has at least so many: sixteen cost as much as four one by one.
const WORTH_IT: usize = 5;
/// No back of a block.
const EMPTY: Block = [0; 64];

/// Buckets of the rollouts of one group. What is no number is to be hashed alone.
#[derive(Debug)]
pub(super) struct Group {
    number: usize,
    buckets: [f32; LANES],
}

impl Default for Group {
    fn default() -> Self {
        Self { number: usize::MAX, buckets: [f32::NAN; LANES] }
    }
}

impl Rollouts {
    pub(super) fn new(rollouts: Vec<Rollout<'_>>) -> Self {
        let lanes = Lanes::detect();
        let front = |rollout: &Rollout<'_>| rollout.prefix.front().copied().unwrap_or(EMPTY);
        let group = |group: &[Rollout<'_>]| std::array::from_fn(|lane| group.get(lane).map_or(EMPTY, front));
        let groups = rollouts.chunks(LANES).filter(|group| lanes.is_some() && group.len() >= WORTH_IT);
        Self { of: rollouts.iter().map(|rollout| rollout.of).collect(), fronts: groups.map(group).collect(), lanes }
    }

    /// The bucket of rollout `number`, which is `split`.
    #[inline]
    pub(super) fn bucket(&self, number: usize, split: &Split, hashed: &[Hashed<'_>], group: &mut Group) -> f32 {
        if group.number != number / LANES {
            self.hash(number / LANES, hashed, group);
        }
        let bucket = group.buckets[number % LANES];
        if bucket.is_nan() { self.hashed(number, hashed).map_or(0.0, |hashed| hashed.bucket(split)) } else { bucket }
    }

    /// Hashes a group.
    #[inline(never)]
    fn hash(&self, number: usize, hashed: &[Hashed<'_>], group: &mut Group) {
        *group = Group { number, ..Group::default() };
        let (Some(lanes), Some(fronts)) = (self.lanes, self.fronts.get(number)) else { return };
        let back = |lane: usize| match self.hashed(number * LANES + lane, hashed) {
            // Prefixes that are not here are all zeros; those that are begin with a letter or a digit.
            Some(Hashed::Short(tail)) if fronts[lane][0] != 0 => tail.back(),
            _ => None,
        };
        let backs: [Option<&Block>; LANES] = std::array::from_fn(back);
        let hashes = lanes.hash(fronts, backs.map(|back| back.unwrap_or(&EMPTY)));
        for (lane, bucket) in group.buckets.iter_mut().enumerate() {
            if backs[lane].is_some() {
                *bucket = bucket_of_hash(hashes[lane]);
            }
        }
    }

    #[inline]
    fn hashed<'h, 'c>(&self, number: usize, hashed: &'h [Hashed<'c>]) -> Option<&'h Hashed<'c>> {
        hashed.get(*self.of.get(number)? as usize)
    }
}
