//! Members, as the writer reads and writes them.

use super::{engine, prepare};
use crate::members::{Chore, Effect, GONE, IN_FORCE, MemberList, STAGED, SetRow, Sets, lists_needed, owners};
use crate::steps::Steps;
use crate::{Commit, DocKey, Result};
use rusqlite::{Connection, OptionalExtension, Params, params};

/// The sets of the documents whose members commits write, with one for each list that keys go into.
pub(super) fn sets(db: &Connection, commits: &[&Commit]) -> Result<Sets> {
    let mut sets = Sets::new();
    for owner in owners(commits) {
        sets.insert(owner.clone(), sets_of(db, owner)?);
    }
    for (owner, list) in lists_needed(commits) {
        let rows = sets.entry(owner.clone()).or_default();
        if !rows.iter().any(|row| row.state == IN_FORCE && row.list == list) {
            let id = new_set(db, owner, list, IN_FORCE, 0)?;
            rows.push(SetRow { id, list, state: IN_FORCE });
        }
    }
    Ok(sets)
}

fn sets_of(db: &Connection, owner: &DocKey) -> Result<Vec<SetRow>> {
    let text = "SELECT id, list, state FROM member_sets
                WHERE kind = $1 AND project = $2 AND env = $3 AND key = $4 AND state < 2 ORDER BY id";
    let mut statement = prepare(db, text).map_err(engine)?;
    let values = params![owner.kind.as_str(), owner.project, owner.env, owner.key];
    let rows = statement
        .query_map(values, |row| Ok(SetRow { id: row.get(0)?, list: MemberList::of(row.get(1)?), state: row.get(2)? }));
    rows.and_then(Iterator::collect).map_err(engine)
}

fn new_set(db: &Connection, owner: &DocKey, list: MemberList, state: i64, at: i64) -> Result<i64> {
    let text = "INSERT INTO member_sets (kind, project, env, key, list, state, count, touched_at)
                VALUES ($1, $2, $3, $4, $5, $6, 0, $7)";
    run(db, text, params![owner.kind.as_str(), owner.project, owner.env, owner.key, list.code(), state, at])?;
    Ok(db.last_insert_rowid())
}

/// Does what a batch does to members.
pub(super) fn apply(db: &Connection, effect: &Effect<'_>) -> Result<()> {
    match effect {
        Effect::Add { set, keys } => {
            let new = insert(db, *set, keys)?;
            count(db, *set, new as i64)
        }
        Effect::Remove { set, keys } => {
            let mut gone = 0;
            for key in *keys {
                gone += run(db, "DELETE FROM members WHERE set_id = $1 AND member = $2", params![set, key])?;
            }
            count(db, *set, -(gone as i64))
        }
        Effect::State { set, state } => {
            run(db, "UPDATE member_sets SET state = $1 WHERE id = $2", params![state, set]).map(drop)
        }
        Effect::Drop(owner) => {
            let text = "UPDATE member_sets SET state = 2 WHERE kind = $1 AND project = $2 AND env = $3 AND key = $4";
            run(db, text, params![owner.kind.as_str(), owner.project, owner.env, owner.key]).map(drop)
        }
        Effect::Note { place, write, body } => {
            let text = "INSERT INTO member_log (seq, n, kind, project, env, key, generation, body)
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
            let owner = &write.owner;
            let (seq, n, generation) = (place.seq as i64, place.n as i64, i64::from(write.generation));
            let named = (owner.kind.as_str(), &owner.project, &owner.env, &owner.key);
            run(db, text, params![seq, n, named.0, named.1, named.2, named.3, generation, body]).map(drop)
        }
    }
}

/// Does a chore; what it answers is said there.
pub(super) fn chore(db: &Connection, chore: &Chore) -> Result<u64> {
    match chore {
        Chore::Stage { owner, list, at } => new_set(db, owner, *list, STAGED, *at).map(|id| id as u64),
        Chore::Fill { set, keys, at } => {
            let touch = "UPDATE member_sets SET touched_at = $1 WHERE id = $2 AND state = 0";
            if run(db, touch, params![at, set])? == 0 {
                return Ok(0);
            }
            let new = insert(db, *set, keys)?;
            count(db, *set, new as i64).map(|()| 1)
        }
        Chore::Discard { set } => {
            let text = "UPDATE member_sets SET state = 2 WHERE id = $1 AND state = 0";
            run(db, text, params![set]).map(|done| done as u64)
        }
        Chore::Tidy { most } => tidy(db, *most as i64).map(u64::from),
        Chore::Steps(steps) => run_steps(db, steps),
    }
}

