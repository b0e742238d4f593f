//! Going through what was seen, by time, a bounded number of rows at once.

use super::Volume;
use super::types::{Cursor, Found, PageOf};
use crate::Result;
use crate::sql::{Query, Row};

/// Rows that one page of a search looks at, at most, when no index narrows it.
pub const SCAN: usize = 20_000;
/// Rows read with one statement.
const CHUNK: usize = 1000;

/// Where a walk goes: a table, its columns, and what all its rows have in common.
pub(super) struct Path {
    /// `SELECT … FROM t WHERE column = `, with the rows' time and id called `t.last_seen` and `t.id`.
    pub(super) from: String,
    /// The common value.
    pub(super) of: i64,
}

impl Volume {
    /// A page of the rows on a path for which `holds`, and how many there are of them.
    pub(super) async fn walk<T: Send + 'static>(
        &self,
        path: &Path,
        page: PageOf,
        read: fn(&Row<'_>) -> Result<T>,
        place: fn(&T) -> Cursor,
        holds: &(dyn Fn(&T) -> bool + Send + Sync),
        every: Option<u64>,
    ) -> Result<Found<T>> {
        let (mut items, mut at, mut scanned) = (Vec::new(), page.after, 0);
        let next = loop {
            let wanted = if every.is_some() { page.limit + 1 - items.len() } else { CHUNK.min(SCAN - scanned) };
            let rows = self.rows(path.chunk(at, page.ascending, wanted), read).await?;
            let (last, full) = (rows.last().map(place), rows.len() == wanted);
            scanned += rows.len();
            items.extend(rows.into_iter().filter(|row| holds(row)));
            at = last.or(at);
            if items.len() > page.limit {
                items.truncate(page.limit);
                break items.last().map(place);
            }
            if !full {
                break None;
            }
            if scanned >= SCAN {
                break at;
            }
        };
        let total = match (page.count, every) {
            (false, _) => None,
            (true, Some(all)) => Some(all),
            (true, None) => Some(self.counted(path, page.ascending, read, place, holds).await?),
        };
        Ok(Found { items, next, total })
    }

    /// How many rows on a path hold, as far as looking at [`SCAN`] of them tells.
    async fn counted<T: Send + 'static>(
        &self,
        path: &Path,
        ascending: bool,
        read: fn(&Row<'_>) -> Result<T>,
        place: fn(&T) -> Cursor,
        holds: &(dyn Fn(&T) -> bool + Send + Sync),
    ) -> Result<u64> {
        let (mut at, mut scanned, mut count) = (None, 0, 0);
        while scanned < SCAN {
            let rows = self.rows(path.chunk(at, ascending, CHUNK), read).await?;
            scanned += rows.len();
            count += rows.iter().filter(|row| holds(row)).count();
            let full = rows.len() == CHUNK;
            at = rows.last().map(place);
            if !full {
                break;
            }
        }
        Ok(count as u64)
    }
}

impl Path {
    fn chunk(&self, after: Option<Cursor>, ascending: bool, limit: usize) -> Query {
        let mut query = Query::build();
        query.push(&self.from).bind(self.of);
        if let Some(Cursor { seen, id }) = after {
            let op = if ascending { ">" } else { "<" };
            query.push(" AND (t.last_seen, t.id) ").push(op).push(" (").bind(seen).push(", ").bind(id).push(")");
        }
        let order = if ascending {
            " ORDER BY t.last_seen, t.id LIMIT "
        } else {
            " ORDER BY t.last_seen DESC, t.id DESC LIMIT "
        };
        query.push(order).bind(limit as u64);
        query
    }
}

/// A page of rows that are all there.
pub(super) fn page_of<T>(mut rows: Vec<T>, page: PageOf, place: fn(&T) -> Cursor) -> Found<T> {
    let rank = |row: &T| (place(row).seen, place(row).id);
    rows.sort_by_key(rank);
    rows.dedup_by_key(|row| rank(row));
    if !page.ascending {
        rows.reverse();
    }
    let total = page.count.then_some(rows.len() as u64);
    if let Some(Cursor { seen, id }) = page.after {
        rows.retain(|row| if page.ascending { rank(row) > (seen, id) } else { rank(row) < (seen, id) });
    }
    let more = rows.len() > page.limit;
    rows.truncate(page.limit);
    let next = rows.last().filter(|_| more).map(place);
    Found { items: rows, next, total }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::super::search::along;
    use super::*;
    use crate::Store;

    /// However many contexts there are, a page is read from where it begins: nothing is scanned, nothing is sorted.
    #[tokio::test]
    async fn pages_are_read_along_an_index() {
        let store = Store::temporary().await.unwrap();
        for column in ["t.env = ", "t.kind = ", "t.app <> 0 AND t.app = "] {
            for (after, ascending) in [(None, false), (None, true), (Some(Cursor { seen: 5, id: 7 }), false)] {
                let mut query = along(column, 1).chunk(after, ascending, 21);
                query.text = format!("EXPLAIN QUERY PLAN {}", query.text).into();
                let plan = store.volume().rows(query, |row| row.text(3).map(str::to_owned)).await.unwrap();
                let along = plan.iter().any(|step| step.starts_with("SEARCH t USING INDEX seen_contexts_by_"));
                let costly = plan.iter().any(|step| step.starts_with("SCAN") || step.contains("TEMP B-TREE"));
                assert!(along && !costly, "{column}{after:?}: {plan:?}");
            }
        }
    }
}
