//! Users: contexts of kind `user`, as older clients know them (behaviour.md 21.1).
//!
//! Known deviation: a list sorts by when users were last seen, not by their keys.

mod delete;
mod list;
mod names;
mod rep;

use wigwag_kit::Operations;
use wigwag_kit::operation::{Access, on};

/// The operations on users.
#[must_use]
pub fn ops() -> Operations {
    let view = Access::Actions(&["viewProject"]);
    Operations::new()
        .with(on("getUsers", view, list::all).reply::<rep::Users>())
        .with(on("getSearchUsers", view, list::search).reply::<rep::Users>())
        .with(on("getUser", view, list::one).reply::<rep::UserRecord>())
        .with(on("deleteUser", Access::Actions(&["deleteContextInstance", "deleteUser"]), delete::delete))
        .with(on("getUserAttributeNames", view, names::names).reply::<names::AttributeNames>())
}
