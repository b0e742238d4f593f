//! One batch, in one transaction.

mod contexts;
mod index;
mod instances;
mod rollups;
mod usage;

use super::names::Names;
use super::person::Erasures;
use super::session::Session;
use super::types::Batch;
use crate::Result;

pub(super) use index::{Changes, apply};
pub(super) use usage::FALLBACK;

/// How precisely it is known when something was last seen, in milliseconds: rows that are seen all the
/// time are not written all the time.
const GRAIN: i64 = 60_000;
/// Rows looked up with one statement.
const LOOKUP: usize = 500;

/// Writes what a batch tells. The caller begins and ends the transaction. Answers how many flags were too many.
pub(super) async fn batch(db: &mut Session, names: &mut Names, batch: &Batch) -> Result<u64> {
    let left = Erasures::load(db).await?.applied(batch);
    let batch = left.as_ref().unwrap_or(batch);
    let ids = contexts::record(db, names, &batch.sightings).await?;
    instances::record(db, names, &batch.sightings, &ids).await?;
    let refused = usage::record(db, names, &batch.usage).await?;
    rollups::tallies(db, names, &batch.tallies).await?;
    rollups::uniques(db, names, &batch.uniques).await?;
    rollups::metrics(db, names, &batch.metrics).await?;
    Ok(refused)
}
