//! The cursor, and what is written as it moves.

use crate::sql::{Query, Val};
use crate::steps::Step;
use crate::{Result, Store};
use wigwag_model::clock::Millis;

/// Why something is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryReason {
    /// A change.
    Change,
    /// Somebody asked for it once more.
    Replay,
    /// Somebody wants to see whether it arrives.
    Test,
}

impl DeliveryReason {
    pub(super) const fn code(self) -> i64 {
        match self {
            Self::Change => 0,
            Self::Replay => 1,
            Self::Test => 2,
        }
    }

    pub(super) const fn of(code: i64) -> Self {
        match code {
            0 => Self::Change,
            1 => Self::Replay,
            _ => Self::Test,
        }
    }
}

/// A delivery to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its id, unique for ever.
    pub id: String,
    /// Whom it goes to.
    pub subscriber: String,
    /// The change it tells of.
    pub seq: u64,
    /// Why.
    pub reason: DeliveryReason,
}

const CURSOR: &str = "SELECT seq FROM delivery_cursor WHERE id = 1";
const MOVE: &str = "UPDATE delivery_cursor SET seq = $1 WHERE id = 1 AND seq = $2 RETURNING 1";
const ADD: &str = "INSERT INTO deliveries
     (id, subscriber, seq, reason, state, made_at, due_at, tries, claim, leased_until)
     VALUES ($1, $2, $3, $4, 0, $5, $6, 0, '', 0) RETURNING 1";

/// The statements that the writer of PostgreSQL prepares.
pub(crate) const PREPARED: &[&str] = &[MOVE, ADD];

impl Store {
    /// The last change whose deliveries are planned.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn delivery_cursor(&self) -> Result<u64> {
        Ok(self.one(Query::point(CURSOR, Vec::new()), |row| row.count(0)).await?.unwrap_or(0))
    }

    /// Moves the cursor from one change to a later one and notes the deliveries of those in between, due now.
    /// Answers false, and does nothing, when the cursor is somewhere else: another process planned them.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn plan_deliveries(&self, from: u64, to: u64, new: &[NewDelivery], now: Millis) -> Result<bool> {
        let mut steps = vec![Step::new(MOVE, vec![to.into(), from.into()])];
        steps.extend(new.iter().map(|delivery| added(delivery, now)));
        Ok(self.steps(steps).await? > 0)
    }

    /// Notes a delivery that somebody asked for, due now.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn add_delivery(&self, delivery: &NewDelivery, now: Millis) -> Result<()> {
        self.steps(vec![added(delivery, now)]).await.map(drop)
    }
}

fn added(new: &NewDelivery, now: Millis) -> Step {
    let params: Vec<Val> = vec![
        (&*new.id).into(),
        (&*new.subscriber).into(),
        new.seq.into(),
        new.reason.code().into(),
        now.into(),
        now.into(),
    ];
    Step::new(ADD, params)
}
