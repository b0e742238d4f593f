//! Sessions of members.

use crate::sql::{Query, Row};
use crate::{Result, Store};
use wigwag_model::clock::Millis;

/// A session, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of the cookie's value, hex.
    pub hash: String,
    /// Its public name, 24 hex digits.
    pub id: String,
    /// Id of the member.
    pub member: String,
    /// When it began.
    pub created: Millis,
    /// When it was last used, to the minute.
    pub seen: Millis,
    /// When it ends however much it is used.
    pub expires: Millis,
    /// The browser, as it calls itself.
    pub agent: String,
    /// Where it was begun from.
    pub address: String,
    /// How: `password`, `password+totp`, `oidc`…
    pub how: String,
}

const COLUMNS: &str = "SELECT hash, id, member, created, seen, expires, agent, address, how FROM sessions";
const ONE: &str = "SELECT hash, id, member, created, seen, expires, agent, address, how FROM sessions WHERE hash = $1";
const OF_MEMBER: &str = "SELECT hash, id, member, created, seen, expires, agent, address, how FROM sessions
     WHERE member = $1 ORDER BY created DESC, id";
pub(super) const PUT: &str = "INSERT INTO sessions (hash, id, member, created, seen, expires, agent, address, how)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING 1";
pub(super) const SEEN: &str = "UPDATE sessions SET seen = $1 WHERE hash = $2 AND seen < $1 RETURNING 1";
pub(super) const END: &str = "DELETE FROM sessions WHERE hash = $1 RETURNING 1";
pub(super) const END_NAMED: &str = "DELETE FROM sessions WHERE member = $1 AND id = $2 RETURNING 1";
pub(super) const END_OTHERS: &str = "DELETE FROM sessions WHERE member = $1 AND hash <> $2 RETURNING 1";
pub(super) const FORGET: &str = "DELETE FROM sessions WHERE expires <= $1 OR seen <= $2 RETURNING 1";

impl Store {
    /// The session with this hash.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn session(&self, hash: &str) -> Result<Option<SessionRow>> {
        self.one(Query::point(ONE, vec![hash.into()]), row).await
    }

    /// All sessions of a member, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sessions_of(&self, member: &str) -> Result<Vec<SessionRow>> {
        self.rows(Query::point(OF_MEMBER, vec![member.into()]), row).await
    }

    /// All sessions, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn all_sessions(&self) -> Result<Vec<SessionRow>> {
        let mut all = self.rows(Query::long(COLUMNS, Vec::new()), row).await?;
        all.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        Ok(all)
    }

    /// Begins a session.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_session(&self, s: &SessionRow) -> Result<()> {
        let params = vec![
            s.hash.as_str().into(),
            s.id.as_str().into(),
            s.member.as_str().into(),
            s.created.into(),
            s.seen.into(),
            s.expires.into(),
            s.agent.as_str().into(),
            s.address.as_str().into(),
            s.how.as_str().into(),
        ];
        self.note(PUT, params).await.map(drop)
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn session_seen(&self, hash: &str, at: Millis) -> Result<()> {
        self.note(SEEN, vec![at.into(), hash.into()]).await.map(drop)
    }

    /// Ends a session. Whether there was one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_session(&self, hash: &str) -> Result<bool> {
        Ok(self.note(END, vec![hash.into()]).await? > 0)
    }

    /// Ends a session of a member by its public name. Whether there was one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_session_named(&self, member: &str, id: &str) -> Result<bool> {
        Ok(self.note(END_NAMED, vec![member.into(), id.into()]).await? > 0)
    }

    /// Ends all sessions of a member but the one with the hash `but`, if that is one. How many there were.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_sessions(&self, member: &str, but: &str) -> Result<u64> {
        self.note(END_OTHERS, vec![member.into(), but.into()]).await
    }

    /// Throws away sessions that ended by `now`, or were not used since `idle_since`.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_sessions(&self, now: Millis, idle_since: Millis) -> Result<u64> {
        self.note(FORGET, vec![now.into(), idle_since.into()]).await
    }
}

fn row(row: &Row<'_>) -> Result<SessionRow> {
    let text = |at: usize| row.text(at).map(str::to_owned);
    Ok(SessionRow {
        hash: text(0)?,
        id: text(1)?,
        member: text(2)?,
        created: row.int(3)?,
        seen: row.int(4)?,
        expires: row.int(5)?,
        agent: text(6)?,
        address: text(7)?,
        how: text(8)?,
    })
}
