//! Erasing a context wherever it is kept.

use super::Volume;
use super::erase;
use super::hash::hash_of_key;
use super::names::Names;
use super::session::{Session, vals};
use super::types::{Batch, MetricEvent, Sighting};
use super::writer::Work;
use crate::Result;
use crate::sql::{Query, Row};
use serde_json::{Map, Value};
use std::collections::HashMap;
use wigwag_model::clock::Millis;

/// Events of metrics looked at, and changed, together.
const PAGE: u64 = 2000;
/// How long it is remembered that a context was erased. Nothing waits longer in a journal, or in an SDK.
const REMEMBERED: Millis = 90 * 24 * 60 * 60 * 1000;

/// What is kept of a context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The context itself: none or one.
    pub contexts: u64,
    /// Instances that it is part of.
    pub instances: u64,
    /// Events of metrics that name it.
    pub metric_events: u64,
}

/// What becomes of an event of a metric.
#[derive(Clone, Debug)]
pub(super) struct Forgotten {
    id: i64,
    /// The contexts that it still names; nothing if it names no other.
    contexts: Option<Box<str>>,
}

impl Volume {
    /// What is kept of a context.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn kept_of(&self, env: &str, kind: &str, key: &str) -> Result<Kept> {
        let text = "SELECT c.id, (SELECT COUNT(*) FROM seen_parts p WHERE p.context = c.id) FROM seen_envs e
             JOIN seen_kinds k ON k.env = e.id AND k.name = $1 JOIN seen_contexts c ON c.kind = k.id AND c.key = $2
             WHERE e.name = $3";
        let params = vec![kind.into(), key.into(), env.into()];
        let instances = self.rows(Query::point(text, params), |row| row.count(1)).await?;
        let mut kept = Kept { contexts: instances.len() as u64, instances: instances.iter().sum(), metric_events: 0 };
        let mut after = 0;
        loop {
            let (some, next) = self.metric_events_of(env, kind, key, after).await?;
            kept.metric_events += some.len() as u64;
            let Some(next) = next else { return Ok(kept) };
            after = next;
        }
    }

    /// Removes a context, the instances it is part of, and its name from events of metrics (those that name no other
    /// go). What happened before `at` is not recorded any more, wherever it waits. Counts stay: they name nobody.
    ///
    /// # Errors
    /// When the database cannot be written; done again it goes on.
    pub async fn erase(&self, env: &str, kind: &str, key: &str, at: Millis) -> Result<()> {
        let work = Work::Erase { env: env.into(), kind: kind.into(), key: key.into(), at };
        self.writer.work(work).await?;
        let mut after = 0;
        loop {
            let (some, next) = self.metric_events_of(env, kind, key, after).await?;
            if !some.is_empty() {
                self.writer.work(Work::Forget(some)).await?;
            }
            let Some(next) = next else { return Ok(()) };
            after = next;
        }
    }

    /// Events of metrics that name a context, among those of a page; and where the next page begins.
    async fn metric_events_of(
        &self,
        env: &str,
        kind: &str,
        key: &str,
        after: i64,
    ) -> Result<(Vec<Forgotten>, Option<i64>)> {
        let text = "SELECT m.id, m.contexts FROM seen_envs e JOIN seen_metrics m ON m.env = e.id
             WHERE e.name = $1 AND m.id > $2 ORDER BY m.id LIMIT $3";
        let query = Query::long(text, vec![env.into(), after.into(), PAGE.into()]);
        let page = self.rows(query, |row: &Row<'_>| Ok((row.int(0)?, row.text(1)?.to_owned()))).await?;
        let next = page.last().map(|(id, _)| *id).filter(|_| page.len() as u64 == PAGE);
        let naming = page.into_iter().filter_map(|(id, contexts)| {
            let contexts = without(&contexts, |named, its| named == kind && its == key)?;
            Some(Forgotten { id, contexts })
        });
        Ok((naming.collect(), next))
    }
}

/// An object from kind to key without those that are `gone`: nothing if none is, and nothing in it if none is left.
#[expect(clippy::option_option, reason = "unchanged, gone, or changed")]
fn without(contexts: &str, gone: impl Fn(&str, &str) -> bool) -> Option<Option<Box<str>>> {
    let mut named: Map<String, Value> = serde_json::from_str(contexts).ok()?;
    let before = named.len();
    named.retain(|kind, key| !key.as_str().is_some_and(|key| gone(kind, key)));
    if named.len() == before {
        return None;
    }
    Some((!named.is_empty()).then(|| Value::Object(named).to_string().into()))
}

/// Notes the erasure and removes the context with its instances.
pub(super) async fn erase(
    db: &mut Session,
    names: &mut Names,
    (env, kind, key): (&str, &str, &str),
    at: Millis,
) -> Result<u64> {
    let id = names.env(db, env).await?;
    let text = "INSERT INTO seen_erasures (env, mark, at) VALUES ($1, $2, $3)
         ON CONFLICT (env, mark) DO UPDATE SET at = excluded.at";
    db.run(text, vec![vals![id, mark(kind, key), at]]).await?;
    db.run("DELETE FROM seen_erasures WHERE at < $1", vec![vals![at - REMEMBERED]]).await?;
    erase::context(db, names, env, kind, key).await
}

/// Takes names out of events of metrics.
pub(super) async fn forget(db: &mut Session, events: &[Forgotten]) -> Result<u64> {
    let gone = events.iter().filter(|event| event.contexts.is_none()).map(|event| vals![event.id]).collect();
    db.run("DELETE FROM seen_metrics WHERE id = $1", gone).await?;
    let left = events.iter().filter_map(|event| Some(vals![event.id, &**event.contexts.as_ref()?])).collect();
    db.run("UPDATE seen_metrics SET contexts = $2 WHERE id = $1", left).await?;
    Ok(events.len() as u64)
}

fn mark(kind: &str, key: &str) -> i64 {
    hash_of_key(kind, key).cast_signed()
}

/// When contexts were erased, by environment and mark.
pub(super) struct Erasures(HashMap<(String, i64), Millis>);

impl Erasures {
    /// All that are remembered: few, if any.
    pub(super) async fn load(db: &mut Session) -> Result<Self> {
        let text = "SELECT e.name, x.mark, x.at FROM seen_erasures x JOIN seen_envs e ON e.id = x.env";
        let read = |row: &Row<'_>| Ok(((row.text(0)?.to_owned(), row.int(1)?), row.int(2)?));
        Ok(Self(db.rows(text, Vec::new(), read).await?.into_iter().collect()))
    }

    fn covers(&self, env: &str, kind: &str, key: &str, at: Millis) -> bool {
        self.0.get(&(env.to_owned(), mark(kind, key))).is_some_and(|erased| at <= *erased)
    }

    /// The batch without what was erased after it happened; nothing if it holds none of it.
    pub(super) fn applied(&self, batch: &Batch) -> Option<Batch> {
        if self.0.is_empty() {
            return None;
        }
        let mut batch = batch.clone();
        for Sighting { env, at, parts, .. } in &mut batch.sightings {
            parts.retain(|part| !self.covers(env, &part.kind, &part.key, *at));
        }
        batch.sightings.retain(|sighting| !sighting.parts.is_empty());
        batch.metrics.retain_mut(|MetricEvent { env, at, contexts, .. }| {
            match without(contexts, |kind, key| self.covers(env, kind, key, *at)) {
                None => true,
                Some(None) => false,
                Some(Some(left)) => {
                    *contexts = left.into();
                    true
                }
            }
        });
        Some(batch)
    }
}
