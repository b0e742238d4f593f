//! What the writer has to know before it plans a batch: one round trip, under the lock.

use super::session::{Reply, Session, params};
use super::{LOCK, engine};
use crate::plan::{Head, Held, Stored, Unique, claimed, named_docs};
use crate::sql::Row;
use crate::{Commit, DocKey, Holders, Result, read};
use tokio_postgres::Row as PgRow;
use wigwag_model::doc::Kind;

const TAKE_LOCK: &str = "SELECT pg_advisory_xact_lock($1)";

const HEAD: &str = "SELECT seq, hash FROM changes ORDER BY seq DESC LIMIT 1";

// Joins are written so that there is one way to run them: for each row asked for, a look into the index.
// The plans are kept, and one made while the tables were small might go through all of them instead.
const DOCS: &str = "SELECT d.kind, d.project, d.env, d.key, d.version, d.created_seq, d.deleted, d.facts
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) q(kind, project, env, key)
     CROSS JOIN LATERAL (SELECT * FROM docs d WHERE d.kind = q.kind AND d.project = q.project AND d.env = q.env
                          AND d.key = q.key OFFSET 0) d";

const UNIQUES: &str = "SELECT u.kind, u.field, u.value, u.project, u.env, u.key
     FROM unnest($1::text[], $2::text[], $3::text[]) q(kind, field, value)
     CROSS JOIN LATERAL (SELECT * FROM uniq u WHERE u.kind = q.kind AND u.field = q.field AND u.value = q.value
                         OFFSET 0) u";

const UNDER: &str = "SELECT kind, project, env, key, version, created_seq, deleted, facts FROM docs
     WHERE kind = ANY($1) AND project = $2 AND ($3::text IS NULL OR env = $3) AND deleted = 0";

const LOGGED: &str = "SELECT id, seq FROM changes WHERE id = ANY($1)";

pub(super) const ALL: &[&str] = &[TAKE_LOCK, HEAD, DOCS, UNIQUES, UNDER, Holders::FIND, LOGGED];

/// What the planner starts from.
pub(super) struct Loaded {
    pub(super) head: Head,
    pub(super) docs: Vec<(DocKey, Stored)>,
    pub(super) uniques: Vec<(Unique, DocKey)>,
    pub(super) holders: Vec<Held>,
}

/// Begins the transaction, takes the lock and reads. The lock is held until the transaction ends, so
/// that sequences become visible in their order; each later statement sees all that was committed
/// before the lock was given.
pub(super) async fn begin(session: &Session, commits: &[&Commit]) -> Result<Loaded> {
    let claims = claimed(commits);
    let mut requests = vec![session.frame("BEGIN"), session.run(TAKE_LOCK, params![LOCK]), session.run(HEAD, vec![])];
    requests.push(docs(session, commits));
    if !claims.is_empty() {
        let kinds: Vec<&str> = claims.iter().map(|(kind, _, _)| kind.as_str()).collect();
        let fields: Vec<&str> = claims.iter().map(|(_, field, _)| &**field).collect();
        let values: Vec<&str> = claims.iter().map(|(_, _, value)| &**value).collect();
        requests.push(session.run(UNIQUES, params![kinds, fields, values]));
    }
    let unique_requests = usize::from(!claims.is_empty());
    for scope in commits.iter().flat_map(|commit| &commit.deletes_under) {
        let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let (project, env) = scope.parts();
        requests.push(session.run(UNDER, params![kinds, project, env]));
    }
    let conditions: Vec<_> = commits.iter().flat_map(|commit| &commit.holders).collect();
    for wanted in &conditions {
        let (kind, env) = (wanted.kind.as_str(), wanted.env.as_deref().unwrap_or(""));
        requests.push(session.run(Holders::FIND, params![kind, &*wanted.project, wanted.field, &*wanted.value, env]));
    }
    let mut replies = session.pipeline(requests).await?.into_iter().skip(2);
    let mut next = || replies.next().unwrap_or_default();

    let head = end(&next())?;
    let mut docs = stored(&next())?;
    let uniques = if unique_requests > 0 { next().iter().map(holder).collect::<Result<_>>()? } else { Vec::new() };
    let mut replies: Vec<_> = replies.collect();
    let holders = replies.split_off(replies.len().saturating_sub(conditions.len()));
    for rows in replies {
        docs.extend(stored(&rows)?);
    }
    let holders = holders.iter().map(|rows| rows.iter().map(held).collect::<Result<_>>()).collect::<Result<_>>()?;
    Ok(Loaded { head, docs, uniques, holders })
}

/// The end of the log.
pub(super) async fn head(session: &Session) -> Result<Head> {
    end(&session.run(HEAD, Vec::new()).await?)
}

fn end(rows: &[PgRow]) -> Result<Head> {
    let Some(row) = rows.first().map(Row::Postgres) else { return Ok(Head::genesis()) };
    Ok(Head { seq: row.count(0)?, hash: row.text(1)?.to_owned() })
}

fn docs<'a>(session: &'a Session, commits: &[&'a Commit]) -> Reply<'a> {
    let keys = named_docs(commits);
    let kinds: Vec<&str> = keys.iter().map(|key| key.kind.as_str()).collect();
    let projects: Vec<&str> = keys.iter().map(|key| &*key.project).collect();
    let envs: Vec<&str> = keys.iter().map(|key| &*key.env).collect();
    let keys: Vec<&str> = keys.iter().map(|key| &*key.key).collect();
    session.run(DOCS, params![kinds, projects, envs, keys])
}

fn stored(rows: &[PgRow]) -> Result<Vec<(DocKey, Stored)>> {
    rows.iter().map(|row| read::stored_row(&Row::Postgres(row))).collect()
}

fn held(row: &PgRow) -> Result<(Box<str>, Box<str>)> {
    let row = Row::Postgres(row);
    Ok((row.text(0)?.into(), row.text(1)?.into()))
}

fn holder(row: &PgRow) -> Result<(Unique, DocKey)> {
    let row = Row::Postgres(row);
    let kind = row.kind(0)?;
    let key = DocKey { kind, project: row.text(3)?.into(), env: row.text(4)?.into(), key: row.text(5)?.into() };
    Ok(((kind, row.text(1)?.into(), row.text(2)?.into()), key))
}

/// Which of these changes are in the log, once no transaction that could write them is under way.
pub(super) async fn logged(session: &Session, ids: Vec<&str>) -> Result<Vec<(String, u64)>> {
    let requests = vec![
        session.frame("BEGIN"),
        session.run(TAKE_LOCK, params![LOCK]),
        session.run(LOGGED, params![ids]),
        session.frame("COMMIT"),
    ];
    let replies = session.pipeline(requests).await?;
    let rows = replies.get(2).map(Vec::as_slice).unwrap_or_default();
    let row = |row: &PgRow| Ok((row.try_get(0).map_err(engine)?, row.try_get::<_, i64>(1).map_err(engine)? as u64));
    rows.iter().map(row).collect()
}
