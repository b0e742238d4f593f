//! Clauses on the wire.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_model::doc::Clause;

/// A clause as clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Clause")]
pub struct ClauseRep<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    attribute: &'a str,
    op: &'a str,
    values: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    context_kind: Option<&'a str>,
    negate: bool,
}

impl<'a> ClauseRep<'a> {
    /// The clause, as it is stored.
    #[must_use]
    pub fn of(clause: &'a Clause) -> Self {
        Self {
            id: &clause.id,
            attribute: &clause.attribute,
            op: &clause.op,
            values: &clause.values,
            context_kind: clause.context_kind.as_deref(),
            negate: clause.negate,
        }
    }
}
