//! Flags: off, prerequisites, targets, rules, fallthrough.

use super::{DEPTH_LIMIT, Fatal, MALFORMED, Problem, Run};
use crate::compile::flag::Off;
use crate::compile::serve::Index;
use crate::{CompiledFlag, Evaluation, Lookup, Reason, ReasonKind, Recorder};
use wigwag_model::flag::Prerequisite;

/// The flags under evaluation from the top down to here.
pub(super) struct Chain<'c, 'a> {
    flag: &'a CompiledFlag,
    above: Option<&'c Chain<'c, 'a>>,
    depth: u32,
}

impl<'a> Chain<'_, 'a> {
    fn contains(&self, flag: &CompiledFlag) -> bool {
        let mut link = Some(self);
        while let Some(chain) = link {
            if chain.flag.key_hash == flag.key_hash && chain.flag.key() == flag.key() {
                return true;
            }
            link = chain.above;
        }
        false
    }
}

impl<'a, L: Lookup, R: Recorder<'a>> Run<'_, 'a, L, R> {
    pub(super) fn flag(
        &mut self,
        flag: &'a CompiledFlag,
        above: Option<&Chain<'_, 'a>>,
    ) -> Result<Evaluation<'a>, Fatal> {
        self.recorder.flag_started(flag);
        let result = match self.decide(flag, above) {
            Ok(result) => Ok(result),
            Err(Problem::Plain) => Ok(MALFORMED),
            Err(Problem::Fatal) => Err(Fatal),
        };
        self.recorder.flag_finished(flag, result.as_ref().unwrap_or(&MALFORMED));
        result
    }

    #[inline]
    fn decide(&mut self, flag: &'a CompiledFlag, above: Option<&Chain<'_, 'a>>) -> Result<Evaluation<'a>, Problem> {
        let source = flag.source();
        if !source.on {
            return off(flag, ReasonKind::Off);
        }
        if !source.prerequisites.is_empty()
            && let Some(failed) = self.failed_prerequisite(flag, above)?
        {
            return off(flag, ReasonKind::PrerequisiteFailed { key: &failed.key });
        }
        if let Some(hit) = flag.targets.find(self.context) {
            self.recorder.target_matched(hit.position, hit.kind.as_str());
            return variation(flag, hit.variation, ReasonKind::TargetMatch);
        }
        for ((rule, source), index) in flag.rules.iter().zip(&source.rules).zip(0u32..) {
            if self.rule(index, &source.id, &rule.clauses, &source.clauses)? {
                let (at, in_experiment) = self.serve(&rule.serve)?;
                return variation(flag, at, ReasonKind::RuleMatch { index, id: &source.id, in_experiment });
            }
        }
        let (at, in_experiment) = self.serve(&flag.fallthrough)?;
        variation(flag, at, ReasonKind::Fallthrough { in_experiment })
    }

    /// The first prerequisite that is not met.
    fn failed_prerequisite(
        &mut self,
        flag: &'a CompiledFlag,
        above: Option<&Chain<'_, 'a>>,
    ) -> Result<Option<&'a Prerequisite>, Fatal> {
        let chain = Chain { flag, above, depth: above.map_or(1, |link| link.depth + 1) };
        let environment = self.environment;
        for wanted in &flag.source().prerequisites {
            self.step()?;
            let Some(required) = environment.flag(&wanted.key).filter(|flag| !flag.source().deleted) else {
                self.recorder.prerequisite(flag, wanted, None, false);
                return Ok(Some(wanted));
            };
            if chain.contains(required) || chain.depth > DEPTH_LIMIT {
                return Err(Fatal);
            }
            let result = self.flag(required, Some(&chain))?;
            // An off flag never satisfies, whatever its off variation.
            let met = required.source().on && result.variation.map(i64::from) == Some(wanted.variation);
            self.recorder.prerequisite(flag, wanted, Some((required, &result)), met);
            if !met {
                return Ok(Some(wanted));
            }
        }
        Ok(None)
    }
}

fn off<'a>(flag: &'a CompiledFlag, kind: ReasonKind<'a>) -> Result<Evaluation<'a>, Problem> {
    match flag.off {
        Off::Nothing => Ok(Evaluation::none(kind)),
        Off::Variation(at) => variation(flag, at, kind),
    }
}

#[inline]
fn variation<'a>(flag: &'a CompiledFlag, at: Index, kind: ReasonKind<'a>) -> Result<Evaluation<'a>, Problem> {
    let at = at.ok_or(Problem::Plain)?;
    let value = flag.variation(at).ok_or(Problem::Plain)?;
    Ok(Evaluation { value, variation: Some(at), reason: Reason::new(kind) })
}
