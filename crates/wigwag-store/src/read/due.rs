//! What a number fact says falls due, in all scopes of a kind at once.

use crate::sql::Query;
use crate::{DocKey, Result, Store};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Kind;

const DUE: &str = "SELECT f.kind, f.project, f.env, k.key FROM facets f
     JOIN ix k ON k.facet = f.id AND k.text = '' AND k.num <= $1
     WHERE f.kind = $2 AND f.field = $3 AND f.docs > 0 ORDER BY k.num, f.project, f.env, k.key";

const NEXT: &str = "SELECT num FROM (
       SELECT (SELECT k.num FROM ix k WHERE k.facet = f.id AND k.text = '' AND k.num > $1 ORDER BY k.num LIMIT 1) AS num
       FROM facets f WHERE f.kind = $2 AND f.field = $3 AND f.docs > 0) firsts
     WHERE num IS NOT NULL ORDER BY num LIMIT 1";

impl Store {
    /// The live documents of a kind, in whatever scope, whose number fact `field` is `until` or less;
    /// the least first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn due(&self, kind: Kind, field: &str, until: Millis) -> Result<Vec<DocKey>> {
        self.rows(Query::long(DUE, vec![until.into(), kind.into(), field.into()]), |row| row.key(0)).await
    }

    /// The least number fact `field` after `after` among the live documents of a kind, in whatever scope.
    /// It costs a look at each scope, however many facts there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next_due(&self, kind: Kind, field: &str, after: Millis) -> Result<Option<Millis>> {
        self.one(Query::long(NEXT, vec![after.into(), kind.into(), field.into()]), |row| row.int(0)).await
    }
}
