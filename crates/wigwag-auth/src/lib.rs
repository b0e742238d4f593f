//! Who is calling, and what they may do. Decides; never renders.
//!
//! [`Tokens`] turns an `Authorization` header into a caller, [`Sessions`] a cookie, [`Callers`] either;
//! [`Permissions`] answers for a member or a token, [`policy`] holds the grammar and the base roles, [`secret`] and [`password`] keep
//! credentials at rest.

mod authenticator;
mod callers;
pub mod cookie;
pub mod password;
mod permissions;
pub mod policy;
mod reach;
pub mod secret;
mod sessions;
pub mod throttle;
pub mod totp;

pub use authenticator::Tokens;
pub use callers::Callers;
pub use permissions::{Permissions, Unrestricted};
pub use reach::Reach;
pub use sessions::{Begun, COOKIE, Session, SessionSettings, Sessions, Visitor};
pub use throttle::Throttle;
