//! What uses a segment: found by index, other flags and segments are not read.

use std::collections::BTreeSet;

use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{Flag, FlagConfig, Kind};
use wigwag_store::{DocKey, Holders, IndexFacts, ListQuery, Predicate};

use super::index;
use crate::common::{names, segments};
use crate::read::FlagListing;

/// Keys of the flags whose rules in the environment ask for the segment.
///
/// # Errors
/// The store cannot be read.
async fn flag_keys(ctx: &Ctx, project: &str, environment: &str, segment: &str) -> Result<Vec<String>> {
    let query = ListQuery::in_env(Kind::FlagConfig, project, environment).filter(Predicate::eq("segments", segment));
    let asked = |config: &FlagConfig| {
        IndexFacts::new().many("segments", segments(config.rules.iter().flat_map(|rule| &rule.clauses)))
    };
    let found = ctx.list(&query, |doc| Ok(asked(&doc.decode()?))).await?;
    Ok(found.docs.into_iter().map(|doc| doc.key.key.to_string()).collect())
}

/// The flags whose rules in the environment ask for the segment, by key.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn flags(ctx: &Ctx, project: &str, environment: &str, segment: &str) -> Result<Vec<FlagListing>> {
    let keys = flag_keys(ctx, project, environment, segment).await?;
    let keys: Vec<_> = keys.into_iter().map(|key| DocKey::in_project(Kind::Flag, project, key)).collect();
    let mut listed = Vec::with_capacity(keys.len());
    for doc in ctx.get_many(&keys).await?.into_iter().flatten() {
        let flag: Flag = doc.decode()?;
        listed.push(FlagListing::of(project, environment, &flag.key, flag.name));
    }
    Ok(listed)
}

/// Refuses to delete a segment that is in use. Answers what must still be so when it is deleted: something may come
/// to use it meanwhile.
///
/// # Errors
/// 409, naming the flags and segments.
pub(super) async fn refuse_delete(ctx: &Ctx, project: &str, environment: &str, segment: &str) -> Result<[Holders; 2]> {
    let flags = flag_keys(ctx, project, environment, segment).await?;
    let query = ListQuery::in_env(Kind::Segment, project, environment).filter(Predicate::eq("segments", segment));
    let nested = ctx.list(&query, |doc| Ok(index::of(&doc.decode()?))).await?;
    let others: Vec<_> = nested.docs.iter().map(|doc| &*doc.key.key).filter(|key| *key != segment).collect();
    let mut users = Vec::new();
    for (noun, keys) in [("flags", flags.iter().map(String::as_str).collect()), ("segments", others)] {
        if !keys.is_empty() {
            users.push(format!("the {noun} {}", list(&keys)));
        }
    }
    if users.is_empty() {
        let own = nested.docs.iter().map(|doc| (doc.key.env.clone(), doc.key.key.clone())).collect();
        let holders = |kind, docs| {
            let (project, env, value) = (project.into(), Some(environment.into()), segment.into());
            Holders { kind, project, env, field: "segments", value, docs }
        };
        return Ok([holders(Kind::FlagConfig, BTreeSet::new()), holders(Kind::Segment, own)]);
    }
    Err(Error::Conflict(format!("Segment is still in use by {}", users.join(" and "))))
}

/// "a, b and 3 more".
fn list(keys: &[&str]) -> String {
    const MOST: usize = 10;
    let shown = names(keys.iter().take(MOST).copied(), "").replace('`', "");
    match keys.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
