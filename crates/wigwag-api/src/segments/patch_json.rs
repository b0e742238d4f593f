//! JSON patch and merge patch: they change the representation, and here the representation that came out is read
//! back. Only members that differ from what was shown are read, so that read-only members are ignored.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wigwag_kit::{Error, Result, json};
use wigwag_model::doc::{Segment, SegmentRule, SegmentTarget};
use wigwag_model::id::Ids;

use super::lists::USER;
use crate::common::{ClauseInput, id_or_new, refuse_views, unique};

/// The segment that `patched` describes, where `shown` was the representation of `before`.
///
/// # Errors
/// A value that does not fit, by path.
pub(super) fn read(before: &Segment, shown: &Value, patched: Value, ids: &Ids) -> Result<Segment> {
    let Value::Object(mut patched) = patched else {
        return Err(Error::InvalidPatch("a segment is an object".to_owned()));
    };
    let mut after = before.clone();
    let mut changed = |name: &str| {
        let new = patched.remove(name).unwrap_or(Value::Null);
        (shown.get(name).unwrap_or(&Value::Null) != &new).then_some(new)
    };
    if let Some(name) = changed("name") {
        after.name = decode("/name", name)?;
    }
    if let Some(description) = changed("description") {
        after.description = optional("/description", description)?;
    }
    if let Some(tags) = changed("tags") {
        after.tags = unique(optional("/tags", tags)?);
    }
    if let Some(list) = changed("included") {
        after.included = unique(optional("/included", list)?);
    }
    if let Some(list) = changed("excluded") {
        after.excluded = unique(optional("/excluded", list)?);
    }
    if let Some(list) = changed("includedContexts") {
        after.included_contexts = contexts("/includedContexts", list, &mut after.included)?;
    }
    if let Some(list) = changed("excludedContexts") {
        after.excluded_contexts = contexts("/excludedContexts", list, &mut after.excluded)?;
    }
    if let Some(list) = changed("rules") {
        after.rules = rules(list, ids)?;
    }
    refuse_views(changed("viewKeys").as_ref(), "segments")?;
    Ok(after)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetInput {
    #[serde(default)]
    context_kind: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

/// Lists by context kind, one of each; those of users go to the list of their own.
fn contexts(path: &str, list: Value, users: &mut Vec<String>) -> Result<Vec<SegmentTarget>> {
    let mut targets: Vec<SegmentTarget> = Vec::new();
    let sent: Vec<TargetInput> = optional(path, list)?;
    for TargetInput { context_kind, values } in sent {
        let kind = context_kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| USER.to_owned());
        if kind == USER {
            users.extend(values);
            continue;
        }
        match targets.iter_mut().find(|target| target.context_kind == kind) {
            Some(target) => target.values.extend(values),
            None => targets.push(SegmentTarget { context_kind: kind, values }),
        }
    }
    *users = unique(std::mem::take(users));
    for target in &mut targets {
        target.values = unique(std::mem::take(&mut target.values));
    }
    Ok(targets)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleInput {
    #[serde(default, rename = "_id")]
    id: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    clauses: Vec<ClauseInput>,
    #[serde(default)]
    weight: Option<u32>,
    #[serde(default)]
    bucket_by: Option<String>,
    #[serde(default)]
    rollout_context_kind: Option<String>,
}

fn rules(list: Value, ids: &Ids) -> Result<Vec<SegmentRule>> {
    let list: Vec<Value> = optional("/rules", list)?;
    let one = |(i, item)| {
        let sent: RuleInput = decode(&format!("/rules/{i}"), item)?;
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(SegmentRule {
            id: id_or_new(sent.id, ids),
            description: text(sent.description),
            clauses: sent.clauses.into_iter().map(|clause| clause.into_clause(ids)).collect(),
            weight: sent.weight,
            bucket_by: text(sent.bucket_by),
            rollout_context_kind: text(sent.rollout_context_kind),
        })
    };
    list.into_iter().enumerate().map(one).collect()
}

/// The value as a `T`; null is the empty one.
fn optional<T: DeserializeOwned + Default>(path: &str, value: Value) -> Result<T> {
    if value.is_null() { Ok(T::default()) } else { decode(path, value) }
}

fn decode<T: DeserializeOwned>(path: &str, value: Value) -> Result<T> {
    json::decode(value).map_err(|error| match error {
        Error::Invalid(problem) => Error::field(path, problem),
        other => other,
    })
}
