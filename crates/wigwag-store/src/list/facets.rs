//! The fields of one kind in one scope.

use crate::facts::KEY;
use crate::sql::Query;
use crate::{ListQuery, Result, Store};
use std::collections::HashMap;
use wigwag_model::doc::Kind;

const FACETS: &str = "SELECT field, id, docs, multi FROM facets WHERE kind = $1 AND project = $2 AND env = $3";

/// A field: its number in the index and what is known of its facts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facet {
    pub(super) id: i64,
    /// Documents with a fact in it.
    pub(super) docs: u64,
    /// Whether a document may have several.
    pub(super) multi: bool,
}

/// The fields of a scope, by name.
pub(super) struct Facets(HashMap<Box<str>, Facet>);

impl Facets {
    /// A field; one that no document ever had is as one without facts.
    pub(super) fn get(&self, field: &str) -> Facet {
        self.0.get(field).copied().unwrap_or(Facet { id: -1, docs: 0, multi: false })
    }

    /// Live documents in the scope.
    pub(super) fn docs(&self) -> u64 {
        self.get(KEY).docs
    }
}

impl Store {
    pub(super) async fn facets(&self, kind: Kind, project: &str, env: &str) -> Result<Facets> {
        let query = Query::point(FACETS, vec![kind.into(), project.into(), env.into()]);
        let found = self.rows(query, |row| {
            Ok((row.text(0)?.into(), Facet { id: row.int(1)?, docs: row.count(2)?, multi: row.int(3)? != 0 }))
        });
        Ok(Facets(found.await?.into_iter().collect()))
    }
}

/// The scopes that a query may be about, two at most.
pub(super) fn scopes(query: &ListQuery<'_>) -> Query {
    let mut sql = Query::build();
    sql.push("SELECT project, env FROM facets WHERE kind = ").bind(query.kind);
    if let Some(project) = query.project {
        sql.push(" AND project = ").bind(project);
    }
    if let Some(env) = query.env {
        sql.push(" AND env = ").bind(env);
    }
    sql.push(" AND docs > 0 AND field = ").bind(KEY).push(" LIMIT 2");
    sql
}
