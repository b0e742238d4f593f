//! What the server whose turn a work is tells of it.

use crate::sql::Query;
use crate::{Result, Store};

const ALL: &str = "SELECT about, body FROM reports WHERE work = $1 ORDER BY about";
const PUT: &str = "INSERT INTO reports (work, about, body) VALUES ($1, $2, $3)
     ON CONFLICT (work, about) DO UPDATE SET body = excluded.body RETURNING 1";
const DROP: &str = "DELETE FROM reports WHERE work = $1 AND about = $2 RETURNING 1";

impl Store {
    /// What was told of a work: of what, and the text.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reports(&self, work: &str) -> Result<Vec<(String, String)>> {
        let query = Query::point(ALL, vec![work.into()]);
        self.rows(query, |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).await
    }

    /// Tells of something in place of what was told before.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn report(&self, work: &str, about: &str, body: &str) -> Result<()> {
        self.note(PUT, vec![work.into(), about.into(), body.into()]).await.map(drop)
    }

    /// Takes back what was told of something.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn drop_report(&self, work: &str, about: &str) -> Result<()> {
        self.note(DROP, vec![work.into(), about.into()]).await.map(drop)
    }
}
