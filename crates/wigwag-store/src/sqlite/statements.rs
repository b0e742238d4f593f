//! What the writer reads and writes, statement by statement.

use super::reader::rows;
use super::{engine, prepare};
use crate::facts::FactRow;
use crate::plan::{Batch, DocWrite, FactChange, Head, Held, NewRow, NewVersion, Stored, Unique};
use crate::{DocKey, Holders, Result, Scope};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use wigwag_model::doc::Kind;

/// A facet as the writer knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facet {
    pub(super) id: i64,
    multi: bool,
}

/// Kind, project, environment, field.
pub(super) type FacetKey = (Kind, Box<str>, Box<str>, Box<str>);
/// Facets met so far; none ever goes away.
pub(super) type Facets = HashMap<FacetKey, Facet>;

pub(super) fn head(db: &Connection) -> Result<Head> {
    let mut statement = prepare(db, "SELECT seq, hash FROM changes ORDER BY seq DESC LIMIT 1").map_err(engine)?;
    let last = statement.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?))).optional().map_err(engine)?;
    Ok(last.map_or_else(Head::genesis, |(seq, hash)| Head { seq: seq as u64, hash }))
}

pub(super) fn stored(db: &Connection, key: &DocKey) -> Result<Option<Stored>> {
    let mut statement = prepare(
        db,
        "SELECT version, created_seq, deleted, facts FROM docs
             WHERE kind = $1 AND project = $2 AND env = $3 AND key = $4",
    )
    .map_err(engine)?;
    let found = statement.query_row(params![key.kind.as_str(), key.project, key.env, key.key], |row| {
        Ok(Stored {
            version: row.get::<_, i64>(0)? as u64,
            created_seq: row.get::<_, i64>(1)? as u64,
            deleted: row.get::<_, i64>(2)? != 0,
            facts: row.get(3)?,
        })
    });
    found.optional().map_err(engine)
}

/// The live documents of a scope.
pub(super) fn under(db: &Connection, scope: &Scope) -> Result<Vec<(DocKey, Stored)>> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let query = crate::read::under(*kind, scope);
        found.extend(rows(db, &query, crate::read::stored_row)?);
    }
    Ok(found)
}

pub(super) fn holder(db: &Connection, (kind, field, value): &Unique) -> Result<Option<DocKey>> {
    let mut statement = prepare(db, "SELECT project, env, key FROM uniq WHERE kind = $1 AND field = $2 AND value = $3")
        .map_err(engine)?;
    let found = statement.query_row(params![kind.as_str(), field, value], |row| {
        Ok(DocKey { kind: *kind, project: row.get(0)?, env: row.get(1)?, key: row.get(2)? })
    });
    found.optional().map_err(engine)
}

/// Who has a fact.
pub(super) fn holders(db: &Connection, wanted: &Holders) -> Result<Held> {
    let env = wanted.env.as_deref().unwrap_or("");
    let values = params![wanted.kind.as_str(), wanted.project, wanted.field, wanted.value, env];
    let mut statement = prepare(db, Holders::FIND).map_err(engine)?;
    let found = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?))).map_err(engine)?;
    found.collect::<rusqlite::Result<_>>().map_err(engine)
}

/// Writes what the batch comes to.
pub(super) fn write(db: &Connection, batch: &Batch<'_>, facets: &mut Facets) -> Result<()> {
    batch.docs().try_for_each(|doc| write_doc(db, &doc))?;
    batch.versions.iter().try_for_each(|version| write_version(db, version))?;
    batch.rows.iter().try_for_each(|row| write_row(db, row))?;
    for change in batch.facts()? {
        write_facts(db, &change, facets)?;
    }
    let changed: Vec<_> = batch.uniques().collect();
    for (unique, before, _) in &changed {
        if before.is_some() {
            release(db, unique)?;
        }
    }
    for (unique, _, after) in &changed {
        if let Some(holder) = after {
            claim(db, unique, holder)?;
        }
    }
    Ok(())
}

fn write_doc(db: &Connection, doc: &DocWrite<'_, '_>) -> Result<()> {
    let DocWrite { key, create, state } = doc;
    let text = if *create {
        "INSERT INTO docs (version, seq, created_seq, updated_at, deleted, facts, body, kind, project, env, key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    } else {
        "UPDATE docs SET version = $1, seq = $2, created_seq = $3, updated_at = $4, deleted = $5, facts = $6, body = $7
         WHERE kind = $8 AND project = $9 AND env = $10 AND key = $11"
    };
    let stored = &state.stored;
    let values = params![
        stored.version as i64,
        state.seq as i64,
        stored.created_seq as i64,
        state.at,
        i64::from(stored.deleted),
        stored.facts,
        state.body,
        key.kind.as_str(),
        key.project,
        key.env,
        key.key
    ];
    prepare(db, text).and_then(|mut statement| statement.execute(values)).map(drop).map_err(engine)
}

