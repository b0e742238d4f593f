//! `POST /auditlog/counts`: how many entries, over time. A series that is computed, with no
//! document of its own.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_store::ChangeRow;

use super::search::Search;
use crate::read::Sight;

/// Entries over time.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    /// Oldest first; each counts from its time to the next.
    buckets: Vec<Bucket>,
    /// Entries in the range.
    total_count: u64,
    /// Length of a bucket in milliseconds.
    bucket_interval_ms: Millis,
}

/// A stretch of time.
#[derive(Serialize, JsonSchema)]
struct Bucket {
    /// When it begins, in milliseconds since the epoch.
    timestamp: Millis,
    /// Entries within it.
    count: u64,
}

pub(super) async fn counts(ctx: Ctx, request: Request) -> Result<Reply> {
    let buckets = match request.query_number("buckets")? {
        None | Some(0) => 50,
        Some(n @ 1..=500) => n,
        Some(_) => return Err(Error::field("buckets", "must be between 1 and 500")),
    };
    let search = Search::read(&request)?;
    let (Some(after), before) = search.range() else { return Err(Error::missing("after")) };
    let before = before.unwrap_or_else(|| ctx.app.clock.now());
    if before <= after {
        return Err(Error::field("after", "must be before 'before'"));
    }
    let interval = (before - after + buckets - 1) / buckets;
    let mut counts = vec![0_u64; usize::try_from(buckets).unwrap_or(500)];
    let count = |row: ChangeRow| {
        let bucket = usize::try_from((row.change.at - after) / interval).unwrap_or(usize::MAX);
        counts.get_mut(bucket).into_iter().for_each(|count| *count += 1);
        true
    };
    search.walk(&ctx, &mut Sight::default(), usize::MAX, count).await?;
    let total_count = counts.iter().sum();
    let bucket = |(i, count)| Bucket { timestamp: after + interval * i, count };
    Reply::json(&Counts { buckets: (0..).zip(counts).map(bucket).collect(), total_count, bucket_interval_ms: interval })
}
