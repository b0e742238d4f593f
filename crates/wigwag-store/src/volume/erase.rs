//! Taking contexts away again: on demand, when they are not seen any more, with their environment.

use super::facts::Facts;
use super::hash::short_of;
use super::measure::{Grain, Measure};
use super::names::Names;
use super::record::{Changes, apply};
use super::session::{Session, vals};
use super::types::{CountsBefore, PerEnv};
use crate::Result;
use crate::sql::Row;
use std::collections::BTreeMap;
use wigwag_model::clock::Millis;

const ENV: &str = "SELECT id FROM seen_envs WHERE name = $1";
const ENVS: &str = "SELECT id, name FROM seen_envs";

fn named(row: &Row<'_>) -> Result<(i64, String)> {
    Ok((row.int(0)?, row.text(1)?.to_owned()))
}

/// An instance, and those of its contexts that are in no other. Answers how many instances went.
pub(super) async fn instance(db: &mut Session, names: &mut Names, env: &str, hash: &str) -> Result<u64> {
    let Some(id) = db.rows(ENV, vals![env], |row| row.int(0)).await?.pop() else { return Ok(0) };
    let text = "SELECT id FROM seen_instances WHERE short = $1 AND +env = $2 AND hash = $3";
    let ids = db.rows(text, vals![short_of(id, hash), id, hash], |row| row.int(0)).await?;
    remove_instances(db, names, &ids).await?;
    Ok(ids.len() as u64)
}

/// A context and the instances it is part of. Answers how many contexts went.
pub(super) async fn context(db: &mut Session, names: &mut Names, env: &str, kind: &str, key: &str) -> Result<u64> {
    let text = "SELECT c.id FROM seen_envs e JOIN seen_kinds k ON k.env = e.id AND k.name = $2
         JOIN seen_contexts c ON c.kind = k.id AND c.key = $3 WHERE e.name = $1";
    let ids = db.rows(text, vals![env, kind, key], |row| row.int(0)).await?;
    for id in &ids {
        let text = "SELECT instance FROM seen_parts WHERE context = $1";
        let instances = db.rows(text, vals![*id], |row| row.int(0)).await?;
        remove_instances(db, names, &instances).await?;
    }
    remove_contexts(db, names, &ids).await?;
    Ok(ids.len() as u64)
}

/// At most so many instances and contexts that were not seen since. Answers how many rows went: fewer than asked for when nothing is left.
pub(super) async fn expire(
    db: &mut Session,
    names: &mut Names,
    before: &PerEnv<Millis>,
    at_most: usize,
) -> Result<u64> {
    let limit = at_most as u64;
    let mut gone = 0;
    for (env, name) in db.rows(ENVS, Vec::new(), named).await? {
        let before = *before.of(&name);
        let text = "SELECT id FROM seen_instances WHERE env = $1 AND last_seen < $2 ORDER BY last_seen, id LIMIT $3";
        let old = db.rows(text, vals![env, before, limit], |row| row.int(0)).await?;
        remove_instances(db, names, &old).await?;
        let text = "SELECT id FROM seen_contexts WHERE env = $1 AND last_seen < $2 ORDER BY last_seen, id LIMIT $3";
        let also = db.rows(text, vals![env, before, limit], |row| row.int(0)).await?;
        remove_contexts(db, names, &also).await?;
        gone = gone.max(old.len()).max(also.len());
    }
    Ok(gone as u64)
}

/// What was counted before, and at most so many events of metrics of an environment. Answers how many of those went.
pub(super) async fn counts(db: &mut Session, before: &PerEnv<CountsBefore>, at_most: usize) -> Result<u64> {
    let mut gone = 0;
    for (env, name) in db.rows(ENVS, Vec::new(), named).await? {
        let before = before.of(&name);
        let steps = || Grain::ALL.into_iter().zip(before.steps).map(|(grain, at)| (grain.number(), grain.bucket(at)));
        for flag in db.rows("SELECT id FROM seen_flags WHERE env = $1", vals![env], |row| row.int(0)).await? {
            let old = steps().map(|(grain, bucket)| vals![flag, grain, bucket]).collect();
            db.run("DELETE FROM seen_evaluations WHERE flag = $1 AND grain = $2 AND bucket < $3", old).await?;
        }
        let measures = Measure::ALL.into_iter().flat_map(|measure| steps().map(move |step| (measure.number(), step)));
        let old = measures.map(|(measure, (grain, bucket))| vals![env, measure, grain, bucket]).collect();
        let text = "DELETE FROM seen_counts WHERE env = $1 AND measure = $2 AND grain = $3 AND bucket < $4";
        db.run(text, old).await?;
        let day = Grain::Day.bucket(before.steps[2]);
        db.run("DELETE FROM seen_uniques WHERE env = $1 AND day < $2", vec![vals![env, day]]).await?;
        let text = "DELETE FROM seen_metrics WHERE id IN
             (SELECT id FROM seen_metrics WHERE env = $1 AND name IN (SELECT id FROM seen_names WHERE env = $1)
              AND at < $2 LIMIT $3) RETURNING id";
        let old = db.rows(text, vals![env, before.metrics, at_most as u64], |row| row.int(0)).await?;
        gone = gone.max(old.len());
    }
    Ok(gone as u64)
}