fn write_version(db: &Connection, version: &NewVersion<'_>) -> Result<()> {
    let NewVersion { key, body, .. } = version;
    let text = "INSERT INTO versions (seq, n, kind, project, env, key, version, created_seq, body)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = params![
        version.seq as i64,
        version.n as i64,
        key.kind.as_str(),
        key.project,
        key.env,
        key.key,
        version.version as i64,
        version.created_seq as i64,
        body
    ];
    prepare(db, text).and_then(|mut statement| statement.execute(values)).map(drop).map_err(engine)
}

fn write_row(db: &Connection, row: &NewRow<'_>) -> Result<()> {
    let change = row.change;
    let text = "INSERT INTO changes (seq, id, at, kind, project, name, member_id, token_id, resources, body,
                                     digest, prev_hash, hash)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let values = params![
        row.seq as i64,
        change.id,
        change.at,
        change.kind,
        change.project,
        change.name,
        change.member_id,
        change.token_id,
        row.resources,
        change.body,
        row.digest,
        row.prev_hash,
        row.hash
    ];
    prepare(db, text).and_then(|mut statement| statement.execute(values)).map(drop).map_err(engine)
}

fn write_facts(db: &Connection, change: &FactChange<'_>, facets: &mut Facets) -> Result<()> {
    for row in &change.gone {
        let facet = facet(db, change.key, row, facets)?;
        prepare(db, "DELETE FROM ix WHERE facet = $1 AND text = $2 AND num = $3 AND key = $4")
            .and_then(|mut s| s.execute(params![facet.id, row.text, row.num, change.key.key]))
            .map_err(engine)?;
    }
    for row in &change.new {
        let facet = facet(db, change.key, row, facets)?;
        prepare(db, "INSERT INTO ix (facet, text, num, key, n, low) VALUES ($1, $2, $3, $4, $5, $6)")
            .and_then(|mut s| s.execute(params![facet.id, row.text, row.num, change.key.key, row.n, row.low()]))
            .map_err(engine)?;
    }
    for (field, by) in change.counts() {
        let facet = facet_of(db, change.key, field, facets)?;
        prepare(db, "UPDATE facets SET docs = docs + $1 WHERE id = $2")
            .and_then(|mut s| s.execute(params![by, facet.id]))
            .map_err(engine)?;
    }
    Ok(())
}

fn facet(db: &Connection, key: &DocKey, row: &FactRow, facets: &mut Facets) -> Result<Facet> {
    let facet = facet_of(db, key, &row.field, facets)?;
    if row.n == 0 || facet.multi {
        return Ok(facet);
    }
    prepare(db, "UPDATE facets SET multi = 1 WHERE id = $1").and_then(|mut s| s.execute([facet.id])).map_err(engine)?;
    let facet = Facet { multi: true, ..facet };
    facets.insert((key.kind, key.project.clone(), key.env.clone(), row.field.clone()), facet);
    Ok(facet)
}

fn facet_of(db: &Connection, key: &DocKey, field: &str, facets: &mut Facets) -> Result<Facet> {
    let facet_key = (key.kind, key.project.clone(), key.env.clone(), field.into());
    if let Some(facet) = facets.get(&facet_key) {
        return Ok(*facet);
    }
    let scope = params![key.kind.as_str(), key.project, key.env, field];
    let found =
        prepare(db, "SELECT id, multi FROM facets WHERE kind = $1 AND project = $2 AND env = $3 AND field = $4")
            .and_then(|mut s| {
                s.query_row(scope, |row| Ok(Facet { id: row.get(0)?, multi: row.get::<_, i64>(1)? != 0 })).optional()
            });
    let facet = match found.map_err(engine)? {
        Some(facet) => facet,
        None => {
            prepare(db, "INSERT INTO facets (kind, project, env, field, docs, multi) VALUES ($1, $2, $3, $4, 0, 0)")
                .and_then(|mut s| s.execute(scope))
                .map_err(engine)?;
            Facet { id: db.last_insert_rowid(), multi: false }
        }
    };
    facets.insert(facet_key, facet);
    Ok(facet)
}

fn release(db: &Connection, (kind, field, value): &Unique) -> Result<()> {
    prepare(db, "DELETE FROM uniq WHERE kind = $1 AND field = $2 AND value = $3")
        .and_then(|mut s| s.execute(params![kind.as_str(), field, value]))
        .map(drop)
        .map_err(engine)
}

fn claim(db: &Connection, (kind, field, value): &Unique, holder: &DocKey) -> Result<()> {
    prepare(db, "INSERT INTO uniq (kind, field, value, project, env, key) VALUES ($1, $2, $3, $4, $5, $6)")
        .and_then(|mut s| s.execute(params![kind.as_str(), field, value, holder.project, holder.env, holder.key]))
        .map(drop)
        .map_err(engine)
}

/// Whether a change with this id is in the log.
pub(super) fn logged(db: &Connection, id: &str) -> Result<bool> {
    prepare(db, "SELECT 1 FROM changes WHERE id = $1").and_then(|mut s| s.exists([id])).map_err(engine)
}

/// Runs one of the statements without parameters that frame a transaction.
pub(crate) fn frame(db: &Connection, text: &str) -> Result<()> {
    prepare(db, text).and_then(|mut s| s.execute([])).map(drop).map_err(engine)
}
