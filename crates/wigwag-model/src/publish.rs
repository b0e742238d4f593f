//! Stored documents as SDKs receive them: pure, and exact about shapes.
//!
//! Wherever official SDKs disagree about a shape, it is not produced (evaluation.md 2.3). What REST
//! validation lets through is assumed, but nothing here depends on it: a value that would make an SDK
//! refuse the whole payload is left out.

use serde_json::Value;

use crate::clause::Clause;
use crate::doc;
use crate::flag::{ClientSideAvailability, Flag, Migration, Prerequisite, Rule, Target};
use crate::rollout::{Rollout, RolloutKind, VariationOrRollout, WeightedVariation};
use crate::segment::{Segment, SegmentRule, SegmentTarget};

/// The default context kind.
const USER: &str = "user";

/// A flag in one environment, at the version of its configuration there; `None` while it is archived.
#[must_use]
pub fn flag(flag: &doc::Flag, config: &doc::FlagConfig, version: u64) -> Option<Flag> {
    if flag.archived_at.is_some() {
        return None;
    }
    let availability = ClientSideAvailability {
        using_mobile_key: flag.client_side_availability.using_mobile_key,
        using_environment_id: flag.client_side_availability.using_environment_id,
    };
    let targets = merged(&config.targets);
    Some(Flag {
        key: flag.key.clone(),
        version,
        on: config.on,
        prerequisites: config.prerequisites.iter().map(prerequisite).collect(),
        targets: targets.iter().filter(|t| is_user(&t.context_kind)).map(user_target).collect(),
        context_targets: targets.into_iter().map(context_target).collect(),
        rules: config.rules.iter().map(rule).collect(),
        fallthrough: serve(&config.fallthrough),
        off_variation: config.off_variation.map(index),
        variations: flag.variations.iter().map(|v| v.value.clone()).collect(),
        client_side_availability: availability,
        client_side: availability.using_environment_id,
        salt: config.salt.clone(),
        track_events: config.track_events,
        track_events_fallthrough: config.track_events_fallthrough,
        debug_events_until_date: config.debug_events_until.and_then(|at| u64::try_from(at).ok()),
        deleted: false,
        migration: migration(flag, config),
        sampling_ratio: None,
        exclude_from_summaries: false,
    })
}

/// A segment at the version of its document.
#[must_use]
pub fn segment(segment: &doc::Segment, version: u64) -> Segment {
    segment_from(segment.clone(), version)
}

/// The same from a document that nobody needs any more: a million keys are moved, not copied.
#[must_use]
pub fn segment_from(segment: doc::Segment, version: u64) -> Segment {
    Segment {
        version,
        included: user_keys(segment.included, &segment.included_contexts),
        excluded: user_keys(segment.excluded, &segment.excluded_contexts),
        included_contexts: other_keys(segment.included_contexts),
        excluded_contexts: other_keys(segment.excluded_contexts),
        rules: segment.rules.iter().map(segment_rule).collect(),
        key: segment.key,
        salt: segment.salt,
        unbounded: segment.unbounded,
        unbounded_context_kind: segment.unbounded_context_kind.filter(|kind| !kind.is_empty()),
        // 0 means "never was a big segment"; SDKs disagree about a literal 0.
        generation: Some(i64::from(segment.generation)).filter(|generation| *generation > 0),
        deleted: false,
    }
}

