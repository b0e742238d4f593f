//! Big segments: their members by key, from files and to files (semantic-patch.md 5, openapi.json).
//!
//! Members are no part of the segment's document; each change of them makes a new version of it nevertheless, so that
//! whoever follows the segment hears of it. A key may be included and excluded at once, and is then included.
//!
//! An import is read to its end before anything is written: a row that is wrong refuses the file, by its line. It is
//! read as it comes, and what does not fit into memory is sorted in temporary files ([`keys`]). The keys are
//! staged where nobody sees them and put in force by one change. A small file is done when the request is answered; a
//! large one goes on in the background ([`keeper`]), and is stopped without a trace if the process ends. One that is
//! to wait (`waitOnApprovals`) is staged and no more: the instruction `processBigSegmentImport` puts it in force, in one
//! commit with whatever else its patch says. One that nobody puts in force is thrown away after a month.
//!
//! Where the contract is silent: a file has one key a row and no header, or is a JSON array of keys if its name ends in
//! `.json` or its type says so; it concerns the list of the included alone. An
//! export is that list, and is made from the members there are when it is downloaded.

mod export;
mod import;
mod instructions;
mod keeper;
mod keys;
mod metadata;
mod rows;
mod targets;

use wigwag_kit::operation::{Access, on};
use wigwag_kit::{Change, Ctx, Error, Operations, Proofs, Request, Result};
use wigwag_model::doc::Segment;
use wigwag_store::MemberOp;

use super::load::{self, Found};
use super::{audit, write};

pub(super) use instructions::{Moves, is_of_members, moves};
pub use keeper::{Keeper, settle};
pub(super) use metadata::{BigRep, shown};

/// Largest file unless it is configured, in bytes: only its keys are kept while it is read, those beyond a few
/// megabytes in temporary files.
const FILE_LIMIT: usize = 2 * 1024 * 1024 * 1024;
/// Largest list of changes to single members, in bytes.
const TARGETS_LIMIT: usize = 8 * 1024 * 1024;

/// Bytes of a form beside its file.
const FORM: usize = 16 * 1024;

/// The operations with another largest file for imports, in bytes.
#[must_use]
pub fn import_limited(operations: Operations, bytes: usize) -> Operations {
    operations.limited("createBigSegmentImport", bytes.saturating_add(FORM))
}

/// The operations on members of big segments.
pub(super) fn ops() -> Operations {
    let view = Access::Actions(&["viewProject"]);
    let targets = Access::Actions(&["updateIncluded", "updateExcluded"]);
    let update = |id| on(id, targets, targets::update).body::<targets::UserState>().body_limit(TARGETS_LIMIT);
    Operations::new()
        .with(update("updateBigSegmentTargets"))
        .with(update("updateBigSegmentContextTargets"))
        .with(
            on("createBigSegmentImport", Access::Actions(&["updateIncluded"]), import::create)
                .streamed(FILE_LIMIT + FORM)
                .partial("waitOnApprovals waits for the instruction processBigSegmentImport; approvals are not built"),
        )
        .with(on("getBigSegmentImport", view, import::get).reply::<import::ImportRep>())
        .with(on("createBigSegmentExport", Access::Actions(&["createSegmentExport"]), export::create))
        .with(on("getBigSegmentExport", view, export::get).reply::<export::ExportRep>())
        .beside("GET", export::FILE, "getBigSegmentExportFile", view, export::file)
}

/// The big segment that the path names.
///
/// # Errors
/// 404 for whatever does not exist, 400 for a segment that is not big.
pub(super) async fn of(ctx: &Ctx, request: &Request) -> Result<Found> {
    let found = load::of(ctx, request).await?;
    check(&found)?;
    Ok(found)
}

fn check(found: &Found) -> Result<()> {
    match found.segment.unbounded {
        true => Ok(()),
        false => Err(Error::Invalid(format!("segmentKey: {} is not a big segment", found.segment.key))),
    }
}

/// A change of a segment's members: a new version of the segment, and what the audit entry says.
fn change(found: &Found, proofs: Proofs, description: String, ops: Vec<MemberOp>) -> Change {
    let target = audit::target(&found.project.value, &found.environment, &found.segment);
    let mut change = Change::new(proofs, "updated the segment", target).description(description);
    ops.into_iter().for_each(|op| change.members(found.key(), found.segment.generation, op));
    change
}

/// Commits such a change.
async fn save(ctx: &Ctx, change: Change, found: Found) -> Result<()> {
    let after: Segment = found.segment.clone();
    write::save(ctx, change, found, after, Vec::new()).await.map(drop)
}