/// At most so many rows of each sort of what is kept of an environment that is gone for good.
pub(super) async fn environment(db: &mut Session, names: &mut Names, env: &str, at_most: usize) -> Result<u64> {
    let limit = at_most as u64;
    let Some(id) = db.rows(ENV, vals![env], |row| row.int(0)).await?.pop() else { return Ok(0) };
    let text = "SELECT id FROM seen_instances WHERE env = $1 ORDER BY last_seen, id LIMIT $2";
    let instances = db.rows(text, vals![id, limit], |row| row.int(0)).await?;
    remove_instances(db, names, &instances).await?;
    let text = "SELECT id FROM seen_contexts WHERE env = $1 ORDER BY last_seen, id LIMIT $2";
    let contexts = db.rows(text, vals![id, limit], |row| row.int(0)).await?;
    remove_contexts(db, names, &contexts).await?;
    let flags =
        db.rows("SELECT id FROM seen_flags WHERE env = $1 LIMIT $2", vals![id, limit], |row| row.int(0)).await?;
    let flags: Vec<_> = flags.into_iter().map(|flag| vals![flag]).collect();
    for text in [
        "DELETE FROM seen_evaluations WHERE flag = $1",
        "DELETE FROM seen_flag_kinds WHERE flag = $1",
        "DELETE FROM seen_flag_apps WHERE flag = $1",
        "DELETE FROM seen_flags WHERE id = $1",
    ] {
        db.run(text, flags.clone()).await?;
    }
    let text =
        "DELETE FROM seen_metrics WHERE id IN (SELECT id FROM seen_metrics WHERE env = $1 LIMIT $2) RETURNING id";
    let metrics = db.rows(text, vals![id, limit], |row| row.int(0)).await?;
    for text in ["DELETE FROM seen_counts WHERE env = $1", "DELETE FROM seen_uniques WHERE env = $1"] {
        db.run(text, vec![vals![id]]).await?;
    }
    Ok(instances.len().max(contexts.len()).max(flags.len()).max(metrics.len()) as u64)
}

/// Removes instances, and contexts that nothing is left of then.
async fn remove_instances(db: &mut Session, names: &mut Names, ids: &[i64]) -> Result<()> {
    let each = || ids.iter().map(|id| vals![*id]).collect::<Vec<_>>();
    let parts = db.many("SELECT context FROM seen_parts WHERE instance = $1", each(), |row| row.int(0)).await?;
    let pairs = ids.iter().zip(&parts).flat_map(|(id, parts)| parts.iter().map(move |part| vals![*part, *id]));
    db.run("DELETE FROM seen_parts WHERE context = $1 AND instance = $2", pairs.collect()).await?;
    db.run("DELETE FROM seen_instances WHERE id = $1", each()).await?;
    let mut contexts: Vec<i64> = parts.into_iter().flatten().collect();
    contexts.sort_unstable();
    contexts.dedup();
    let asked = contexts.iter().map(|id| vals![*id]).collect();
    let left = db.many("SELECT instance FROM seen_parts WHERE context = $1 LIMIT 1", asked, |row| row.int(0)).await?;
    let gone: Vec<i64> = contexts.into_iter().zip(left).filter(|(_, left)| left.is_empty()).map(|(id, _)| id).collect();
    remove_contexts(db, names, &gone).await
}

/// Removes contexts with what they are found by.
async fn remove_contexts(db: &mut Session, names: &mut Names, ids: &[i64]) -> Result<()> {
    let each = || ids.iter().map(|id| vals![*id]).collect::<Vec<_>>();
    let text = "DELETE FROM seen_contexts WHERE id = $1 RETURNING kind, body";
    let removed = db.many(text, each(), |row| Ok((row.int(0)?, row.text(1)?.to_owned()))).await?;
    db.run("DELETE FROM seen_parts WHERE context = $1", each()).await?;
    let mut by_kind: BTreeMap<i64, (u64, Changes)> = BTreeMap::new();
    for (id, removed) in ids.iter().zip(&removed) {
        let Some((kind, body)) = removed.first() else { continue };
        let (count, changes) = by_kind.entry(*kind).or_default();
        *count += 1;
        changes.note(*id, Facts::of(body), Facts::default());
    }
    for (kind, (count, changes)) in by_kind {
        db.run("UPDATE seen_kinds SET contexts = contexts - $2 WHERE id = $1", vec![vals![kind, count]]).await?;
        apply(db, names, kind, changes).await?;
    }
    Ok(())
}
