//! Reading: the statements, one text for both engines, and the functions of [`Store`] over them.

mod changes;
mod docs;
mod due;
pub(crate) mod feed;
mod past;
mod texts;

use crate::plan::Stored;
use crate::sql::{Query, Row, Val};
use crate::{DocKey, Result, Scope};
use wigwag_model::doc::Kind;

/// The four parameters that name a document.
fn named(key: &DocKey) -> Vec<Val> {
    vec![key.kind.into(), (&*key.project).into(), (&*key.env).into(), (&*key.key).into()]
}

/// The live documents of one kind in a scope that is to be deleted, as the planner needs them.
pub(crate) fn under(kind: Kind, scope: &Scope) -> Query {
    let (project, env) = scope.parts();
    let mut query = Query::build();
    query.push("SELECT kind, project, env, key, version, created_seq, deleted, facts FROM docs WHERE kind = ");
    query.bind(kind).push(" AND project = ").bind(project);
    if let Some(env) = env {
        query.push(" AND env = ").bind(env);
    }
    query.push(" AND deleted = 0");
    query
}

/// A row of [`under`].
pub(crate) fn stored_row(row: &Row<'_>) -> Result<(DocKey, Stored)> {
    let stored = Stored {
        version: row.count(4)?,
        created_seq: row.count(5)?,
        deleted: row.int(6)? != 0,
        facts: row.text(7)?.into(),
    };
    Ok((row.key(0)?, stored))
}
