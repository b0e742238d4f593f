//! What-if over the contexts of an environment: the whole operation on a server in this process (contexts read from
//! the store, parsed, evaluated before and after, answered), and the comparison alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use serde_json::{Value, json};
use wigwag_api::bootstrap::{self, Init};
use wigwag_api::flags::what_if::compare::{Instead, compare};
use wigwag_auth::Tokens;
use wigwag_eval::{CompiledFlag, Environment};
use wigwag_kit::{App, Server};
use wigwag_model::clock::Clock;
use wigwag_model::id::Ids;
use wigwag_store::volume::{Batch, Part, Sighting};
use wigwag_store::{Store, StoreConfig};

const HELP: &str = "\
wigwag-bench what-if [--contexts 100000] [--rounds 5] [--engine sqlite|postgres]
Works below the temporary folder; PostgreSQL too if it is installed.";

const TOKEN: &str = "api-bench";
const FLAGS: &str = "/api/v2/flags/default";

/// Runs the subcommand.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let (mut contexts, mut rounds, mut engine) = (100_000, 5, "");
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--contexts" => contexts = value.parse()?,
            [name, value] if name == "--rounds" => rounds = value.parse()?,
            [name, value] if name == "--engine" => engine = value,
            _ => bail!("{HELP}"),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(all(contexts, rounds, engine))
}

async fn all(contexts: usize, rounds: usize, engine: &str) -> Result<()> {
    println!(
        "{contexts} contexts with 12 attributes; a flag with 1,000 targets, 20 rules of 2 clauses and a rollout; the"
    );
    println!("proposal adds a rule in front. Times in milliseconds: the median, and the slowest, of {rounds}.\n");
    println!("| what | median | slowest |\n|---|--:|--:|");
    let bodies: Vec<String> = (0..contexts).map(|n| context(n).to_string()).collect();
    alone(&bodies, rounds)?;
    if engine != "postgres" {
        let dir = tempfile::tempdir()?;
        let store = Store::open(&StoreConfig::Sqlite { dir: dir.path().join("data") }).await?;
        whole("SQLite", store, &bodies, rounds).await?;
    }
    if engine != "sqlite" {
        match wigwag_store::testing::postgres().await {
            Ok(store) => whole("PostgreSQL", store, &bodies, rounds).await?,
            Err(error) => println!("\nPostgreSQL was not measured: {error}"),
        }
    }
    Ok(())
}

fn context(n: usize) -> Value {
    let (domain, plan) = (["com", "org", "net"][n % 3], ["free", "gold"][n / 3 % 2]);
    let mut context = json!({"kind": "user", "key": format!("user-{n}"), "name": format!("User {n}"),
        "email": format!("user-{n}@example.{domain}"), "plan": plan,
        "country": format!("c{}", n % 60), "version": format!("{}.{}.0", n % 5, n % 11), "age": n % 90});
    for extra in 0..5 {
        context[format!("attribute{extra}")] = format!("value {}", (n + extra) % 1_000).into();
    }
    context
}

fn clause(attribute: &str, op: &str, values: &Value) -> Value {
    json!({"contextKind": "user", "attribute": attribute, "op": op, "values": values, "negate": false})
}

/// Rules of which most match nobody, so that all are tried.
fn rules() -> Vec<Value> {
    let rule = |n: usize| {
        let clauses = [
            clause("country", "in", &json!([format!("c{n}"), format!("c{}", n + 20)])),
            clause("attribute1", "startsWith", &json!([format!("value {n}1")])),
        ];
        json!({"clauses": clauses, "variation": n % 2})
    };
    (0..20).map(rule).collect()
}

fn proposed() -> Value {
    json!({"clauses": [clause("version", "semVerLessThan", &json!(["2.4"])), clause("plan", "in", &json!(["gold"]))],
        "variation": 1})
}

fn rollout() -> Value {
    json!({"contextKind": "user", "variations": [{"variation": 0, "weight": 30_000}, {"variation": 1, "weight": 70_000}]})
}

fn targets() -> Value {
    json!([{"variation": 1, "values": (0..1_000).map(|n| format!("user-{}", n * 97)).collect::<Vec<_>>()}])
}

