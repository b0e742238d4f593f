//! Servers that show themselves.

use super::now;
use crate::sql::{Query, Row};
use crate::store::Engine;
use crate::{Result, Store};
use std::time::Duration;
use wigwag_model::clock::Millis;

const BEAT: &str = concat!(
    "WITH gone AS (DELETE FROM nodes WHERE seen < ",
    now!(),
    " - 86400000 AND id <> $1),
     own AS (INSERT INTO nodes (id, seen, state) VALUES ($1, ",
    now!(),
    ", $2) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, state = excluded.state RETURNING seen)
     SELECT own.seen, n.id, own.seen - n.seen, n.state,
            (SELECT count(*) FROM leases WHERE holder = $1 AND until >= own.seen)
     FROM own LEFT JOIN nodes n ON n.id <> $1 AND n.seen > own.seen - $3 ORDER BY n.id"
);

const LEAVE: &str = "DELETE FROM nodes WHERE id = $1 RETURNING 1::bigint";

/// Another server on this database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub id: String,
    /// How long ago it showed itself, in milliseconds.
    pub seen_ago: Millis,
    /// What it said of itself.
    pub state: String,
}

/// What a server learns when it shows itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// The database's clock; none where it is this machine's.
    pub at: Option<Millis>,
    /// How many turns at work this server has.
    pub turns: u64,
    /// The others.
    pub others: Vec<Node>,
}

impl Store {
    /// Shows a server to the others: `state` is what they learn of it. Answers which of them showed themselves within
    /// so long, by the database's clock.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn beat(&self, node: &str, state: &str, within: Duration) -> Result<Beat> {
        let Engine::Postgres(postgres) = self.engine() else { return Ok(Beat::default()) };
        let within = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        let rows = postgres.note(Query::point(BEAT, vec![node.into(), state.into(), within.into()]), row).await?;
        let (at, turns) = rows.first().map_or((None, 0), |(at, turns, _)| (Some(*at), *turns));
        Ok(Beat { at, turns, others: rows.into_iter().filter_map(|(_, _, node)| node).collect() })
    }

    /// Takes a server that goes out of sight.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn leave(&self, node: &str) -> Result<()> {
        let Engine::Postgres(postgres) = self.engine() else { return Ok(()) };
        postgres.note(Query::point(LEAVE, vec![node.into()]), |row| row.int(0)).await.map(drop)
    }
}

fn row(row: &Row<'_>) -> Result<(Millis, u64, Option<Node>)> {
    let node = match row.opt_text(1)? {
        Some(id) => Some(Node { id: id.into(), seen_ago: row.int(2)?.max(0), state: row.text(3)?.into() }),
        None => None,
    };
    Ok((row.int(0)?, row.count(4)?, node))
}