/// Indexes are far below the limit; one that is not names no variation either way.
fn index(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn is_user(kind: &str) -> bool {
    kind.is_empty() || kind == USER
}

fn prerequisite(from: &doc::Prerequisite) -> Prerequisite {
    Prerequisite { key: from.key.clone(), variation: index(from.variation) }
}

fn migration(flag: &doc::Flag, config: &doc::FlagConfig) -> Option<Migration> {
    let migrates = flag.migration_settings.is_some() || flag.purpose.as_deref() == Some("migration");
    migrates.then(|| Migration { check_ratio: config.check_ratio.map(u64::from) })
}

/// Targets that have keys, one for each kind and variation: SDKs disagree about repeated ones.
fn merged(targets: &[doc::Target]) -> Vec<doc::Target> {
    let mut out: Vec<doc::Target> = Vec::with_capacity(targets.len());
    for target in targets.iter().filter(|t| !t.values.is_empty()) {
        let same = |t: &&mut doc::Target| {
            t.variation == target.variation
                && (t.context_kind == target.context_kind
                    || (is_user(&t.context_kind) && is_user(&target.context_kind)))
        };
        match out.iter_mut().find(same) {
            Some(first) => first.values.extend(target.values.iter().cloned()),
            None => out.push(target.clone()),
        }
    }
    out
}

fn user_target(from: &doc::Target) -> Target {
    Target { context_kind: None, values: from.values.clone(), variation: index(from.variation) }
}

/// An entry of `contextTargets`: for users only a place in the order, the keys being in `targets`.
fn context_target(from: doc::Target) -> Target {
    let variation = index(from.variation);
    if is_user(&from.context_kind) {
        Target { context_kind: Some(USER.to_owned()), values: Vec::new(), variation }
    } else {
        Target { context_kind: Some(from.context_kind), values: from.values, variation }
    }
}

fn rule(from: &doc::Rule) -> Rule {
    Rule {
        id: from.id.clone(),
        clauses: from.clauses.iter().map(clause).collect(),
        track_events: from.track_events,
        serve: serve(&from.serve),
    }
}

fn serve(from: &doc::Serve) -> VariationOrRollout {
    match from {
        doc::Serve::Variation(variation) => VariationOrRollout::fixed(index(*variation)),
        doc::Serve::Rollout(from) => VariationOrRollout::split(rollout(from)),
    }
}

fn rollout(from: &doc::Rollout) -> Rollout {
    let weighted = |v: &doc::WeightedVariation| WeightedVariation {
        variation: index(v.variation),
        weight: i64::from(v.weight),
        untracked: v.untracked,
    };
    Rollout {
        kind: match from.kind.as_deref() {
            Some("experiment") => RolloutKind::Experiment,
            _ => RolloutKind::Rollout,
        },
        context_kind: Some(kind_or_user(from.context_kind.as_deref())),
        variations: from.variations.iter().map(weighted).collect(),
        bucket_by: non_empty(from.bucket_by.as_deref()),
        seed: from.seed.filter(|seed| *seed != 0),
    }
}

fn clause(from: &doc::Clause) -> Clause {
    if from.op == "segmentMatch" {
        return Clause {
            context_kind: None,
            attribute: String::new(),
            op: from.op.clone(),
            values: scalars(&from.values),
            negate: from.negate,
        };
    }
    Clause {
        // Always said, so that the attribute is read as a reference everywhere.
        context_kind: Some(kind_or_user(from.context_kind.as_deref())),
        attribute: from.attribute.clone(),
        op: from.op.clone(),
        values: scalars(&from.values),
        negate: from.negate,
    }
}

/// Values that can match at all. Lists, objects and nulls never do, and some SDKs refuse them.
fn scalars(values: &[Value]) -> Vec<Value> {
    values.iter().filter(|v| v.is_string() || v.is_number() || v.is_boolean()).cloned().collect()
}

fn segment_rule(from: &doc::SegmentRule) -> SegmentRule {
    SegmentRule {
        id: from.id.clone(),
        clauses: from.clauses.iter().map(clause).collect(),
        weight: from.weight.map(i64::from),
        bucket_by: non_empty(from.bucket_by.as_deref()),
        rollout_context_kind: from.weight.map(|_| kind_or_user(from.rollout_context_kind.as_deref())),
    }
}

/// Keys of users, wherever they were put.
fn user_keys(mut plain: Vec<String>, by_kind: &[doc::SegmentTarget]) -> Vec<String> {
    plain.extend(by_kind.iter().filter(|t| is_user(&t.context_kind)).flat_map(|t| &t.values).cloned());
    plain
}

fn other_keys(by_kind: Vec<doc::SegmentTarget>) -> Vec<SegmentTarget> {
    let others = by_kind.into_iter().filter(|t| !is_user(&t.context_kind) && !t.values.is_empty());
    others.map(|t| SegmentTarget { context_kind: t.context_kind, values: t.values }).collect()
}

fn kind_or_user(kind: Option<&str>) -> String {
    kind.filter(|kind| !kind.is_empty()).unwrap_or(USER).to_owned()
}

fn non_empty(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
#[path = "publish_tests.rs"]
mod tests;
