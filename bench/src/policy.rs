//! What a decision costs: base roles, and a member with several large custom roles; and what it costs to resolve
//! a caller, which happens once until its token, its member, a role or a team changes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use http::HeaderMap;
use serde_json::{Value, json};
use wigwag_auth::{Directory, Permissions, Tokens, secret};
use wigwag_kit::{Authority, Decision, Spec};
use wigwag_model::clock::Clock;
use wigwag_model::doc::{CustomRole, Kind, Member, Team, Token};
use wigwag_store::{Commit, DocKey, Expect, IndexFacts, NewChange, Store, StoreConfig, Write, WriteOp};

const HELP: &str = "wigwag-bench policy [--roles 5] [--statements 20] [--rounds 200000]";
const SECRET: &str = "api-bench";

/// Runs the subcommand.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let (mut roles, mut statements, mut rounds) = (5, 20, 200_000);
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--roles" => roles = value.parse()?,
            [name, value] if name == "--statements" => statements = value.parse()?,
            [name, value] if name == "--rounds" => rounds = value.parse()?,
            _ => bail!("{HELP}"),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(all(roles, statements, rounds))
}

async fn all(roles: usize, statements: usize, rounds: u32) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let store = Store::open(&StoreConfig::Sqlite { dir: dir.path().join("data") }).await?;
    people(&store, roles, statements).await?;
    let directory = Directory::load(&store).await?;
    println!("A member with {roles} custom roles of {statements} statements, half of them through teams, with role");
    println!("attributes; {rounds} rounds.\n\n| what | a decision | allowed |\n|---|--:|--:|");
    let tags = ["mobile".to_owned()];
    let flag = |key: &str| Spec::project("shop", &tags).env("production", &tags, true).then("flag", key, &tags);
    let base = |role: &str| -> Result<Permissions> {
        let member: Member = serde_json::from_value(json!({"id": "w", "email": "", "role": role, "createdAt": 0}))?;
        Ok(Permissions::of_member(&member, &directory))
    };
    measure("writer", &base("writer")?, "updateOn", &flag("f"), rounds);
    measure("owner", &base("owner")?, "updateOn", &flag("f"), rounds);
    let me: Member = serde_json::from_value(member(roles))?;
    let custom = Permissions::of_member(&me, &directory);
    measure("custom roles, the first allows", &custom, "updateOn", &flag("ops0_x"), rounds);
    measure("custom roles, the last allows", &custom, "updateRules", &flag("last"), rounds);
    measure("custom roles, none allows", &custom, "deleteFlag", &flag("ops0_x"), rounds);
    println!("\n| what | time |\n|---|--:|");
    let times = 2_000_u32;
    let begun = Instant::now();
    for _ in 0..times {
        black_box(Permissions::of_member(&me, &directory));
    }
    row("compiling the roles of the member", begun.elapsed() / times);
    requests(&store, times).await
}

fn measure(name: &str, permissions: &Permissions, action: &str, resource: &Spec, rounds: u32) {
    let begun = Instant::now();
    let allowed = (0..rounds).filter(|_| black_box(permissions.decide(black_box(action), resource)) == Decision::Allow);
    let allowed = allowed.count();
    println!("| {name} | {:.2} µs | {} |", micros(begun.elapsed() / rounds), if allowed > 0 { "yes" } else { "no" });
}

fn row(name: &str, time: Duration) {
    println!("| {name} | {:.2} µs |", micros(time));
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// What a request pays to learn who calls.
async fn requests(store: &Store, times: u32) -> Result<()> {
    let tokens = Tokens::new(store.clone(), Clock::frozen(0));
    let mut headers = HeaderMap::new();
    headers.insert(http::header::AUTHORIZATION, SECRET.parse()?);
    tokens.caller(&headers).await.context("the first caller")?;
    let begun = Instant::now();
    for _ in 0..times {
        black_box(tokens.caller(&headers).await?);
    }
    row("who calls, nothing changed", begun.elapsed() / times);
    for (name, kind, key) in [
        ("who calls, after any change", Kind::Webhook, "w"),
        ("who calls, after a role changed", Kind::CustomRole, "r0"),
    ] {
        let mut spent = Duration::ZERO;
        for _ in 0..200 {
            let body = match kind {
                Kind::CustomRole => serde_json::to_string(&role(0, 20)?)?,
                _ => "{}".to_owned(),
            };
            put(store, kind, key, body, IndexFacts::new()).await?;
            let begun = Instant::now();
            black_box(tokens.caller(&headers).await?);
            spent += begun.elapsed();
        }
        row(name, spent / 200);
    }
    Ok(())
}

fn role(at: usize, statements: usize) -> Result<CustomRole> {
    let statement = |n: usize| -> Value {
        match n {
            0 => {
                json!({"effect": "allow", "actions": ["viewProject"], "resources": ["proj/${roleAttribute/projects}"]})
            }
            _ if n + 1 == statements => {
                json!({"effect": "allow", "actions": ["updateRules"], "resources": ["proj/*:env/*:flag/last"]})
            }
            n => json!({"effect": "allow", "actions": ["updateOn", "updateTargets"],
                "resources": [format!("proj/${{roleAttribute/projects}}:env/*;mobile:flag/ops{}_*", n - 1)]}),
        }
    };
    let policy: Vec<_> = (0..statements).map(statement).collect();
    Ok(serde_json::from_value(json!({"id": format!("r{at}"), "key": format!("role-{at}"), "name": "Role",
        "basePermissions": "no_access", "policy": policy, "createdAt": 0, "modifiedAt": 0}))?)
}

fn member(roles: usize) -> Value {
    let direct: Vec<_> = (0..roles).filter(|n| n % 2 == 0).map(|n| format!("r{n}")).collect();
    json!({"id": "me", "email": "me@example.com", "role": "no_access", "customRoles": direct,
        "roleAttributes": {"projects": ["depot", "shop"]}, "createdAt": 0})
}

async fn people(store: &Store, roles: usize, statements: usize) -> Result<()> {
    for at in 0..roles {
        put(
            store,
            Kind::CustomRole,
            &format!("r{at}"),
            serde_json::to_string(&role(at, statements)?)?,
            IndexFacts::new(),
        )
        .await?;
        if at % 2 == 1 {
            let team = json!({"key": format!("t{at}"), "name": "T", "memberIds": ["me"],
                "customRoleKeys": [format!("role-{at}")], "createdAt": 0, "modifiedAt": 0});
            let team: Team = serde_json::from_value(team)?;
            put(store, Kind::Team, &team.key, serde_json::to_string(&team)?, IndexFacts::new()).await?;
        }
    }
    put(store, Kind::Member, "me", member(roles).to_string(), IndexFacts::new()).await?;
    let hash = secret::hash(SECRET);
    let token = json!({"id": "t", "hash": hash, "ending": "ench", "memberId": "me", "defaultApiVersion": 20_240_415,
        "createdAt": 0, "modifiedAt": 0});
    let token: Token = serde_json::from_value(token)?;
    put(store, Kind::Token, "t", serde_json::to_string(&token)?, IndexFacts::new().unique("hash", hash.as_str())).await
}

async fn put(store: &Store, kind: Kind, key: &str, body: String, index: IndexFacts) -> Result<()> {
    let change = NewChange { id: format!("change {}", store.head().await?), ..NewChange::default() };
    let write = Write { key: DocKey::account(kind, key), expect: Expect::Any, op: WriteOp::Put { body, index } };
    store.commit(Commit::new(vec![write], change)).await?;
    Ok(())
}
