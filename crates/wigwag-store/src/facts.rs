//! Index facts: what lists filter and sort by. A pure function of the document, made by its kind.

use crate::StoreError;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a text fact that count; the rest is cut off (PostgreSQL bounds the size of an index row).
pub const MAX_FACT: usize = 512;
/// Longest unique value, in bytes.
pub const MAX_UNIQUE: usize = 1024;

/// Built-in text fact: the document's key.
pub const KEY: &str = "key";
/// Built-in number fact: the sequence of the change that created the document.
pub const CREATED: &str = "created";

/// The facts of one document. A field holds text or a number, the same for every document of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexFacts {
    #[serde(rename = "t", default, skip_serializing_if = "BTreeMap::is_empty")]
    texts: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    #[serde(rename = "n", default, skip_serializing_if = "BTreeMap::is_empty")]
    numbers: BTreeMap<Box<str>, i64>,
    #[serde(rename = "u", default, skip_serializing_if = "BTreeSet::is_empty")]
    uniques: BTreeSet<(Box<str>, Box<str>)>,
}

impl IndexFacts {
    /// No facts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text fact; a field may hold several (sorting goes by the least of them).
    #[must_use]
    pub fn text(mut self, field: &str, value: impl AsRef<str>) -> Self {
        self.texts.entry(field.into()).or_default().insert(clean(value.as_ref()).into());
        self
    }

    /// Adds a text fact where there is a value.
    #[must_use]
    pub fn maybe_text(self, field: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.text(field, value),
            None => self,
        }
    }

    /// Adds one text fact for each value: tags and the like.
    #[must_use]
    pub fn many<S: AsRef<str>>(self, field: &str, values: impl IntoIterator<Item = S>) -> Self {
        values.into_iter().fold(self, |facts, value| facts.text(field, value))
    }

    /// Sets the number fact of a field.
    #[must_use]
    pub fn number(mut self, field: &str, value: i64) -> Self {
        self.numbers.insert(field.into(), value);
        self
    }

    /// Claims a value that no other live document of the kind may hold, in whatever scope.
    #[must_use]
    pub fn unique(mut self, field: &str, value: impl Into<Box<str>>) -> Self {
        self.uniques.insert((field.into(), value.into()));
        self
    }

    /// The values claimed, by field.
    pub(crate) fn uniques(&self) -> impl Iterator<Item = (&str, &str)> {
        self.uniques.iter().map(|(field, value)| (&**field, &**value))
    }

    /// Refuses what one of the engines could not hold.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let fields = self.texts.keys().chain(self.numbers.keys());
        for field in fields.chain(self.uniques.iter().map(|(field, _)| field)) {
            if field.is_empty() || field.len() > 64 || field.contains('\0') || **field == *KEY || **field == *CREATED {
                return Err(StoreError::Invalid(format!("{field:?} cannot be the name of a fact")));
            }
        }
        if let Some(field) = self.texts.keys().find(|field| self.numbers.contains_key(*field)) {
            return Err(StoreError::Invalid(format!("the field {field} has text and number facts")));
        }
        match self.uniques.iter().find(|(_, value)| value.len() > MAX_UNIQUE || value.contains('\0')) {
            Some((field, _)) => {
                Err(StoreError::Invalid(format!("the unique value of {field} is too long or has a NUL")))
            }
            None => Ok(()),
        }
    }

    /// The index rows of a document with these facts, built-in ones included.
    pub(crate) fn rows(&self, key: &str, created_seq: u64) -> BTreeSet<FactRow> {
        let mut rows = BTreeSet::new();
        rows.insert(FactRow::new(KEY, key, 0, 0));
        rows.insert(FactRow::new(CREATED, "", created_seq as i64, 0));
        for (field, values) in &self.texts {
            rows.extend((0_i64..).zip(values).map(|(n, value)| FactRow::new(field, value, 0, n)));
        }
        rows.extend(self.numbers.iter().map(|(field, value)| FactRow::new(field, "", *value, 0)));
        rows
    }

    /// The form kept beside the document, from which the next write knows what to take away.
    pub(crate) fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether encoded facts may claim values: tells without decoding that most do not.
    pub(crate) fn may_claim(text: &str) -> bool {
        text.contains("\"u\":")
    }

    pub(crate) fn decode(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|e| StoreError::Corrupt(format!("index facts: {e}")))
    }
}

/// One row of the index: the `n`th fact of a field, `n = 0` being the least.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FactRow {
    pub(crate) field: Box<str>,
    pub(crate) text: Box<str>,
    pub(crate) num: i64,
    pub(crate) n: i64,
}

impl FactRow {
    fn new(field: &str, text: &str, num: i64, n: i64) -> Self {
        Self { field: field.into(), text: text.into(), num, n }
    }

    /// The text in lower case where that differs, for searches that ignore case.
    pub(crate) fn low(&self) -> Option<String> {
        let low = self.text.to_lowercase();
        (low != *self.text).then_some(low)
    }
}

/// Text as both engines can index it: without NUL characters and cut to [`MAX_FACT`] bytes.
pub(crate) fn clean(text: &str) -> String {
    let mut end = text.len().min(MAX_FACT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut cleaned = text[..end].replace('\0', "\u{fffd}");
    while cleaned.len() > MAX_FACT {
        cleaned.pop();
    }
    cleaned
}
