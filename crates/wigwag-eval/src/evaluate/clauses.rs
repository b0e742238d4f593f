//! Rules and their clauses.

use super::segments::Chain;
use super::{Fatal, Run};
use crate::compile::clause::{CompiledClause, Subject};
use crate::{ClauseOutcome, Lookup, Recorder};
use serde_json::Value;
use wigwag_model::clause::Clause;

impl<'a, L: Lookup, R: Recorder<'a>> Run<'_, 'a, L, R> {
    /// Whether a flag rule's clauses all match.
    #[inline(always)]
    pub(super) fn rule(
        &mut self,
        index: u32,
        id: &'a str,
        clauses: &'a [CompiledClause],
        sources: &'a [Clause],
    ) -> Result<bool, Fatal> {
        self.recorder.rule_started(index, id);
        let result = self.clauses(clauses, sources, None);
        self.recorder.rule_finished(index, matches!(result, Ok(true)));
        result
    }

    /// Whether all clauses match, tried in order up to the first that does not.
    #[inline]
    pub(super) fn clauses(
        &mut self,
        clauses: &'a [CompiledClause],
        sources: &'a [Clause],
        chain: Option<&Chain<'_, 'a>>,
    ) -> Result<bool, Fatal> {
        for ((clause, source), index) in clauses.iter().zip(sources).zip(0u32..) {
            self.recorder.clause_started(index, source);
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
        source: &'a Clause,
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
            Subject::Segments => match self.in_any_segment(&source.values, chain) {
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
