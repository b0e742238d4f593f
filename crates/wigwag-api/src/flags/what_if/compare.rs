//! One flag before and after, over many contexts: pure, on as many threads as there are processors.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::thread;

use wigwag_eval::{BigSegmentAnswer, CompiledFlag, CompiledSegment, Evaluation, Lookup, ReasonKind, evaluate_flag};
use wigwag_model::context::Context;

/// An environment in which one flag is another, or gone.
pub struct Instead<'a, L> {
    /// The environment.
    pub environment: &'a L,
    /// Key of the flag.
    pub key: &'a str,
    /// What it is; none where there is none.
    pub flag: Option<&'a CompiledFlag>,
}

impl<L: Lookup> Lookup for Instead<'_, L> {
    fn flag(&self, key: &str) -> Option<&CompiledFlag> {
        if key == self.key { self.flag } else { self.environment.flag(key) }
    }

    fn segment(&self, key: &str) -> Option<&CompiledSegment> {
        self.environment.segment(key)
    }

    fn big_segment(&self, segment: &str, generation: i64, context_key: &str) -> BigSegmentAnswer {
        self.environment.big_segment(segment, generation, context_key)
    }
}

/// What a context gets, and what decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Got {
    /// Index of the variation; none for none.
    pub variation: Option<u32>,
    /// What decided.
    pub cause: Cause,
}

/// What decided, without what does not tell contexts apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The flag is off.
    Off,
    /// The context is targeted.
    Target,
    /// The rule at this position.
    Rule(u32),
    /// Nothing matched.
    Fallthrough,
    /// This prerequisite was not met.
    Prerequisite(String),
    /// There is no result: no flag, or one that is broken.
    Error,
}

impl Got {
    fn of(result: &Evaluation<'_>) -> Self {
        let cause = match result.reason.kind {
            ReasonKind::Off => Cause::Off,
            ReasonKind::TargetMatch => Cause::Target,
            ReasonKind::RuleMatch { index, .. } => Cause::Rule(index),
            ReasonKind::Fallthrough { .. } => Cause::Fallthrough,
            ReasonKind::PrerequisiteFailed { key } => Cause::Prerequisite(key.to_owned()),
            ReasonKind::Error(_) => Cause::Error,
        };
        Self { variation: result.variation, cause }
    }
}

/// Contexts that go from one variation to another for the same reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// How many.
    pub count: u64,
    /// The first of them, as positions in the list.
    pub samples: Vec<usize>,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Contexts that were evaluated.
    pub evaluated: u64,
    /// Texts that are no contexts.
    pub unreadable: u64,
    /// How many get each variation before.
    pub before: BTreeMap<Option<u32>, u64>,
    /// How many get each variation after.
    pub after: BTreeMap<Option<u32>, u64>,
    /// How many are decided by what after.
    pub decided: BTreeMap<Got, u64>,
    /// Who gets another variation.
    pub moves: BTreeMap<(Got, Got), Moved>,
}

