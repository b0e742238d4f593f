//! Questions to the index.

use crate::Doc;
use wigwag_model::doc::Kind;

/// Which documents of a kind to list.
#[derive(Clone, Debug)]
pub struct ListQuery<'a> {
    /// The kind.
    pub kind: Kind,
    /// In this project (empty: of the account itself); `None`: in any.
    pub project: Option<&'a str>,
    /// In this environment (empty: in none); `None`: in any.
    pub env: Option<&'a str>,
    /// Which of them.
    pub filter: Predicate,
    /// In what order; by key where nothing is said.
    pub sort: Vec<Sort>,
    /// At most so many.
    pub limit: Option<u32>,
    /// After so many.
    pub offset: u32,
}

impl<'a> ListQuery<'a> {
    /// All documents of a kind that belong to the account itself.
    #[must_use]
    pub const fn account(kind: Kind) -> Self {
        Self::scoped(kind, Some(""), Some(""))
    }

    /// All documents of a kind that belong to a project, not to one of its environments.
    #[must_use]
    pub const fn in_project(kind: Kind, project: &'a str) -> Self {
        Self::scoped(kind, Some(project), Some(""))
    }

    /// All documents of a kind in one environment.
    #[must_use]
    pub const fn in_env(kind: Kind, project: &'a str, env: &'a str) -> Self {
        Self::scoped(kind, Some(project), Some(env))
    }

    /// All documents of a kind in a scope, open where `None`.
    #[must_use]
    pub const fn scoped(kind: Kind, project: Option<&'a str>, env: Option<&'a str>) -> Self {
        Self { kind, project, env, filter: Predicate::All, sort: Vec::new(), limit: None, offset: 0 }
    }

    /// Only those that match.
    #[must_use]
    pub fn filter(mut self, filter: Predicate) -> Self {
        self.filter = filter.flat();
        self
    }

    /// In the order of one more field.
    #[must_use]
    pub fn sort(mut self, field: &str, descending: bool) -> Self {
        self.sort.push(Sort { field: field.into(), descending });
        self
    }

    /// One page.
    #[must_use]
    pub const fn page(mut self, limit: u32, offset: u32) -> Self {
        self.limit = Some(limit);
        self.offset = offset;
        self
    }
}

/// A condition on the facts of a document. `key` and `created` are fields of every document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// Every document.
    All,
    /// All of these hold (every document, if there are none).
    And(Vec<Predicate>),
    /// One of these holds (no document, if there are none).
    Or(Vec<Predicate>),
    /// This does not hold.
    Not(Box<Predicate>),
    /// The field has this text.
    TextEq {
        /// A text field.
        field: String,
        /// Its value.
        value: String,
    },
    /// The field has one of these texts.
    TextAnyOf {
        /// A text field.
        field: String,
        /// The values.
        values: Vec<String>,
    },
    /// A text of the field holds this, in whatever case.
    TextContains {
        /// A text field.
        field: String,
        /// What to look for.
        needle: String,
    },
    /// A text of the field starts with this, in this very case.
    TextStartsWith {
        /// A text field.
        field: String,
        /// How it starts.
        prefix: String,
    },
    /// The field has a number within these bounds, both included.
    NumberRange {
        /// A number field.
        field: String,
        /// The least, or any.
        min: Option<i64>,
        /// The greatest, or any.
        max: Option<i64>,
    },
    /// The field has a fact.
    Exists {
        /// A field.
        field: String,
    },
    /// The key is one of these.
    KeyIn(Vec<String>),
}

impl Predicate {
    /// The field has this text.
    pub fn eq(field: &str, value: impl Into<String>) -> Self {
        Self::TextEq { field: field.into(), value: value.into() }
    }

    /// One of the fields has a text that holds this, in whatever case.
    #[must_use]
    pub fn any_contains(fields: &[&str], needle: &str) -> Self {
        let one = |field: &&str| Self::TextContains { field: (*field).into(), needle: needle.into() };
        Self::Or(fields.iter().map(one).collect())
    }

    /// The same without conjunctions in conjunctions and alternatives in alternatives, and without such of one part.
    /// Which part of a conjunction is looked for in the index is decided by its parts as they stand.
    fn flat(self) -> Self {
        match self {
            Self::And(parts) => {
                let mut all = Vec::with_capacity(parts.len());
                for part in parts {
                    match part.flat() {
                        Self::All => {}
                        Self::And(parts) => all.extend(parts),
                        part => all.push(part),
                    }
                }
                match all.len() {
                    0 => Self::All,
                    1 => all.remove(0),
                    _ => Self::And(all),
                }
            }
            Self::Or(parts) => {
                let mut any = Vec::with_capacity(parts.len());
                for part in parts {
                    match part.flat() {
                        Self::Or(parts) => any.extend(parts),
                        part => any.push(part),
                    }
                }
                if any.len() == 1 { any.remove(0) } else { Self::Or(any) }
            }
            Self::Not(inner) => Self::Not(Box::new(inner.flat())),
            leaf => leaf,
        }
    }
}

/// A field to sort by. Documents without a fact in it come last either way; what still ties is
/// ordered by key, in the direction of the last sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// A field of the index, `key` or `created`.
    pub field: String,
    /// From the greatest to the least.
    pub descending: bool,
}

/// A page of documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The page, in order.
    pub docs: Vec<Doc>,
    /// How many match in all.
    pub total: u64,
}

#[cfg(test)]
mod tests {
    use super::Predicate::{All, And, Not, Or};
    use super::*;

    #[test]
    fn what_is_nested_for_nothing_is_taken_apart() {
        let (a, b, c) = (|| Predicate::eq("f", "a"), || Predicate::eq("f", "b"), || Predicate::eq("f", "c"));
        for (nested, flat) in [
            (And(vec![And(vec![a()])]), a()),
            (And(vec![And(vec![a(), b()]), All, c()]), And(vec![a(), b(), c()])),
            (And(vec![And(vec![]), All]), All),
            (And(vec![Or(vec![a()]), b()]), And(vec![a(), b()])),
            (Or(vec![Or(vec![a(), b()]), And(vec![c()])]), Or(vec![a(), b(), c()])),
            // None holds, and so nothing does; not everything.
            (Or(vec![Or(vec![])]), Or(vec![])),
            (Not(Box::new(And(vec![And(vec![a()])]))), Not(Box::new(a()))),
            (Or(vec![All, a()]), Or(vec![All, a()])),
        ] {
            assert_eq!(ListQuery::account(Kind::Flag).filter(nested).filter, flat);
        }
    }
}
