//! When tokens and members were last active.

use super::Volume;
use super::session::Session;
use super::writer::Work;
use crate::Result;
use crate::sql::Query;
use std::collections::HashMap;
use wigwag_model::clock::Millis;

const NOTE: &str = "INSERT INTO last_uses (subject, at) VALUES ($1, $2)
     ON CONFLICT (subject) DO UPDATE SET at = excluded.at WHERE excluded.at > last_uses.at";

/// Names in one statement.
const AT_ONCE: usize = 500;

impl Volume {
    /// Notes when each was active; an older time than is known changes nothing.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn note_uses(&self, uses: Vec<(String, Millis)>) -> Result<()> {
        self.writer.work(Work::Uses(uses)).await.map(drop)
    }

    /// When each was last active; those who never were are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_uses(&self, subjects: &[String]) -> Result<HashMap<String, Millis>> {
        let mut all = HashMap::new();
        for some in subjects.chunks(AT_ONCE) {
            let mut query = Query::build();
            query.push("SELECT subject, at FROM last_uses WHERE subject IN ").push(self.texts().0);
            query.bind(some.to_vec()).push(self.texts().1);
            all.extend(self.rows(query, |row| Ok((row.text(0)?.to_owned(), row.int(1)?))).await?);
        }
        Ok(all)
    }
}

pub(super) async fn note(db: &mut Session, uses: &[(String, Millis)]) -> Result<u64> {
    let many = uses.iter().map(|(subject, at)| vec![subject.as_str().into(), (*at).into()]).collect();
    db.many(NOTE, many, |_| Ok(())).await?;
    Ok(uses.len() as u64)
}
