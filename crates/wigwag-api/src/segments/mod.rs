//! Segments: groups of contexts in one environment, by list or by rule (semantic-patch.md 5, behaviour.md 5 to 13).
//!
//! Every change arrives at a new [`Segment`](wigwag_model::doc::Segment): instructions by a pure function, JSON and
//! merge patches through the representation. What the caller must be allowed to do and what the audit entry says
//! follow from the state before and after.
//!
//! Big segments are made, shown and deleted here like others; their members are not part of the document.
//!
//! Where the contract is silent: deleting a segment in use is a conflict that names the users; nested segments must not
//! lead back to where they began; a key may be both included and excluded if a JSON patch says so (included wins), but
//! not by an instruction.

mod access;
mod audit;
mod big;
mod clone;
mod create;
mod cycles;
mod delete;
mod diff;
mod expiring;
mod get;
mod index;
mod instructions;
mod list;
mod lists;
mod load;
mod look_up;
mod memberships;
mod patch;
mod patch_json;
mod rep;
mod usage;
mod validate;
mod write;

use wigwag_kit::operation::Access;
use wigwag_kit::page::Collection;
use wigwag_kit::{Operations, patch as patches};

pub use big::{Keeper, import_limited, settle};
pub(crate) use clone::clone_into;
pub(crate) use expiring::due_kind;
pub use rep::SegmentRep;

/// Segments may list a million contexts.
const PATCH_LIMIT: usize = 32 * 1024 * 1024;

/// The operations of segments.
#[must_use]
pub fn ops() -> Operations {
    let view = Access::Actions(&["viewProject"]);
    let plan = Access::Actions(&[access::EXPIRING]);
    Operations::new()
        .with(Operations::operation("getSegments", view, list::list).reply::<Collection<SegmentRep<'static>>>().as_of())
        .with(Operations::operation("getSegment", view, get::get).reply::<SegmentRep<'static>>().as_of())
        .with(
            Operations::operation(
                "postSegment",
                Access::Actions(&["createSegment", "linkSegmentToView"]),
                create::create,
            )
            .body::<create::SegmentBody>()
            .reply::<SegmentRep<'static>>(),
        )
        .with(
            Operations::operation("patchSegment", Access::Actions(access::PATCH), patch::patch)
                .body_limit(PATCH_LIMIT)
                .body::<patches::Body>()
                .reply::<SegmentRep<'static>>(),
        )
        .with(Operations::operation("deleteSegment", Access::Actions(&["deleteSegment"]), delete::delete))
        .with(
            Operations::operation("getExpiringTargetsForSegment", view, expiring::get)
                .reply::<expiring::List<expiring::ContextItem<'static>>>(),
        )
        .with(
            Operations::operation("patchExpiringTargetsForSegment", plan, expiring::patch)
                .body::<wigwag_kit::patch::Body>()
                .reply::<expiring::Patched<expiring::ContextItem<'static>>>(),
        )
        .with(
            Operations::operation("getExpiringUserTargetsForSegment", view, expiring::get_users)
                .reply::<expiring::List<expiring::UserItem<'static>>>(),
        )
        .with(
            Operations::operation("patchExpiringUserTargetsForSegment", plan, expiring::patch_users)
                .body::<wigwag_kit::patch::Body>()
                .reply::<expiring::Patched<expiring::UserItem<'static>>>(),
        )
        .with(
            Operations::operation("getSegmentMembershipForContext", view, look_up::context)
                .reply::<look_up::Target<'static>>(),
        )
        .with(
            Operations::operation("getSegmentMembershipForUser", view, look_up::user)
                .reply::<look_up::Target<'static>>(),
        )
        .with(
            Operations::operation("getContextInstanceSegmentsMembershipByEnv", view, memberships::evaluate)
                .body::<serde_json::Map<String, serde_json::Value>>()
                .reply::<memberships::Memberships>(),
        )
        .and(big::ops())
}
