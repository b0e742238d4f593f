//! A segment whose keys are all in its document.

use anyhow::Result;
use serde_json::json;

use super::{Sizes, key, memory, payload};
use crate::management::client::{Client, Tally, request};
use crate::management::server::Running;

const PATH: &str = "/api/v2/segments/default/test";
const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";

pub(super) async fn measure(server: &Running, sizes: &Sizes) -> Result<()> {
    let mut client = Client::connect(server.address).await?;
    let segment = json!({"key": "listed", "name": "Listed"}).to_string();
    client.succeed(&request("POST", PATH, "application/json", &segment)).await?;
    let keys: Vec<_> = (0..sizes.listed).map(key).collect();
    let all = json!([{"op": "replace", "path": "/included", "value": keys}]).to_string();
    let began = std::time::Instant::now();
    client.succeed(&request("PATCH", &format!("{PATH}/listed"), "application/json", &all)).await?;
    println!(
        "- filled by one JSON patch of {:.1} MB in {:.2} s",
        all.len() as f64 / 1e6,
        began.elapsed().as_secs_f64()
    );

    let mut tally = Tally::default();
    let make = move |_, n: usize| {
        let kind = if n.is_multiple_of(2) { "addIncludedTargets" } else { "removeIncludedTargets" };
        let body = json!({"instructions": [{"kind": kind, "contextKind": "user", "values": ["newcomer"]}]}).to_string();
        request("PATCH", &format!("{PATH}/listed"), SEMANTIC, &body)
    };
    tally.round(server.address, (1, sizes.each), make).await?;
    println!(
        "- a key more or less: {:.1} a second, p50 {:.1} ms, p99 {:.1} ms",
        tally.rate,
        tally.at(0.5),
        tally.at(0.99)
    );
    println!("- what a server SDK polls: {}", payload(server).await?);
    println!("- memory: {:.0} MB now, {:.0} MB at most", memory(server, "VmRSS")?, memory(server, "VmHWM")?);
    Ok(())
}
