//! Members in a Redis server, laid out as SDKs read them (sdk-protocol.md 8.2).
//!
//! How far the copy has come is a key beside it, moved by the same transaction, and only from where it was found: so
//! a patch is applied once however often it is tried, and by however many servers. A server that lost its data has no
//! such key and gets everything anew.

use std::time::Duration;

use wigwag_kit::Result as ApiResult;
use wigwag_model::clock::Millis;
use wigwag_outbound::{Failure, Outbound, Redis, RedisReply};

use super::config;
use crate::read::revisions::{self, Patch, Surroundings};

/// How long a step may take.
const WITHIN: Duration = Duration::from_secs(10);
/// Commands of one transaction, before those that end it.
const COMMANDS: usize = 4_000;

/// Why a copy could not be brought up to date.
pub(super) enum Stopped {
    /// It could not be reached, or refused.
    There(Failure),
    /// What to write could not be read.
    Here(wigwag_kit::Error),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::There(failure)
    }
}

/// Brings the copy up to date, and notes when it was.
pub(super) async fn sync(
    outbound: &Outbound,
    target: &config::Redis,
    at: &Surroundings,
    now: Millis,
) -> Result<(), Stopped> {
    let mut redis = outbound.redis(&target.server, WITHIN).await?;
    let name = |end: &str| format!("{}:{end}", target.prefix);
    let cursor = name("big_segments_cursor");
    loop {
        let version = watched(&mut redis, &cursor).await?;
        let patches: ApiResult<Vec<Patch>> = revisions::next(at, &version).await;
        let patches = patches.map_err(Stopped::Here)?;
        let Some((commands, version)) = transaction(&patches, &target.prefix) else { break };
        let mut all = vec![words(&["MULTI"])];
        all.extend(commands);
        all.push(words(&["SET", &cursor, &version]));
        all.push(words(&["EXEC"]));
        // Nothing was done if another server moved the cursor meanwhile: look again where it is.
        redis.accepted(all).await?;
    }
    let synchronised = words(&["SET", &name("big_segments_synchronized_on"), &now.to_string()]);
    redis.accepted(vec![words(&["UNWATCH"]), synchronised]).await?;
    Ok(())
}

/// How far the copy has come. The next transaction does nothing if that changes.
async fn watched(redis: &mut Redis, cursor: &str) -> Result<String, Failure> {
    let mut replies = redis.accepted(vec![words(&["WATCH", cursor]), words(&["GET", cursor])]).await?;
    match replies.pop() {
        Some(RedisReply::Text(version)) => Ok(version),
        _ => Ok(String::new()),
    }
}

/// The commands for as many whole patches as go into one transaction, and the version they lead to.
fn transaction(patches: &[Patch], prefix: &str) -> Option<(Vec<Vec<String>>, String)> {
    let (mut commands, mut version) = (Vec::new(), None);
    for patch in patches {
        if version.is_some() && commands.len() >= COMMANDS {
            break;
        }
        for (list, moves) in [("include", &patch.changes.included), ("exclude", &patch.changes.excluded)] {
            for (verb, hashes) in [("SREM", &moves.remove), ("SADD", &moves.add)] {
                let command =
                    |hash: &String| words(&[verb, &format!("{prefix}:big_segment_{list}:{hash}"), &patch.segment_id]);
                commands.extend(hashes.iter().map(command));
            }
        }
        version = Some(patch.version.clone());
    }
    version.map(|version| (commands, version))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
