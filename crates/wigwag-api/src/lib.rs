//! The REST resources, one file or folder a kind. Areas do not import each other; what several
//! need is in `read` and `common`.

pub mod audit;
mod common;
pub mod docs;
pub mod environments;
pub mod flags;
pub mod read;
pub mod teams;
pub mod webhooks;

use wigwag_kit::Operations;

/// Every operation that is built. A new resource is a module with an `ops()`, and one line here;
/// `webhooks` is the smallest to copy.
#[must_use]
pub fn operations() -> Operations {
    audit::ops().and(docs::ops()).and(environments::ops()).and(teams::ops()).and(webhooks::ops())
}
