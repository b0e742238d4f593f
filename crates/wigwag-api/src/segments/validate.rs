//! What every stored segment holds to. Errors name the path of the representation.

use std::collections::HashSet;

use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Segment, SegmentList, SegmentRule};

use super::lists;
use crate::common::{check_clauses, check_context_kind, check_name, check_reference, check_tags};

/// Everybody: 100% in thousandths of a per cent.
pub(super) const FULL_WEIGHT: u32 = 100_000;

/// Checks what differs from `before`: a million keys are not walked to change a name.
///
/// # Errors
/// 400 naming the path.
pub(super) fn check(before: Option<&Segment>, after: &Segment) -> Result<()> {
    if before == Some(after) {
        return Ok(());
    }
    check_name("name", &after.name)?;
    check_tags("tags", after.tags.clone())?;
    if let Some(kind) = &after.unbounded_context_kind {
        check_context_kind("unboundedContextKind", kind)?;
    }
    for list in [SegmentList::Included, SegmentList::Excluded] {
        check_list(after, list)?;
    }
    if before.is_none_or(|before| before.rules != after.rules) {
        check_rules(&after.rules)?;
    }
    Ok(())
}

fn check_list(segment: &Segment, list: SegmentList) -> Result<()> {
    let name = lists::name(list);
    for (kind, keys) in lists::all(segment, list) {
        if segment.unbounded && !keys.is_empty() {
            let rule = "a big segment keeps its members apart: this list is for standard segments";
            return Err(Error::field(&format!("/{name}"), rule));
        }
        check_context_kind(&format!("/{name}Contexts/contextKind"), kind)?;
    }
    Ok(())
}

fn check_rules(rules: &[SegmentRule]) -> Result<()> {
    let mut ids = HashSet::new();
    for (i, rule) in rules.iter().enumerate() {
        let path = format!("/rules/{i}");
        if !ids.insert(rule.id.as_str()) {
            return Err(Error::field(&format!("{path}/_id"), "another rule has the same _id"));
        }
        check_clauses(&path, &rule.clauses)?;
        if rule.weight.is_some_and(|weight| weight > FULL_WEIGHT) {
            return Err(Error::field(&format!("{path}/weight"), format_args!("must be from 0 to {FULL_WEIGHT}")));
        }
        if let Some(kind) = &rule.rollout_context_kind {
            check_context_kind(&format!("{path}/rolloutContextKind"), kind)?;
        }
        if let Some(attribute) = &rule.bucket_by {
            // SDKs are always sent a kind with a weight, and read the attribute as a reference then.
            let kind = rule.rollout_context_kind.as_deref().unwrap_or("user");
            check_reference(&format!("{path}/bucketBy"), attribute, Some(kind))?;
        }
    }
    Ok(())
}
