//! A big segment, filled from a file while flags are patched.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::{Sizes, key, memory, payload};
use crate::management::client::{Client, Tally, get, request};
use crate::management::server::Running;

const PATH: &str = "/api/v2/segments/default/test";
const JSON: &str = "application/json";

pub(super) async fn measure(server: &Running, sizes: &Sizes) -> Result<()> {
    let mut client = Client::connect(server.address).await?;
    let segment = json!({"key": "big", "name": "Big", "unbounded": true}).to_string();
    client.succeed(&request("POST", PATH, JSON, &segment)).await?;
    client
        .succeed(&request("POST", "/api/v2/flags/default", JSON, &json!({"key": "f", "name": "F"}).to_string()))
        .await?;
    let (idle, _) = patches(server, sizes.each, None).await?;
    let before = memory(server, "VmRSS")?;

    let form = form(sizes.big);
    let began = Instant::now();
    client.succeed(&form).await?;
    let accepted = began.elapsed();
    let location = client.header("location").context("no Location")?;
    let done = Arc::new(AtomicBool::new(false));
    let (busy, took) = tokio::try_join!(patches(server, Duration::from_secs(600), Some(Arc::clone(&done))), async {
        let took = finished(&mut client, &location, began).await;
        done.store(true, Ordering::SeqCst);
        took
    })?;
    println!(
        "- import of {:.0} MB: answered after {:.2} s, in force after {:.1} s ({:.0} keys a second)",
        form.len() as f64 / 1e6,
        accepted.as_secs_f64(),
        took.as_secs_f64(),
        sizes.big as f64 / took.as_secs_f64()
    );
    println!(
        "- memory: {before:.0} MB before, {:.0} MB at most, {:.0} MB afterwards",
        memory(server, "VmHWM")?,
        memory(server, "VmRSS")?
    );
    println!("- flag patches alone: {idle}\n- flag patches during the import: {}", busy.0);

    let mut tally = Tally::default();
    let make = move |_, n: usize| {
        let verb = if n.is_multiple_of(2) { "add" } else { "remove" };
        request("POST", &format!("{PATH}/big/contexts"), JSON, &json!({"included": {verb: ["newcomer"]}}).to_string())
    };
    tally.round(server.address, (1, sizes.each), make).await?;
    println!("- a key more or less: {}", told(&tally));
    println!("- what a server SDK polls: {}", payload(server).await?);
    Ok(())
}

/// The request with a file of so many keys.
fn form(keys: usize) -> Vec<u8> {
    let mut body = String::with_capacity(keys * 13 + 400);
    body.push_str("--bench\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nreplace\r\n--bench\r\n");
    body.push_str("Content-Disposition: form-data; name=\"file\"; filename=\"keys.csv\"\r\n\r\n");
    for n in 0..keys {
        // In no order, as files come.
        body.push_str(&key((n * 7_368_787) % keys.max(1)));
        body.push('\n');
    }
    body.push_str("\r\n--bench--\r\n");
    request("POST", &format!("{PATH}/big/imports"), "multipart/form-data; boundary=bench", &body)
}

async fn finished(client: &mut Client, location: &str, began: Instant) -> Result<Duration> {
    loop {
        let import: Value = serde_json::from_slice(client.succeed(&get(location)).await?)?;
        match import["status"].as_str() {
            Some("complete") => return Ok(began.elapsed()),
            Some("in_progress") => tokio::time::sleep(Duration::from_millis(50)).await,
            other => bail!("the import ended as {other:?}"),
        }
    }
}

/// Turns a flag on and off for so long, or until told.
async fn patches(server: &Running, most: Duration, until: Option<Arc<AtomicBool>>) -> Result<(String, Duration)> {
    let (mut tally, began) = (Tally::default(), Instant::now());
    loop {
        let make = |_, n: usize| {
            let body = json!([{"op": "replace", "path": "/environments/test/on", "value": n.is_multiple_of(2)}]);
            request("PATCH", "/api/v2/flags/default/f", JSON, &body.to_string())
        };
        tally.round(server.address, (1, Duration::from_millis(250)), make).await?;
        let done = until.as_ref().is_some_and(|until| until.load(Ordering::SeqCst));
        if done || began.elapsed() >= most {
            return Ok((told(&tally), began.elapsed()));
        }
    }
}

fn told(tally: &Tally) -> String {
    format!(
        "{} in all, p50 {:.2} ms, p99 {:.2} ms, worst {:.1} ms",
        tally.replies(),
        tally.at(0.5),
        tally.at(0.99),
        tally.at(1.0)
    )
}
