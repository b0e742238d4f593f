//! Snapshots: the cost of a start, of a change, and of a body after a change, by number of flags.

use std::time::{Duration, Instant};

use serde_json::json;
use wigwag_live::{MemoryLog, MemoryWrite, Part, World};
use wigwag_model::doc::Kind;

/// Changes timed at each size.
const CHANGES: usize = 200;

/// Prints a table for `bench/results/`.
pub(crate) fn run() {
    println!("| flags | rebuild | one change | `put` after a change | gzip first | gzip after a change | body |");
    println!("|---|---|---|---|---|---|---|");
    for flags in [100, 1_000, 10_000] {
        println!("{}", row(flags));
    }
}

fn row(flags: usize) -> String {
    let log = MemoryLog::default();
    log.commit(environment(flags));
    let rebuild = (0..10).map(|_| log.state()).map(|state| timed(|| World::rebuild(state)).0).min().unwrap_or_default();
    let mut world = World::rebuild(log.state());
    let body = newest(&world).body(Part::All).len();
    let (gzip_first, _) = timed(|| newest(&world).gzip(Part::All).len());
    let (mut change, mut put, mut gzip) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..CHANGES {
        log.commit(vec![config(&format!("flag-{}", n * 7919 % flags))]);
        let changes = log.after(world.seq());
        change.push(timed(|| changes.into_iter().for_each(|c| drop(world.apply(c)))).0);
        put.push(timed(|| newest(&world).put_event().len()).0);
        gzip.push(timed(|| newest(&world).gzip(Part::All).len()).0);
    }
    let [change, put, gzip] = [change, put, gzip].map(best);
    format!("| {flags} | {rebuild:.1?} | {change:.1?} | {put:.1?} | {gzip_first:.1?} | {gzip:.1?} | {body} B |")
}

fn newest(world: &World) -> std::sync::Arc<wigwag_live::EnvSnapshot> {
    world.envs().next().map(|(_, snapshot)| std::sync::Arc::clone(snapshot)).unwrap_or_default()
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}

/// The best: what the work takes when nothing else does.
fn best(times: Vec<Duration>) -> Duration {
    times.into_iter().min().unwrap_or_default()
}

fn environment(flags: usize) -> Vec<MemoryWrite> {
    let env = json!({
        "id": "0123456789abcdef01234567", "key": "e", "name": "e", "color": "000000",
        "sdkKeys": [{ "value": "sdk-bench" }], "mobileKeys": [], "createdAt": 0,
    });
    let keys = (0..flags).map(|n| format!("flag-{n}"));
    let flags = keys.flat_map(|key| [flag(&key), config(&key)]);
    std::iter::once(write(Kind::Environment, "", "e", &env)).chain(flags).collect()
}

fn flag(key: &str) -> MemoryWrite {
    let body = json!({
        "key": key, "name": key, "kind": "boolean", "temporary": false, "createdAt": 0,
        "variations": [{ "id": "11111111-2222-4333-8444-555555555555", "value": true },
            { "id": "11111111-2222-4333-8444-555555555556", "value": false }],
        "defaults": { "onVariation": 0, "offVariation": 1 },
        "clientSideAvailability": { "usingMobileKey": true, "usingEnvironmentId": false },
    });
    write(Kind::Flag, "", key, &body)
}

fn config(key: &str) -> MemoryWrite {
    let clause =
        json!({ "id": "c", "contextKind": "user", "attribute": "email", "op": "endsWith", "values": ["@example.com"] });
    let rule =
        json!({ "id": "11111111-2222-4333-8444-555555555555", "clauses": [clause], "serve": { "variation": 0 } });
    let halves = json!([{ "variation": 0, "weight": 50000 }, { "variation": 1, "weight": 50000 }]);
    let body = json!({
        "on": true, "salt": "0123456789abcdef0123456789abcdef", "sel": "0123456789abcdef0123456789abcdef",
        "lastModified": 0, "offVariation": 1, "rules": [rule], "fallthrough": { "rollout": { "variations": halves } },
    });
    write(Kind::FlagConfig, "e", key, &body)
}

fn write(kind: Kind, env: &str, key: &str, body: &serde_json::Value) -> MemoryWrite {
    MemoryWrite { kind, project: "p".into(), env: env.into(), key: key.into(), body: Some(body.to_string()) }
}
