//! A look at the end of the log: where it is, and whether what was taken in of it is still in it.

use super::followed::{Followed, Position};
use crate::plan::Head;
use crate::sql::{Query, Row};
use crate::{Result, StoreError};

/// The change that was taken in last, and the newest. A server that cannot be written to may be behind.
pub(super) const TEXT: &str =
    "SELECT seq, hash, CAST(current_setting('transaction_read_only') = 'on' AS int)::bigint FROM (
     (SELECT seq, hash FROM changes WHERE seq = $1)
     UNION ALL (SELECT seq, hash FROM changes ORDER BY seq DESC LIMIT 1)) c";

/// A look under way.
pub(super) struct Look(Position);

/// A change as it is found, and whether the server is not the primary.
pub(super) type Found = (Head, bool);

impl Look {
    /// Begins one: what is taken in by now has to be there.
    pub(super) fn from(followed: &Followed) -> Self {
        Self(followed.position())
    }

    /// The last change that was taken in, which the statement is to ask for.
    pub(super) const fn expected(&self) -> u64 {
        self.0.end.seq
    }

    pub(super) fn query(&self) -> Query {
        Query::point(TEXT, vec![self.expected().into()])
    }

    /// The end of the log by what was found.
    pub(super) fn seen(&self, followed: &Followed, found: Vec<Found>) -> Result<Head> {
        if found.iter().any(|(_, is_replica)| *is_replica) {
            return Err(StoreError::Unavailable("the database cannot be written to".into()));
        }
        let expected = &self.0.end;
        let is_in_it = expected.seq == 0 || found.iter().any(|(head, _)| head == expected);
        let newest = found.into_iter().map(|(head, _)| head).max_by_key(|head| head.seq).unwrap_or_else(Head::genesis);
        followed.looked(&self.0, is_in_it, newest.clone());
        Ok(newest)
    }
}

pub(super) fn row(row: &Row<'_>) -> Result<Found> {
    Ok((Head { seq: row.count(0)?, hash: row.text(1)?.to_owned() }, row.int(2)? != 0))
}