/// The comparison without store and server.
fn alone(bodies: &[String], rounds: usize) -> Result<()> {
    let flag = |rules: Vec<Value>| -> Result<CompiledFlag> {
        let flag = json!({"key": "f", "version": 1, "on": true, "salt": "s", "variations": [true, false], "rules": rules,
            "targets": targets(), "fallthrough": {"rollout": rollout()}, "offVariation": 1});
        Ok(CompiledFlag::new(Arc::new(serde_json::from_value(flag)?)))
    };
    let (old, new) = (flag(rules())?, flag([vec![proposed()], rules()].concat())?);
    let environment = Environment::default();
    let of = |flag| Instead { environment: &environment, key: "f", flag: Some(flag) };
    let mut times = Vec::new();
    for _ in 0..rounds {
        let began = Instant::now();
        let found = compare(&of(&old), &of(&new), bodies, 5, |a, b| a.variation == b.variation);
        times.push(began.elapsed());
        anyhow::ensure!(found.evaluated == bodies.len() as u64 && !found.moves.is_empty(), "nothing was compared");
    }
    row("comparison alone, contexts as JSON in memory", times);
    Ok(())
}

/// The operation over contexts that were seen, and over contexts in the body.
async fn whole(engine: &str, store: Store, bodies: &[String], rounds: usize) -> Result<()> {
    let server = server(store.clone()).await?;
    send(&server, "POST", FLAGS, &json!({"key": "f", "name": "F"})).await?;
    let patch = json!([
        {"op": "replace", "path": "/environments/test/on", "value": true},
        {"op": "replace", "path": "/environments/test/rules", "value": rules()},
        {"op": "replace", "path": "/environments/test/targets", "value": targets()},
        {"op": "replace", "path": "/environments/test/fallthrough", "value": {"rollout": rollout()}},
    ]);
    send(&server, "PATCH", &format!("{FLAGS}/f"), &patch).await?;
    let test = send(&server, "GET", "/api/v2/projects/default/environments/test", &Value::Null).await?;
    let env: Arc<str> = test["_id"].as_str().context("an environment without id")?.into();
    record(&store, &env, bodies).await?;
    let what_if = "/api/v2/projects/default/environments/test/flags/f/what-if";
    let proposal = json!([{"op": "add", "path": "/environments/test/rules/0", "value": proposed()}]);
    let seen = json!({"patch": proposal}).to_string();
    let sent = format!(r#"{{"patch": {proposal}, "contexts": [{}]}}"#, bodies.join(","));
    for (what, body) in [("contexts that were seen", seen), ("contexts in the body", sent)] {
        let body = Bytes::from(body);
        let mut times = Vec::new();
        for _ in 0..rounds {
            let began = Instant::now();
            let answer = bytes(&server, "POST", what_if, body.clone()).await?;
            times.push(began.elapsed());
            anyhow::ensure!(answer["evaluated"] == bodies.len() && answer["changed"] != 0, "{answer}");
        }
        row(&format!("{engine}, whole operation, {what}"), times);
    }
    Ok(())
}

async fn server(store: Store) -> Result<Server> {
    let (clock, ids) = (Clock::frozen(1_700_000_000_000), Ids::seeded(7));
    let options = Init {
        owner_email: Some("ann@example.com".to_owned()),
        owner_password: Some("correct horse battery".to_owned()),
        access_token: Some(TOKEN.to_owned()),
    };
    let ready = bootstrap::run(&store, &clock, &ids, None, options).await?;
    let app = App {
        store: store.clone(),
        clock: clock.clone(),
        ids,
        site: String::new(),
        account_id: ready.account_id,
        keyring: ready.keyring,
        extensions: http::Extensions::new(),
    };
    Ok(Server::new(Arc::new(app), Tokens::new(store, clock), wigwag_api::operations().complete()))
}

async fn record(store: &Store, env: &Arc<str>, bodies: &[String]) -> Result<()> {
    for (chunk, some) in bodies.chunks(1_000).enumerate() {
        let sighting = |(n, body): (usize, &String)| {
            let n = chunk * 1_000 + n;
            let part = Part { kind: "user".into(), key: format!("user-{n}"), body: Some(body.clone()) };
            let at = 1_700_000_000_000 + n as i64;
            Sighting { env: env.clone(), at, application: "bench".into(), anonymous: Vec::new(), parts: vec![part] }
        };
        let sightings = some.iter().enumerate().map(sighting).collect();
        store.volume().record(Batch { sightings, ..Batch::default() }).await?;
    }
    Ok(())
}

async fn send(server: &Server, method: &str, path: &str, body: &Value) -> Result<Value> {
    bytes(server, method, path, Bytes::from(body.to_string())).await
}

async fn bytes(server: &Server, method: &str, path: &str, body: Bytes) -> Result<Value> {
    let request = http::Request::builder().method(method).uri(path).header("authorization", TOKEN).body(body)?;
    let response = server.handle(request).await;
    let text = String::from_utf8_lossy(response.body());
    anyhow::ensure!(response.status().is_success(), "{method} {path}: {} {text}", response.status());
    Ok(serde_json::from_slice(response.body())?)
}

fn row(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!("| {what} | {:.0} | {:.0} |", ms(times.len() / 2), ms(times.len().saturating_sub(1)));
}
