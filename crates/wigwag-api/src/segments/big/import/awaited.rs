//! An import that waits for the instruction that puts it in force.

use wigwag_kit::patch::Instruction;
use wigwag_kit::{Change, Ctx, Error, Result};
use wigwag_model::doc::{SegmentImport, TransferStatus};
use wigwag_store::{DocKey, Expect};

use super::{facts, key, load};
use crate::segments::load::Found;

/// An import that can be put in force.
pub(in crate::segments::big) struct Awaited {
    pub(in crate::segments::big) value: SegmentImport,
    version: u64,
}

/// The import that the instruction names; none if there is nothing to wait for: it is in force, or will be by itself.
///
/// # Errors
/// No such import, one that was stopped, one that is not ready yet.
pub(in crate::segments::big) async fn awaited(
    ctx: &Ctx,
    found: &Found,
    sent: Instruction<'_>,
    id: &str,
) -> Result<Option<Awaited>> {
    let Some((value, version)) = load(ctx, &found.key(), id).await? else {
        return Err(sent.problem("importId", "is not an import of this segment"));
    };
    match value.status {
        TransferStatus::Complete | TransferStatus::InProgress => return Ok(None),
        TransferStatus::Preparing => return Err(Error::Conflict("The import is not ready yet".to_owned())),
        TransferStatus::Stopped => return Err(sent.problem("importId", "is an import that was stopped")),
        TransferStatus::Ready => {}
    }
    let staged = ctx.store().staged_members().await?;
    if !staged.iter().any(|staged| staged.set.0 == value.set) {
        // The segment was deleted and made anew, or a keeper is about to note it as stopped.
        return Err(sent.problem("importId", "is an import that was stopped"));
    }
    Ok(Some(Awaited { value, version }))
}

impl Awaited {
    /// Notes that it is done.
    ///
    /// # Errors
    /// The document cannot be written as JSON: a fault of ours.
    pub(in crate::segments::big) fn finish(self, owner: &DocKey, change: &mut Change) -> Result<()> {
        let done = SegmentImport { status: TransferStatus::Complete, ..self.value };
        let at = key(&owner.project, &owner.env, &done.id);
        change.put(at, Expect::Version(self.version), &done, facts(owner, &done))
    }
}
