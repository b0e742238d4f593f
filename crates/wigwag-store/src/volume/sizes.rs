//! How much is kept.

use super::{Reads, Volume};
use crate::Result;
use crate::sql::{Query, Row};

/// Rows are counted up to here.
const COUNTED: u64 = 1_000_000;
/// Rows by which their length is estimated.
const SAMPLE: u64 = 500;
/// Bytes of the numbers in a row, about.
const NUMBERS: u64 = 48;

/// How much is kept of something in an environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// How many rows; of more than a million, a million.
    pub rows: u64,
    /// Their bytes, estimated by some of them; without indexes.
    pub bytes: u64,
}

impl Size {
    /// Whether there are more than were counted.
    #[must_use]
    pub const fn is_more(&self) -> bool {
        self.rows >= COUNTED
    }
}

/// How much is kept in an environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Contexts.
    pub contexts: Size,
    /// Contexts that were sent together.
    pub instances: Size,
    /// What is counted: evaluations, events, connections, contexts of a day.
    pub counts: Size,
    /// Events of metrics.
    pub metrics: Size,
}

/// Where rows are, and the length of the texts in each.
type Place = (&'static str, &'static str);

const CONTEXTS: Place = ("seen_contexts t WHERE t.env = ", "LENGTH(t.body) + LENGTH(t.key)");
const INSTANCES: Place = ("seen_instances t WHERE t.env = ", "LENGTH(t.body) + LENGTH(t.hash)");
const METRICS: Place = ("seen_metrics t WHERE t.env = ", "LENGTH(t.contexts)");
const COUNTS: [Place; 3] = [
    ("seen_flags f JOIN seen_evaluations t ON t.flag = f.id WHERE f.env = ", "0"),
    ("seen_counts t WHERE t.env = ", "0"),
    ("seen_uniques t WHERE t.env = ", "LENGTH(t.sketch)"),
];

impl Volume {
    /// How much is kept in an environment. Costs a look at an index entry a row.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sizes(&self, env: &str) -> Result<Sizes> {
        let Some(env) = self.env(env).await? else { return Ok(Sizes::default()) };
        let mut counts = Size::default();
        for place in COUNTS {
            let size = self.size(env, place).await?;
            counts = Size { rows: counts.rows + size.rows, bytes: counts.bytes + size.bytes };
        }
        Ok(Sizes {
            contexts: self.size(env, CONTEXTS).await?,
            instances: self.size(env, INSTANCES).await?,
            counts,
            metrics: self.size(env, METRICS).await?,
        })
    }

    async fn size(&self, env: i64, (rows, length): Place) -> Result<Size> {
        let mut query = Query::build();
        query.push("SELECT COUNT(*) FROM (SELECT 1 FROM ").push(rows).bind(env).push(" LIMIT ").bind(COUNTED);
        query.push(") x");
        let rows_found = self.rows(query, |row: &Row<'_>| row.count(0)).await?.pop().unwrap_or(0);
        let mut query = Query::build();
        query.push("SELECT COUNT(*), CAST(COALESCE(SUM(x.n), 0) AS BIGINT) FROM (SELECT ").push(length);
        query.push(" AS n FROM ").push(rows).bind(env).push(" LIMIT ").bind(SAMPLE).push(") x");
        let sample = self.rows(query, |row: &Row<'_>| Ok((row.count(0)?, row.count(1)?))).await?.pop();
        let (some, bytes) = sample.unwrap_or_default();
        let each = bytes.checked_div(some).unwrap_or(0) + NUMBERS;
        Ok(Size { rows: rows_found, bytes: rows_found * each })
    }

    /// Bytes that all events together take in the database, of all environments, with indexes and free space.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn bytes(&self) -> Result<u64> {
        let text = match &self.reads {
            Reads::Sqlite(_) => "SELECT c.page_count * s.page_size FROM pragma_page_count() c, pragma_page_size() s",
            Reads::Postgres(_) => {
                "SELECT CAST(COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS BIGINT) FROM pg_class c
                 WHERE c.relkind = 'r' AND c.relname LIKE 'seen\\_%' AND pg_table_is_visible(c.oid)"
            }
        };
        Ok(self.rows(Query::long(text, Vec::new()), |row| row.count(0)).await?.pop().unwrap_or(0))
    }
}
