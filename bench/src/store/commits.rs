//! Durable commits a second: one flag configuration and its audit row.

use super::bare::{self, Bare};
use super::{audit_body, config_body};
use anyhow::Result;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use wigwag_model::doc::Kind;
use wigwag_store::testing::Server;
use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Store, StoreConfig, Write};

const WRITERS: &[u64] = &[1, 8, 64];
/// Times that each figure is taken; the contenders take turns and the best counts.
const ROUNDS: usize = 3;

pub(super) async fn table(server: &Server, each: Duration, only: &str) -> Result<()> {
    println!("Durable commits a second (one flag configuration of 1 KB and its audit row of 700 bytes)\n");
    println!("| engine | writers | Wigwag | bare | bare, grouped | Wigwag / better bare |");
    println!("|---|---|---|---|---|---|");
    if only != "postgres" {
        sqlite(each).await?;
    }
    if only != "sqlite" {
        postgres(server, each).await?;
    }
    println!();
    Ok(())
}

async fn sqlite(each: Duration) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let sqlite = Store::open(&StoreConfig::sqlite(dir.path().join("store"))).await?;
    let bare = Arc::new(Bare::sqlite(&dir.path().join("bare.db"))?);
    engine("SQLite", &sqlite, bare, each).await?;
    sqlite.close().await;
    Ok(())
}

async fn postgres(server: &Server, each: Duration) -> Result<()> {
    bare::execute(&server.url("postgres"), "CREATE DATABASE store").await?;
    bare::execute(&server.url("postgres"), "CREATE DATABASE bare").await?;
    let postgres = Store::open(&StoreConfig::postgres(server.url("store"))).await?;
    let bare = Arc::new(Bare::postgres(&server.url("bare")).await?);
    engine("PostgreSQL", &postgres, bare, each).await?;
    postgres.close().await;
    Ok(())
}

async fn engine(name: &str, store: &Store, bare: Arc<Bare>, each: Duration) -> Result<()> {
    for writer in 0..64 {
        let create = Write::create(config(writer), config_body(0), facts());
        store.commit(Commit::new(vec![create], change(writer, 0))).await?;
    }
    let versions: Arc<Vec<AtomicU64>> = Arc::new((0..64).map(|_| AtomicU64::new(1)).collect());
    for writers in WRITERS {
        let (mut ours, mut single, mut grouped) = (0.0_f64, 0.0_f64, 0.0_f64);
        for _ in 0..ROUNDS {
            let (store, versions) = (store.clone(), Arc::clone(&versions));
            let once = move |writer| ours_once(store.clone(), Arc::clone(&versions), writer);
            ours = ours.max(rate(*writers, each, once).await?);
            single = single.max(bare.single(*writers, each).await?);
            grouped = grouped.max(bare.grouped(*writers, each).await?);
        }
        let ratio = ours / single.max(grouped);
        println!("| {name} | {writers} | {ours:.0} | {single:.0} | {grouped:.0} | {ratio:.2} |");
    }
    Ok(())
}

/// Calls `once` from so many tasks until the time is over.
pub(super) async fn rate<F, R>(writers: u64, each: Duration, once: F) -> Result<f64>
where
    F: Fn(u64) -> R + Clone + Send + 'static,
    R: Future<Output = Result<()>> + Send,
{
    let began = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let once = once.clone();
            tokio::spawn(async move {
                let mut done = 0_u64;
                while began.elapsed() < each {
                    once(writer).await?;
                    done += 1;
                }
                anyhow::Ok(done)
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await??;
    }
    Ok(done as f64 / began.elapsed().as_secs_f64())
}

/// Writes the next version of the writer's own document with its entry.
async fn ours_once(store: Store, versions: Arc<Vec<AtomicU64>>, writer: u64) -> Result<()> {
    let mine = &versions[writer as usize];
    let version = mine.load(Ordering::Relaxed);
    let write = Write::update(config(writer), version, config_body(version), facts());
    let done = store.commit(Commit::new(vec![write], change(writer, version))).await?;
    mine.store(done.versions[0], Ordering::Relaxed);
    Ok(())
}

fn config(writer: u64) -> DocKey {
    DocKey::in_env(Kind::FlagConfig, "web", "test", format!("flag-{writer}"))
}

fn facts() -> IndexFacts {
    IndexFacts::new().text("on", "true").number("lastModified", 1_700_000_000_000)
}

fn change(writer: u64, version: u64) -> NewChange {
    NewChange {
        id: format!("{writer:08x}{version:016x}"),
        at: 1_700_000_000_000 + version as i64,
        kind: "flag".into(),
        project: "web".into(),
        name: "Flag".into(),
        member_id: Some("5f1e2d3c4b5a697887960001".into()),
        token_id: None,
        resources: vec!["proj/web:env/test:flag/a".into()],
        body: audit_body(version),
    }
}

/// The next number for a bare row.
pub(super) fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
