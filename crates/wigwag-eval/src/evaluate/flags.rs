//! Flags: off, prerequisites, targets, rules, fallthrough.

use super::{DEPTH_LIMIT, Decision, Fatal, Run};
use crate::compile::flag::Off;
use crate::compile::serve::Index;
use crate::{CompiledFlag, Lookup, ReasonKind, Recorder};
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
    /// The decision about one flag, malformed if only that flag is.
    #[inline(always)]
    pub(super) fn decide(
        &mut self,
        flag: &'a CompiledFlag,
        above: Option<&Chain<'_, 'a>>,
    ) -> Result<Decision<'a>, Fatal> {
        if !flag.on {
            return Ok(off(flag, ReasonKind::Off));
        }
        if flag.has_prerequisites
            && let Some(failed) = self.failed_prerequisite(flag, above)?
        {
            return Ok(off(flag, ReasonKind::PrerequisiteFailed { key: &failed.key }));
        }
        if !flag.targets.is_empty()
            && let Some(hit) = flag.targets.find(self.context)
        {
            self.recorder.target_matched(hit.position, hit.kind.as_str());
            return Ok(decision(hit.variation, ReasonKind::TargetMatch));
        }
        if !flag.rules.is_empty()
            && let Some(matched) = self.matching_rule(flag)?
        {
            return Ok(matched);
        }
        let (at, in_experiment) = self.serve(&flag.fallthrough)?;
        Ok(decision(at, ReasonKind::Fallthrough { in_experiment }))
    }

    /// What the first rule that matches serves.
    #[inline(always)]
    fn matching_rule(&mut self, flag: &'a CompiledFlag) -> Result<Option<Decision<'a>>, Fatal> {
        for (rule, index) in flag.rules.iter().zip(0u32..) {
            // Looked at only where somebody wants to know: a rule that is missed should not touch it.
            let source = || flag.source().rules.get(index as usize);
            if self.rule(index, &rule.clauses, source)? {
                let (at, in_experiment) = self.serve(&rule.serve)?;
                let id = source().map_or("", |rule| &rule.id);
                return Ok(Some(decision(at, ReasonKind::RuleMatch { index, id, in_experiment })));
            }
        }
        Ok(None)
    }

    /// The first prerequisite that is not met. This is where the recursion goes through.
    #[inline(never)]
    fn failed_prerequisite(
        &mut self,
        flag: &'a CompiledFlag,
        above: Option<&Chain<'_, 'a>>,
    ) -> Result<Option<&'a Prerequisite>, Fatal> {
        let chain = Chain { flag, above, depth: above.map_or(1, |link| link.depth + 1) };
        let environment = self.environment;
        for wanted in &flag.source().prerequisites {
            self.step()?;
            let Some(required) = environment.flag(&wanted.key).filter(|flag| !flag.deleted) else {
                self.recorder.prerequisite(flag, wanted, None, false);
                return Ok(Some(wanted));
            };
            if chain.contains(required) || chain.depth > DEPTH_LIMIT {
                return Err(Fatal);
            }
            self.recorder.flag_started(required);
            let decision = self.decide(required, Some(&chain));
            // The status of big segments shows on the top flag only.
            let result = decision.unwrap_or(Decision::MALFORMED).evaluation(required, None);
            self.recorder.flag_finished(required, &result);
            // An off flag never satisfies, whatever its off variation.
            let met = required.on && decision?.variation.map(i64::from) == Some(wanted.variation);
            self.recorder.prerequisite(flag, wanted, Some((required, &result)), met);
            if !met {
                return Ok(Some(wanted));
            }
        }
        Ok(None)
    }
}

#[inline]
pub(super) fn off<'a>(flag: &CompiledFlag, kind: ReasonKind<'a>) -> Decision<'a> {
    match flag.off {
        Off::Nothing => Decision { variation: None, kind },
        Off::Variation(at) => decision(at, kind),
    }
}

/// Serves an index that was checked when the flag was compiled.
#[inline]
fn decision(at: Index, kind: ReasonKind<'_>) -> Decision<'_> {
    if at.is_some() { Decision { variation: at, kind } } else { Decision::MALFORMED }
}
