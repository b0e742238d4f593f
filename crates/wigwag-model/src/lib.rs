//! Keys, ids, domain documents and SDK wire types: no HTTP, no SQL, no async.
//!
//! `doc` holds what Wigwag stores; the other modules hold what SDKs exchange.
//! Nothing here evaluates, authorises or talks to anything.

pub mod clock;
pub mod doc;
pub mod id;
pub mod key;
pub mod kind;
