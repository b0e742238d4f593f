//! Lists and searches of contexts that were sent together.

use super::Volume;
use super::few::FEW;
use super::hash::short_of;
use super::types::{Cursor, Found, PageOf, SeenInstance};
use super::walk::{Path, page_of};
use crate::Result;
use crate::sql::{Query, Row};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeSet;

/// The columns of an instance, from `seen_instances t`; the body of a lone part is its context's.
const FROM: &str = "SELECT t.id, t.hash, COALESCE(a.name, ''), t.anonymous, t.last_seen,
     CASE WHEN t.body <> '' THEN t.body ELSE COALESCE((SELECT c.body FROM seen_parts p
      JOIN seen_contexts c ON c.id = p.context WHERE p.instance = t.id LIMIT 1), '') END
     FROM seen_instances t LEFT JOIN seen_apps a ON a.id = t.app WHERE ";

/// The body alone.
const BODIES: &str = "SELECT t.id, t.last_seen,
     CASE WHEN t.body <> '' THEN t.body ELSE COALESCE((SELECT c.body FROM seen_parts p
      JOIN seen_contexts c ON c.id = p.context WHERE p.instance = t.id LIMIT 1), '') END
     FROM seen_instances t WHERE t.env = ";

/// A condition on instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceFilter {
    /// All of these hold; none: every instance.
    All(Vec<Self>),
    /// One of these holds; none: no instance.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// Last sent by one of these applications.
    Application(Vec<String>),
    /// The id is one of these.
    Id(Vec<String>),
    /// It has exactly these kinds.
    KindsAre(BTreeSet<String>),
    /// It has all of these kinds.
    KindsHave(BTreeSet<String>),
    /// It has exactly these kinds and keys.
    KeysAre(BTreeSet<(String, String)>),
    /// It has all of these kinds and keys.
    KeysHave(BTreeSet<(String, String)>),
}

impl InstanceFilter {
    /// Every instance.
    #[must_use]
    pub const fn every() -> Self {
        Self::All(Vec::new())
    }

    fn holds(&self, instance: &SeenInstance, keys: &BTreeSet<(String, String)>) -> bool {
        let kinds = || keys.iter().map(|(kind, _)| kind).collect::<BTreeSet<_>>();
        match self {
            Self::All(list) => list.iter().all(|each| each.holds(instance, keys)),
            Self::Any(list) => list.iter().any(|each| each.holds(instance, keys)),
            Self::Not(inner) => !inner.holds(instance, keys),
            Self::Application(names) => names.contains(&instance.application),
            Self::Id(ids) => ids.contains(&instance.hash),
            Self::KindsAre(wanted) => kinds() == wanted.iter().collect(),
            Self::KindsHave(wanted) => kinds().is_superset(&wanted.iter().collect()),
            Self::KeysAre(wanted) => keys == wanted,
            Self::KeysHave(wanted) => keys.is_superset(wanted),
        }
    }
}

/// Kinds and keys of a context.
fn keys_of(body: &str) -> BTreeSet<(String, String)> {
    let Ok(Value::Object(object)) = serde_json::from_str(body) else { return BTreeSet::new() };
    let key = |value: &Value| value.get("key").and_then(Value::as_str).map(str::to_owned);
    match object.get("kind").and_then(Value::as_str) {
        Some("multi") => {
            let parts = object.iter().filter(|(kind, _)| *kind != "kind");
            parts.filter_map(|(kind, part)| Some((kind.clone(), key(part)?))).collect()
        }
        Some(kind) => {
            let kind = kind.to_owned();
            key(&Value::Object(object)).map(|key| (kind, key)).into_iter().collect()
        }
        None => BTreeSet::new(),
    }
}

