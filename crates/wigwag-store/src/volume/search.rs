//! Lists and searches of contexts.

use super::Volume;
use super::facts::Facts;
use super::filter::ContextFilter;
use super::types::{Cursor, Found, PageOf, SeenContext, SeenKind};
use super::walk::{Path, page_of};
use crate::Result;
use crate::sql::{Query, Row};

/// The columns of a context, from `seen_contexts t`, with names in place of numbers.
pub(super) const FROM: &str = "SELECT t.id, k.name, t.key, COALESCE(a.name, ''), t.first_seen, t.last_seen, t.body
     FROM seen_contexts t JOIN seen_kinds k ON k.id = t.kind LEFT JOIN seen_apps a ON a.id = t.app WHERE ";

impl Volume {
    /// Kinds met in an environment, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn kinds(&self, env: &str) -> Result<Vec<SeenKind>> {
        let text = "SELECT k.id, k.name, k.contexts, k.first_seen, k.last_seen FROM seen_envs e
             JOIN seen_kinds k ON k.env = e.id WHERE e.name = $1 ORDER BY k.name";
        let row = |row: &Row<'_>| {
            Ok(SeenKind {
                id: row.int(0)?,
                name: row.text(1)?.to_owned(),
                contexts: row.int(2)?.max(0) as u64,
                first_seen: row.int(3)?,
                last_seen: row.int(4)?,
            })
        };
        self.rows(Query::point(text, vec![env.into()]), row).await
    }

    /// The contexts of an environment that match.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn contexts(&self, env: &str, filter: &ContextFilter, page: PageOf) -> Result<Found<SeenContext>> {
        let Some(env_id) = self.env(env).await? else { return Ok(Found::nothing(page.count)) };
        let kinds = self.kinds(env).await?;
        if let Some(ids) = self.few(&kinds, filter).await? {
            let rows = self.contexts_of(&ids).await?;
            let rows = rows.into_iter().filter(|row| filter.holds(row, &Facts::of(&row.body))).collect();
            return Ok(page_of(rows, page, place));
        }
        let (path, every) = self.path(env_id, &kinds, filter).await?;
        let Some(path) = path else { return Ok(Found::nothing(page.count)) };
        let holds = |row: &SeenContext| filter.holds(row, &Facts::of(&row.body));
        self.walk(&path, page, context, place, &holds, every).await
    }

    /// A context, if it is kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn context(&self, env: &str, kind: &str, key: &str) -> Result<Option<SeenContext>> {
        let text = "SELECT t.id, k.name, t.key, COALESCE(a.name, ''), t.first_seen, t.last_seen, t.body
             FROM seen_envs e JOIN seen_kinds k ON k.env = e.id AND k.name = $1
             JOIN seen_contexts t ON t.kind = k.id AND t.key = $2 LEFT JOIN seen_apps a ON a.id = t.app
             WHERE e.name = $3";
        let query = Query::point(text, vec![kind.into(), key.into(), env.into()]);
        Ok(self.rows(query, context).await?.pop())
    }

    /// For each of these contexts, with how many others it was sent together. Looks at the first
    /// instances of each only.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn associated(&self, contexts: &[SeenContext]) -> Result<Vec<u64>> {
        const TEXT: &str = "SELECT COUNT(DISTINCT p.context) FROM
             (SELECT instance FROM seen_parts WHERE context = $1 ORDER BY instance LIMIT 200) i
             JOIN seen_parts p ON p.instance = i.instance WHERE p.context <> $1";
        let mut counts = Vec::with_capacity(contexts.len());
        for context in contexts {
            let query = Query::point(TEXT, vec![context.id.into()]);
            counts.push(self.rows(query, |row| row.count(0)).await?.pop().unwrap_or(0));
        }
        Ok(counts)
    }

    pub(super) async fn contexts_of(&self, ids: &[i64]) -> Result<Vec<SeenContext>> {
        let mut all = Vec::with_capacity(ids.len());
        for some in ids.chunks(500) {
            let mut query = Query::build();
            query.push(FROM).push("t.id IN ").push(self.numbers().0);
            query.bind(some.iter().map(i64::to_string).collect::<Vec<_>>()).push(self.numbers().1);
            all.extend(self.rows(query, context).await?);
        }
        Ok(all)
    }

    /// The shortest path that has all contexts a filter may hold for; and how many it holds for, if it
    /// holds for all of them.
    async fn path(&self, env: i64, kinds: &[SeenKind], filter: &ContextFilter) -> Result<(Option<Path>, Option<u64>)> {
        if filter.is_every() {
            let all = kinds.iter().map(|kind| kind.contexts).sum();
            return Ok((Some(along("t.env = ", env)), Some(all)));
        }
        let lone = std::slice::from_ref(filter);
        let parts = if let ContextFilter::All(list) = filter { list.as_slice() } else { lone };
        for part in parts {
            match part {
                ContextFilter::Kind(names) if names.len() == 1 => {
                    let Some(kind) = kinds.iter().find(|kind| kind.name == names[0]) else { return Ok((None, None)) };
                    let every = (parts.len() == 1).then_some(kind.contexts);
                    return Ok((Some(along("t.kind = ", kind.id)), every));
                }
                ContextFilter::Application(names) if names.len() == 1 => {
                    let text = "SELECT id FROM seen_apps WHERE env = $1 AND name = $2";
                    let found =
                        self.rows(Query::point(text, vec![env.into(), names[0].as_str().into()]), |row| row.int(0));
                    return Ok((found.await?.pop().map(|app| along("t.app <> 0 AND t.app = ", app)), None));
                }
                _ => {}
            }
        }
        Ok((Some(along("t.env = ", env)), None))
    }
}

pub(super) fn along(column: &str, of: i64) -> Path {
    Path { from: format!("{FROM}{column}"), of }
}

const fn place(context: &SeenContext) -> Cursor {
    Cursor { seen: context.last_seen, id: context.id }
}

pub(super) fn context(row: &Row<'_>) -> Result<SeenContext> {
    Ok(SeenContext {
        id: row.int(0)?,
        kind: row.text(1)?.to_owned(),
        key: row.text(2)?.to_owned(),
        application: row.text(3)?.to_owned(),
        first_seen: row.int(4)?,
        last_seen: row.int(5)?,
        body: row.text(6)?.to_owned(),
    })
}
