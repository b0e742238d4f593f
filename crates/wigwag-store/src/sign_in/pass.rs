//! Secrets that are good for one use.

use crate::sql::{Query, Row};
use crate::{Result, Store};
use wigwag_model::clock::Millis;

/// A secret that is good for one use, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// SHA-256 of the secret, hex.
    pub hash: String,
    /// What it is good for.
    pub kind: String,
    /// Id of the member it concerns, empty while there is none.
    pub member: String,
    /// When it ends.
    pub expires: Millis,
    /// What else is to be known, as text.
    pub body: String,
}

const ONE: &str = "SELECT hash, kind, member, expires, body FROM passes WHERE hash = $1 AND kind = $2";
pub(super) const PUT: &str = "INSERT INTO passes (hash, kind, member, expires, body) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING 1";
pub(super) const TAKE: &str = "DELETE FROM passes WHERE hash = $1 RETURNING 1";
pub(super) const CHANGE: &str = "UPDATE passes SET member = $1, body = $2 WHERE hash = $3 AND body = $4 RETURNING 1";
pub(super) const DROP: &str = "DELETE FROM passes WHERE member = $1 AND kind = $2 RETURNING 1";
pub(super) const FORGET: &str = "DELETE FROM passes WHERE expires <= $1 RETURNING 1";

impl Store {
    /// The pass of a kind with this hash, whether or not it has ended.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn pass(&self, kind: &str, hash: &str) -> Result<Option<Pass>> {
        self.one(Query::point(ONE, vec![hash.into(), kind.into()]), row).await
    }

    /// Makes a pass. False if there is one with this hash already, which then stays as it is.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_pass(&self, pass: &Pass) -> Result<bool> {
        let params = vec![
            pass.hash.as_str().into(),
            pass.kind.as_str().into(),
            pass.member.as_str().into(),
            pass.expires.into(),
            pass.body.as_str().into(),
        ];
        Ok(self.note(PUT, params).await? > 0)
    }

    /// Uses a pass up. Of several who try at once, one gets true.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn take_pass(&self, hash: &str) -> Result<bool> {
        Ok(self.note(TAKE, vec![hash.into()]).await? > 0)
    }

    /// Gives a pass another member and body, if its body is still `was`. Whether it did.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn change_pass(&self, hash: &str, was: &str, member: &str, body: &str) -> Result<bool> {
        Ok(self.note(CHANGE, vec![member.into(), body.into(), hash.into(), was.into()]).await? > 0)
    }

    /// Throws away all passes of a kind that a member has.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn drop_passes(&self, member: &str, kind: &str) -> Result<u64> {
        self.note(DROP, vec![member.into(), kind.into()]).await
    }

    /// Throws away passes that ended by `now`.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_passes(&self, now: Millis) -> Result<u64> {
        self.note(FORGET, vec![now.into()]).await
    }
}

fn row(row: &Row<'_>) -> Result<Pass> {
    let text = |at: usize| row.text(at).map(str::to_owned);
    Ok(Pass { hash: text(0)?, kind: text(1)?, member: text(2)?, expires: row.int(3)?, body: text(4)? })
}
