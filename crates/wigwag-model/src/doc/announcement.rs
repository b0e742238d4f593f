//! An announcement to everybody who uses the account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// A message that the console shows to everybody for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Announcement {
    /// 24 hex digits.
    pub id: String,
    /// Whether those who read it may put it away.
    pub is_dismissible: bool,
    /// Heading.
    pub title: String,
    /// Text, markdown.
    pub message: String,
    /// How much it matters.
    pub severity: Severity,
    /// From when on it is shown.
    pub start_time: Millis,
    /// Until when it is shown; for ever without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Millis>,
    /// When it was created.
    pub created_at: Millis,
}

/// How much an announcement matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// To be known.
    Info,
    /// To be heeded.
    Warning,
    /// To be acted on.
    Critical,
}
