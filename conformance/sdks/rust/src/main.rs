//! Drives the official Rust server SDK: JSON-line commands on stdin, one JSON-line answer each on
//! stdout. The commands are described in ../../../README.md.

mod logs;

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use launchdarkly_sdk_transport::HyperTransport;
use launchdarkly_server_sdk::{
    ApplicationInfo, Client, ConfigBuilder, Context, EventProcessorBuilder, FlagDetailConfig, FlagValue,
    PollingDataSourceBuilder, ServiceEndpointsBuilder, StreamingDataSourceBuilder,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

type Failure = Box<dyn Error>;

/// Builds a client and waits until it is initialised, refused or late.
fn start(runtime: &Runtime, command: &Value) -> Result<Client, Failure> {
    let base = text(command, "baseUrl")?;
    let events = command["eventsUrl"].as_str().unwrap_or(base);
    let transport = HyperTransport::new()?;
    let mut endpoints = ServiceEndpointsBuilder::new();
    endpoints.streaming_base_url(base).polling_base_url(base).events_base_url(events);
    let mut event_processor = EventProcessorBuilder::new();
    event_processor.transport(transport.clone());
    let mut application = ApplicationInfo::new();
    application.application_identifier("conformance").application_version("1.2");
    let config = ConfigBuilder::new(text(command, "sdkKey")?)
        .service_endpoints(&endpoints)
        .event_processor(&event_processor)
        .application_info(application);
    let config = if command["mode"] == "polling" {
        let mut polling = PollingDataSourceBuilder::new();
        if let Some(ms) = command["pollIntervalMs"].as_u64() {
            polling.poll_interval(Duration::from_millis(ms));
        }
        config.data_source(polling.transport(transport))
    } else {
        let mut streaming = StreamingDataSourceBuilder::new();
        config.data_source(streaming.transport(transport))
    };
    let _entered = runtime.enter();
    let client = Client::build(config.build()?)?;
    client.start_with_default_executor();
    runtime.block_on(client.wait_for_initialization(millis(command, "timeoutMs")));
    Ok(client)
}

fn text<'a>(command: &'a Value, member: &str) -> Result<&'a str, Failure> {
    command[member].as_str().ok_or_else(|| format!("{member} is not a string").into())
}

fn millis(command: &Value, member: &str) -> Duration {
    Duration::from_millis(command[member].as_u64().unwrap_or(0))
}

fn context(command: &Value) -> Result<Context, Failure> {
    Ok(serde_json::from_value(command["context"].clone())?)
}

/// This SDK has no public data source status: the state is inferred, the error found in its log.
fn status(client: &Client) -> Value {
    let lines = logs::lines();
    let refused = lines.iter().rev().find_map(|(_, message)| logs::http_status(message));
    let initialized = client.initialized();
    json!({
        "initialized": initialized,
        "state": if initialized { "VALID" } else { "INITIALIZING" },
        "lastError": refused.map(|(status, message)| json!({"status": status, "message": message})),
    })
}

/// The SDK keeps numbers as doubles; whole ones are written as integers, as they came.
fn plain(value: Option<FlagValue>) -> Value {
    match value {
        None => Value::Null,
        Some(FlagValue::Bool(b)) => json!(b),
        Some(FlagValue::Str(s)) => json!(s),
        Some(FlagValue::Number(n)) if n.fract() == 0.0 && n.abs() < 9e15 => json!(n as i64),
        Some(FlagValue::Number(n)) => json!(n),
        Some(FlagValue::Json(value)) => value,
    }
}

fn evaluate(client: &Client, item: &Value) -> Result<Value, Failure> {
    let default = FlagValue::Json(item["default"].clone());
    let detail = client.variation_detail(&context(item)?, text(item, "flag")?, default);
    Ok(json!({
        "value": plain(detail.value),
        "variation": detail.variation_index,
        "reason": detail.reason,
    }))
}

fn meets(seen: &Value, expect: &Value) -> bool {
    let same = |member: &str| expect.get(member).is_none_or(|want| &seen[member] == want);
    let reason = expect["reason"].as_object().into_iter().flatten();
    same("value") && same("variation") && reason.into_iter().all(|(k, want)| &seen["reason"][k] == want)
}

/// Looks every millisecond at first (latencies are measured), then less often.
fn wait_for(client: &Client, command: &Value) -> Result<Value, Failure> {
    let begin = Instant::now();
    loop {
        let seen = evaluate(client, command)?;
        let at = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
        let met = meets(&seen, &command["expect"]);
        if met || begin.elapsed() > millis(command, "timeoutMs") {
            return Ok(json!({"met": met, "atMs": at, "seen": seen}));
        }
        let early = begin.elapsed() < Duration::from_secs(3);
        std::thread::sleep(Duration::from_millis(if early { 1 } else { 25 }));
    }
}

fn track(client: &Client, command: &Value) -> Result<(), Failure> {
    let (context, event) = (context(command)?, text(command, "event")?);
    let data = command["data"].clone();
    match command["metric"].as_f64() {
        Some(metric) => client.track_metric(context, event, metric, data),
        None => client.track_data(context, event, data)?,
    }
    Ok(())
}

fn run(runtime: &Runtime, clients: &mut HashMap<String, Client>, command: &Value) -> Result<Value, Failure> {
    let name = command["client"].as_str().unwrap_or("main");
    if command["cmd"] == "init" {
        let client = start(runtime, command)?;
        let answer = status(&client);
        clients.insert(name.to_owned(), client);
        return Ok(answer);
    }
    let client = clients.get(name).ok_or("no such client")?;
    match text(command, "cmd")? {
        "evaluate" => evaluate(client, command),
        "evaluate-many" => {
            let items = command["items"].as_array().ok_or("items is not an array")?;
            let results: Result<Vec<_>, _> = items.iter().map(|i| evaluate(client, i)).collect();
            Ok(json!({"results": results?}))
        }
        "wait-for" => wait_for(client, command),
        "all-flags" => {
            let mut config = FlagDetailConfig::new();
            let state = client.all_flags_detail(&context(command)?, *config.with_reasons());
            let state = serde_json::to_value(state)?;
            Ok(json!({"valid": state["$valid"], "state": state}))
        }
        "status" => Ok(status(client)),
        "track" => track(client, command).map(|()| json!({})),
        "flush" => match runtime.block_on(client.flush_blocking(Duration::from_secs(10))) {
            true => Ok(json!({})),
            false => Err("events were not delivered in time".into()),
        },
        "logs" => {
            let lines = logs::lines();
            let logs: Vec<_> =
                lines.iter().map(|(level, message)| json!({"level": level, "message": message})).collect();
            Ok(json!({"logs": logs}))
        }
        "close" => {
            client.close();
            clients.remove(name);
            Ok(json!({}))
        }
        other => Err(format!("unknown command {other}").into()),
    }
}

fn main() -> Result<(), Failure> {
    logs::keep_warnings()?;
    let runtime = Runtime::new()?;
    let mut clients = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line?)?;
        let answer = match run(&runtime, &mut clients, &command) {
            Ok(mut answer) => {
                answer["ok"] = json!(true);
                answer
            }
            Err(error) => json!({"ok": false, "error": error.to_string()}),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
