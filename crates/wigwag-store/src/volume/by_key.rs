//! Contexts of one kind in the order of their keys.

use super::Volume;
use super::facts::Facts;
use super::filter::ContextFilter;
use super::search::{FROM, context};
use super::types::{PageOf, SeenContext};
use super::walk::SCAN;
use crate::Result;
use crate::sql::Query;

/// Rows read with one statement.
const CHUNK: usize = 1000;

/// Which part of a list in the order of keys is wanted.
#[derive(Clone, Debug)]
pub struct KeyPage {
    /// At most so many, at least one.
    pub limit: usize,
    /// Behind this key.
    pub after: Option<String>,
    /// The first in the alphabet first.
    pub ascending: bool,
    /// Whether to count all that match.
    pub count: bool,
}

/// A page of such a list; as [`super::Found`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundByKey {
    /// The items, in order. There may be fewer than wanted although more follow.
    pub items: Vec<SeenContext>,
    /// The key behind which the next page begins, if there may be more.
    pub next: Option<String>,
    /// How many match in all, if asked.
    pub total: Option<u64>,
}

impl Volume {
    /// The contexts of a kind that match, by their keys.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn contexts_by_key(
        &self,
        env: &str,
        kind: &str,
        filter: &ContextFilter,
        page: KeyPage,
    ) -> Result<FoundByKey> {
        let kinds = self.kinds(env).await?;
        let Some(of) = kinds.iter().find(|each| each.name == kind) else {
            return Ok(FoundByKey { items: Vec::new(), next: None, total: page.count.then_some(0) });
        };
        let holds = |row: &SeenContext| filter.is_every() || filter.holds(row, &Facts::of(&row.body));
        let mut found = match self.few(&kinds, filter).await? {
            Some(ids) => {
                let rows = self.contexts_of(&ids).await?.into_iter();
                some_of(rows.filter(|row| row.kind == kind && holds(row)).collect(), &page)
            }
            None => self.walk_keys(of.id, &page, &holds).await?,
        };
        if page.count && found.total.is_none() {
            let all = ContextFilter::All(vec![ContextFilter::Kind(vec![kind.to_owned()]), filter.clone()]);
            let counted = PageOf { limit: 1, after: None, ascending: false, count: true };
            found.total =
                if filter.is_every() { Some(of.contexts) } else { self.contexts(env, &all, counted).await?.total };
        }
        Ok(found)
    }

    async fn walk_keys(
        &self,
        kind: i64,
        page: &KeyPage,
        holds: &(dyn Fn(&SeenContext) -> bool + Send + Sync),
    ) -> Result<FoundByKey> {
        let (mut items, mut at, mut scanned) = (Vec::new(), page.after.clone(), 0);
        let next = loop {
            let wanted = CHUNK.min(SCAN - scanned).min(4 * (page.limit + 1));
            let mut query = Query::build();
            query.push(FROM).push("t.kind = ").bind(kind);
            if let Some(after) = &at {
                query.push(if page.ascending { " AND t.key > " } else { " AND t.key < " }).bind(after.as_str());
            }
            query.push(if page.ascending { " ORDER BY t.key LIMIT " } else { " ORDER BY t.key DESC LIMIT " });
            query.bind(wanted as u64);
            let rows = self.rows(query, context).await?;
            let full = rows.len() == wanted;
            scanned += rows.len();
            at = rows.last().map(|row| row.key.clone()).or(at);
            items.extend(rows.into_iter().filter(|row| holds(row)));
            if items.len() > page.limit {
                items.truncate(page.limit);
                break items.last().map(|row| row.key.clone());
            }
            if !full {
                break None;
            }
            if scanned >= SCAN {
                break at;
            }
        };
        Ok(FoundByKey { items, next, total: None })
    }
}

/// A page of rows that are all there.
fn some_of(mut rows: Vec<SeenContext>, page: &KeyPage) -> FoundByKey {
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    rows.dedup_by(|a, b| a.key == b.key);
    if !page.ascending {
        rows.reverse();
    }
    let total = page.count.then_some(rows.len() as u64);
    if let Some(after) = &page.after {
        rows.retain(|row| if page.ascending { row.key > *after } else { row.key < *after });
    }
    let more = rows.len() > page.limit;
    rows.truncate(page.limit);
    let next = rows.last().filter(|_| more).map(|row| row.key.clone());
    FoundByKey { items: rows, next, total }
}
