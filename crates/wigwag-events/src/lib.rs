//! From batches of SDK events to contexts and usage in the store (sdk-protocol.md 6).
//!
//! An [`Intake`] takes batches where requests are answered: it writes them to a journal on this machine's disk, and
//! refuses what there is no room for. A [`Pipeline`] reads the journal, sums up what came within a moment, and records
//! it in one transaction together with how far it has come: a crash loses nothing that was taken, nor counts it twice.
//! A relay has an [`Onward`] in its place, which sends batches to another server.

mod connections;
mod intake;
mod journal;
mod metrics;
mod onward;
mod pipeline;
mod read;
mod repeats;
mod tail;
mod upkeep;

pub use connections::count_connections;
pub use intake::Intake;
pub use journal::{JournalConfig, Write};
pub use metrics::EventMetrics;
pub use onward::{Destination, Onward, Sent};
pub use pipeline::Pipeline;
pub use read::read;
pub use tail::{Listener, Tail};
pub use upkeep::{Retention, upkeep};
