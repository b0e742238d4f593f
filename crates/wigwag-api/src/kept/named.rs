//! Flags and segments that name a context.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use wigwag_kit::{Ctx, Result};
use wigwag_model::doc::{Clause, Flag, FlagConfig, Kind, Segment};

use crate::read::{flag, segment_owner};

pub(super) const FLAG: &str = "flag";
pub(super) const SEGMENT: &str = "segment";
/// The kind of contexts that plain lists hold.
const USER: &str = "user";

/// Where to look.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) project: &'a str,
    pub(super) environment: &'a str,
}

/// Something that names a context.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Named {
    /// `flag` or `segment`.
    pub(super) kind: &'static str,
    /// Its key.
    pub(super) key: String,
    /// Where: `targets`, `expiringTargets`, `included`, `excluded`, `members` of a big segment, or `rules`, which have the key as
    /// a value of a clause.
    #[serde(rename = "in")]
    places: Vec<&'static str>,
    /// Ids of the variations it is targeted with.
    #[serde(skip)]
    variations: Vec<String>,
}

/// Everything in an environment that names a context.
pub(super) async fn find(ctx: &Ctx, place: Place<'_>, kind: &str, key: &str) -> Result<Vec<Named>> {
    let mut all = Vec::new();
    for doc in ctx.scan(Kind::FlagConfig, Some(place.project), Some(place.environment)).await? {
        let config: FlagConfig = doc.decode()?;
        let places = in_flag(&config, kind, key);
        if places.is_empty() {
            continue;
        }
        let (flag, _) = flag(ctx, place.project, &doc.key.key).await?;
        let variations = targeted(&config, &flag, kind, key);
        all.push(Named { kind: FLAG, key: flag.key, places, variations });
    }
    for doc in ctx.scan(Kind::Segment, Some(place.project), Some(place.environment)).await? {
        let segment: Segment = doc.decode()?;
        let mut places = in_segment(&segment, kind, key);
        if segment.unbounded && segment.unbounded_context_kind.as_deref().unwrap_or(USER) == kind {
            let owner = segment_owner(place.project, place.environment, &segment.key);
            let found = ctx.store().membership(&owner, key).await?;
            places.extend((found.included || found.excluded).then_some("members"));
        }
        if !places.is_empty() {
            all.push(Named { kind: SEGMENT, key: segment.key, places, variations: Vec::new() });
        }
    }
    Ok(all)
}

fn in_flag(config: &FlagConfig, kind: &str, key: &str) -> Vec<&'static str> {
    let targets = config.targets.iter().any(|t| t.context_kind == kind && t.values.iter().any(|value| value == key));
    let expiring = config.expiring_targets.iter().any(|t| t.context_kind == kind && t.context_key == key);
    let rules = config.rules.iter().any(|rule| in_clauses(&rule.clauses, kind, key));
    told([(targets, "targets"), (expiring, "expiringTargets"), (rules, "rules")])
}

fn targeted(config: &FlagConfig, flag: &Flag, kind: &str, key: &str) -> Vec<String> {
    let targets = config.targets.iter().filter(|t| t.context_kind == kind && t.values.iter().any(|value| value == key));
    targets.filter_map(|t| Some(flag.variations.get(t.variation)?.id.to_string())).collect()
}

fn in_segment(segment: &Segment, kind: &str, key: &str) -> Vec<&'static str> {
    let listed = |users: &[String], contexts: &[wigwag_model::doc::SegmentTarget]| {
        (kind == USER && users.iter().any(|user| user == key))
            || contexts.iter().any(|t| t.context_kind == kind && t.values.iter().any(|value| value == key))
    };
    let expiring = segment.expiring_targets.iter().any(|t| t.context_kind == kind && t.context_key == key);
    told([
        (listed(&segment.included, &segment.included_contexts), "included"),
        (listed(&segment.excluded, &segment.excluded_contexts), "excluded"),
        (expiring, "expiringTargets"),
        (segment.rules.iter().any(|rule| in_clauses(&rule.clauses, kind, key)), "rules"),
    ])
}

/// Whether a clause compares keys of the kind with this one.
fn in_clauses(clauses: &[Clause], kind: &str, key: &str) -> bool {
    let compares = |clause: &Clause| {
        clause.attribute == "key"
            && clause.context_kind.as_deref().unwrap_or(USER) == kind
            && clause.values.iter().any(|value| value == key)
    };
    clauses.iter().any(compares)
}

fn told<const N: usize>(places: [(bool, &'static str); N]) -> Vec<&'static str> {
    places.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect()
}

impl Named {
    /// Instructions that take the context out of individual targets.
    pub(super) fn removing(&self, kind: &str, key: &str) -> Vec<Value> {
        if self.kind == FLAG {
            let one = |variation: &String| json!({"kind": "removeTargets", "contextKind": kind, "variationId": variation, "values": [key]});
            return self.variations.iter().map(one).collect();
        }
        let lists = [("included", "removeIncludedTargets"), ("excluded", "removeExcludedTargets")];
        let lists = lists.into_iter().filter(|(name, _)| self.places.contains(name));
        lists.map(|(_, instruction)| json!({"kind": instruction, "contextKind": kind, "values": [key]})).collect()
    }
}
