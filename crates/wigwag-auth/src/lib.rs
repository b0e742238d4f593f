//! Who is calling, and what they may do. Decides; never renders.
//!
//! [`Tokens`] turns an `Authorization` header into a caller, [`Sessions`] a cookie, [`Callers`] either. [`Permissions`]
//! answers for a member or a token with what the [`Directory`] has of custom roles and teams; [`Cache`] holds what was
//! resolved for as long as it holds. [`policy`] is the grammar and the base roles, [`secret`] and [`password`] keep
//! credentials at rest.

mod activity;
mod authenticator;
mod cache;
mod callers;
mod cookie;
mod directory;
mod explain;
mod giver;
mod origin;
pub mod password;
mod permissions;
pub mod policy;
mod reach;
pub mod secret;
mod sessions;
pub mod throttle;
pub mod totp;

pub use activity::{Activity, member_subject, token_subject};
pub use authenticator::Tokens;
pub use cache::{Cache, View};
pub use callers::Callers;
pub use cookie::Cookie;
pub use directory::{Directory, Holding};
pub use explain::{Check, Explanation, Ruling};
pub use giver::Giver;
pub use origin::{Origin, role_name};
pub use permissions::{Permissions, Unrestricted};
pub use reach::{Own, Reach};
pub use sessions::{Begun, COOKIE, SINGLE_SIGN_ON, Session, SessionSettings, Sessions, Visitor};
pub use throttle::Throttle;
