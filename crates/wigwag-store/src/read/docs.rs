//! Documents as they are now.

use super::named;
use crate::sql::{Query, Row, doc_columns, doc_row};
use crate::store::Engine;
use crate::{Doc, DocKey, Result, Store};
use std::sync::Arc;
use wigwag_model::doc::Kind;

const GET: &str = concat!(
    "SELECT ",
    doc_columns!(),
    " FROM docs d WHERE d.kind = $1 AND d.project = $2 AND d.env = $3 AND d.key = $4 AND d.deleted = 0"
);

/// Several at once, for the engine that is a round trip away.
const GET_MANY: &str = concat!(
    "SELECT ",
    doc_columns!(),
    " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) q(kind, project, env, key)
      CROSS JOIN LATERAL (SELECT * FROM docs d WHERE d.kind = q.kind AND d.project = q.project AND d.env = q.env
                           AND d.key = q.key AND d.deleted = 0 OFFSET 0) d"
);

const FEW: &str = concat!(
    "SELECT ",
    doc_columns!(),
    " FROM docs d WHERE d.kind = $1 AND d.project = $2 AND d.env = '' AND d.deleted = 0 ORDER BY d.key"
);

const FIND_UNIQUE: &str = concat!(
    "SELECT ",
    doc_columns!(),
    " FROM uniq u JOIN docs d ON d.kind = u.kind AND d.project = u.project AND d.env = u.env AND d.key = u.key
      WHERE u.kind = $1 AND u.field = $2 AND u.value = $3 AND d.deleted = 0"
);

impl Store {
    /// The live document under a key.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn get(&self, key: &DocKey) -> Result<Option<Doc>> {
        Ok(self.get_many(std::slice::from_ref(key)).await?.pop().flatten())
    }

    /// The live documents under several keys, in their order, as they are at one moment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn get_many(&self, keys: &[DocKey]) -> Result<Vec<Option<Doc>>> {
        match self.engine() {
            Engine::Sqlite(sqlite) => sqlite.docs(keys, get, doc_row),
            Engine::Postgres(postgres) => postgres.docs(keys, GET_MANY, doc_row).await,
        }
    }

    /// The live document of a kind that holds a unique value.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find_unique(&self, kind: Kind, field: &str, value: &str) -> Result<Option<Doc>> {
        self.one(Query::point(FIND_UNIQUE, vec![kind.into(), field.into(), value.into()]), doc_row).await
    }

    /// Every live document that a project itself has of a kind, by key. For kinds of which a project has
    /// few, such as environments: it costs a point read, where [`Store::scan`] is for many.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn few_of(&self, kind: Kind, project: &str) -> Result<Vec<Doc>> {
        let query = Query::point(FEW, vec![kind.into(), project.into()]);
        match self.engine() {
            Engine::Sqlite(sqlite) => sqlite.few(kind, project, &query, doc_row),
            Engine::Postgres(postgres) => postgres.few(kind, project, query, doc_row).await,
        }
    }

    /// Every live document of a kind, in a project and environment or (`None`) in all of them, by key.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn scan(&self, kind: Kind, project: Option<&str>, env: Option<&str>) -> Result<Vec<Doc>> {
        let mut query = Query::build();
        query.push(concat!("SELECT ", doc_columns!(), " FROM docs d WHERE d.deleted = 0 AND d.kind = ")).bind(kind);
        if let Some(project) = project {
            query.push(" AND d.project = ").bind(project);
        }
        if let Some(env) = env {
            query.push(" AND d.env = ").bind(env);
        }
        query.push(" ORDER BY d.kind, d.project, d.env, d.key");
        self.rows(query, doc_row).await
    }
}

fn get(key: &DocKey) -> Query {
    Query::point(GET, named(key))
}

/// A body as it is shared.
pub(super) fn body(row: &Row<'_>, column: usize) -> Result<Option<Arc<str>>> {
    Ok(row.opt_text(column)?.map(Arc::from))
}
