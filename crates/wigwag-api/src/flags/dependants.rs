//! Flags that have a flag as their prerequisite.

use std::collections::BTreeSet;

use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{Flag, FlagConfig, Kind};
use wigwag_store::{DocKey, Expect, Holders, ListQuery, Predicate};

use super::load::flag_key;
use super::state::{GONE, Renumbering};

/// A configuration that names the flag as a prerequisite.
pub(crate) struct Dependant {
    pub(crate) environment: String,
    pub(crate) flag: String,
    pub(crate) config: FlagConfig,
    pub(crate) version: u64,
}

/// All of them, in all environments; found by index, other flags are not read.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn of(ctx: &Ctx, project: &str, flag: &str) -> Result<Vec<Dependant>> {
    let query = ListQuery::scoped(Kind::FlagConfig, Some(project), None).filter(Predicate::eq("prerequisites", flag));
    let one = |doc: wigwag_store::Doc| {
        Ok(Dependant {
            environment: doc.key.env.to_string(),
            flag: doc.key.key.to_string(),
            version: doc.version,
            config: doc.decode()?,
        })
    };
    let facts = |doc: &wigwag_store::Doc| Ok(super::config_index(&doc.decode()?));
    ctx.list(&query, facts).await?.docs.into_iter().map(one).collect()
}

/// Refuses to delete a flag that others depend on. Answers what must still be so when it is deleted: another flag may
/// come to depend on it meanwhile.
///
/// # Errors
/// 409, naming them.
pub(crate) async fn refuse_delete(ctx: &Ctx, project: &str, flag: &str) -> Result<Holders> {
    let all = of(ctx, project, flag).await?;
    match name(&all) {
        None => Ok(holders(project, flag, &all)),
        Some(names) => Err(Error::Conflict(format!("Flag is still in use as a prerequisite of {names}"))),
    }
}

/// Those that have the flag as their prerequisite, and no others.
fn holders(project: &str, flag: &str, all: &[Dependant]) -> Holders {
    let docs = all.iter().map(|one| (one.environment.as_str().into(), one.flag.as_str().into())).collect();
    let (kind, field) = (Kind::FlagConfig, "prerequisites");
    Holders { kind, project: project.into(), env: None, field, value: flag.into(), docs }
}

/// Refuses to archive a flag that others depend on. Archived ones do not count: SDKs are not
/// sent those. Answers what must still be so when it is archived: who depends on it, and that they are archived.
///
/// # Errors
/// 400, naming them.
pub(crate) async fn refuse_archive(ctx: &Ctx, project: &str, flag: &str) -> Result<(Holders, Vec<(DocKey, Expect)>)> {
    let mut all = of(ctx, project, flag).await?;
    let holders = holders(project, flag, &all);
    let mut requires = Vec::new();
    let keys: BTreeSet<_> = all.iter().map(|one| flag_key(project, one.flag.as_str())).collect();
    let keys: Vec<_> = keys.into_iter().collect();
    let mut live = BTreeSet::new();
    for doc in ctx.store().get_many(&keys).await?.into_iter().flatten() {
        requires.push((doc.key.clone(), Expect::Version(doc.version)));
        if doc.decode::<Flag>()?.archived_at.is_none() {
            live.insert(doc.key.key.to_string());
        }
    }
    all.retain(|one| live.contains(&one.flag));
    match name(&all) {
        None => Ok((holders, requires)),
        Some(names) => Err(Error::field("archived", format_args!("Flag is still in use as a prerequisite of {names}"))),
    }
}

/// Those whose index must follow a variation that moved, already changed.
///
/// # Errors
/// 400 when the variation they require is removed.
pub(crate) async fn following(ctx: &Ctx, project: &str, flag: &str, moved: &Renumbering) -> Result<Vec<Dependant>> {
    let mut changed = Vec::new();
    for mut one in of(ctx, project, flag).await? {
        let mut differs = false;
        for prerequisite in one.config.prerequisites.iter_mut().filter(|prerequisite| prerequisite.key == flag) {
            let index = moved.new_index(prerequisite.variation);
            if index == GONE {
                let place = format!("{} requires it in the environment {}", one.flag, one.environment);
                return Err(Error::field("variations", format_args!("a variation is still in use: {place}")));
            }
            differs |= index != prerequisite.variation;
            prerequisite.variation = index;
        }
        if differs {
            changed.push(one);
        }
    }
    Ok(changed)
}

/// "a, b and 3 more".
fn name(all: &[Dependant]) -> Option<String> {
    const MOST: usize = 10;
    let keys: BTreeSet<_> = all.iter().map(|one| one.flag.as_str()).collect();
    let shown: Vec<_> = keys.iter().copied().take(MOST).collect();
    let more = keys.len().saturating_sub(MOST);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!keys.is_empty()).then(|| format!("{}{rest}", shown.join(", ")))
}
