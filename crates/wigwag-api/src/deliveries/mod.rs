//! Telling other systems of changes: webhooks and integrations, from an outbox. behaviour.md 14.
//!
//! The change log is the outbox: each change is in it with the same commit, in order and for good. A [`Deliverer`]
//! goes through it and notes, together with how far it got, which subscriber is owed what; then it makes what is
//! owed, for each subscriber one at a time and the oldest first, until it arrives or was tried often enough. Any
//! number of processes may do so on one database: `wigwag_store::Store::plan_deliveries` and `claim_delivery`.

mod attempt;
mod metrics;
mod ops;
mod plan;
mod rep;
mod runner;
mod status;
mod subscriber;

pub use metrics::DeliveryMetrics;
pub use ops::ops;
pub use runner::{Bell, Deliverer};
pub use status::DeliveryStatus;
pub use subscriber::{DeliveryIds, Subscriber, SubscriberKind};

use wigwag_kit::Error;

/// The tag of the operations on deliveries.
pub const TAG: &str = "Wigwag: deliveries";
/// The query of their lists.
pub const PAGE: &[(&str, &str)] = &[("limit", "integer"), ("offset", "integer")];

/// Tries of one delivery, the first included.
pub const TRIES: u64 = 12;

/// For the log, where faults of ours may be told.
fn cause(error: &Error) -> String {
    match error {
        Error::Internal(cause) => cause.clone(),
        other => other.to_string(),
    }
}
