//! Who is calling, and what they may do. Decides; never renders.
//!
//! [`Directory`] holds custom roles and teams, [`Cache`] what was resolved from the store and still holds. [`Tokens`] turns an `Authorization` header into a caller, [`Permissions`] answers for a member
//! or a token, [`policy`] holds the grammar and the base roles, [`secret`] and [`password`] keep
//! credentials at rest.

mod activity;
mod authenticator;
mod cache;
mod directory;
mod explain;
mod origin;
pub mod password;
mod permissions;
pub mod policy;
mod reach;
pub mod secret;

pub use activity::{Activity, member_subject, token_subject};
pub use authenticator::Tokens;
pub use cache::{Cache, View};
pub use directory::{Directory, Holding};
pub use explain::{Check, Explanation, Ruling};
pub use origin::{Origin, role_name};
pub use permissions::{Permissions, Unrestricted};
pub use reach::{Own, Reach};
