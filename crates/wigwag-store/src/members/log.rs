//! What was done to members, in order, for those who keep a copy of them elsewhere.

use super::{MemberList, MemberOp};
use crate::sql::{Query, Row};
use crate::{DocKey, Result, Store, StoreError};
use serde::{Deserialize, Serialize};

/// A place in the record of what was done to members: after everything of it and before what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberPlace {
    /// The change.
    pub seq: u64,
    /// Which of what the change did.
    pub n: u64,
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Where it is in the record.
    pub place: MemberPlace,
    /// The document.
    pub owner: DocKey,
    /// The document's generation as of the change.
    pub generation: u32,
    /// What was done.
    pub done: MemberDone,
}

/// What was done to the members of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MemberDone {
    /// Keys were put into the list of the included.
    Included(Vec<String>),
    /// Keys were taken out of it.
    NotIncluded(Vec<String>),
    /// Keys were put into the list of the excluded.
    Excluded(Vec<String>),
    /// Keys were taken out of it.
    NotExcluded(Vec<String>),
    /// So many were put in at once that they are to be read from the lists.
    Many,
}

impl MemberDone {
    fn of(op: &MemberOp) -> Self {
        match op {
            MemberOp::Add { list: MemberList::Included, keys } => Self::Included(keys.clone()),
            MemberOp::Add { list: MemberList::Excluded, keys } => Self::Excluded(keys.clone()),
            MemberOp::Remove { list: MemberList::Included, keys } => Self::NotIncluded(keys.clone()),
            MemberOp::Remove { list: MemberList::Excluded, keys } => Self::NotExcluded(keys.clone()),
            MemberOp::Merge(_) | MemberOp::Replace(_) => Self::Many,
        }
    }
}

/// What is noted of a write.
pub(super) fn note(op: &MemberOp) -> Result<String> {
    serde_json::to_string(&MemberDone::of(op)).map_err(|error| StoreError::Invalid(error.to_string()))
}

const AFTER: &str = "SELECT kind, project, env, key, seq, n, generation, body FROM member_log
     WHERE project = $1 AND env = $2 AND (seq > $3 OR (seq = $3 AND n > $4)) ORDER BY seq, n LIMIT $5";

const END: &str = "SELECT seq, n FROM member_log WHERE project = $1 AND env = $2 ORDER BY seq DESC, n DESC LIMIT 1";

impl Store {
    /// What was done to members in an environment after `place`, in order, at most `limit` things.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn member_log(&self, project: &str, env: &str, place: MemberPlace, limit: u32) -> Result<Vec<MemberRow>> {
        let params = vec![project.into(), env.into(), place.seq.into(), place.n.into(), i64::from(limit).into()];
        self.rows(Query::point(AFTER, params), row).await
    }

    /// The end of the record of an environment; the very beginning where there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn member_log_end(&self, project: &str, env: &str) -> Result<MemberPlace> {
        let place = |row: &Row<'_>| Ok(MemberPlace { seq: row.count(0)?, n: row.count(1)? });
        let end = self.one(Query::point(END, vec![project.into(), env.into()]), place).await?;
        Ok(end.unwrap_or_default())
    }
}

fn row(row: &Row<'_>) -> Result<MemberRow> {
    let done = serde_json::from_str(row.text(7)?).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let place = MemberPlace { seq: row.count(4)?, n: row.count(5)? };
    let generation = u32::try_from(row.count(6)?).unwrap_or(u32::MAX);
    Ok(MemberRow { place, owner: row.key(0)?, generation, done })
}
