//! From batches of SDK events to contexts and usage in the store (sdk-protocol.md 6).
//!
//! An [`Intake`] takes batches where requests are answered: it never waits, and refuses what there is no
//! room for. A [`Pipeline`] reads them, sums up what came within a moment, and records it in one
//! transaction. A batch that was taken is in memory until then: a crash of the process loses it.

mod intake;
mod metrics;
mod pipeline;
mod read;
mod repeats;
mod upkeep;

pub use intake::Intake;
pub use metrics::EventMetrics;
pub use pipeline::Pipeline;
pub use read::read;
pub use upkeep::{RETENTION, upkeep};
