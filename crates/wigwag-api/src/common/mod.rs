//! What several areas need to make a change; nothing here knows a resource.

mod bullets;
mod check;
mod clause;
mod edit;
mod expiring;
mod giving;
mod invitations;
pub(crate) mod multipart;
mod news;
mod seen;
mod system;
mod viewers;

pub use bullets::{Bullets, code, names};
pub use check::{
    check_email, check_key, check_name, check_password, check_role_attributes, check_tags, check_web_address, future,
    is_email, unique,
};
pub use clause::{
    ClauseInput, ClauseRep, check_clauses, check_context_kind, check_reference, id_or_new, same_value, segments,
};
pub use edit::{authorise_patch, refuse_views};
pub use expiring::{ExpirySpelling, check_expiry};
pub use giving::Giving;
pub use invitations::{Invitations, Inviter, invited};
pub(crate) use news::News;
pub use seen::{cursor_of, page_of, rfc3339, token_of};
pub(crate) use system::system;
pub use viewers::{found, get_for_viewers, list_for_viewers, shown};

use wigwag_kit::ApiVersion;

/// The largest page: 100 since the newest version, before that as good as everything.
#[must_use]
pub fn largest_page(version: ApiVersion) -> u32 {
    if version >= ApiVersion::V20240415 { 100 } else { 10_000 }
}
