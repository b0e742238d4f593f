//! Endpoints of client-side SDKs: flags evaluated for one context, and their events
//! (sdk-protocol.md sections 3.8, 5 and 6).
//!
//! What others build on: [`Caller`] is who asks and what they may see, [`Asked`] the context they ask for,
//! [`results`] the evaluation of all flags.

mod caller;
mod context;
pub(crate) mod cors;
mod evaluate;
mod events;
mod objects;
mod routes;
mod spare;
mod streams;

pub(crate) use caller::{Caller, token};
pub(crate) use context::{Asked, vouched};
pub(crate) use evaluate::{known, ready};
pub(crate) use routes::{Params, ROUTES, Route, routes, serve};
