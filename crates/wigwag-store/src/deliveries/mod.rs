//! What subscribers of the log are owed: a cursor over the log, and a row for each change and subscriber it
//! matters to.
//!
//! [`Store::plan_deliveries`] moves the cursor and writes the rows of what it passes over in one transaction, on
//! the condition that the cursor is where it was read. So each committed change is planned exactly once, whoever
//! plans and whenever a process ends; none is planned that is not committed. A delivery is claimed for a time
//! before it is tried, and only its claimant may say what became of it.

mod plan;
mod read;
mod work;

/// The statements that the writer of PostgreSQL prepares.
pub(crate) fn prepared() -> impl Iterator<Item = &'static &'static str> {
    plan::PREPARED.iter().chain(work::PREPARED)
}

pub use plan::{DeliveryReason, NewDelivery};
pub use read::{Delivery, DeliveryAttempt, DeliveryState, DeliverySummary};
pub use work::{AttemptOutcome, NextTry};
