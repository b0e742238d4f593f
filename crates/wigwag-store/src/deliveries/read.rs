//! The deliveries of a subscriber, and their tries.

use super::DeliveryReason;
use crate::sql::{Query, Row, Val};
use crate::{Result, Store};
use wigwag_model::clock::Millis;

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is still to be made.
    Owed,
    /// It arrived.
    Delivered,
    /// It failed for good.
    GivenUp,
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its place among all.
    pub(crate) n: u64,
    /// Its id.
    pub id: String,
    /// Whom it goes to.
    pub subscriber: String,
    /// The change it tells of.
    pub seq: u64,
    /// Why.
    pub reason: DeliveryReason,
    /// How far it is.
    pub state: DeliveryState,
    /// When it was planned.
    pub made_at: Millis,
    /// When it is tried next, or was settled.
    pub due_at: Millis,
    /// Tries so far.
    pub tries: u64,
}

/// A try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// Counted from 1.
    pub number: u64,
    /// What became of it.
    pub outcome: super::AttemptOutcome,
}

/// How deliveries to a subscriber went, of those that are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliverySummary {
    /// Deliveries that arrived.
    pub arrived: u64,
    /// When the last of them did.
    pub last_arrival: Option<Millis>,
    /// Tries that failed.
    pub failed: u64,
    /// The last of them, newest first.
    pub failures: Vec<super::AttemptOutcome>,
}

const ARRIVED: &str = "SELECT COUNT(*), COALESCE(MAX(due_at), 0) FROM deliveries WHERE subscriber = $1 AND state = 1";
const FAILED: &str = "SELECT COUNT(*) FROM deliveries d JOIN delivery_attempts a ON a.delivery = d.n
     WHERE d.subscriber = $1 AND a.error <> ''";
const FAILURES: &str = "SELECT a.try, a.at, a.took, a.status, a.error, a.head
     FROM deliveries d JOIN delivery_attempts a ON a.delivery = d.n
     WHERE d.subscriber = $1 AND a.error <> '' ORDER BY a.at DESC, a.delivery DESC, a.try DESC LIMIT $2";

macro_rules! columns {
    () => {
        "SELECT n, id, subscriber, seq, reason, state, made_at, due_at, tries FROM deliveries "
    };
}

pub(super) const CLAIMED: &str = concat!(columns!(), "WHERE claim = $1 AND claim <> ''");
const BY_ID: &str = concat!(columns!(), "WHERE subscriber = $1 AND id = $2");
const LIST: &str = concat!(columns!(), "WHERE subscriber = $1 ORDER BY n DESC LIMIT $2 OFFSET $3");
const COUNT: &str = "SELECT COUNT(*) FROM deliveries WHERE subscriber = $1";
const OWED: &str = "SELECT COUNT(*) FROM deliveries WHERE state = 0";
const ATTEMPTS: &str =
    "SELECT try, at, took, status, error, head FROM delivery_attempts WHERE delivery = $1 ORDER BY try";

impl Store {
    /// Deliveries of a subscriber, newest first, and how many there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn deliveries(&self, subscriber: &str, limit: u32, offset: u32) -> Result<(Vec<Delivery>, u64)> {
        let params: Vec<Val> = vec![subscriber.into(), i64::from(limit).into(), i64::from(offset).into()];
        let found = self.rows(Query::long(LIST, params), delivery).await?;
        let total = self.one(Query::long(COUNT, vec![subscriber.into()]), |row| row.count(0)).await?;
        Ok((found, total.unwrap_or(0)))
    }

    /// One delivery of a subscriber.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn delivery(&self, subscriber: &str, id: &str) -> Result<Option<Delivery>> {
        self.one(Query::point(BY_ID, vec![subscriber.into(), id.into()]), delivery).await
    }

    /// The tries of a delivery, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn delivery_attempts(&self, delivery: &Delivery) -> Result<Vec<DeliveryAttempt>> {
        self.rows(Query::point(ATTEMPTS, vec![delivery.n.into()]), attempt).await
    }

    /// How deliveries to a subscriber went, with its last failures.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn delivery_summary(&self, subscriber: &str, failures: u32) -> Result<DeliverySummary> {
        let of = || vec![Val::from(subscriber)];
        let arrived = self.one(Query::long(ARRIVED, of()), |row| Ok((row.count(0)?, row.int(1)?))).await?;
        let (arrived, last) = arrived.unwrap_or_default();
        let failed = self.one(Query::long(FAILED, of()), |row| row.count(0)).await?.unwrap_or(0);
        let params: Vec<Val> = vec![subscriber.into(), i64::from(failures).into()];
        let found = self.rows(Query::long(FAILURES, params), attempt).await?;
        let last_arrival = Some(last).filter(|_| arrived > 0);
        Ok(DeliverySummary { arrived, last_arrival, failed, failures: found.into_iter().map(|a| a.outcome).collect() })
    }

    /// How many deliveries are owed to all subscribers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn deliveries_owed(&self) -> Result<u64> {
        Ok(self.one(Query::long(OWED, Vec::new()), |row| row.count(0)).await?.unwrap_or(0))
    }
}

pub(super) fn delivery(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        n: row.count(0)?,
        id: row.text(1)?.into(),
        subscriber: row.text(2)?.into(),
        seq: row.count(3)?,
        reason: DeliveryReason::of(row.int(4)?),
        state: match row.int(5)? {
            0 => DeliveryState::Owed,
            1 => DeliveryState::Delivered,
            _ => DeliveryState::GivenUp,
        },
        made_at: row.int(6)?,
        due_at: row.int(7)?,
        tries: row.count(8)?,
    })
}

fn attempt(row: &Row<'_>) -> Result<DeliveryAttempt> {
    let outcome = super::AttemptOutcome {
        at: row.int(1)?,
        took: row.count(2)?,
        status: u16::try_from(row.int(3)?).ok().filter(|status| *status > 0),
        error: row.text(4)?.into(),
        head: row.text(5)?.into(),
    };
    Ok(DeliveryAttempt { number: row.count(0)?, outcome })
}
