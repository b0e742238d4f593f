//! Builds the trace from the recorder's calls, which nest and balance.

use super::{BucketTrace, ClauseTrace, FlagTrace, PrerequisiteTrace, RuleTrace, SegmentTrace, TargetTrace};
use crate::{Bucketing, ClauseOutcome, CompiledFlag, CompiledSegment, Evaluation, Membership, Recorder};
use serde_json::json;
use wigwag_model::clause::Clause;
use wigwag_model::flag::Prerequisite;

/// What is under way, innermost last.
#[derive(Default)]
pub(super) struct Builder {
    open: Vec<Node>,
    done: Option<FlagTrace>,
}

enum Node {
    Flag(FlagTrace),
    Rule(RuleTrace),
    Clause(ClauseTrace),
    Segment(SegmentTrace),
}

impl Builder {
    pub(super) fn finish(self) -> Option<FlagTrace> {
        self.done
    }

    /// Hands a finished rule to the flag or segment around it.
    fn attach_rule(&mut self, rule: RuleTrace) {
        match self.open.last_mut() {
            Some(Node::Flag(flag)) => flag.rules.push(rule),
            Some(Node::Segment(segment)) => segment.rules.push(rule),
            _ => {}
        }
    }
}

impl<'a> Recorder<'a> for Builder {
    fn flag_started(&mut self, flag: &'a CompiledFlag) {
        self.open.push(Node::Flag(FlagTrace::new(flag)));
    }

    fn flag_finished(&mut self, _: &'a CompiledFlag, result: &Evaluation<'a>) {
        let Some(Node::Flag(mut flag)) = self.open.pop() else {
            return;
        };
        flag.result = json!(result);
        match self.open.last_mut() {
            Some(Node::Flag(above)) => above.prerequisites.push(PrerequisiteTrace {
                key: flag.key.clone(),
                wanted: None,
                met: false,
                flag: Some(flag),
            }),
            _ => self.done = Some(flag),
        }
    }

    fn prerequisite(
        &mut self,
        _: &'a CompiledFlag,
        wanted: &'a Prerequisite,
        found: Option<(&'a CompiledFlag, &Evaluation<'a>)>,
        met: bool,
    ) {
        let Some(Node::Flag(flag)) = self.open.last_mut() else {
            return;
        };
        match flag.prerequisites.last_mut() {
            Some(last) if found.is_some() => (last.wanted, last.met) = (Some(wanted.variation), met),
            _ => flag.prerequisites.push(PrerequisiteTrace {
                key: wanted.key.clone(),
                wanted: Some(wanted.variation),
                met,
                flag: None,
            }),
        }
    }

    fn target_matched(&mut self, position: u32, kind: &str) {
        if let Some(Node::Flag(flag)) = self.open.last_mut() {
            flag.target = Some(TargetTrace { position, kind: kind.to_string() });
        }
    }

    fn rule_started(&mut self, index: u32, id: &'a str) {
        let id = id.to_string();
        self.open.push(Node::Rule(RuleTrace { index, id, matched: false, clauses: Vec::new(), bucket: None }));
    }

    fn rule_finished(&mut self, _: u32, matched: bool) {
        if let Some(Node::Rule(mut rule)) = self.open.pop() {
            rule.matched = matched;
            self.attach_rule(rule);
        }
    }

    fn clause_started(&mut self, index: u32, clause: &'a Clause) {
        self.open.push(Node::Clause(ClauseTrace {
            index,
            context_kind: clause.context_kind.clone(),
            attribute: clause.attribute.clone(),
            op: clause.op.clone(),
            negate: clause.negate,
            outcome: ClauseOutcome::NotMatched,
            segments: Vec::new(),
        }));
    }

    fn clause_finished(&mut self, _: u32, outcome: ClauseOutcome) {
        if let Some(Node::Clause(mut clause)) = self.open.pop() {
            clause.outcome = outcome;
            if let Some(Node::Rule(rule)) = self.open.last_mut() {
                rule.clauses.push(clause);
            }
        }
    }

    fn segment_started(&mut self, key: &'a str, segment: Option<&'a CompiledSegment>) {
        self.open.push(Node::Segment(SegmentTrace {
            key: key.to_string(),
            version: segment.map(CompiledSegment::version),
            contained: false,
            membership: Membership::Nothing,
            rules: Vec::new(),
        }));
    }

    fn segment_finished(&mut self, _: &'a str, membership: Membership) {
        if let Some(Node::Segment(mut segment)) = self.open.pop() {
            segment.membership = membership;
            segment.contained = membership.contained();
            if let Some(Node::Clause(clause)) = self.open.last_mut() {
                clause.segments.push(segment);
            }
        }
    }

    fn bucketed(&mut self, bucketing: Bucketing<'_>) {
        let bucket = Some(BucketTrace::from(bucketing));
        match self.open.last_mut() {
            Some(Node::Flag(flag)) => flag.bucket = bucket,
            Some(Node::Rule(rule)) => rule.bucket = bucket,
            _ => {}
        }
    }
}
