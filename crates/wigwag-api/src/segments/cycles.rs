//! Nested segments must not lead back to the segment.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{Segment, SegmentRule};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::{DocKey, Expect};

use super::load::{Found, segment_key};
use crate::common::segments;
use crate::read::segments_in_use;

/// What of a segment leads to others; its lists may be long.
#[derive(Deserialize)]
struct Nests {
    #[serde(default)]
    rules: Vec<SegmentRule>,
}

/// Walks from nested segments that are new, a level in one round trip. Answers what it has read: two changes at the
/// same moment could close a circle between them, but each requires what the other writes, so that one of them loses
/// and is checked again.
///
/// # Errors
/// 400, naming the way round.
pub(super) async fn refuse(ctx: &Ctx, found: &Found, after: &Segment) -> Result<Vec<(DocKey, Expect)>> {
    let own = after.key.as_str();
    let (project, environment) = (&found.project.value.key, &found.environment.value.key);
    let mut requires = Vec::new();
    let old = nested(&found.segment.rules);
    let mut level: BTreeSet<String> = nested(&after.rules).difference(&old).cloned().collect();
    if level.contains(own) {
        return Err(refusal(&[own, own]));
    }
    // How each segment was reached.
    let mut from: BTreeMap<String, String> = level.iter().map(|key| (key.clone(), own.to_owned())).collect();
    // Before their versions: one that is gone meanwhile is no reason to try again.
    let new = level.iter().map(String::as_str).collect();
    requires.extend(segments_in_use(ctx, project, environment, &new).await?);
    while !level.is_empty() {
        let known = level.iter().filter(|key| is_key(key, MAX_KEY));
        let keys: Vec<_> = known.map(|key| segment_key(project, environment, key)).collect();
        level.clear();
        let docs = ctx.store().get_many(&keys).await?;
        for (key, doc) in keys.into_iter().zip(docs) {
            let Some(doc) = doc else {
                requires.push((key, Expect::Absent));
                continue;
            };
            requires.push((key, Expect::Version(doc.version)));
            let nests: Nests = doc.decode()?;
            for next in nested(&nests.rules) {
                if next == own {
                    return Err(refusal(&way_back(&from, &doc.key.key, own)));
                }
                if !from.contains_key(&next) {
                    from.insert(next.clone(), doc.key.key.to_string());
                    level.insert(next);
                }
            }
        }
    }
    Ok(requires)
}

fn nested(rules: &[SegmentRule]) -> BTreeSet<String> {
    segments(rules.iter().flat_map(|rule| &rule.clauses)).map(str::to_owned).collect()
}

fn refusal(way: &[&str]) -> Error {
    Error::field("/rules", format_args!("segments would form a cycle: {}", way.join(" → ")))
}

fn way_back<'a>(from: &'a BTreeMap<String, String>, last: &'a str, own: &'a str) -> Vec<&'a str> {
    let mut way = vec![own, last];
    let mut at = last;
    while let Some(previous) = from.get(at).filter(|previous| *previous != own) {
        way.push(previous);
        at = previous;
    }
    way.push(own);
    way.reverse();
    way
}
