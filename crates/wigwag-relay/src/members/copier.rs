//! Keeping the copy of one environment up to date.

use std::collections::BTreeSet;

use tokio::sync::watch;

use super::{Applied, Copies, Patch};
use crate::fleet::Fleet;
use crate::rep::EnvRep;
use crate::sse::Event;
use crate::upstream::Ended;

pub(crate) const STREAM: &str = "/big-segments";
const REVISIONS: &str = "/sdk/big-segments/revisions";

/// Keeps a copy for as long as the environment has big segments, until the task is aborted.
pub(crate) async fn keep(fleet: Fleet, rep: EnvRep) {
    let mut failures = 0;
    let mut news = fleet.news();
    loop {
        wanted(&fleet, &rep, &mut news).await;
        let ended = copy(&fleet, &rep, &mut failures).await;
        fleet.copies().broke(&rep.id);
        failures += 1;
        let wait = fleet.waits().after(failures, &rep.id);
        let environment = rep.shown();
        tracing::warn!(environment, why = %ended, retry_ms = wait.as_millis(), "big segments are not copied");
        tokio::time::sleep(wait).await;
    }
}

/// Returns when there are big segments.
async fn wanted(fleet: &Fleet, rep: &EnvRep, news: &mut watch::Receiver<u64>) {
    // The sender lives as long as the fleet does, so waiting cannot fail.
    while !fleet.has_big_segments(rep) && news.changed().await.is_ok() {}
}

/// Catches up, listens, and catches up with what happened in between (sdk-protocol.md 8.4).
async fn copy(fleet: &Fleet, rep: &EnvRep, failures: &mut u32) -> Ended {
    let mut changed = BTreeSet::new();
    let ended = copied(fleet, rep, failures, &mut changed).await;
    fleet.members_changed(rep, changed);
    ended.err().unwrap_or(Ended::Asked)
}

async fn copied(
    fleet: &Fleet,
    rep: &EnvRep,
    failures: &mut u32,
    changed: &mut BTreeSet<Box<str>>,
) -> Result<(), Ended> {
    catch_up(fleet, rep, changed).await?;
    let mut stream = fleet.upstream().open(STREAM, &rep.sdk_key.value).await?;
    // What came in between may come again on that stream, where it would not follow on the copy.
    while catch_up(fleet, rep, changed).await? {
        stream = fleet.upstream().open(STREAM, &rep.sdk_key.value).await?;
    }
    *failures = 0;
    if fleet.copies().is_synchronised(&rep.id) {
        // Everybody is told anew: what was known was stale.
        changed.extend(fleet.big_segments(rep));
    }
    loop {
        fleet.members_changed(rep, std::mem::take(changed));
        for event in stream.next().await? {
            take(fleet.copies(), rep, &event, changed).await?;
        }
    }
}

/// Asks until there is nothing more. Whether there was anything.
async fn catch_up(fleet: &Fleet, rep: &EnvRep, changed: &mut BTreeSet<Box<str>>) -> Result<bool, Ended> {
    let mut any = false;
    loop {
        let env = rep.id.clone();
        let cursor = blocking(fleet.copies(), move |copies| copies.shelf().cursor(&env)).await?;
        let query = if cursor.is_empty() { String::new() } else { format!("?after={cursor}") };
        let body = fleet.upstream().poll(&format!("{REVISIONS}{query}"), &rep.sdk_key.value).await?;
        let patches = read(&body)?;
        if patches.is_empty() {
            return Ok(any);
        }
        any = true;
        apply(fleet.copies(), rep, patches, changed).await?;
    }
}

/// Takes an event of the stream.
async fn take(copies: &Copies, rep: &EnvRep, event: &Event, changed: &mut BTreeSet<Box<str>>) -> Result<(), Ended> {
    apply(copies, rep, read(&event.data)?, changed).await
}

fn read(json: &[u8]) -> Result<Vec<Patch>, Ended> {
    serde_json::from_slice(json).map_err(|error| Ended::Malformed(format!("patches: {error}")))
}

async fn apply(
    copies: &Copies,
    rep: &EnvRep,
    patches: Vec<Patch>,
    changed: &mut BTreeSet<Box<str>>,
) -> Result<(), Ended> {
    let env = rep.id.clone();
    match blocking(copies, move |copies| copies.shelf().apply(&env, &patches)).await? {
        Applied::All(segments) => {
            changed.extend(segments);
            Ok(())
        }
        Applied::Gap => Err(Ended::Malformed("a patch does not follow on the last".to_owned())),
    }
}

/// Off the reactor: the disk may be slow.
async fn blocking<T: Send + 'static>(
    copies: &Copies,
    work: impl FnOnce(&Copies) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, Ended> {
    let copies = copies.clone();
    let done = tokio::task::spawn_blocking(move || work(&copies)).await;
    done.map_err(|error| error.to_string())
        .and_then(|done| done.map_err(|error| error.to_string()))
        .map_err(|error| Ended::Broken(format!("the copy cannot be kept: {error}")))
}
