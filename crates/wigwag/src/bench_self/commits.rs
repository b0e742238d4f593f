//! Commits of one document each, as a patch makes them: every one is on disk before the next of its writer.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use wigwag_model::doc::Kind;
use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Store, StoreConfig, Write};

use super::{millis, share};

pub(super) struct Figures {
    a_second: f64,
    median: Duration,
    slow: Duration,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { a_second, median, slow } = self;
        write!(f, "{a_second:>8.0} a second, median {:.2} ms, p99 {:.2} ms", millis(*median), millis(*slow))
    }
}

/// Lets so many writers commit for a while into a new database in `dir`.
pub(super) async fn measure(dir: &Path, writers: usize, time: Duration) -> anyhow::Result<Figures> {
    let store = Store::open(&StoreConfig::sqlite(dir)).await?;
    let began = Instant::now();
    let tasks: Vec<_> = (0..writers).map(|writer| tokio::spawn(write(store.clone(), writer, began + time))).collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let took = began.elapsed();
    store.close().await;
    times.sort_unstable();
    let a_second = times.len() as f64 / took.as_secs_f64();
    Ok(Figures { a_second, median: share(&times, 0.5), slow: share(&times, 0.99) })
}

async fn write(store: Store, writer: usize, until: Instant) -> anyhow::Result<Vec<Duration>> {
    // As large as a flag's configuration usually is.
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(1500));
    let key = DocKey::in_project(Kind::Flag, "bench", format!("flag-{writer}"));
    let mut times = Vec::new();
    while Instant::now() < until {
        let n = times.len() as u64;
        let facts = IndexFacts::new().text("name", format!("name {n}"));
        let put = match n {
            0 => Write::create(key.clone(), body.clone(), facts),
            _ => Write::update(key.clone(), n, body.clone(), facts),
        };
        let change = NewChange { id: format!("{writer}-{n}"), body: body.clone(), ..NewChange::default() };
        let began = Instant::now();
        store.commit(Commit::new(vec![put], change)).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}
