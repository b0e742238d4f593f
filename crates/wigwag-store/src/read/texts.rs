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
        // From each text to the next, so that it costs by texts and not by documents.
        query.push(
            "WITH RECURSIVE found (facet, project, env, text) AS (
              SELECT f.id, f.project, f.env, (SELECT MIN(k.text) FROM ix k WHERE k.facet = f.id)
              FROM facets f WHERE f.docs > 0 AND f.kind = ",
        );
        query.bind(kind).push(" AND f.field = ").bind(field).push(
            " UNION ALL SELECT facet, project, env,
               (SELECT MIN(k.text) FROM ix k WHERE k.facet = found.facet AND k.text > found.text)
              FROM found WHERE text IS NOT NULL)
             SELECT DISTINCT project, text FROM found WHERE text IS NOT NULL",
        );
        if let Some((field, text)) = but {
            query.push(
                " AND EXISTS (SELECT 1 FROM ix k WHERE k.facet = found.facet AND k.text = found.text
                   AND NOT EXISTS (SELECT 1 FROM facets g JOIN ix s ON s.facet = g.id AND s.key = k.key
                    WHERE g.project = found.project AND g.env = found.env AND g.kind = ",
            );
            query.bind(kind).push(" AND g.field = ").bind(field).push(" AND s.text = ").bind(text).push("))");
        }
        self.rows(query, |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).await
    }
}
