//! The actions a change needs: access-control.md 6.

use wigwag_kit::{Ctx, Proof, Proofs, Result};

use super::big::Moves;
use super::diff::Part;
use super::load::Found;

/// Actions that a patch may need, depending on what it changes.
pub(super) const PATCH: &[&str] =
    &["updateName", "updateDescription", "updateTags", "updateIncluded", "updateExcluded", "updateRules"];

/// The action of planning that listed contexts leave.
pub(super) const EXPIRING: &str = "updateExpiringTargets";

impl Part {
    const fn action(self) -> &'static str {
        match self {
            Self::Name => "updateName",
            Self::Description => "updateDescription",
            Self::Tags => "updateTags",
            Self::Included => "updateIncluded",
            Self::Excluded => "updateExcluded",
            Self::Rules => "updateRules",
            Self::ExpiringTargets => EXPIRING,
        }
    }
}

/// Proofs that the caller may change these parts. Policies see the tags as they were. `None`: nothing changes.
///
/// # Errors
/// The first action that is denied.
pub(super) fn authorise(ctx: &Ctx, found: &Found, parts: &[Part]) -> Result<Option<Proofs>> {
    authorise_moves(ctx, found, parts, &Moves::default())
}

/// The same for a change that moves members of a big segment as well.
///
/// # Errors
/// As [`authorise`].
pub(super) fn authorise_moves(ctx: &Ctx, found: &Found, parts: &[Part], moves: &Moves) -> Result<Option<Proofs>> {
    let spec = found.spec();
    let actions = parts.iter().map(|part| part.action()).chain(moves.actions());
    let proofs = actions.map(|action| ctx.authorise(action, &spec)).collect::<Result<Vec<Proof>>>()?;
    Ok(Proofs::from_list(proofs))
}
