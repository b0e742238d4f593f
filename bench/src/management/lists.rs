//! Lists of flags over REST.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::client::{Client, Tally, get};
use super::server::Running;

const LISTS: &[(&str, &str)] = &[
    ("page of 20", "limit=20"),
    ("page of 20 with an environment", "limit=20&filter=filterEnv:test"),
    ("page of 20, live and tag of 1 in 10, newest first", "limit=20&filter=state:live,tags:area-3&sort=-creationDate"),
    ("page of 20, tag of 1 in 100, by name", "limit=20&filter=tags:team-7&sort=name"),
    ("page of 20, name or key contains, rare", "limit=20&filter=query:g-123"),
    ("whole page of 100", "limit=100"),
    ("whole page of 100, from 5,000", "limit=100&offset=5000"),
];

pub(super) const HEAD: &str = "\
| list | engine | flags | matches | body | p50 ms | p99 ms | /s with 1 connection | /s with 8 |
|---|---|--:|--:|--:|--:|--:|--:|--:|";

/// Rows, one for each list; times are those of one connection.
pub(super) async fn rows(engine: &str, server: &Running, flags: usize, each: Duration) -> Result<Vec<String>> {
    let mut rows = Vec::new();
    for (name, query) in LISTS {
        let request = get(&format!("/api/v2/flags/default?{query}"));
        let mut client = Client::connect(server.address).await?;
        let body = client.succeed(&request).await?;
        let found: Value = serde_json::from_slice(body)?;
        let total = found["totalCount"].as_u64().context("a list without totalCount")?;
        let kib = body.len() as f64 / 1024.0;
        let (mut alone, mut crowd) = (Tally::default(), Tally::default());
        for (tally, connections) in [(&mut alone, 1), (&mut crowd, 8)] {
            let request = request.clone();
            tally.round(server.address, (connections, each), move |_, _| request.clone()).await?;
        }
        rows.push(format!(
            "| {name} | {engine} | {flags} | {total} | {kib:.0} KiB | {:.2} | {:.2} | {:.0} | {:.0} |",
            alone.at(0.5),
            alone.at(0.99),
            alone.rate,
            crowd.rate
        ));
    }
    rows.push(whole(engine, server, flags).await?);
    Ok(rows)
}

/// A row: every flag once, page by page as a client that follows `next` reads them.
async fn whole(engine: &str, server: &Running, flags: usize) -> Result<String> {
    let mut client = Client::connect(server.address).await?;
    let (mut times, mut bytes, began) = (Vec::new(), 0, Instant::now());
    let mut next = Some("/api/v2/flags/default?limit=100".to_owned());
    while let Some(page) = next {
        let asked = Instant::now();
        let body = client.succeed(&get(&page)).await?;
        times.push(asked.elapsed().as_secs_f64() * 1e3);
        bytes += body.len();
        let found: Value = serde_json::from_slice(body)?;
        next = found["_links"]["next"]["href"].as_str().map(str::to_owned);
    }
    times.sort_by(f64::total_cmp);
    let (all, kib) = (began.elapsed().as_secs_f64() * 1e3, bytes / 1024);
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    Ok(format!(
        "| all in {} pages: {all:.0} ms | {engine} | {flags} | {flags} | {kib} KiB | {median:.2} | {slowest:.2} (max) | | |",
        times.len()
    ))
}
