//! Flags that do not do the same everywhere: `compare` of the list.

use std::collections::HashMap;

use wigwag_kit::{Ctx, Result};
use wigwag_model::doc::{Environment, FlagConfig, Kind, Rule};
use wigwag_store::{ListQuery, Predicate};

use super::flag_index;
use crate::read::Loaded;

/// How many of the flags that match have configurations that differ among the environments. All
/// configurations are read, of one environment at a time.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn count(
    ctx: &Ctx,
    project: &str,
    matches: &Predicate,
    environments: &[Loaded<Environment>],
) -> Result<u64> {
    let query = ListQuery::in_project(Kind::Flag, project).filter(matches.clone());
    let flags = ctx.list(&query, |doc| Ok(flag_index(&doc.decode()?))).await?;
    // The configuration in the first environment, until another differs.
    let mut same: HashMap<Box<str>, Option<FlagConfig>> =
        flags.docs.into_iter().map(|doc| (doc.key.key, None)).collect();
    let total = same.len();
    for environment in environments {
        for doc in ctx.scan(Kind::FlagConfig, Some(project), Some(&environment.value.key)).await? {
            let Some(first) = same.get_mut(&doc.key.key) else { continue };
            let config = doc.decode()?;
            match first {
                None => *first = Some(config),
                Some(first) if alike(first, &config) => {}
                Some(_) => drop(same.remove(&doc.key.key)),
            }
        }
    }
    Ok((total - same.len()) as u64)
}

/// Whether both serve the same to everybody but for the salt, and are tracked in the same way.
fn alike(a: &FlagConfig, b: &FlagConfig) -> bool {
    a.on == b.on
        && a.prerequisites == b.prerequisites
        && a.targets == b.targets
        && a.fallthrough == b.fallthrough
        && a.off_variation == b.off_variation
        && a.track_events == b.track_events
        && a.track_events_fallthrough == b.track_events_fallthrough
        && a.check_ratio == b.check_ratio
        && a.rules.len() == b.rules.len()
        && a.rules.iter().zip(&b.rules).all(|(a, b)| rules_alike(a, b))
}

/// Ids do not count: they are made anew wherever a rule is made.
fn rules_alike(a: &Rule, b: &Rule) -> bool {
    let clauses = a.clauses.iter().zip(&b.clauses).all(|(a, b)| {
        a.context_kind == b.context_kind
            && a.attribute == b.attribute
            && a.op == b.op
            && a.values == b.values
            && a.negate == b.negate
    });
    clauses && a.clauses.len() == b.clauses.len() && a.serve == b.serve && a.track_events == b.track_events
}
