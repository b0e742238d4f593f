//! Patches of a flag with many individual targets.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::client::{Client, Tally, request};
use super::server::Running;

/// Individual targets of the flag that is patched.
const TARGETS: usize = 1_000;
const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";

pub(super) const HEAD: &str = "\
| engine | patch of a flag with 1,000 targets | /s with 1 connection | p50 ms | p99 ms |
|---|---|--:|--:|--:|";

/// Two rows: another target comes and goes, and the flag is turned on and off.
pub(super) async fn rows(engine: &str, server: &Running, each: Duration) -> Result<Vec<String>> {
    let mut client = Client::connect(server.address).await?;
    let flag = json!({"key": "crowded", "name": "Many targets"}).to_string();
    client.succeed(&request("POST", "/api/v2/flags/default", "application/json", &flag)).await?;
    let values: Vec<_> = (0..TARGETS).map(|n| format!("user-{n:06}")).collect();
    let all =
        json!([{"op": "add", "path": "/environments/test/targets/-", "value": {"variation": 0, "values": values}}]);
    client.succeed(&request("PATCH", "/api/v2/flags/default/crowded", "application/json", &all.to_string())).await?;

    let target = |n: usize| match n % 2 {
        0 => r#"[{"op":"add","path":"/environments/test/targets/0/values/-","value":"newcomer"}]"#.to_owned(),
        _ => format!(r#"[{{"op":"remove","path":"/environments/test/targets/0/values/{TARGETS}"}}]"#),
    };
    let turn = |n: usize| {
        let kind = if n.is_multiple_of(2) { "turnFlagOn" } else { "turnFlagOff" };
        format!(r#"{{"environmentKey":"test","instructions":[{{"kind":"{kind}"}}]}}"#)
    };
    Ok(vec![
        row((engine, "a target more or less, JSON patch"), server, each, "application/json", target).await?,
        row((engine, "on and off, semantic patch"), server, each, SEMANTIC, turn).await?,
    ])
}

async fn row(
    (engine, what): (&str, &str),
    server: &Running,
    each: Duration,
    content_type: &'static str,
    body: impl Fn(usize) -> String + Clone + Send + 'static,
) -> Result<String> {
    let mut tally = Tally::default();
    let make = move |_, n| request("PATCH", "/api/v2/flags/default/crowded", content_type, &body(n));
    tally.round(server.address, (1, each), make).await?;
    Ok(format!("| {engine} | {what} | {:.0} | {:.2} | {:.2} |", tally.rate, tally.at(0.5), tally.at(0.99)))
}
