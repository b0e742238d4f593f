//! The status of a flag in an environment: new, active, launched or inactive (behaviour.md 15).

mod operations;
mod rule;

pub(super) use operations::{Across, StatusRep, Statuses, across, all, one};
