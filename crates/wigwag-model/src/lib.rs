//! Keys, ids, domain types and SDK wire types: no HTTP, no SQL, no async.

pub mod clause;
pub mod context;
pub mod flag;
pub mod hash;
pub mod kind;
mod lenient;
pub mod reference;
pub mod rollout;
pub mod segment;
