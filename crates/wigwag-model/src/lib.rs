//! Keys, ids, domain documents and SDK wire types: no HTTP, no SQL, no async.
//!
//! `doc` holds what Wigwag stores; `flag`, `segment`, `context` and their parts hold what
//! SDKs exchange. Nothing here evaluates, authorises or talks to anything.

pub mod clause;
pub mod clock;
pub mod context;
pub mod doc;
pub mod flag;
pub mod hash;
pub mod id;
pub mod key;
pub mod kind;
mod lenient;
pub mod publish;
pub mod reference;
pub mod rollout;
pub mod segment;
pub mod tail;
