//! Writing a segment: every change of an existing segment ends here.

use wigwag_kit::{Change, Ctx, Error, Proofs, Result};
use wigwag_model::doc::{Environment, Segment};
use wigwag_store::{DocKey, Expect};

use super::diff::Part;
use super::load::Found;
use super::{audit, index};

/// Environments may require a comment for every change.
///
/// # Errors
/// 400 without one where one is required.
pub(super) fn check_comment(environment: &Environment, comment: Option<&str>) -> Result<()> {
    if environment.require_comments && comment.is_none_or(|text| text.trim().is_empty()) {
        let rule = format!("the environment {} requires a comment for every change", environment.key);
        return Err(Error::field("comment", rule));
    }
    Ok(())
}

/// The change from the segment as found to `after`, with what the audit entry says of it.
pub(super) fn change(found: &Found, after: &Segment, parts: &[Part], proofs: Proofs) -> Change {
    let target = audit::target(&found.project.value, &found.environment, after);
    Change::new(proofs, "updated the segment", target).description(audit::description(&found.segment, after, parts))
}

/// Writes the segment; answers it as found next time. `requires` is what was read to find the change sound.
///
/// # Errors
/// A lost race; a store that cannot be reached.
pub(super) async fn save(
    ctx: &Ctx,
    mut change: Change,
    found: Found,
    mut after: Segment,
    requires: Vec<(DocKey, Expect)>,
) -> Result<Found> {
    after.last_modified = ctx.app.clock.now();
    let own = change.writes();
    change.put(found.key(), Expect::Version(found.version), &after, index::of(&after))?;
    requires.into_iter().for_each(|(key, expect)| change.require(key, expect));
    let committed = change.commit(ctx).await?;
    let version = committed.versions.get(own).copied().unwrap_or(found.version);
    Ok(Found { segment: after, version, ..found })
}
