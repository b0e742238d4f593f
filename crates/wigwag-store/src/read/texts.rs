//! What values a text fact has, over all scopes of a kind.

use crate::sql::Query;
use crate::{Result, Store};
use wigwag_model::doc::Kind;

impl Store {
    /// The different texts that the live documents of a kind have in `field`, each with the project of
    /// the documents, in no order. `but` leaves out documents that have this text in that field. Reads
    /// the index only.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn texts(&self, kind: Kind, field: &str, but: Option<(&str, &str)>) -> Result<Vec<(String, String)>> {
        let mut query = Query::build();
        query.push("SELECT DISTINCT f.project, k.text FROM facets f JOIN ix k ON k.facet = f.id WHERE f.kind = ");
        query.bind(kind).push(" AND f.docs > 0 AND f.field = ").bind(field);
        if let Some((field, text)) = but {
            query.push(
                " AND NOT EXISTS (SELECT 1 FROM facets g JOIN ix s ON s.facet = g.id AND s.key = k.key
                   WHERE g.kind = f.kind AND g.project = f.project AND g.env = f.env AND g.field = ",
            );
            query.bind(field).push(" AND s.text = ").bind(text).push(")");
        }
        self.rows(query, |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).await
    }
}
