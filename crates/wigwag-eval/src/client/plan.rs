//! Many flags for one context: what they ask about it is found once, and what can be told without reasons is told
//! without making any.

use super::rollouts::{Bucketed, Group, Hashed, Rollout, Rollouts};
use crate::CompiledFlag;
use crate::compile::clause::{CompiledClause, Subject};
use crate::compile::flag::{CompiledRule, Off};
use crate::compile::serve::{BucketBy, Placing, Serve};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use wigwag_model::context::{AttributeValue, Context};
use wigwag_model::kind::Kind;
use wigwag_model::reference::AttributeRef;

/// Flags that are evaluated together, for one context after the other.
///
/// It knows flags that depend on nothing but the context and its attributes, and of whose results SDKs need no reason.
/// Their variation is what [`crate::evaluate_flag`] gives; all others are to be evaluated by that.
#[derive(Debug, Default)]
pub struct Plan {
    steps: Box<[Step]>,
    /// For each rule of the flags in turn: the numbers of what its clauses look at, and that of its rollout; then that
    /// of the fallthrough's.
    numbers: Box<[u32]>,
    attributes: Box<[(Kind, AttributeRef)]>,
    buckets: Box<[Bucketed]>,
    rollouts: Rollouts,
}

/// How one flag is evaluated.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Not here.
    Whole,
    /// The same for everybody.
    Same(Option<u32>),
    /// By its rules, whose numbers begin here.
    Choose(u32),
}

/// What is not numbered, because nothing is hashed.
const NOTHING: u32 = u32::MAX;

/// What a plan asks about a context.
#[derive(Debug)]
pub struct Facts<'c> {
    context: &'c Context,
    values: SmallVec<[Option<AttributeValue<'c>>; 16]>,
    hashed: SmallVec<[Hashed<'c>; 2]>,
    /// Flags are evaluated in turn, and so their rollouts are: those hashed together last are the ones that are asked for.
    group: Group,
}

impl Plan {
    /// Of these flags.
    pub fn new<'f>(flags: impl Iterator<Item = &'f CompiledFlag>) -> Plan {
        let mut making = Making::default();
        let steps = flags.map(|flag| making.step(flag)).collect();
        let Making { numbers, attributes, buckets, rollouts, .. } = making;
        let rollouts = Rollouts::new(rollouts);
        Plan { steps, numbers: numbers.into(), attributes: attributes.into(), buckets: buckets.into(), rollouts }
    }

    /// What the flags ask about a context.
    pub fn facts<'c>(&self, context: &'c Context) -> Facts<'c> {
        let value = |(kind, reference): &(Kind, AttributeRef)| context.part(kind)?.get(reference);
        Facts {
            context,
            values: self.attributes.iter().map(value).collect(),
            hashed: self.buckets.iter().map(|of| Hashed::of(context, of)).collect(),
            group: Group::default(),
        }
    }

    /// The variation that flag number `n` gives, which is `flag`; none at all where it has to be evaluated as a whole.
    #[inline]
    pub fn variation<'f>(
        &self,
        n: usize,
        flag: impl FnOnce() -> &'f CompiledFlag,
        facts: &mut Facts<'_>,
    ) -> Option<Option<u32>> {
        match self.steps.get(n)? {
            Step::Whole => None,
            Step::Same(variation) => Some(*variation),
            Step::Choose(first) => Some(self.choose(*first as usize, flag(), facts)),
        }
    }

    /// As `decide` does, for flags that depend on nothing but the context.
    fn choose(&self, mut at: usize, flag: &CompiledFlag, facts: &mut Facts<'_>) -> Option<u32> {
        if !flag.targets.is_empty()
            && let Some(hit) = flag.targets.find(facts.context)
        {
            return hit.variation;
        }
        for rule in &flag.rules {
            let of_serve = at + rule.clauses.len();
            let numbers = self.numbers.get(at..of_serve).unwrap_or_default();
            if rule.clauses.iter().zip(numbers).all(|(clause, number)| facts.matches(clause, *number)) {
                return self.serve(&rule.serve, of_serve, facts);
            }
            at = of_serve + 1;
        }
        self.serve(&flag.fallthrough, at, facts)
    }

    #[inline]
    fn serve(&self, serve: &Serve, number: usize, facts: &mut Facts<'_>) -> Option<u32> {
        match serve {
            Serve::Fixed(index) => *index,
            Serve::Split(split) => {
                let number = self.numbers.get(number).copied()?;
                split.part(self.rollouts.bucket(number as usize, split, &facts.hashed, &mut facts.group))?.variation
            }
            Serve::Malformed => None,
        }
    }
}

