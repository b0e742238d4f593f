//! Contexts: recording them, and searching a million.

use anyhow::{Context as _, Result, bail};
use std::time::{Duration, Instant};
use wigwag_store::testing::Server;
use wigwag_store::volume::{Batch, ContextFilter, Cursor, InstanceFilter, PageOf, Part, Sighting, Test};
use wigwag_store::{Store, StoreConfig};

const HELP: &str = "\
wigwag-bench contexts [N [E]]     records N contexts (1000000) in one environment and searches them, on engine E
                                  only (sqlite or postgres) or on both
PostgreSQL is a private server with its default settings; both engines write below the temporary folder.";

const ENV: &str = "5f1e2d3c4b5a697887960000";
/// Contexts recorded in one transaction: what comes in the tenth of a second that the pipeline collects, at the rate
/// aimed at.
const BATCH: usize = 5000;
/// Contexts after which the rate is told.
const PART: usize = 100_000;
/// Searches of each sort.
const TIMES: usize = 25;
const START: i64 = 1_700_000_000_000;

/// Runs the subcommand.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let size = arguments.first().map_or(Ok(1_000_000), |text| text.parse()).context(HELP)?;
    let only = arguments.get(1).map_or("", String::as_str);
    if !matches!(only, "" | "sqlite" | "postgres") {
        bail!("{HELP}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if only != "postgres" {
            let dir = tempfile::tempdir()?;
            let store = Store::open(&StoreConfig::sqlite(dir.path())).await?;
            table("SQLite", &store, size).await?;
            let bytes = std::fs::metadata(dir.path().join("events.db"))?.len();
            println!("\nevents.db: {} bytes a context\n", bytes / size as u64);
            store.close().await;
        }
        if only != "sqlite" {
            let server = Server::start(true)?;
            crate::store::bare::execute(&server.url("postgres"), "CREATE DATABASE contexts").await?;
            let store = Store::open(&StoreConfig::postgres(server.url("contexts"))).await?;
            record(&store, size).await?;
            crate::store::bare::execute(&server.url("contexts"), "VACUUM ANALYZE").await?;
            search("PostgreSQL", &store, size).await?;
            store.close().await;
        }
        Ok(())
    })
}

async fn table(engine: &str, store: &Store, size: usize) -> Result<()> {
    record(store, size).await?;
    search(engine, store, size).await
}

/// A user with seven attributes: a name, an address, a country of 200, a plan of 3, an age, a flag, a date.
fn user(n: usize) -> Sighting {
    let spread = n.wrapping_mul(2_654_435_761) % 1_000_003;
    let (country, plan, age) = (spread % 200, ["free", "pro", "gold"][spread % 3], 18 + spread % 70);
    let body = format!(
        "{{\"kind\":\"user\",\"key\":\"user-{n:08}\",\"name\":\"Name{spread} Family{}\",\
         \"email\":\"name{spread}@mail{}.example\",\"country\":\"c{country:03}\",\"plan\":\"{plan}\",\"age\":{age},\
         \"beta\":{},\"since\":\"20{:02}-03-0{}T00:00:00Z\"}}",
        spread % 5000,
        spread % 50,
        spread.is_multiple_of(10),
        10 + spread % 15,
        1 + spread % 9,
    );
    Sighting {
        env: ENV.into(),
        at: START + n as i64 * 10,
        application: "bench/1".into(),
        anonymous: Vec::new(),
        parts: vec![Part { kind: "user".into(), key: format!("user-{n:08}"), body: Some(body) }],
    }
}

async fn record(store: &Store, size: usize) -> Result<()> {
    let (began, mut slowest, mut part, mut rates) = (Instant::now(), Duration::ZERO, Instant::now(), Vec::new());
    let batch = move |first: usize| Batch {
        sightings: (first..(first + BATCH).min(size)).map(user).collect(),
        ..Batch::default()
    };
    // One is made while the other is recorded, as the pipeline reads the next events meanwhile.
    let mut next = Some(batch(0));
    for first in (0..size).step_by(BATCH) {
        let Some(now) = next.take() else { break };
        let each = Instant::now();
        let made = tokio::task::spawn_blocking(move || (first + BATCH < size).then(|| batch(first + BATCH)));
        store.volume().record(now).await?;
        slowest = slowest.max(each.elapsed());
        next = made.await?;
        if (first + BATCH).is_multiple_of(PART) || first + BATCH >= size {
            let many = (first + BATCH).min(size) - rates.len() * PART;
            rates.push(format!("{:.0}", many as f64 / part.elapsed().as_secs_f64() / 1e3));
            eprintln!("{} of {size} recorded: {} thousand a second", first + BATCH, rates[rates.len() - 1]);
            part = Instant::now();
        }
    }
    let rate = size as f64 / began.elapsed().as_secs_f64();
    println!("Recording {size} new contexts: {rate:.0}/s in batches of {BATCH}, the slowest in {slowest:.1?}");
    println!("In thousands a second, each {PART} by themselves: {}", rates.join(", "));
    let again = (0..BATCH).map(user).map(|seen| Sighting { at: START + 100_000_000, ..seen }).collect();
    let began = Instant::now();
    store.volume().record(Batch { sightings: again, ..Batch::default() }).await?;
    println!("{BATCH} of them seen again: {:.1?}\n", began.elapsed());
    Ok(())
}

