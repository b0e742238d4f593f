//! The evaluation itself (evaluation §5 to §8).

mod clauses;
mod flags;
mod rollouts;
mod segments;

use crate::{
    BigSegmentsStatus, CompiledFlag, ErrorKind, Evaluation, Lookup, Membership, Reason, ReasonKind, Recorder, Silent,
};
use serde_json::Value;
use wigwag_model::context::Context;

/// Evaluates the flag of this key; `FLAG_NOT_FOUND` if there is none.
#[inline]
pub fn evaluate<'a, L: Lookup>(environment: &'a L, key: &str, context: &Context) -> Evaluation<'a> {
    match environment.flag(key) {
        Some(flag) => evaluate_flag(environment, flag, context),
        None => Evaluation::error(ErrorKind::FlagNotFound),
    }
}

/// Evaluates a flag, without allocating. The environment serves its prerequisites and segments. A
/// tombstone gives `FLAG_NOT_FOUND`.
#[inline]
pub fn evaluate_flag<'a, L: Lookup>(environment: &'a L, flag: &'a CompiledFlag, context: &Context) -> Evaluation<'a> {
    evaluate_recorded(environment, flag, context, &mut Silent)
}

/// Evaluates a flag and tells the recorder every step.
#[inline]
pub fn evaluate_recorded<'a, L: Lookup, R: Recorder<'a>>(
    environment: &'a L,
    flag: &'a CompiledFlag,
    context: &Context,
    recorder: &mut R,
) -> Evaluation<'a> {
    if flag.on {
        return evaluate_on(environment, flag, context, recorder);
    }
    if flag.deleted {
        return Evaluation::error(ErrorKind::FlagNotFound);
    }
    recorder.flag_started(flag);
    let result = flags::off(flag, ReasonKind::Off).evaluation(flag, None);
    recorder.flag_finished(flag, &result);
    result
}

/// Where a context stands in the segment of this key, as a flag's clause would find it.
pub fn membership<L: Lookup>(environment: &L, key: &str, context: &Context) -> Membership {
    let Some(segment) = environment.segment(key).filter(|segment| !segment.source().deleted) else {
        return Membership::NoSegment;
    };
    let mut run = Run { environment, context, recorder: &mut Silent, big_segments: None, steps: STEP_LIMIT };
    run.membership(segment, None).unwrap_or(Membership::Error)
}

/// Evaluates a flag that is on.
#[inline(never)]
fn evaluate_on<'a, L: Lookup, R: Recorder<'a>>(
    environment: &'a L,
    flag: &'a CompiledFlag,
    context: &Context,
    recorder: &mut R,
) -> Evaluation<'a> {
    let mut run = Run { environment, context, recorder, big_segments: None, steps: STEP_LIMIT };
    run.recorder.flag_started(flag);
    let decision = run.decide(flag, None).unwrap_or(Decision::MALFORMED);
    let result = decision.evaluation(flag, run.big_segments);
    run.recorder.flag_finished(flag, &result);
    result
}

/// What was decided about one flag.
#[derive(Clone, Copy)]
struct Decision<'a> {
    variation: Option<u32>,
    kind: ReasonKind<'a>,
}

impl<'a> Decision<'a> {
    const MALFORMED: Decision<'static> =
        Decision { variation: None, kind: ReasonKind::Error(ErrorKind::MalformedFlag) };

    #[inline]
    fn evaluation(self, flag: &'a CompiledFlag, big_segments: Option<BigSegmentsStatus>) -> Evaluation<'a> {
        let value = self.variation.and_then(|at| flag.variation(at)).unwrap_or(&Value::Null);
        Evaluation { value, variation: self.variation, reason: Reason { kind: self.kind, big_segments } }
    }
}

/// Prerequisites and segments nested deeper than this make the flag malformed, to keep the stack
/// bounded. No SDK has such a limit, nor does any real flag come near it.
const DEPTH_LIMIT: u32 = 100;
/// As many prerequisites and segments may be visited in one evaluation, since flags that fan out
/// and join again can ask for exponentially many.
const STEP_LIMIT: u32 = 1_000_000;

/// One evaluation under way.
struct Run<'e, 'a, L, R> {
    environment: &'a L,
    context: &'e Context,
    recorder: &'e mut R,
    /// The worst big-segment status met so far.
    big_segments: Option<BigSegmentsStatus>,
    steps: u32,
}

/// A cycle, an invalid attribute reference or a limit was reached: the whole evaluation, however
/// deep it is, comes out malformed.
#[derive(Clone, Copy)]
struct Fatal;

impl<L, R> Run<'_, '_, L, R> {
    /// Takes one of the steps that are left.
    fn step(&mut self) -> Result<(), Fatal> {
        self.steps = self.steps.checked_sub(1).ok_or(Fatal)?;
        Ok(())
    }
}
