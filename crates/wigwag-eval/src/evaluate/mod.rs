//! The evaluation itself (evaluation §5 to §8).

mod clauses;
mod flags;
mod rollouts;
mod segments;

use crate::{BigSegmentsStatus, CompiledFlag, ErrorKind, Evaluation, Lookup, Recorder, Silent};
use wigwag_model::context::Context;

/// Evaluates the flag of this key; `FLAG_NOT_FOUND` if there is none.
pub fn evaluate<'a, L: Lookup>(environment: &'a L, key: &str, context: &Context) -> Evaluation<'a> {
    match environment.flag(key) {
        Some(flag) => evaluate_flag(environment, flag, context),
        None => Evaluation::error(ErrorKind::FlagNotFound),
    }
}

/// Evaluates a flag, without allocating. The environment serves its prerequisites and segments. A
/// tombstone gives `FLAG_NOT_FOUND`.
pub fn evaluate_flag<'a, L: Lookup>(environment: &'a L, flag: &'a CompiledFlag, context: &Context) -> Evaluation<'a> {
    evaluate_recorded(environment, flag, context, &mut Silent)
}

/// Evaluates a flag and tells the recorder every step.
pub fn evaluate_recorded<'a, L: Lookup, R: Recorder<'a>>(
    environment: &'a L,
    flag: &'a CompiledFlag,
    context: &Context,
    recorder: &mut R,
) -> Evaluation<'a> {
    if flag.source().deleted {
        return Evaluation::error(ErrorKind::FlagNotFound);
    }
    let mut run = Run { environment, context, recorder, big_segments: None, steps: STEP_LIMIT };
    let mut result = run.flag(flag, None).unwrap_or(MALFORMED);
    result.reason.big_segments = run.big_segments;
    result
}

const MALFORMED: Evaluation<'static> = Evaluation::error(ErrorKind::MalformedFlag);

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
struct Fatal;

/// What was being evaluated is malformed.
enum Problem {
    /// Itself only: an index out of range, or nothing to serve.
    Plain,
    /// And everything that depends on it.
    Fatal,
}

impl From<Fatal> for Problem {
    fn from(_: Fatal) -> Problem {
        Problem::Fatal
    }
}

impl<L, R> Run<'_, '_, L, R> {
    /// Takes one of the steps that are left.
    fn step(&mut self) -> Result<(), Fatal> {
        self.steps = self.steps.checked_sub(1).ok_or(Fatal)?;
        Ok(())
    }
}