fn searches(size: usize) -> Vec<(&'static str, ContextFilter)> {
    let is = |name: &str, value: &str| ContextFilter::attribute(Some("user"), name, Test::AnyOf(vec![value.into()]));
    let prefix = |name: &str, text: &str| ContextFilter::attribute(None, name, Test::Prefix(text.into()));
    let key = |n: usize| format!("user-{n:08}");
    vec![
        ("all, by time", ContextFilter::every()),
        ("key equals", ContextFilter::Key(vec![key(size / 2)])),
        ("key startsWith, 100", ContextFilter::KeyPrefix(key(size / 2)[..11].to_owned())),
        ("email equals", is("email", "name500000@mail0.example")),
        ("name startsWith", prefix("name", "Name12345")),
        ("q, a word inside", ContextFilter::words("family4321")),
        ("country equals, 1 in 200", is("country", "c007")),
        ("plan equals, 1 in 3", is("plan", "gold")),
        ("beta equals, 1 in 10", is("beta", "true")),
        ("country and plan", ContextFilter::All(vec![is("country", "c007"), is("plan", "gold")])),
        ("plan and email", ContextFilter::All(vec![is("plan", "gold"), is("email", "name500000@mail0.example")])),
        ("since after, 1 in 15", ContextFilter::attribute(None, "since", Test::Above(1_700_000_000_000))),
        ("not plan", ContextFilter::Not(Box::new(is("plan", "gold")))),
        ("nothing", is("country", "nowhere")),
    ]
}

async fn search(engine: &str, store: &Store, size: usize) -> Result<()> {
    println!("{engine}: a page of 20 of {size} contexts, median and slowest of {TIMES}, ms\n");
    println!("| search | matches counted | with count | without | a page from the middle |");
    println!("|---|---|---|---|---|");
    let middle = Cursor { seen: START + size as i64 * 5, id: i64::MAX };
    for (name, filter) in searches(size) {
        let page = |after, count| PageOf { limit: 20, after, ascending: false, count };
        let find = async |page| store.volume().contexts(ENV, &filter, page).await;
        let total = find(page(None, true)).await?.total.unwrap_or(0);
        let mut cells = Vec::new();
        for page in [page(None, true), page(None, false), page(Some(middle), false)] {
            cells.push(timed(async || find(page).await.map(drop)).await?);
        }
        println!("| {name} | {total} | {} |", cells.join(" | "));
    }
    let page = PageOf { limit: 20, after: None, ascending: false, count: false };
    let volume = store.volume();
    let all = timed(async || volume.instances(ENV, &InstanceFilter::every(), page).await.map(drop)).await?;
    let keys = InstanceFilter::KeysHave([("user".to_owned(), format!("user-{:08}", size / 2))].into());
    let one = timed(async || volume.instances(ENV, &keys, page).await.map(drop)).await?;
    let names = timed(async || volume.attributes(ENV, None, None, 100).await.map(drop)).await?;
    let values = timed(async || volume.values(ENV, "country", None, None, 50).await.map(drop)).await?;
    let rare = timed(async || volume.values(ENV, "email", None, Some("name77"), 50).await.map(drop)).await?;
    println!("\ninstances {all}, of one context {one}; attribute names {names}, values {values}, of many {rare}");
    Ok(())
}

/// Median and slowest of some runs, in milliseconds.
async fn timed(run: impl AsyncFn() -> wigwag_store::Result<()>) -> Result<String> {
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let began = Instant::now();
        run().await?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(format!("{:.2} / {:.2}", times[TIMES / 2], times[TIMES - 1]))
}
