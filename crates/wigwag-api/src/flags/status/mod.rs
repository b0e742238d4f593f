//! The status of a flag in an environment: new, active, launched or inactive (behaviour.md 15).

mod filter;
mod glance;
mod operations;
mod rule;

pub(super) use filter::with_status;
pub(super) use glance::{Asked, Glance, some};
pub(super) use operations::{Across, StatusRep, Statuses, across, all, one};
