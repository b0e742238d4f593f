//! Lists: a page of 20 and the total, filtered and sorted, of projects with many flags.

use anyhow::Result;
use std::time::{Duration, Instant};
use wigwag_model::doc::Kind;
use wigwag_store::testing::Server;
use wigwag_store::{Commit, DocKey, IndexFacts, ListQuery, NewChange, Predicate, Store, StoreConfig, Write};

const SIZES: &[u64] = &[10_000, 50_000];
/// Lists of each sort; the fastest counts, since the machine has other things to do.
const TIMES: usize = 25;

pub(super) async fn table(server: &Server) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let sqlite = Store::open(&StoreConfig::sqlite(dir.path())).await?;
    super::bare::execute(&server.url("postgres"), "CREATE DATABASE lists").await?;
    let postgres = Store::open(&StoreConfig::postgres(server.url("lists"))).await?;
    for size in SIZES {
        for store in [&sqlite, &postgres] {
            fill(store, *size).await?;
        }
    }
    // What autovacuum does a minute after such a load.
    super::bare::execute(&server.url("lists"), "VACUUM ANALYZE").await?;

    println!("Lists: a page of 20 and the total, best of {TIMES}, ms\n");
    println!("| list | matches of 50,000 | SQLite 10,000 | SQLite 50,000 | PostgreSQL 10,000 | PostgreSQL 50,000 |");
    println!("|---|---|---|---|---|---|");
    for (name, make) in lists() {
        let mut cells = Vec::new();
        let mut matches = 0;
        for store in [&sqlite, &postgres] {
            for size in SIZES {
                let project = project(*size);
                let (took, total) = best(store, make(&project)).await?;
                cells.push(format!("{:.2}", took.as_secs_f64() * 1e3));
                matches = total;
            }
        }
        println!("| {name} | {matches} | {} |", cells.join(" | "));
    }
    println!();
    sqlite.close().await;
    postgres.close().await;
    Ok(())
}

type MakeList = fn(&str) -> ListQuery<'_>;

fn lists() -> Vec<(&'static str, MakeList)> {
    fn all(project: &str) -> ListQuery<'_> {
        ListQuery::in_project(Kind::Flag, project).page(20, 0)
    }
    fn live(project: &str, more: Predicate) -> ListQuery<'_> {
        all(project).filter(Predicate::And(vec![Predicate::eq("archived", "false"), more])).sort("creationDate", true)
    }
    fn contains(needle: &str) -> Predicate {
        Predicate::any_contains(&["key", "name"], needle)
    }
    vec![
        ("all, by key", |p| all(p)),
        ("all, newest first", |p| all(p).sort("creationDate", true)),
        ("all, by name, page 100", |p| all(p).page(20, 2000).sort("name", false)),
        ("not archived, newest first", |p| {
            all(p).filter(Predicate::eq("archived", "false")).sort("creationDate", true)
        }),
        ("tag of 1 in 2, by name", |p| all(p).filter(Predicate::eq("tags", "half")).sort("name", false)),
        ("tag of 1 in 100, by name", |p| all(p).filter(Predicate::eq("tags", "team-7")).sort("name", false)),
        ("not archived and tag of 1 in 10, newest first", |p| live(p, Predicate::eq("tags", "area-3"))),
        ("not archived and tag of 1 in 2, newest first", |p| live(p, Predicate::eq("tags", "half"))),
        ("not archived and one of two maintainers", |p| {
            let values = vec!["m1".into(), "m2".into()];
            live(p, Predicate::TextAnyOf { field: "maintainer".into(), values })
        }),
        ("created in the last 1 in 10, newest first", |p| {
            let min = Some(CREATED + 1000 * 45_000);
            let recent = Predicate::NumberRange { field: "creationDate".into(), min, max: None };
            all(p).filter(recent).sort("creationDate", true)
        }),
        ("name or key contains, rare, by key", |p| all(p).filter(contains("g-123"))),
        ("name or key contains, none", |p| all(p).filter(contains("nowhere"))),
        ("name or key contains, all", |p| all(p).filter(contains("flag"))),
        ("not archived and name or key contains, rare", |p| live(p, contains("g-123"))),
        ("without maintainer, by key", |p| {
            all(p).filter(Predicate::Not(Box::new(Predicate::Exists { field: "maintainer".into() })))
        }),
    ]
}

async fn best(store: &Store, query: ListQuery<'_>) -> Result<(Duration, u64)> {
    let mut took = Duration::MAX;
    let mut total = 0;
    for _ in 0..TIMES {
        let began = Instant::now();
        total = store.list(&query).await?.total;
        took = took.min(began.elapsed());
    }
    Ok((took, total))
}

const CREATED: i64 = 1_700_000_000_000;

fn project(size: u64) -> String {
    format!("p{size}")
}

/// Flags with the facts that lists of flags ask for.
async fn fill(store: &Store, size: u64) -> Result<()> {
    let project = project(size);
    let flags: Vec<u64> = (0..size).collect();
    for (n, some) in flags.chunks(500).enumerate() {
        let writes = some.iter().map(|i| {
            // Keys in another order than dates, as in life.
            let key = format!("flag-{}", i * 7919 % size);
            let body = format!(r#"{{"key":"{key}","name":"The Flag {i}","filler":"{}"}}"#, "x".repeat(1000));
            Write::create(DocKey::in_project(Kind::Flag, project.as_str(), key), body, facts(*i))
        });
        let change = NewChange { id: format!("{project}-{n}"), body: "{}".into(), ..NewChange::default() };
        store.commit(Commit::new(writes.collect(), change)).await?;
    }
    Ok(())
}

fn facts(i: u64) -> IndexFacts {
    let maintainer = (!i.is_multiple_of(3)).then(|| format!("m{}", i % 50));
    let half = i.is_multiple_of(2).then_some("half".to_owned());
    let tags = [format!("team-{}", i % 100), format!("area-{}", i % 10)].into_iter().chain(half);
    IndexFacts::new()
        .text("name", format!("The Flag {i}"))
        .many("tags", tags)
        .text("archived", if i.is_multiple_of(20) { "true" } else { "false" })
        .text("kind", if i.is_multiple_of(4) { "multivariate" } else { "boolean" })
        .text("temporary", if i.is_multiple_of(5) { "true" } else { "false" })
        .maybe_text("maintainer", maintainer)
        .number("creationDate", CREATED + 1000 * i as i64)
}
