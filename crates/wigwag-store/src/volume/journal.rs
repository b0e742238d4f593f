//! How far journals of events are recorded.

use super::Volume;
use super::session::{Session, vals};
use super::types::{Advance, Batch};
use super::writer::Work;
use crate::Result;
use crate::sql::Query;
use std::sync::Arc;

impl Volume {
    /// Records a batch that a journal holds, whole or not at all, unless it is recorded already. Answers as
    /// [`Volume::record`] does.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn record_from(&self, journal: Advance, batch: Arc<Batch>) -> Result<u64> {
        self.writer.work(Work::Record(batch, Some(journal))).await
    }

    /// Up to where a journal is recorded; 0 for an unknown one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn journal_position(&self, journal: &str) -> Result<u64> {
        let query = Query::point("SELECT position FROM seen_journals WHERE name = $1", vec![journal.into()]);
        Ok(self.rows(query, |row| row.count(0)).await?.pop().unwrap_or(0))
    }

    /// Says that a journal is recorded up to there, whatever was known.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn reset_journal(&self, journal: &str, position: u64) -> Result<()> {
        self.writer.work(Work::Journal { name: journal.into(), position }).await.map(drop)
    }
}

/// Whether a batch is recorded already.
pub(super) async fn is_recorded(db: &mut Session, advance: &Advance) -> Result<bool> {
    let text = "SELECT position FROM seen_journals WHERE name = $1";
    let position = db.rows(text, vals![advance.journal.as_str()], |row| row.count(0)).await?.pop();
    Ok(advance.to > advance.from && position.is_some_and(|position| position >= advance.to))
}

/// Notes that a journal is recorded up to there.
pub(super) async fn note(db: &mut Session, name: &str, position: u64) -> Result<u64> {
    let text = "INSERT INTO seen_journals (name, position) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET position = excluded.position";
    db.run(text, vec![vals![name, position]]).await.map(|()| 0)
}
