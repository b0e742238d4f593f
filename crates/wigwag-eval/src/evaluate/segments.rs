//! Segments (evaluation §8).

use super::{DEPTH_LIMIT, Fatal, Run};
use crate::compile::segment::CompiledSegmentRule;
use crate::{BigSegmentsStatus, CompiledSegment, Lookup, Membership, Recorder};
use wigwag_model::segment::SegmentRule;

/// The segments being asked, from the flag's clause down to here.
pub(super) struct Chain<'c, 'a> {
    key: &'a str,
    above: Option<&'c Chain<'c, 'a>>,
    depth: u32,
}

impl Chain<'_, '_> {
    fn contains(&self, key: &str) -> bool {
        let mut link = Some(self);
        while let Some(chain) = link {
            if chain.key == key {
                return true;
            }
            link = chain.above;
        }
        false
    }
}

impl<'a, L: Lookup, R: Recorder<'a>> Run<'_, 'a, L, R> {
    /// Whether the context is in the segment; a missing one contains nobody.
    #[inline]
    pub(super) fn segment(&mut self, key: &'a str, above: Option<&Chain<'_, 'a>>) -> Result<bool, Fatal> {
        let environment = self.environment;
        let segment = environment.segment(key).filter(|segment| !segment.source().deleted);
        self.recorder.segment_started(key, segment);
        let membership = match segment {
            Some(segment) => self.membership(segment, above),
            None => Ok(Membership::NoSegment),
        };
        self.recorder.segment_finished(key, *membership.as_ref().unwrap_or(&Membership::Error));
        membership.map(Membership::contained)
    }

    #[inline]
    pub(super) fn membership(
        &mut self,
        segment: &'a CompiledSegment,
        above: Option<&Chain<'_, 'a>>,
    ) -> Result<Membership, Fatal> {
        self.step()?;
        let depth = above.map_or(1, |link| link.depth + 1);
        if above.is_some_and(|chain| chain.contains(segment.key())) || depth > DEPTH_LIMIT {
            return Err(Fatal);
        }
        let decided = match segment.source().unbounded {
            true => self.big_segment(segment),
            false => segment.listed(self.context).map(|included| match included {
                true => Membership::Included,
                false => Membership::Excluded,
            }),
        };
        if let Some(membership) = decided {
            return Ok(membership);
        }
        let chain = Chain { key: segment.key(), above, depth };
        for ((rule, source), index) in segment.rules.iter().zip(&segment.source().rules).zip(0u32..) {
            self.recorder.rule_started(index, &source.id);
            let result = self.segment_rule(rule, source, &chain);
            self.recorder.rule_finished(index, matches!(result, Ok(true)));
            if result? {
                return Ok(Membership::Rule(index));
            }
        }
        Ok(Membership::Nothing)
    }

    /// This is where the recursion goes through.
    #[inline(never)]
    fn segment_rule(
        &mut self,
        rule: &'a CompiledSegmentRule,
        source: &'a SegmentRule,
        chain: &Chain<'_, 'a>,
    ) -> Result<bool, Fatal> {
        if !self.clauses(&rule.clauses, || &source.clauses, Some(chain))? {
            return Ok(false);
        }
        let Some(weight) = &rule.weight else {
            return Ok(true);
        };
        let place = self.place(&weight.placing).ok_or(Fatal)?;
        Ok(place.kind_found && place.bucket < weight.limit)
    }

    /// What the big-segment store says; `None` leaves it to the rules.
    fn big_segment(&mut self, segment: &CompiledSegment) -> Option<Membership> {
        let Some(generation) = segment.source().generation else {
            self.note(BigSegmentsStatus::NotConfigured);
            return Some(Membership::NotAsked);
        };
        let Some(part) = self.context.part(&segment.unbounded_kind) else {
            return Some(Membership::NotAsked);
        };
        let answer = self.environment.big_segment(segment.key(), generation, part.key());
        self.note(answer.status);
        match answer.included? {
            true => Some(Membership::Included),
            false => Some(Membership::Excluded),
        }
    }

    fn note(&mut self, status: BigSegmentsStatus) {
        self.big_segments = self.big_segments.max(Some(status));
    }
}
