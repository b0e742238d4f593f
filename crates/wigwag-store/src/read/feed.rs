//! The log as a feed: what each change wrote, in order.

use super::docs::body;
use crate::sql::{Query, Row};
use crate::store::Engine;
use crate::{DocKey, FeedDoc, FeedRow, Result, Store};
use std::collections::HashSet;
use wigwag_model::clock::Millis;
use wigwag_model::doc::Kind;

const FEED: &str = "SELECT c.seq, c.at, v.kind, v.project, v.env, v.key, v.version, v.body
     FROM (SELECT seq, at FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2) c LEFT JOIN versions v ON v.seq = c.seq
     ORDER BY c.seq, v.n";

const WRITTEN: &str = "SELECT kind, project, env, key FROM versions WHERE seq > $1 AND seq <= $2";

const HEAD: &str = "SELECT COALESCE(MAX(seq), 0) FROM changes";

/// Changes up to which a read of the feed counts as short.
const SHORT: usize = 16;

impl Store {
    /// The next changes after `after`, at most `limit`, in order and without gaps, each with exactly
    /// what it wrote. A row once past can never appear later.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn feed(&self, after: u64, limit: usize) -> Result<Vec<FeedRow>> {
        if let Engine::Sqlite(sqlite) = self.engine()
            && let Some(feed) = sqlite.recent_feed(after, limit)
        {
            return Ok(feed);
        }
        let params = vec![after.into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
        let query = if limit <= SHORT { Query::point(FEED, params) } else { Query::long(FEED, params) };
        let mut feed: Vec<FeedRow> = Vec::new();
        for (seq, at, doc) in self.rows(query, feed_row).await? {
            if feed.last().is_none_or(|last| last.seq != seq) {
                feed.push(FeedRow { seq, at, docs: Vec::new() });
            }
            if let (Some(row), Some(doc)) = (feed.last_mut(), doc) {
                row.docs.push(doc);
            }
        }
        Ok(feed)
    }

    /// The documents of these kinds that the changes after `after`, up to `until`, wrote or deleted; each once.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn written(&self, after: u64, until: u64, kinds: &[Kind]) -> Result<Vec<DocKey>> {
        let few = usize::try_from(until.saturating_sub(after)).unwrap_or(usize::MAX);
        let recent = match self.engine() {
            Engine::Sqlite(sqlite) => {
                sqlite.recent_feed(after, few).filter(|feed| feed.last().is_some_and(|row| row.seq >= until))
            }
            Engine::Postgres(_) => None,
        };
        let mut keys: Vec<DocKey> = if let Some(feed) = recent {
            feed.into_iter().flat_map(|row| row.docs).map(|doc| doc.key).collect()
        } else {
            let params = vec![after.into(), until.into()];
            let query = if few <= SHORT { Query::point(WRITTEN, params) } else { Query::long(WRITTEN, params) };
            self.rows(query, |row| row.key(0)).await?
        };
        keys.retain(|key| kinds.contains(&key.kind));
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        Ok(keys)
    }

    /// The newest committed sequence; 0 before the first change.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn head(&self) -> Result<u64> {
        Ok(self.one(Query::point(HEAD, Vec::new()), |row| row.count(0)).await?.unwrap_or(0))
    }
}

fn feed_row(row: &Row<'_>) -> Result<(u64, Millis, Option<FeedDoc>)> {
    let doc = match row.opt_text(2)? {
        Some(_) => Some(FeedDoc { key: row.key(2)?, version: row.count(6)?, body: body(row, 7)? }),
        None => None,
    };
    Ok((row.count(0)?, row.int(1)?, doc))
}
