//! Members, as the writer reads and writes them.

use super::session::{Params, Reply, Session, params};
use super::{LOCK, engine};
use crate::members::{Chore, Effect, IN_FORCE, MemberList, STAGED, SetRow, Sets, lists_needed, owners};
use crate::steps::{Step, Steps};
use crate::{Commit, DocKey, Result};
use tokio_postgres::Row as PgRow;
use tokio_postgres::types::ToSql;

const TAKE_LOCK: &str = "SELECT pg_advisory_xact_lock($1)";

const SETS: &str = "SELECT s.kind, s.project, s.env, s.key, s.id, s.list, s.state
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) q(kind, project, env, key)
     CROSS JOIN LATERAL (SELECT * FROM member_sets s WHERE s.kind = q.kind AND s.project = q.project
                          AND s.env = q.env AND s.key = q.key AND s.state < 2 OFFSET 0) s ORDER BY s.id";

const NEW_SET: &str = "INSERT INTO member_sets (kind, project, env, key, list, state, count, touched_at)
     VALUES ($1, $2, $3, $4, $5, $6, 0, $7) RETURNING id";

const ADD: &str = "WITH new AS (
         INSERT INTO members (set_id, member) SELECT $1, k.member FROM unnest($2::text[]) k(member)
         ON CONFLICT DO NOTHING RETURNING 1)
     UPDATE member_sets SET count = count + (SELECT count(*) FROM new) WHERE id = $1";

const REMOVE: &str = "WITH gone AS (
         DELETE FROM members WHERE set_id = $1 AND member = ANY($2::text[]) RETURNING 1)
     UPDATE member_sets SET count = count - (SELECT count(*) FROM gone) WHERE id = $1";

const STATE: &str = "UPDATE member_sets SET state = $2 WHERE id = $1";

const DROP: &str = "UPDATE member_sets SET state = 2 WHERE kind = $1 AND project = $2 AND env = $3 AND key = $4";

const NOTE: &str = "INSERT INTO member_log (seq, n, kind, project, env, key, generation, body)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const FILL: &str = "WITH new AS (
         INSERT INTO members (set_id, member) SELECT $1, k.member FROM unnest($2::text[]) k(member)
         WHERE EXISTS (SELECT 1 FROM member_sets WHERE id = $1 AND state = 0) ON CONFLICT DO NOTHING RETURNING 1)
     UPDATE member_sets SET count = count + (SELECT count(*) FROM new), touched_at = $3
     WHERE id = $1 AND state = 0 RETURNING id";

const DISCARD: &str = "UPDATE member_sets SET state = 2 WHERE id = $1 AND state = 0 RETURNING id";

const THROWN_AWAY: &str = "SELECT id FROM member_sets WHERE state = 2 ORDER BY id LIMIT 1";

const SEVERAL: &str = "SELECT min(id), max(id) FROM member_sets WHERE state = 1
     GROUP BY kind, project, env, key, list HAVING count(*) > 1 LIMIT 1";

const LAST_OF: &str = "SELECT member FROM members WHERE set_id = $1 ORDER BY member LIMIT 1 OFFSET $2";

const COPY: &str = "WITH new AS (
         INSERT INTO members (set_id, member)
         SELECT $1, member FROM members WHERE set_id = $2 AND ($3::text IS NULL OR member <= $3)
         ON CONFLICT DO NOTHING RETURNING 1)
     UPDATE member_sets SET count = count + (SELECT count(*) FROM new) WHERE id = $1";

const CUT: &str = "WITH gone AS (
         DELETE FROM members WHERE set_id = $1 AND ($2::text IS NULL OR member <= $2) RETURNING 1)
     UPDATE member_sets SET count = count - (SELECT count(*) FROM gone) WHERE id = $1";

const FORGET: &str = "DELETE FROM member_sets WHERE id = $1";

pub(super) const ALL: &[&str] =
    &[SETS, NEW_SET, ADD, REMOVE, STATE, DROP, NOTE, FILL, DISCARD, THROWN_AWAY, SEVERAL, LAST_OF, COPY, CUT, FORGET];

/// The sets of the documents whose members commits write, with one for each list that keys go into.
pub(super) async fn sets(session: &Session, commits: &[&Commit]) -> Result<Sets> {
    let mut sets = Sets::new();
    let owners = owners(commits);
    if owners.is_empty() {
        return Ok(sets);
    }
    let column = |part: fn(&DocKey) -> &str| owners.iter().map(|owner| part(owner)).collect::<Vec<_>>();
    let named = params![column(|k| k.kind.as_str()), column(|k| &k.project), column(|k| &k.env), column(|k| &k.key)];
    for row in session.run(SETS, named).await? {
        let row = crate::sql::Row::Postgres(&row);
        let set = SetRow { id: row.int(4)?, list: MemberList::of(row.int(5)?), state: row.int(6)? };
        sets.entry(row.key(0)?).or_default().push(set);
    }
    for (owner, list) in lists_needed(commits) {
        let rows = sets.entry(owner.clone()).or_default();
        if !rows.iter().any(|row| row.state == IN_FORCE && row.list == list) {
            let id = new_set(session, owner, list, IN_FORCE, 0).await?;
            rows.push(SetRow { id, list, state: IN_FORCE });
        }
    }
    Ok(sets)
}

