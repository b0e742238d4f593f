//! Automatic configuration: the upstream says which environments to serve (sdk-protocol.md 9.1).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::fleet::Fleet;
use crate::rep::EnvRep;
use crate::sse::Event;
use crate::upstream::Ended;

const PATH: &str = "/relay_auto_config?rpacProtocolVersion=2";

#[derive(Deserialize)]
struct Put {
    data: Environments,
}

#[derive(Deserialize)]
struct Environments {
    #[serde(default)]
    environments: BTreeMap<String, EnvRep>,
}

#[derive(Deserialize)]
struct Path {
    path: String,
}

#[derive(Deserialize)]
struct Patch {
    data: EnvRep,
}

#[derive(Deserialize)]
struct Delete {
    version: u64,
}

/// Keeps `fleet` at what the upstream says until the task is aborted.
pub(crate) async fn follow(fleet: Fleet, key: String) {
    let mut failures = 0;
    loop {
        let take = |event: &Event| {
            take(&fleet, event)?;
            failures = 0;
            Ok(())
        };
        let ended = fleet.upstream().follow(PATH, &key, take).await;
        failures += 1;
        let wait = fleet.waits().after(failures, "automatic configuration");
        if ended.is_unknown_key() {
            tracing::error!("the upstream does not know the key of the automatic configuration");
        }
        tracing::warn!(why = %ended, retry_ms = wait.as_millis(), "not following the automatic configuration");
        tokio::time::sleep(wait).await;
    }
}

fn take(fleet: &Fleet, event: &Event) -> Result<(), Ended> {
    match event.name.as_str() {
        "put" => {
            let Put { data } = read(event)?;
            fleet.adopt_all(data.environments.into_values().collect());
            fleet.is_complete();
        }
        "patch" if environment(event)?.is_some() => fleet.adopt(read::<Patch>(event)?.data),
        "delete" => {
            if let Some(id) = environment(event)? {
                fleet.forget(&id, read::<Delete>(event)?.version);
            }
        }
        "reconnect" => return Err(Ended::Asked),
        _ => {}
    }
    Ok(())
}

/// The environment an event is about; none where it is about something else, such as a filter.
fn environment(event: &Event) -> Result<Option<String>, Ended> {
    let Path { path } = read(event)?;
    Ok(path.strip_prefix("/environments/").map(str::to_owned))
}

fn read<'e, T: Deserialize<'e>>(event: &'e Event) -> Result<T, Ended> {
    serde_json::from_slice(&event.data).map_err(|error| Ended::Malformed(format!("{}: {error}", event.name)))
}
