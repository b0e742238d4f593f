//! Who last changed each part of what an evaluation looked at.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_eval::trace::{FlagTrace, RuleTrace};
use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::Kind;
use wigwag_store::DocKey;

use super::attribution::Attribution;
use super::parts::{self, parts};
use crate::read::{ChangeRep, change_rep};

/// Versions of a document that are read at once.
const STEP: u32 = 50;
/// Versions of a document that are looked back over at most.
const MOST_VERSIONS: u32 = 1_000;

/// The flags and segments that were looked at, by key.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct Blame {
    flags: BTreeMap<String, BlamedFlag>,
    segments: BTreeMap<String, Blamed>,
}

/// A flag: what it is everywhere, and what it does in the environment.
#[derive(Default, Serialize, JsonSchema)]
struct BlamedFlag {
    /// What all environments share.
    flag: Blamed,
    /// What it does in the environment.
    environment: Blamed,
}

/// A document with the changes that last touched its parts. Rules are `rules/{id}`. A part that never changed
/// in the last thousand versions has the oldest of those.
#[derive(Default, Serialize, JsonSchema)]
struct Blamed {
    /// Its version at the time that was asked about.
    version: u64,
    parts: BTreeMap<String, ChangeRep>,
}

/// What the evaluation of a flag looked at, with the changes behind it.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn of(ctx: &Ctx, project: &str, env: &str, flag: &str, trace: Option<&FlagTrace>) -> Result<Blame> {
    let mut seen = Seen::default();
    seen.flags.insert(flag.to_owned());
    if let Some(trace) = trace {
        seen.flag(trace);
    }
    let mut blame = Blame::default();
    for key in seen.flags {
        let flag = DocKey::in_project(Kind::Flag, project, key.as_str());
        let config = DocKey::in_env(Kind::FlagConfig, project, env, key.as_str());
        let flag = blamed(ctx, &flag, parts::FLAG).await?.unwrap_or_default();
        let environment = blamed(ctx, &config, parts::CONFIG).await?.unwrap_or_default();
        blame.flags.insert(key, BlamedFlag { flag, environment });
    }
    for key in seen.segments {
        let segment = DocKey::in_env(Kind::Segment, project, env, key.as_str());
        if let Some(segment) = blamed(ctx, &segment, parts::SEGMENT).await? {
            blame.segments.insert(key, segment);
        }
    }
    Ok(blame)
}

/// One document; none where there is none at the time.
async fn blamed(ctx: &Ctx, key: &DocKey, names: &[&str]) -> Result<Option<Blamed>> {
    let Some(doc) = ctx.get(key).await? else { return Ok(None) };
    let mut walk = Attribution::default();
    let (mut before, mut count) = (doc.seq + 1, 0);
    while !walk.is_settled() && count < MOST_VERSIONS {
        let rows = ctx.store().history(key, Some(before), STEP).await?;
        for row in &rows {
            let document = row.body.as_deref().map(serde_json::from_str::<Value>).transpose();
            let document = document.map_err(|e| Error::Internal(format!("{key} version {}: {e}", row.version)))?;
            walk.see(row.seq, document.map(|document| parts(&document, names)));
        }
        let Some(last) = rows.last() else { break };
        (before, count) = (last.seq, count + STEP);
    }
    let (mut changes, mut touched): (BTreeMap<u64, ChangeRep>, _) = (BTreeMap::new(), BTreeMap::new());
    for (part, seq) in walk.finish() {
        let change = match changes.get(&seq) {
            Some(known) => known.clone(),
            None => {
                let rows = ctx.store().changes_of(key, Some(seq + 1), 1).await?;
                let row = rows.first().ok_or_else(|| Error::Internal(format!("{key}: no change {seq}")))?;
                change_rep(row)?
            }
        };
        changes.insert(seq, change.clone());
        touched.insert(part, change);
    }
    Ok(Some(Blamed { version: doc.version, parts: touched }))
}

/// Keys of what was looked at.
#[derive(Default)]
struct Seen {
    flags: BTreeSet<String>,
    segments: BTreeSet<String>,
}

impl Seen {
    fn flag(&mut self, trace: &FlagTrace) {
        self.rules(&trace.rules);
        for prerequisite in &trace.prerequisites {
            if let Some(flag) = &prerequisite.flag {
                self.flags.insert(flag.key.clone());
                self.flag(flag);
            }
        }
    }

    fn rules(&mut self, rules: &[RuleTrace]) {
        for segment in rules.iter().flat_map(|rule| &rule.clauses).flat_map(|clause| &clause.segments) {
            self.segments.insert(segment.key.clone());
            self.rules(&segment.rules);
        }
    }
}
