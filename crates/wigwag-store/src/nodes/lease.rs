//! Whose turn it is.

use super::now;
use crate::sql::Query;
use crate::store::Engine;
use crate::{Result, Store};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TAKE: &str = concat!(
    "INSERT INTO leases (work, holder, until) VALUES ($1, $2, ",
    now!(),
    " + $3) ON CONFLICT (work) DO UPDATE SET holder = excluded.holder, until = excluded.until
      WHERE leases.holder = excluded.holder OR leases.until < ",
    now!(),
    " RETURNING 1::bigint"
);

const END: &str = "DELETE FROM leases WHERE holder = $1 RETURNING 1::bigint";

/// How long a turn lasts without being renewed: a server that ends without a word is missed for so long.
const HOLD: Duration = Duration::from_secs(15);
/// How often a turn is renewed, or asked for.
const RENEW: Duration = Duration::from_secs(5);

/// One server's part in a work that one does for all. Clones are one.
#[derive(Clone)]
pub struct Turn {
    store: Store,
    work: &'static str,
    node: Arc<str>,
    /// When it was last asked for, and whether it was given.
    last: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Turn {
    /// How long to sleep at most between two looks at whose turn it is.
    pub const RENEW: Duration = RENEW;

    /// Whether it is this server's turn. Costs nothing within [`Turn::RENEW`] of the last time. While the database
    /// cannot be asked, it is nobody's.
    pub async fn is_mine(&self) -> bool {
        if self.store.is_alone() {
            return true;
        }
        let last = *self.last.lock();
        if let Some((_, mine)) = last.filter(|(at, _)| at.elapsed() < RENEW) {
            return mine;
        }
        let asked = Instant::now();
        let taken = self.store.take_turn(self.work, &self.node, HOLD).await;
        let mine = taken.unwrap_or_else(|e| {
            tracing::debug!(work = self.work, "nobody's turn: {e}");
            false
        });
        if mine != last.is_some_and(|(_, mine)| mine) {
            tracing::info!(work = self.work, mine, "turns changed");
        }
        *self.last.lock() = Some((asked, mine));
        mine
    }

    /// Works for as long as it is this server's turn, however long that takes. None as soon as it is not: the work is
    /// then dropped wherever it was, or never begun.
    pub async fn while_mine<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if !self.is_mine().await {
            return None;
        }
        let lost = async {
            while self.is_mine().await {
                tokio::time::sleep(RENEW).await;
            }
        };
        tokio::select! {
            biased;
            () = lost => None,
            done = work => Some(done),
        }
    }
}

impl Store {
    /// A server's part in a work.
    #[must_use]
    pub fn turn(&self, work: &'static str, node: &str) -> Turn {
        Turn { store: self.clone(), work, node: node.into(), last: Arc::default() }
    }

    /// Takes the turn at a work, or holds on to it, for so long from now. Whether it is this server's turn. Only one
    /// has it at a time by the database's clock; one that stood still may yet believe that it has.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn take_turn(&self, work: &str, node: &str, hold: Duration) -> Result<bool> {
        let Engine::Postgres(postgres) = self.engine() else { return Ok(true) };
        let hold = i64::try_from(hold.as_millis()).unwrap_or(i64::MAX);
        let query = Query::point(TAKE, vec![work.into(), node.into(), hold.into()]);
        Ok(!postgres.note(query, |row| row.int(0)).await?.is_empty())
    }

    /// Gives up all turns of a server that goes.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_turns(&self, node: &str) -> Result<()> {
        let Engine::Postgres(postgres) = self.engine() else { return Ok(()) };
        postgres.note(Query::point(END, vec![node.into()]), |row| row.int(0)).await.map(drop)
    }
}
