//! By which contexts are found: terms, and the contexts that have each.
//!
//! What a transaction adds is one run: blocks of packed postings in order, written once. Sixteen runs of a level
//! are merged into one of the next, a little with every transaction, so that writing costs the same however many
//! contexts there are, and looking up goes through a few dozen runs. How far a merge has come is in the database:
//! any process goes on with it. What went is a posting of its own, until it meets the end of the oldest run.

mod block;
mod joined;
mod read;
mod term;
mod write;

pub(crate) use block::posting;
pub(crate) use term::{Range, number, text, value_of};
pub(crate) use write::{Postings, add};
