//! Lists over documents that are not in the index: those of the past. Everything is in memory, and comes out
//! as it would from the index.

use crate::facts::FactRow;
use crate::{Doc, IndexFacts, ListQuery, Listing, Predicate, Sort};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A document and the rows that the index would have for it.
struct Given {
    doc: Doc,
    rows: BTreeSet<FactRow>,
}

impl Listing {
    /// A page of some documents of one kind, given with their facts, and how many of them match in all.
    #[must_use]
    pub fn among(docs: impl IntoIterator<Item = (Doc, IndexFacts)>, query: &ListQuery<'_>) -> Self {
        let given = docs.into_iter().map(|(doc, facts)| Given { rows: facts.rows(&doc.key.key, doc.created_seq), doc });
        let in_scope = |doc: &Doc| {
            query.project.is_none_or(|project| *doc.key.project == *project)
                && query.env.is_none_or(|env| *doc.key.env == *env)
        };
        let mut all: Vec<Given> = given.filter(|given| in_scope(&given.doc) && given.holds(&query.filter)).collect();
        let backwards = query.sort.last().is_some_and(|sort| sort.descending);
        all.sort_by(|a, b| {
            let sorted = query.sort.iter().map(|sort| a.compare(b, sort)).find(|order| order.is_ne());
            let parts =
                |given: &Given| (given.doc.key.key.clone(), given.doc.key.project.clone(), given.doc.key.env.clone());
            let by_key = parts(a).cmp(&parts(b));
            sorted.unwrap_or(if backwards { by_key.reverse() } else { by_key })
        });
        let total = all.len() as u64;
        let limit = query.limit.map_or(usize::MAX, |limit| limit as usize);
        let page = all.into_iter().skip(query.offset as usize).take(limit);
        Self { docs: page.map(|given| given.doc).collect(), total }
    }
}

impl Given {
    fn facts<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a FactRow> {
        self.rows.iter().filter(move |row| *row.field == *field)
    }

    fn text(&self, field: &str, holds: impl Fn(&str) -> bool) -> bool {
        self.facts(field).any(|row| holds(&row.text))
    }

    fn holds(&self, predicate: &Predicate) -> bool {
        match predicate {
            Predicate::All => true,
            Predicate::And(parts) => parts.iter().all(|part| self.holds(part)),
            Predicate::Or(parts) => parts.iter().any(|part| self.holds(part)),
            Predicate::Not(inner) => !self.holds(inner),
            Predicate::TextEq { field, value } => self.text(field, |text| text == value),
            Predicate::TextAnyOf { field, values } => self.text(field, |text| values.iter().any(|v| v == text)),
            Predicate::TextContains { field, needle } => {
                let needle = needle.to_lowercase();
                self.text(field, |text| text.to_lowercase().contains(&needle))
            }
            Predicate::TextStartsWith { field, prefix } => self.text(field, |text| text.starts_with(prefix.as_str())),
            Predicate::NumberRange { field, min, max } => self
                .facts(field)
                .any(|row| min.is_none_or(|min| row.num >= min) && max.is_none_or(|max| row.num <= max)),
            Predicate::Exists { field } => self.facts(field).next().is_some(),
            Predicate::KeyIn(keys) => keys.iter().any(|key| **key == *self.doc.key.key),
        }
    }

    /// Documents without a fact in the field come last either way.
    fn compare(&self, other: &Self, sort: &Sort) -> Ordering {
        let least =
            |given: &Self| given.facts(&sort.field).find(|row| row.n == 0).map(|row| (row.text.clone(), row.num));
        match (least(self), least(other)) {
            (Some(mine), Some(others)) if sort.descending => others.cmp(&mine),
            (Some(mine), Some(others)) => mine.cmp(&others),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}
