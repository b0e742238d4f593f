//! Rules and their clauses.

use super::segments::Chain;
use super::{Fatal, Run};
use crate::compile::clause::{CompiledClause, Subject};
use crate::{ClauseOutcome, Lookup, Recorder};
use serde_json::Value;
use wigwag_model::clause::Clause;
use wigwag_model::flag::Rule;

impl<'a, L: Lookup, R: Recorder<'a>> Run<'_, 'a, L, R> {
    /// Whether a flag rule's clauses all match.
    #[inline(always)]
    pub(super) fn rule(
        &mut self,
        index: u32,
        clauses: &'a [CompiledClause],
        source: impl Fn() -> Option<&'a Rule>,
    ) -> Result<bool, Fatal> {
        self.recorder.rule_started(index, source().map_or("", |rule| &rule.id));
        let result = self.clauses(clauses, || source().map_or(&[], |rule| &rule.clauses), None);
        self.recorder.rule_finished(index, matches!(result, Ok(true)));
        result
    }

    /// Whether all clauses match, tried in order up to the first that does not. What they were made of is looked at
    /// by recorders and by clauses on segments only.
    #[inline]
    pub(super) fn clauses(
        &mut self,
        clauses: &'a [CompiledClause],
        sources: impl Fn() -> &'a [Clause],
        chain: Option<&Chain<'_, 'a>>,
    ) -> Result<bool, Fatal> {
        for (clause, index) in clauses.iter().zip(0u32..) {
            let source = || sources().get(index as usize);
            if let Some(source) = source() {
                self.recorder.clause_started(index, source);
            }
            let outcome = self.clause(clause, source, chain);
            self.recorder.clause_finished(index, outcome);
            match outcome {
                ClauseOutcome::Matched => {}
                ClauseOutcome::InvalidReference | ClauseOutcome::SegmentError => return Err(Fatal),
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    #[inline]
    fn clause(
        &mut self,
        clause: &'a CompiledClause,
        source: impl Fn() -> Option<&'a Clause>,
        chain: Option<&Chain<'_, 'a>>,
    ) -> ClauseOutcome {
        let hit = match &clause.subject {
            Subject::Attribute(kind, reference) => {
                let Some(part) = self.context.part(kind) else {
                    return ClauseOutcome::KindMissing;
                };
                let Some(value) = part.get(reference) else {
                    return ClauseOutcome::AttributeMissing;
                };
                clause.test.hits(value)
            }
            Subject::Kinds => self.context.parts().iter().any(|part| clause.test.hits_text(part.kind().as_str())),
            Subject::Segments => match self.in_any_segment(source().map_or(&[], |clause| &clause.values), chain) {
                Ok(hit) => hit,
                Err(Fatal) => return ClauseOutcome::SegmentError,
            },
            Subject::Invalid => return ClauseOutcome::InvalidReference,
        };
        ClauseOutcome::of(hit, clause.negate)
    }

    #[inline]
    fn in_any_segment(&mut self, keys: &'a [Value], chain: Option<&Chain<'_, 'a>>) -> Result<bool, Fatal> {
        for key in keys.iter().filter_map(Value::as_str) {
            if self.segment(key, chain)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