/// Compares over contexts, given as JSON. `same` says whether two results are the same variation: positions can
/// change their meaning. Of each move at most `samples` contexts are named.
pub fn compare<A, B, T, S>(
    before: &Instead<'_, A>,
    after: &Instead<'_, B>,
    contexts: &[T],
    samples: usize,
    same: S,
) -> Comparison
where
    A: Lookup + Sync,
    B: Lookup + Sync,
    T: AsRef<str> + Sync,
    S: Fn(&Evaluation<'_>, &Evaluation<'_>) -> bool + Sync,
{
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let size = contexts.len().div_ceil(threads).max(1);
    let work = |(nth, chunk)| one(before, after, chunk, nth * size, samples, &same);
    let mut chunks = contexts.chunks(size).enumerate();
    let Some(first) = chunks.next() else { return Comparison::default() };
    thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = chunks.map(|chunk| scope.spawn(move || work(chunk))).collect();
        let mut all = work(first);
        for other in others {
            match other.join() {
                Ok(part) => all.add(part, samples),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// The contexts of one thread; the first of them is at `from` in the list.
pub(super) fn one<A: Lookup, B: Lookup, T: AsRef<str>>(
    before: &Instead<'_, A>,
    after: &Instead<'_, B>,
    contexts: &[T],
    from: usize,
    samples: usize,
    same: &impl Fn(&Evaluation<'_>, &Evaluation<'_>) -> bool,
) -> Comparison {
    let mut out = Comparison::default();
    for (at, text) in contexts.iter().enumerate() {
        let Ok(context) = Context::from_json(text.as_ref().as_bytes()) else {
            out.unreadable += 1;
            continue;
        };
        let (old, new) = (evaluated(before, &context), evaluated(after, &context));
        out.evaluated += 1;
        *out.before.entry(old.variation).or_default() += 1;
        *out.after.entry(new.variation).or_default() += 1;
        *out.decided.entry(Got::of(&new)).or_default() += 1;
        if !same(&old, &new) {
            let moved = out.moves.entry((Got::of(&old), Got::of(&new))).or_default();
            moved.count += 1;
            if moved.samples.len() < samples {
                moved.samples.push(from + at);
            }
        }
    }
    out
}

fn evaluated<'a, L: Lookup>(environment: &'a Instead<'_, L>, context: &Context) -> Evaluation<'a> {
    match environment.flag {
        Some(flag) => evaluate_flag(environment, flag, context),
        None => Evaluation::error(wigwag_eval::ErrorKind::FlagNotFound),
    }
}

impl Comparison {
    /// Adds what came of contexts further back in the list.
    pub(super) fn add(&mut self, part: Self, samples: usize) {
        self.evaluated += part.evaluated;
        self.unreadable += part.unreadable;
        for (mine, other) in [(&mut self.before, part.before), (&mut self.after, part.after)] {
            for (variation, count) in other {
                *mine.entry(variation).or_default() += count;
            }
        }
        for (got, count) in part.decided {
            *self.decided.entry(got).or_default() += count;
        }
        for (way, other) in part.moves {
            let mine = self.moves.entry(way).or_default();
            mine.count += other.count;
            let room = samples - mine.samples.len().min(samples);
            mine.samples.extend(other.samples.into_iter().take(room));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::sync::Arc;

    use serde_json::json;
    use wigwag_eval::Environment;

    use super::*;

    fn flag(rules: &serde_json::Value) -> CompiledFlag {
        let flag = json!({"key": "f", "version": 1, "on": true, "variations": ["a", "b"], "salt": "s", "rules": rules,
            "fallthrough": {"rollout": {"variations": [{"variation": 0, "weight": 40_000}, {"variation": 1, "weight": 60_000}]}}});
        CompiledFlag::new(Arc::new(serde_json::from_value(flag).unwrap()))
    }

    /// However the work is divided, the outcome is that of one context after the other.
    #[test]
    fn threads_change_nothing() {
        let environment = Environment::default();
        let rule = json!([{"clauses": [{"contextKind": "user", "attribute": "n", "op": "lessThan", "values": [400]}], "variation": 1}]);
        let (old, new) = (flag(&json!([])), flag(&rule));
        let of = |flag| Instead { environment: &environment, key: "f", flag: Some(flag) };
        let mut texts: Vec<String> =
            (0..1_001).map(|n| json!({"kind": "user", "key": format!("u{n}"), "n": n}).to_string()).collect();
        texts.insert(500, "no context".to_owned());
        let same = |a: &Evaluation<'_>, b: &Evaluation<'_>| a.variation == b.variation;
        let whole = compare(&of(&old), &of(&new), &texts, 3, same);
        let mut single = Comparison::default();
        for (at, _) in texts.iter().enumerate() {
            single.add(one(&of(&old), &of(&new), &texts[at..=at], at, 3, &same), 3);
        }
        assert_eq!(whole, single);
        assert_eq!((whole.evaluated, whole.unreadable), (1_001, 1));
        let [((from, to), moved)] = &whole.moves.iter().collect::<Vec<_>>()[..] else { unreachable!() };
        assert_eq!((&from.cause, &to.cause, to.variation), (&Cause::Fallthrough, &Cause::Rule(0), Some(1)));
        assert!((100..250).contains(&moved.count), "about 40 % of 400: {}", moved.count);
        assert!(moved.samples.is_sorted() && moved.samples.len() == 3);
        assert_eq!(compare(&of(&old), &of(&new), &[""; 0], 3, same), Comparison::default());
    }
}
