//! Clauses as clients send them, in instructions and in JSON patches alike.

use serde::Deserialize;
use serde_json::Value;
use wigwag_model::doc::Clause;
use wigwag_model::id::Ids;

/// A clause as sent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClauseInput {
    #[serde(default, rename = "_id")]
    id: Option<String>,
    #[serde(default)]
    context_kind: Option<String>,
    #[serde(default)]
    attribute: String,
    op: String,
    values: Vec<Value>,
    #[serde(default)]
    negate: bool,
}

impl ClauseInput {
    /// Instructions always mint ids.
    #[must_use]
    pub fn without_id(self) -> Self {
        Self { id: None, ..self }
    }

    /// The clause to store: with an id, and with a context kind unless it matches segments.
    #[must_use]
    pub fn into_clause(self, ids: &Ids) -> Clause {
        let kind = self.context_kind.filter(|kind| !kind.is_empty());
        let kind = if self.op == "segmentMatch" { kind } else { kind.or_else(|| Some("user".to_owned())) };
        Clause {
            id: id_or_new(self.id, ids),
            context_kind: kind,
            attribute: self.attribute,
            op: self.op,
            values: self.values,
            negate: self.negate,
        }
    }
}

/// Keeps an id that was sent; an empty one counts as none.
#[must_use]
pub fn id_or_new(id: Option<String>, ids: &Ids) -> String {
    id.filter(|id| !id.is_empty()).unwrap_or_else(|| ids.uuid())
}