impl<'c> Facts<'c> {
    /// A context without the attribute never matches, negated or not.
    #[inline]
    fn matches(&self, clause: &CompiledClause, number: u32) -> bool {
        let value = self.values.get(number as usize).copied().flatten();
        value.is_some_and(|value| clause.test.hits(value) != clause.negate)
    }
}

/// A plan in the making.
#[derive(Default)]
struct Making<'f> {
    numbers: Vec<u32>,
    attributes: Vec<(Kind, AttributeRef)>,
    known: FxHashMap<(&'f Kind, &'f AttributeRef), u32>,
    buckets: Vec<Bucketed>,
    known_buckets: FxHashMap<(&'f Kind, Option<&'f AttributeRef>, usize), u32>,
    rollouts: Vec<Rollout<'f>>,
}

impl<'f> Making<'f> {
    fn step(&mut self, flag: &'f CompiledFlag) -> Step {
        if flag.deleted {
            return Step::Whole;
        }
        if !flag.on {
            return Step::Same(match flag.off {
                Off::Nothing => None,
                Off::Variation(at) => at,
            });
        }
        if flag.has_prerequisites || is_tracked(flag) {
            return Step::Whole;
        }
        match &flag.fallthrough {
            Serve::Fixed(index) if flag.targets.is_empty() && flag.rules.is_empty() => return Step::Same(*index),
            _ => {}
        }
        let (first, rollouts) = (self.numbers.len(), self.rollouts.len());
        let numbered = flag.rules.iter().all(|rule| self.rule(rule)) && self.serve(&flag.fallthrough);
        match u32::try_from(first) {
            Ok(first) if numbered => Step::Choose(first),
            _ => {
                self.numbers.truncate(first);
                self.rollouts.truncate(rollouts);
                Step::Whole
            }
        }
    }

    /// Whether there was nothing but comparisons in it, and no experiment.
    fn rule(&mut self, rule: &'f CompiledRule) -> bool {
        rule.clauses.iter().all(|clause| self.clause(clause)) && self.serve(&rule.serve)
    }

    fn clause(&mut self, clause: &'f CompiledClause) -> bool {
        let Subject::Attribute(kind, reference) = &clause.subject else { return false };
        let number = *self.known.entry((kind, reference)).or_insert_with(|| {
            self.attributes.push((kind.clone(), reference.clone()));
            self.attributes.len() as u32 - 1
        });
        self.numbers.push(number);
        true
    }

    fn serve(&mut self, serve: &'f Serve) -> bool {
        let Serve::Split(split) = serve else {
            self.numbers.push(NOTHING);
            return true;
        };
        let by = match &split.placing.by {
            BucketBy::Key => None,
            BucketBy::Attribute(reference) => Some(reference),
            BucketBy::Invalid => return false,
        };
        let Placing { kind, prefix, .. } = &split.placing;
        let length = prefix.len();
        let of = *self.known_buckets.entry((kind, by, length)).or_insert_with(|| {
            self.buckets.push(Bucketed { kind: kind.clone(), by: by.cloned(), length });
            self.buckets.len() as u32 - 1
        });
        self.numbers.push(self.rollouts.len() as u32);
        self.rollouts.push(Rollout { of, prefix });
        !split.experiment
    }
}

/// Whether a reason can turn full events on (evaluation §11).
fn is_tracked(flag: &CompiledFlag) -> bool {
    let source = flag.source();
    source.track_events_fallthrough || source.rules.iter().any(|rule| rule.track_events)
}
