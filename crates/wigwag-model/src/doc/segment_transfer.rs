//! Members of big segments on their way in and out.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// What a file does to the list of the included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportMode {
    /// Adds to it.
    Merge,
    /// Takes its place.
    Replace,
}

impl ImportMode {
    /// As clients write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Replace => "replace",
        }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferStatus {
    /// Being staged; it will wait to be put in force.
    Preparing,
    /// Staged, and waiting to be put in force.
    Ready,
    /// Under way.
    InProgress,
    /// Done.
    Complete,
    /// It ended without having done anything.
    Stopped,
}

impl TransferStatus {
    /// As clients read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::InProgress => "in_progress",
            Self::Complete => "complete",
            Self::Stopped => "stopped",
        }
    }
}

/// A file of members for a big segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentImport {
    /// UUID.
    pub id: String,
    /// Key of the segment.
    pub segment: String,
    /// Name of the file, may be empty.
    pub file: String,
    /// What it does.
    pub mode: ImportMode,
    /// How far it is.
    pub status: TransferStatus,
    /// The store's staged set.
    pub set: i64,
    /// Different keys in the file.
    pub keys: u64,
    /// When it was created.
    pub created_at: Millis,
}

/// Who asked for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Initiator {
    /// Given and family name, or the token's name.
    pub name: String,
    /// Sign-in name; empty for a token that acts for itself.
    #[serde(default)]
    pub email: String,
}

/// A list of a big segment's included members, to download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentExport {
    /// UUID.
    pub id: String,
    /// Key of the segment.
    pub segment: String,
    /// Size of the file when the export was made, in bytes.
    pub size: u64,
    /// Who asked for it.
    pub initiator: Initiator,
    /// When it was created.
    pub created_at: Millis,
}
