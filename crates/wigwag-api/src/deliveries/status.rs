//! How deliveries to a subscriber went lately.

use wigwag_kit::{Ctx, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Kind;
use wigwag_store::{AttemptOutcome, DocKey};

use super::subscriber::name;

/// Failures that are told.
const ERRORS: u32 = 10;

/// How the deliveries went that are kept.
pub struct DeliveryStatus {
    /// Deliveries that arrived.
    pub arrived: u64,
    /// When the last one arrived.
    pub last_success: Option<Millis>,
    /// Tries that failed.
    pub failed: u64,
    /// When the last one failed.
    pub last_error: Option<Millis>,
    /// The last failures, newest first.
    pub errors: Vec<AttemptOutcome>,
}

impl DeliveryStatus {
    /// Of the subscriber with this id.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn of(ctx: &Ctx, kind: Kind, id: &str) -> Result<Self> {
        let found = ctx.store().delivery_summary(&name(&DocKey::account(kind, id)), ERRORS).await?;
        Ok(Self {
            arrived: found.arrived,
            last_success: found.last_arrival,
            failed: found.failed,
            last_error: found.failures.first().map(|outcome| outcome.at),
            errors: found.failures,
        })
    }
}