fn run_steps(db: &Connection, Steps(steps): &Steps) -> Result<u64> {
    let mut first = None;
    for step in steps {
        // `$2` is just a name to SQLite, numbered by where it first appears; `?2` is a number.
        let mut statement = prepare(db, &step.text.replace('$', "?")).map_err(engine)?;
        let mut rows = statement.query(rusqlite::params_from_iter(&step.params)).map_err(engine)?;
        let mut count = 0;
        while rows.next().map_err(engine)?.is_some() {
            count += 1;
        }
        if *first.get_or_insert(count) == 0 {
            break;
        }
    }
    Ok(first.unwrap_or(0))
}

fn tidy(db: &Connection, most: i64) -> Result<bool> {
    if let Some(set) = one(db, "SELECT id FROM member_sets WHERE state = $1 ORDER BY id LIMIT 1", params![GONE], id)? {
        return sweep(db, set, most).map(|()| true);
    }
    let several = "SELECT min(id), max(id) FROM member_sets WHERE state = $1
                   GROUP BY kind, project, env, key, list HAVING count(*) > 1 LIMIT 1";
    let ids = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    match one(db, several, params![IN_FORCE], ids)? {
        Some((into, from)) => fold(db, into, from, most).map(|()| true),
        None => Ok(false),
    }
}

/// Deletes members of a set that is thrown away, and the set with the last of them.
fn sweep(db: &Connection, set: i64, most: i64) -> Result<()> {
    match last_of(db, set, most)? {
        Some(last) => run(db, "DELETE FROM members WHERE set_id = $1 AND member <= $2", params![set, last]).map(drop),
        None => {
            run(db, "DELETE FROM members WHERE set_id = $1", params![set])?;
            run(db, "DELETE FROM member_sets WHERE id = $1", params![set]).map(drop)
        }
    }
}

/// Moves members from a set to an older one; nobody can tell, since a list is the union of its sets.
fn fold(db: &Connection, into: i64, from: i64, most: i64) -> Result<()> {
    let last = last_of(db, from, most)?;
    let copied = "INSERT INTO members (set_id, member)
                  SELECT $1, member FROM members WHERE set_id = $2 AND ($3 IS NULL OR member <= $3)
                  ON CONFLICT DO NOTHING";
    let new = run(db, copied, params![into, from, last])?;
    count(db, into, new as i64)?;
    let gone = "DELETE FROM members WHERE set_id = $1 AND ($2 IS NULL OR member <= $2)";
    let gone = run(db, gone, params![from, last])?;
    count(db, from, -(gone as i64))?;
    if last.is_none() {
        run(db, "DELETE FROM member_sets WHERE id = $1", params![from])?;
    }
    Ok(())
}

/// The last of the first `most` members of a set, unless these are all.
fn last_of(db: &Connection, set: i64, most: i64) -> Result<Option<String>> {
    let text = "SELECT member FROM members WHERE set_id = $1 ORDER BY member LIMIT 1 OFFSET $2";
    one(db, text, params![set, most - 1], |row| row.get(0))
}

fn insert(db: &Connection, set: i64, keys: &[String]) -> Result<usize> {
    let text = "INSERT INTO members (set_id, member) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let mut statement = prepare(db, text).map_err(engine)?;
    let mut new = 0;
    for key in keys {
        new += statement.execute(params![set, key]).map_err(engine)?;
    }
    Ok(new)
}

fn count(db: &Connection, set: i64, by: i64) -> Result<()> {
    run(db, "UPDATE member_sets SET count = count + $1 WHERE id = $2", params![by, set]).map(drop)
}

fn run(db: &Connection, text: &str, values: impl Params) -> Result<usize> {
    prepare(db, text).and_then(|mut statement| statement.execute(values)).map_err(engine)
}

fn one<T>(
    db: &Connection,
    text: &str,
    values: impl Params,
    map: fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    prepare(db, text).and_then(|mut statement| statement.query_row(values, map).optional()).map_err(engine)
}

fn id(row: &rusqlite::Row<'_>) -> rusqlite::Result<i64> {
    row.get(0)
}
