//! What is shown of a big segment beside its document.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Ctx, Result};
use wigwag_model::clock::Millis;

use super::import;
use crate::segments::load::Found;

/// The members of a big segment, in numbers.
#[derive(Serialize, JsonSchema)]
pub(in crate::segments) struct BigRep {
    #[serde(rename = "_unboundedMetadata")]
    metadata: MetadataRep,
    #[serde(rename = "_importInProgress")]
    importing: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SegmentMetadata")]
struct MetadataRep {
    env_id: String,
    /// Key and generation, as big-segment stores name it (sdk-protocol.md 8.1).
    segment_id: String,
    version: u64,
    /// Included keys; for a moment after an import, those that were there already count twice.
    included_count: u64,
    /// Excluded keys.
    excluded_count: u64,
    last_modified: Millis,
    deleted: bool,
}

/// What there is to show of a big segment; nothing of others.
///
/// # Errors
/// The store cannot be read.
pub(in crate::segments) async fn shown(ctx: &Ctx, found: &Found) -> Result<Option<BigRep>> {
    // Numbers are not kept as they were.
    if !found.segment.unbounded || ctx.as_of.is_some() {
        return Ok(None);
    }
    let counts = ctx.store().member_counts(&found.key()).await?;
    let metadata = MetadataRep {
        env_id: found.environment.value.id.clone(),
        segment_id: format!("{}.g{}", found.segment.key, found.segment.generation),
        version: found.version,
        included_count: counts.included,
        excluded_count: counts.excluded,
        last_modified: found.segment.last_modified,
        deleted: false,
    };
    Ok(Some(BigRep { metadata, importing: import::is_running(ctx, &found.key()).await? }))
}
