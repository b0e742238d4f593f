//! What a filter asks of other data than that of flags, resolved to keys of flags.

use std::collections::BTreeSet;

use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{Environment, FlagFollower, Kind};
use wigwag_store::{Doc, IndexFacts, ListQuery, Predicate};

use super::filters::{Condition, Filter};
use super::status::with_status;
use crate::read::{Loaded, code_reference_counts};

/// Which flags of a project the filter asks for. What it asks of environments must hold in one of
/// those it names, or in any.
///
/// # Errors
/// The store cannot be read; 400 for evaluations as of another time, of which nothing is known.
pub(super) async fn resolve(
    ctx: &Ctx,
    project: &str,
    filter: &Filter,
    environments: &[Loaded<Environment>],
) -> Result<Predicate> {
    let named = |key: &String| filter.environments.is_empty() || filter.environments.contains(key);
    let environments: Vec<_> = environments.iter().map(|env| &env.value).filter(|env| named(&env.key)).collect();
    let mut all = vec![filter.matches.clone()];
    for condition in &filter.conditions {
        all.push(match condition {
            Condition::Config(wanted) => configured(ctx, project, &environments, wanted).await?,
            Condition::Evaluated { kind, application, since } => {
                refuse_the_past(ctx)?;
                let (kind, application) = (kind.as_deref(), application.as_deref());
                evaluated(ctx, &environments, kind, application, *since).await?
            }
            Condition::Status(wanted) => {
                refuse_the_past(ctx)?;
                let mut keys = BTreeSet::new();
                for environment in &environments {
                    keys.extend(with_status(ctx, project, environment, wanted).await?);
                }
                Predicate::KeyIn(keys.into_iter().collect())
            }
            Condition::Followed(member) => followed(ctx, project, &environments, member).await?,
            Condition::CodeReferences { min, max } => referenced(ctx, project, *min, *max).await?,
        });
    }
    Ok(Predicate::And(all))
}

/// What SDKs told is known as it is now.
fn refuse_the_past(ctx: &Ctx) -> Result<()> {
    match ctx.as_of {
        None => Ok(()),
        Some(_) => Err(Error::field("filter", "evaluations are known as they are now, not as of another time")),
    }
}

async fn configured(ctx: &Ctx, project: &str, environments: &[&Environment], wanted: &Predicate) -> Result<Predicate> {
    let mut keys = BTreeSet::new();
    for environment in environments {
        let query = ListQuery::in_env(Kind::FlagConfig, project, &environment.key).filter(wanted.clone());
        keys.extend(ctx.list(&query, config_facts).await?.docs.into_iter().map(|doc| doc.key.key.to_string()));
    }
    Ok(Predicate::KeyIn(keys.into_iter().collect()))
}

/// Few follow a flag: all followers of an environment are looked at.
async fn followed(ctx: &Ctx, project: &str, environments: &[&Environment], member: &str) -> Result<Predicate> {
    let mut keys = BTreeSet::new();
    for environment in environments {
        let query = ListQuery::in_env(Kind::FlagFollower, project, &environment.key);
        for doc in ctx.list(&query, |_| Ok(IndexFacts::new())).await?.docs {
            let follower: FlagFollower = doc.decode()?;
            if follower.member_id == member {
                keys.insert(follower.flag);
            }
        }
    }
    Ok(Predicate::KeyIn(keys.into_iter().collect()))
}

async fn evaluated(
    ctx: &Ctx,
    environments: &[&Environment],
    kind: Option<&str>,
    application: Option<&str>,
    since: i64,
) -> Result<Predicate> {
    let mut keys = BTreeSet::new();
    for environment in environments {
        keys.extend(ctx.store().volume().flags_used(&environment.id, kind, application, since).await?);
    }
    Ok(Predicate::KeyIn(keys.into_iter().collect()))
}

/// Flags that no code names are not among the counts.
async fn referenced(ctx: &Ctx, project: &str, min: u64, max: u64) -> Result<Predicate> {
    let counts = code_reference_counts(ctx, project).await?;
    let keys = |wanted: &dyn Fn(u64) -> bool| {
        let found = counts.iter().filter(|(_, count)| wanted(**count));
        Predicate::KeyIn(found.map(|(key, _)| key.clone()).collect())
    };
    Ok(match min {
        0 => Predicate::Not(Box::new(keys(&|count| count > max))),
        _ => keys(&|count| (min..=max).contains(&count)),
    })
}

/// What the index has of a configuration.
pub(super) fn config_facts(doc: &Doc) -> Result<IndexFacts> {
    Ok(super::config_index(&doc.decode()?))
}
