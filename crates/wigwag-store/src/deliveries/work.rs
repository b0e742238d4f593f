//! Claiming what is due, and saying what became of it.

use super::read::{CLAIMED, Delivery, delivery};
use crate::sql::{Query, Val};
use crate::steps::Step;
use crate::{Result, Store};
use wigwag_model::clock::Millis;

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptOutcome {
    /// When it began.
    pub at: Millis,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// Status of the answer, if one came.
    pub status: Option<u16>,
    /// What went wrong; empty when nothing did.
    pub error: String,
    /// The beginning of the answer.
    pub head: String,
}

/// What is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextTry {
    /// Nothing: it arrived.
    Done,
    /// Nothing: no more tries.
    GiveUp,
    /// Another try at this time.
    At(Millis),
}

/// Subscribers that are owed something that is due, and that nobody delivers to now.
const READY: &str = "SELECT DISTINCT d.subscriber FROM deliveries d WHERE d.state = 0 AND d.due_at <= $1
     AND NOT EXISTS (SELECT 1 FROM deliveries o
                     WHERE o.subscriber = d.subscriber AND o.state = 0 AND o.leased_until > $2)
     ORDER BY d.subscriber";

const NEXT: &str = "SELECT MIN(CASE WHEN leased_until > due_at THEN leased_until ELSE due_at END) FROM deliveries
     WHERE state = 0 AND (due_at > $1 OR leased_until > $2) HAVING COUNT(*) > 0";

/// The oldest that is due, unless the subscriber is being delivered to.
const CLAIM: &str = "UPDATE deliveries SET claim = $1, leased_until = $2
     WHERE n = (SELECT MIN(d.n) FROM deliveries d WHERE d.subscriber = $3 AND d.state = 0 AND d.due_at <= $4)
       AND NOT EXISTS (SELECT 1 FROM deliveries o
                       WHERE o.subscriber = $3 AND o.state = 0 AND o.leased_until > $4)
     RETURNING 1";

const FINISH: &str = "UPDATE deliveries SET state = $1, due_at = $2, tries = tries + 1, claim = '', leased_until = 0
     WHERE n = $3 AND claim = $4 AND state = 0 RETURNING 1";

const ATTEMPT: &str = "INSERT INTO delivery_attempts (delivery, try, at, took, status, error, head)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING 1";

const RELEASE: &str = "UPDATE deliveries SET claim = '', leased_until = 0 WHERE state = 0 AND claim <> '' RETURNING 1";

const OLD_ATTEMPTS: &str = "DELETE FROM delivery_attempts WHERE delivery IN
     (SELECT n FROM deliveries WHERE state > 0 AND made_at < $1 ORDER BY n LIMIT 1000) RETURNING 1";

const OLD: &str = "DELETE FROM deliveries WHERE n IN
     (SELECT n FROM deliveries WHERE state > 0 AND made_at < $1 ORDER BY n LIMIT 1000) RETURNING 1";

/// The statements that the writer of PostgreSQL prepares.
pub(crate) const PREPARED: &[&str] = &[CLAIM, FINISH, ATTEMPT, RELEASE, OLD_ATTEMPTS, OLD];

impl Store {
    /// Subscribers that are owed something due now, and that nobody is delivering to.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn subscribers_owed(&self, now: Millis) -> Result<Vec<String>> {
        let query = Query::long(READY, vec![now.into(), now.into()]);
        self.rows(query, |row| Ok(row.text(0)?.to_owned())).await
    }

    /// When something is due next that is not due yet, or was claimed and not finished.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next_delivery(&self, now: Millis) -> Result<Option<Millis>> {
        self.one(Query::long(NEXT, vec![now.into(), now.into()]), |row| row.int(0)).await
    }

    /// Claims the oldest delivery of a subscriber that is due, until `until`: nobody else is given it, nor any other
    /// of this subscriber. None when there is none or somebody was faster. `claim` is a new name each time.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn claim_delivery(
        &self,
        subscriber: &str,
        claim: &str,
        now: Millis,
        until: Millis,
    ) -> Result<Option<Delivery>> {
        let params: Vec<Val> = vec![claim.into(), until.into(), subscriber.into(), now.into()];
        if self.steps(vec![Step::new(CLAIM, params)]).await? == 0 {
            return Ok(None);
        }
        self.one(Query::point(CLAIMED, vec![claim.into()]), delivery).await
    }

    /// Notes what became of a try of a claimed delivery, and what is next. Answers false, and notes nothing, when
    /// the claim is not held any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn finish_delivery(
        &self,
        delivery: &Delivery,
        claim: &str,
        outcome: &AttemptOutcome,
        next: NextTry,
    ) -> Result<bool> {
        let (state, due) = match next {
            NextTry::At(due) => (0_i64, due),
            NextTry::Done => (1, outcome.at),
            NextTry::GiveUp => (2, outcome.at),
        };
        let n = delivery.n;
        let finish: Vec<Val> = vec![state.into(), due.into(), n.into(), claim.into()];
        let attempt: Vec<Val> = vec![
            n.into(),
            (delivery.tries + 1).into(),
            outcome.at.into(),
            outcome.took.into(),
            u64::from(outcome.status.unwrap_or(0)).into(),
            (&*outcome.error).into(),
            (&*outcome.head).into(),
        ];
        Ok(self.steps(vec![Step::new(FINISH, finish), Step::new(ATTEMPT, attempt)]).await? > 0)
    }

    /// Lets go of every claim: for a process that nobody delivers beside, and that begins to.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn release_deliveries(&self) -> Result<()> {
        self.steps(vec![Step::new(RELEASE, Vec::new())]).await.map(drop)
    }

    /// Forgets a thousand deliveries at most that were planned before a time and are settled. Whether there may be
    /// more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_deliveries(&self, before: Millis) -> Result<bool> {
        let steps = vec![Step::new(OLD_ATTEMPTS, vec![before.into()]), Step::new(OLD, vec![before.into()])];
        Ok(self.steps(steps).await? >= 1000)
    }
}
