//! The resource kit: what every REST operation has in common, written once.
//!
//! A resource file in `wigwag-api` states what is particular to it; the kit decodes, checks
//! the caller, pages, filters, sorts, expands, patches, links, records and renders.
//! The kit knows no resource and no SQL.

pub mod access;
pub mod based;
pub mod body;
pub mod change;
pub mod contract;
pub mod ctx;
pub mod error;
pub mod expand;
pub mod filter;
pub mod gate;
pub mod json;
pub mod links;
mod made;
mod named;
pub mod openapi;
pub mod operation;
pub mod page;
pub mod past;
pub mod patch;
pub mod query;
pub mod request;
pub mod resource;
pub mod secrets;
pub mod selectors;
pub mod series;
pub mod serve;
pub mod sort;
pub mod spec;
pub mod trace;
pub mod version;

pub use access::{Acting, Authenticator, Authority, BoxFuture, Caller, Decision, Proof, Proofs};
pub use body::{Body, Upload};
pub use change::{Change, Target};
pub use ctx::{App, Ctx};
pub use error::{Error, Result};
pub use expand::Expand;
pub use gate::{Gate, Gatekeeper};
pub use links::Links;
pub use operation::{Operation, Operations};
pub use page::{Collection, Page};
pub use patch::{Dialects, Patch};
pub use request::{Peer, Reply, Request};
pub use resource::{Resource, Standard};
pub use secrets::Keyring;
pub use serve::Server;
pub use spec::Spec;
pub use version::ApiVersion;
