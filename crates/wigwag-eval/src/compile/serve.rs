//! What a rule or the fallthrough serves.

use crate::bucket::Prefix;
use smallvec::SmallVec;
use wigwag_model::kind::Kind;
use wigwag_model::reference::AttributeRef;
use wigwag_model::rollout::{Rollout, RolloutKind, VariationOrRollout};

/// An index into the flag's variations; `None` if it is out of range.
pub(crate) type Index = Option<u32>;

pub(crate) fn index(variation: i64, count: usize) -> Index {
    u32::try_from(variation).ok().filter(|at| (*at as usize) < count)
}

#[derive(Debug)]
pub(crate) enum Serve {
    Fixed(Index),
    /// Boxed: most flags serve one variation, and should stay small.
    Split(Box<Split>),
    /// Neither a variation nor a rollout with entries.
    Malformed,
}

/// A compiled rollout; has at least one part.
#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) placing: Placing,
    pub(crate) experiment: bool,
    pub(crate) parts: SmallVec<[SplitPart; 2]>,
}

#[derive(Debug)]
pub(crate) struct SplitPart {
    /// The running sum of weights, in single precision as the SDKs add it up; never less than that of the part before,
    /// also where weights are negative, which leaves the first part with a larger limit what it was.
    pub(crate) limit: f32,
    pub(crate) variation: Index,
    pub(crate) untracked: bool,
}

/// How contexts get their bucket: for rollouts and for weighted segment rules.
#[derive(Debug)]
pub(crate) struct Placing {
    pub(crate) kind: Kind,
    pub(crate) by: BucketBy,
    pub(crate) prefix: Prefix,
}

#[derive(Debug)]
pub(crate) enum BucketBy {
    Key,
    Attribute(AttributeRef),
    /// Reaching it makes the flag malformed.
    Invalid,
}

impl BucketBy {
    pub(crate) fn new(attribute: Option<&str>, context_kind: Option<&str>) -> BucketBy {
        match attribute {
            None | Some("" | "key") => BucketBy::Key,
            Some(text) => match AttributeRef::for_kind(text, context_kind) {
                Ok(reference) => BucketBy::Attribute(reference),
                Err(_) => BucketBy::Invalid,
            },
        }
    }
}

/// A weight in thousandths of a percent as a share of 1.
pub(crate) fn share(weight: i64) -> f32 {
    weight as f32 / 100_000.0
}

impl Serve {
    pub(crate) fn new(serve: &VariationOrRollout, key: &str, salt: &str, count: usize) -> Serve {
        match serve {
            VariationOrRollout { variation: Some(variation), .. } => Serve::Fixed(index(*variation, count)),
            VariationOrRollout { rollout: Some(rollout), .. } if !rollout.variations.is_empty() => {
                Serve::Split(Box::new(Split::new(rollout, key, salt, count)))
            }
            _ => Serve::Malformed,
        }
    }
}

impl Split {
    /// The part that a bucket is in; the last takes whatever the weights leave over.
    #[inline]
    pub(crate) fn part(&self, bucket: f32) -> Option<&SplitPart> {
        // Counted, because limits rise, and not searched for: a branch on a hash is guessed wrongly half the time.
        let passed = self.parts.iter().filter(|part| bucket >= part.limit).count();
        self.parts.get(passed.min(self.parts.len().saturating_sub(1)))
    }

    fn new(rollout: &Rollout, key: &str, salt: &str, count: usize) -> Split {
        let experiment = rollout.kind == RolloutKind::Experiment;
        let context_kind = rollout.context_kind.as_deref();
        let (mut sum, mut limit) = (0.0f32, f32::NEG_INFINITY);
        let parts = rollout.variations.iter().map(|part| {
            sum += share(part.weight);
            limit = limit.max(sum);
            SplitPart { limit, variation: index(part.variation, count), untracked: part.untracked }
        });
        Split {
            parts: parts.collect(),
            experiment,
            placing: Placing {
                kind: Kind::named(context_kind.unwrap_or_default()),
                by: match experiment {
                    true => BucketBy::Key,
                    false => BucketBy::new(rollout.bucket_by.as_deref(), context_kind),
                },
                prefix: Prefix::new(key, salt, rollout.seed),
            },
        }
    }
}
