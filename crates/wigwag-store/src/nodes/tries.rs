//! Tries that are counted across servers.

use crate::sql::Query;
use crate::{Result, Store};
use wigwag_model::clock::Millis;

const READ: &str = "SELECT count, last, open FROM tries WHERE key = $1";
const FIRST: &str = "INSERT INTO tries (key, count, last, open) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING 1";
const NEXT: &str = "UPDATE tries SET count = $1, last = $2, open = $3
     WHERE key = $4 AND count = $5 AND last = $6 AND open = $7 RETURNING 1";
const FORGET: &str = "DELETE FROM tries WHERE key = $1 RETURNING 1";
const OLD: &str = "DELETE FROM tries WHERE last < $1 RETURNING 1";

/// How often something was tried under a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// How often.
    pub count: u32,
    /// The last time.
    pub last: Millis,
    /// No try is let through before.
    pub open: Millis,
}

impl Store {
    /// The tries under a key, if there were any.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tries(&self, key: &str) -> Result<Option<Tries>> {
        let query = Query::point(READ, vec![key.into()]);
        self.one(query, |row| {
            let count = u32::try_from(row.int(0)?).unwrap_or(u32::MAX);
            Ok(Tries { count, last: row.int(1)?, open: row.int(2)? })
        })
        .await
    }

    /// Writes the tries under a key, if they are as they were read. Whether it did.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn note_tries(&self, key: &str, was: Option<Tries>, now: Tries) -> Result<bool> {
        let count = |tries: Tries| i64::from(tries.count).into();
        let written = match was {
            None => self.note(FIRST, vec![key.into(), count(now), now.last.into(), now.open.into()]).await?,
            Some(was) => {
                let mut params = vec![count(now), now.last.into(), now.open.into(), key.into()];
                params.extend([count(was), was.last.into(), was.open.into()]);
                self.note(NEXT, params).await?
            }
        };
        Ok(written > 0)
    }

    /// Forgets the tries under a key.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_tries(&self, key: &str) -> Result<()> {
        self.note(FORGET, vec![key.into()]).await.map(drop)
    }

    /// Forgets tries that were made before a time.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_old_tries(&self, before: Millis) -> Result<u64> {
        self.note(OLD, vec![before.into()]).await
    }
}
