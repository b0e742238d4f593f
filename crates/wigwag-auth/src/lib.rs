//! Who is calling, and what they may do. Decides; never renders.
//!
//! [`Tokens`] turns an `Authorization` header into a caller, [`Permissions`] answers for a member
//! or a token, [`policy`] holds the grammar and the base roles, [`secret`] and [`password`] keep
//! credentials at rest.

mod authenticator;
pub mod password;
mod permissions;
pub mod policy;
mod reach;
pub mod secret;

pub use authenticator::Tokens;
pub use permissions::{Permissions, Unrestricted};
pub use reach::Reach;