impl Volume {
    /// The instances of an environment that match.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn instances(&self, env: &str, filter: &InstanceFilter, page: PageOf) -> Result<Found<SeenInstance>> {
        let Some(env_id) = self.env(env).await? else { return Ok(Found::nothing(page.count)) };
        let every = matches!(filter, InstanceFilter::All(list) if list.is_empty());
        // Bodies are not read where nothing is asked of them.
        let holds = |row: &SeenInstance| every || filter.holds(row, &keys_of(&row.body));
        if let Some(ids) = self.few_instances(env_id, filter).await? {
            let mut rows = Vec::with_capacity(ids.len());
            for some in ids.chunks(500) {
                let mut query = Query::build();
                query.push(FROM).push("t.id IN ").push(self.numbers().0);
                query.bind(some.iter().map(i64::to_string).collect::<Vec<_>>()).push(self.numbers().1);
                rows.extend(self.rows(query, instance).await?);
            }
            rows.retain(|row| holds(row));
            return Ok(page_of(rows, page, place));
        }
        let count = if every && page.count { Some(self.count_instances(env_id).await?) } else { every.then_some(0) };
        let path = self.instance_path(env_id, filter).await?;
        let Some(path) = path else { return Ok(Found::nothing(page.count)) };
        self.walk(&path, page, instance, place, &holds, count).await
    }

    /// The contexts of an environment as JSON, as they were sent together: a page without names and times.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn bodies(&self, env: &str, page: PageOf) -> Result<Found<String>> {
        let Some(of) = self.env(env).await? else { return Ok(Found::nothing(page.count)) };
        let path = Path { from: BODIES.to_owned(), of };
        let read: fn(&Row<'_>) -> Result<(Cursor, String)> =
            |row| Ok((Cursor { id: row.int(0)?, seen: row.int(1)? }, row.text(2)?.to_owned()));
        let every = if page.count { self.count_instances(of).await? } else { 0 };
        let found = self.walk(&path, page, read, |(place, _)| *place, &|_| true, Some(every)).await?;
        let items = found.items.into_iter().map(|(_, body)| body).collect();
        Ok(Found { items, next: found.next, total: found.total })
    }

    /// Instances of an environment, exactly as long as they are not very many.
    async fn count_instances(&self, env: i64) -> Result<u64> {
        let text = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM seen_instances WHERE env = $1 LIMIT 1000000) n";
        Ok(self.rows(Query::long(text, vec![env.into()]), |row| row.count(0)).await?.pop().unwrap_or(0))
    }

    fn few_instances<'a>(&'a self, env: i64, filter: &'a InstanceFilter) -> BoxFuture<'a, Result<Option<Vec<i64>>>> {
        Box::pin(async move {
            match filter {
                InstanceFilter::All(list) => {
                    for each in list {
                        if let Some(found) = self.few_instances(env, each).await? {
                            return Ok(Some(found));
                        }
                    }
                    Ok(None)
                }
                InstanceFilter::Any(list) => {
                    let mut all = Vec::new();
                    for each in list {
                        let Some(found) = self.few_instances(env, each).await? else { return Ok(None) };
                        all.extend(found);
                    }
                    Ok(Some(all).filter(|all| all.len() <= FEW))
                }
                InstanceFilter::Id(ids) => {
                    let mut query = Query::build();
                    let shorts: Vec<_> = ids.iter().map(|id| short_of(env, id).to_string()).collect();
                    query.push("SELECT id FROM seen_instances WHERE short IN ").push(self.numbers().0).bind(shorts);
                    query.push(self.numbers().1).push(" AND +env = ").bind(env).push(" AND hash IN ");
                    query.push(self.list().0).bind(ids.clone()).push(self.list().1);
                    query.push(" LIMIT ").bind(FEW as u64 + 1);
                    Ok(Some(self.rows(query, |row| row.int(0)).await?).filter(|all| all.len() <= FEW))
                }
                InstanceFilter::KeysAre(keys) | InstanceFilter::KeysHave(keys) => self.with_context(env, keys).await,
                _ => Ok(None),
            }
        })
    }

    /// Instances that hold one of the contexts: the one that is in the fewest.
    async fn with_context(&self, env: i64, keys: &BTreeSet<(String, String)>) -> Result<Option<Vec<i64>>> {
        const TEXT: &str = "SELECT p.instance FROM seen_kinds k JOIN seen_contexts c ON c.kind = k.id AND c.key = $1
             JOIN seen_parts p ON p.context = c.id WHERE k.env = $2 AND k.name = $3 LIMIT $4";
        let mut best: Option<Vec<i64>> = None;
        for (kind, key) in keys {
            let params = vec![key.as_str().into(), env.into(), kind.as_str().into(), (FEW as u64 + 1).into()];
            let found = self.rows(Query::point(TEXT, params), |row| row.int(0)).await?;
            if found.len() <= FEW && best.as_ref().is_none_or(|best| found.len() < best.len()) {
                best = Some(found);
            }
        }
        Ok(best)
    }

    async fn instance_path(&self, env: i64, filter: &InstanceFilter) -> Result<Option<Path>> {
        let lone = std::slice::from_ref(filter);
        let parts = if let InstanceFilter::All(list) = filter { list.as_slice() } else { lone };
        for part in parts {
            if let InstanceFilter::Application(names) = part
                && let [name] = names.as_slice()
            {
                let text = "SELECT id FROM seen_apps WHERE env = $1 AND name = $2";
                let found = self.rows(Query::point(text, vec![env.into(), name.as_str().into()]), |row| row.int(0));
                let along = |of| Path { from: format!("{FROM}t.app <> 0 AND t.app = "), of };
                return Ok(found.await?.pop().map(along));
            }
        }
        Ok(Some(Path { from: format!("{FROM}t.env = "), of: env }))
    }
}

const fn place(instance: &SeenInstance) -> Cursor {
    Cursor { seen: instance.last_seen, id: instance.id }
}

fn instance(row: &Row<'_>) -> Result<SeenInstance> {
    Ok(SeenInstance {
        id: row.int(0)?,
        hash: row.text(1)?.to_owned(),
        application: row.text(2)?.to_owned(),
        anonymous: row.text(3)?.split(',').filter(|kind| !kind.is_empty()).map(str::to_owned).collect(),
        last_seen: row.int(4)?,
        body: row.text(5)?.to_owned(),
    })
}
