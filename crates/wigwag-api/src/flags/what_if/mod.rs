//! Who would get another variation if a flag were changed. Nothing is written.

mod answer;
pub mod compare;
mod contexts;
mod job;

pub(super) use answer::{Proposal, WhatIf, what_if};

/// Contexts are evaluated up to so many, the most recently seen first.
const MOST_CONTEXTS: usize = 100_000;
