//! Compiled clauses and the rules they make up.

use super::test::Test;
use wigwag_model::clause::{Clause, Operator};
use wigwag_model::kind::Kind;
use wigwag_model::reference::AttributeRef;

#[derive(Debug)]
pub(crate) struct CompiledClause {
    pub(crate) subject: Subject,
    pub(crate) negate: bool,
    pub(crate) test: Test,
}

/// What a clause looks at.
#[derive(Debug)]
pub(crate) enum Subject {
    /// An attribute of the part of one kind.
    Attribute(Kind, AttributeRef),
    /// The kinds of the context.
    Kinds,
    /// Membership in segments; their keys are read from the clause itself.
    Segments,
    /// An invalid attribute reference: reaching it makes the flag malformed.
    Invalid,
}

impl CompiledClause {
    pub(crate) fn new(clause: &Clause) -> CompiledClause {
        let op = Operator::parse(&clause.op);
        let context_kind = clause.context_kind.as_deref();
        let subject = if op == Some(Operator::SegmentMatch) {
            Subject::Segments
        } else {
            match AttributeRef::for_kind(&clause.attribute, context_kind) {
                Err(_) => Subject::Invalid,
                Ok(reference) if reference.is_kind() => Subject::Kinds,
                Ok(reference) => Subject::Attribute(Kind::named(context_kind.unwrap_or_default()), reference),
            }
        };
        CompiledClause { subject, negate: clause.negate, test: Test::new(op, &clause.values) }
    }

    pub(crate) fn all(clauses: &[Clause]) -> Box<[CompiledClause]> {
        clauses.iter().map(CompiledClause::new).collect()
    }
}

/// Keys of the segments that these clauses ask about, with repetitions.
pub(crate) fn segment_keys(clauses: &[Clause]) -> impl Iterator<Item = &str> {
    let asking = clauses.iter().filter(|clause| clause.op == Operator::SegmentMatch.as_str());
    asking.flat_map(|clause| clause.values.iter().filter_map(|value| value.as_str()))
}
