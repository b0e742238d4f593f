//! Who changed something, as views of the past name them. The audit log has the whole entries.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::change::Record;
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Error, Result};
use wigwag_model::clock::Millis;
use wigwag_store::ChangeRow;

/// A change in short.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ChangeSummary")]
pub struct ChangeRep {
    /// The entry of the audit log.
    #[serde(rename = "_links")]
    links: Links,
    /// Id of the entry.
    #[serde(rename = "_id")]
    id: String,
    /// Place in the log: what `asOf` takes.
    pub sequence: u64,
    /// When, in milliseconds since the epoch.
    date: Millis,
    /// What was done, as in "turned on the flag".
    title_verb: String,
    /// The client's comment.
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
    /// The member who acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<ChangedBy>,
    /// The token that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<ChangedWith>,
}

/// A member as they were when they acted.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangedBy {
    #[serde(rename = "_id")]
    id: String,
    email: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    first_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_name: String,
}

/// A token as it was when it was used.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangedWith {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    /// Last four characters of its value.
    ending: String,
    service_token: bool,
}

/// Shows a row of the log in short.
///
/// # Errors
/// The row is not an audit entry: a fault of ours.
pub fn change_rep(row: &ChangeRow) -> Result<ChangeRep> {
    let record: Record = serde_json::from_str(&row.change.body)
        .map_err(|e| Error::Internal(format!("the audit entry {}: {e}", row.change.id)))?;
    Ok(ChangeRep {
        links: Links::new().own(path(&["auditlog", &row.change.id])),
        id: row.change.id.clone(),
        sequence: row.seq,
        date: row.change.at,
        title_verb: record.title_verb,
        comment: record.comment,
        member: record.member.map(|m| ChangedBy {
            id: m.id,
            email: m.email,
            first_name: m.first_name,
            last_name: m.last_name,
        }),
        token: record.token.map(|t| ChangedWith {
            id: t.id,
            name: t.name,
            ending: t.ending,
            service_token: t.service_token,
        }),
    })
}
