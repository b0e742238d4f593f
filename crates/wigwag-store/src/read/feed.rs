//! The log as a feed: what each change wrote, in order.

use super::docs::body;
use crate::sql::{Query, Row};
use crate::store::Engine;
use crate::{DocKey, FeedDoc, FeedRow, Result, Store};
use std::collections::HashSet;
use wigwag_model::clock::Millis;
use wigwag_model::doc::Kind;

const FEED: &str = "SELECT c.seq, c.at, c.prev_hash, c.hash, v.kind, v.project, v.env, v.key, v.version, v.created_seq, v.body
     FROM (SELECT seq, at, prev_hash, hash FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2) c LEFT JOIN versions v ON v.seq = c.seq
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
        if let Some(feed) = self.recent_feed(after, limit).await {
            return Ok(feed);
        }
        let feed = gathered(self.rows(query(after, limit), row).await?);
        Ok(feed.into_iter().map(|(row, _)| row).collect())
    }

    /// The same from memory, if that reaches back so far.
    async fn recent_feed(&self, after: u64, limit: usize) -> Option<Vec<FeedRow>> {
        match self.engine() {
            Engine::Sqlite(sqlite) => sqlite.recent_feed(after, limit),
            Engine::Postgres(postgres) => postgres.recent_feed(after, limit).await,
        }
    }

    /// The documents of these kinds that the changes after `after`, up to `until`, wrote or deleted; each once.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn written(&self, after: u64, until: u64, kinds: &[Kind]) -> Result<Vec<DocKey>> {
        let few = usize::try_from(until.saturating_sub(after)).unwrap_or(usize::MAX);
        let recent = self.recent_feed(after, few).await;
        let recent = recent.filter(|feed| feed.last().is_some_and(|row| row.seq >= until));
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

    /// Comes when changes that this process knows of are no longer in the log: another server answers than before, which
    /// took over without having them. All that was worked out from them is wrong.
    pub async fn changes_lost(&self) {
        match self.engine() {
            Engine::Sqlite(_) => std::future::pending().await,
            Engine::Postgres(postgres) => postgres.changes_lost().await,
        }
    }

    /// The newest committed sequence; 0 before the first change.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn head(&self) -> Result<u64> {
        Ok(self.one(Query::point(HEAD, Vec::new()), |row| row.count(0)).await?.unwrap_or(0))
    }
}

/// Asks for the changes after `after`.
pub(crate) fn query(after: u64, limit: usize) -> Query {
    let params = vec![after.into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
    if limit <= SHORT { Query::point(FEED, params) } else { Query::long(FEED, params) }
}

/// How a change hangs on the one before.
pub(crate) struct Link {
    pub(crate) prev: Box<str>,
    pub(crate) hash: Box<str>,
}

/// A document that a change wrote, and of the change its sequence, date and link.
pub(crate) type Written = (u64, Millis, Link, Option<FeedDoc>);

pub(crate) fn row(row: &Row<'_>) -> Result<Written> {
    let doc = match row.opt_text(4)? {
        Some(_) => {
            Some(FeedDoc { key: row.key(4)?, version: row.count(8)?, created_seq: row.count(9)?, body: body(row, 10)? })
        }
        None => None,
    };
    let link = Link { prev: row.text(2)?.into(), hash: row.text(3)?.into() };
    Ok((row.count(0)?, row.int(1)?, link, doc))
}

/// Changes with all that they wrote, and their links.
pub(crate) fn gathered(rows: Vec<Written>) -> Vec<(FeedRow, Link)> {
    let mut feed: Vec<(FeedRow, Link)> = Vec::new();
    for (seq, at, link, doc) in rows {
        if feed.last().is_none_or(|(last, _)| last.seq != seq) {
            feed.push((FeedRow { seq, at, docs: Vec::new() }, link));
        }
        if let (Some((row, _)), Some(doc)) = (feed.last_mut(), doc) {
            row.docs.push(doc);
        }
    }
    feed
}