async fn new_set(session: &Session, owner: &DocKey, list: MemberList, state: i64, at: i64) -> Result<i64> {
    let mut values = named(owner);
    values.extend(params![list.code(), state, at]);
    number(&session.run(NEW_SET, values).await?, 0)
}

/// Does what a batch does to members.
pub(super) fn apply<'a>(session: &'a Session, effect: &'a Effect<'_>) -> Reply<'a> {
    match effect {
        Effect::Add { set, keys } => session.run(ADD, params![*set, *keys]),
        Effect::Remove { set, keys } => session.run(REMOVE, params![*set, *keys]),
        Effect::State { set, state } => session.run(STATE, params![*set, *state]),
        Effect::Drop(owner) => session.run(DROP, named(owner)),
        Effect::Note { place, write, body } => {
            let mut values = params![place.seq as i64, place.n as i64];
            values.extend(named(&write.owner));
            values.extend(params![i64::from(write.generation), body]);
            session.run(NOTE, values)
        }
    }
}

/// Does a chore in a transaction of its own; what it answers is said there.
pub(super) async fn chore(session: &Session, chore: &Chore) -> Result<u64> {
    session.pipeline(vec![session.frame("BEGIN"), session.run(TAKE_LOCK, params![LOCK])]).await?;
    let done = match chore {
        Chore::Stage { owner, list, at } => new_set(session, owner, *list, STAGED, *at).await? as u64,
        Chore::Fill { set, keys, at } => session.run(FILL, params![*set, keys, *at]).await?.len() as u64,
        Chore::Discard { set } => session.run(DISCARD, params![*set]).await?.len() as u64,
        Chore::Tidy { most } => u64::from(tidy(session, *most as i64).await?),
        Chore::Steps(steps) => run_steps(session, steps).await?,
    };
    session.frame("COMMIT").await?;
    Ok(done)
}

/// In one round trip after the first, which decides.
async fn run_steps(session: &Session, Steps(steps): &Steps) -> Result<u64> {
    let run = |step: &Step| {
        let params = step.params.iter().map(|value| Box::new(value.clone()) as Box<dyn ToSql + Sync + Send>);
        session.run(step.text, params.collect())
    };
    let Some((first, others)) = steps.split_first() else { return Ok(0) };
    let found = run(first).await?.len() as u64;
    if found > 0 {
        session.pipeline(others.iter().map(run).collect()).await?;
    }
    Ok(found)
}

async fn tidy(session: &Session, most: i64) -> Result<bool> {
    let thrown_away = session.run(THROWN_AWAY, vec![]).await?;
    if !thrown_away.is_empty() {
        let set = number(&thrown_away, 0)?;
        let last = last_of(session, set, most).await?;
        finish(session, set, last).await?;
        return Ok(true);
    }
    let several = session.run(SEVERAL, vec![]).await?;
    if several.is_empty() {
        return Ok(false);
    }
    // Into the older one; nobody can tell, since a list is the union of its sets.
    let (into, from) = (number(&several, 0)?, number(&several, 1)?);
    let last = last_of(session, from, most).await?;
    session.run(COPY, params![into, from, last.clone()]).await?;
    finish(session, from, last).await?;
    Ok(true)
}

/// Deletes the members up to `last`, or all of them and the set.
async fn finish(session: &Session, set: i64, last: Option<String>) -> Result<()> {
    let all = last.is_none();
    session.run(CUT, params![set, last]).await?;
    if all {
        session.run(FORGET, params![set]).await?;
    }
    Ok(())
}

/// The last of the first `most` members of a set, unless these are all.
async fn last_of(session: &Session, set: i64, most: i64) -> Result<Option<String>> {
    let rows = session.run(LAST_OF, params![set, most - 1]).await?;
    rows.first().map(|row| row.try_get(0).map_err(engine)).transpose()
}

fn named(owner: &DocKey) -> Params<'_> {
    params![owner.kind.as_str(), &*owner.project, &*owner.env, &*owner.key]
}

fn number(rows: &[PgRow], column: usize) -> Result<i64> {
    let row = rows.first().ok_or_else(|| crate::StoreError::Corrupt("a statement answered no row".into()))?;
    row.try_get(column).map_err(engine)
}
