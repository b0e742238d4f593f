//! What a planned batch writes: whole columns as arrays, all statements and the commit in one round trip.

use super::CHANNEL;
use super::members;
use super::session::{Params, Reply, Session, params};
use crate::facts::FactRow;
use crate::plan::{Batch, DocWrite, FactChange, Unique};
use crate::{DocKey, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use wigwag_model::doc::Kind;

/// What every batch writes, as one statement: documents, versions, log, and the news of it.
const SAVE: &str = "WITH d AS (
         INSERT INTO docs (kind, project, env, key, version, seq, created_seq, updated_at, deleted, facts, body)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
                              $8::bigint[], $9::bigint[], $10::text[], $11::text[])
         ON CONFLICT (kind, project, env, key) DO UPDATE SET version = excluded.version, seq = excluded.seq,
             created_seq = excluded.created_seq, updated_at = excluded.updated_at, deleted = excluded.deleted,
             facts = excluded.facts, body = excluded.body),
     v AS (
         INSERT INTO versions (seq, n, kind, project, env, key, version, created_seq, body)
         SELECT * FROM unnest($12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::text[], $17::text[],
                              $18::bigint[], $19::bigint[], $20::text[])),
     c AS (
         INSERT INTO changes (seq, id, at, kind, project, name, member_id, token_id, resources, body,
                              digest, prev_hash, hash)
         SELECT * FROM unnest($21::bigint[], $22::text[], $23::bigint[], $24::text[], $25::text[], $26::text[],
                              $27::text[], $28::text[], $29::text[], $30::text[], $31::text[], $32::text[], $33::text[]))
     SELECT pg_notify($34, $35)";

// As when loading, joins are written so that each row is looked up in the index.
const NEW_FACETS: &str = "WITH q AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                                                   q(kind, project, env, field)),
     made AS (INSERT INTO facets (kind, project, env, field, docs, multi) SELECT kind, project, env, field, 0, 0 FROM q
              ON CONFLICT DO NOTHING RETURNING kind, project, env, field, id)
     SELECT kind, project, env, field, id FROM made
     UNION ALL SELECT q.kind, q.project, q.env, q.field, f.id FROM q
       CROSS JOIN LATERAL (SELECT id FROM facets f WHERE f.kind = q.kind AND f.project = q.project AND f.env = q.env
                            AND f.field = q.field OFFSET 0) f";

const FACTS_GONE: &str = "DELETE FROM ix WHERE ctid = ANY(ARRAY(
     SELECT i.ctid FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) g(facet, text, num, key)
     CROSS JOIN LATERAL (SELECT ctid FROM ix WHERE ix.facet = g.facet AND ix.text = g.text AND ix.num = g.num
                          AND ix.key = g.key OFFSET 0) i))";

const FACTS_NEW: &str = "INSERT INTO ix (facet, text, num, key, n, low)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[])";

const FACETS: &str = "UPDATE facets SET docs = docs + ($2::bigint[])[array_position($1::bigint[], id)],
         multi = GREATEST(multi, ($3::bigint[])[array_position($1::bigint[], id)])
     WHERE id = ANY($1::bigint[])";

const RELEASE: &str = "DELETE FROM uniq WHERE ctid = ANY(ARRAY(
     SELECT u.ctid FROM unnest($1::text[], $2::text[], $3::text[]) g(kind, field, value)
     CROSS JOIN LATERAL (SELECT ctid FROM uniq WHERE uniq.kind = g.kind AND uniq.field = g.field
                          AND uniq.value = g.value OFFSET 0) u))";

const CLAIM: &str = "INSERT INTO uniq (kind, field, value, project, env, key)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])";

pub(super) const ALL: &[&str] = &[SAVE, NEW_FACETS, FACTS_GONE, FACTS_NEW, FACETS, RELEASE, CLAIM];

/// Kind, project, environment, field.
type FacetKey = (Kind, Box<str>, Box<str>, Box<str>);
/// Numbers of the facets met so far; none ever goes away.
pub(super) type Facets = HashMap<FacetKey, i64>;

/// Gives a number to each facet that the batch is the first to need.
pub(super) async fn number_facets(session: &Session, changes: &[FactChange<'_>], facets: &mut Facets) -> Result<()> {
    let missing = unnumbered(changes, facets);
    if missing.is_empty() {
        return Ok(());
    }
    let kinds: Vec<&str> = missing.iter().map(|key| key.0.as_str()).collect();
    let projects: Vec<&str> = missing.iter().map(|key| &*key.1).collect();
    let envs: Vec<&str> = missing.iter().map(|key| &*key.2).collect();
    let fields: Vec<&str> = missing.iter().map(|key| &*key.3).collect();
    for row in session.run(NEW_FACETS, params![kinds, projects, envs, fields]).await? {
        let row = crate::sql::Row::Postgres(&row);
        facets.insert((row.kind(0)?, row.text(1)?.into(), row.text(2)?.into(), row.text(3)?.into()), row.int(4)?);
    }
    Ok(())
}

/// Facets that the batch needs and that were not met before.
pub(super) fn unnumbered(changes: &[FactChange<'_>], facets: &Facets) -> BTreeSet<FacetKey> {
    let all = changes
        .iter()
        .flat_map(|change| change.gone.iter().chain(&change.new).map(|row| facet_key(change.key, &row.field)));
    all.filter(|key| !facets.contains_key(key)).collect()
}

fn facet_key(key: &DocKey, field: &str) -> FacetKey {
    (key.kind, key.project.clone(), key.env.clone(), field.into())
}

/// Writes the batch behind what is `begun`, and commits.
pub(super) async fn commit<'a>(
    session: &'a Session,
    begun: Vec<Reply<'a>>,
    batch: &'a Batch<'_>,
    changes: &'a [FactChange<'_>],
    facets: &Facets,
) -> Result<()> {
    let mut requests = begun;
    requests.push(save(session, batch));
    facts(session, changes, facets, &mut requests)?;
    uniques(session, batch, &mut requests);
    requests.extend(batch.members.iter().map(|effect| members::apply(session, effect)));
    // Behind a statement that failed, COMMIT only ends the transaction that is rolled back already.
    requests.push(session.frame("COMMIT"));
    session.pipeline(requests).await.map(drop)
}

/// One column of an array of rows.
macro_rules! column {
    ($rows:expr, |$row:ident| $value:expr) => {
        $rows.iter().map(|$row| $value).collect::<Vec<_>>()
    };
}

fn save<'a>(session: &'a Session, batch: &'a Batch<'_>) -> Reply<'a> {
    let docs: Vec<DocWrite<'_, '_>> = batch.docs().collect();
    let mut params: Params<'a> = params![
        column!(docs, |d| d.key.kind.as_str()),
        column!(docs, |d| &*d.key.project),
        column!(docs, |d| &*d.key.env),
        column!(docs, |d| &*d.key.key),
        column!(docs, |d| d.state.stored.version as i64),
        column!(docs, |d| d.state.seq as i64),
        column!(docs, |d| d.state.stored.created_seq as i64),
        column!(docs, |d| d.state.at),
        column!(docs, |d| i64::from(d.state.stored.deleted)),
        column!(docs, |d| &*d.state.stored.facts),
        column!(docs, |d| d.state.body),
    ];
    let versions = &batch.versions;
    params.extend(params![
        column!(versions, |v| v.seq as i64),
        column!(versions, |v| v.n as i64),
        column!(versions, |v| v.key.kind.as_str()),
        column!(versions, |v| &*v.key.project),
        column!(versions, |v| &*v.key.env),
        column!(versions, |v| &*v.key.key),
        column!(versions, |v| v.version as i64),
        column!(versions, |v| v.created_seq as i64),
        column!(versions, |v| v.body),
    ]);
    let rows = &batch.rows;
    params.extend(params![
        column!(rows, |r| r.seq as i64),
        column!(rows, |r| &*r.change.id),
        column!(rows, |r| r.change.at),
        column!(rows, |r| &*r.change.kind),
        column!(rows, |r| &*r.change.project),
        column!(rows, |r| &*r.change.name),
        column!(rows, |r| r.change.member_id.as_deref()),
        column!(rows, |r| r.change.token_id.as_deref()),
        column!(rows, |r| &*r.resources),
        column!(rows, |r| &*r.change.body),
        column!(rows, |r| &*r.digest),
        column!(rows, |r| &*r.prev_hash),
        column!(rows, |r| &*r.hash),
    ]);
    params.extend(params![CHANNEL, batch.last_seq().to_string()]);
    session.run(SAVE, params)
}

fn facts<'a>(
    session: &'a Session,
    changes: &'a [FactChange<'_>],
    facets: &Facets,
    requests: &mut Vec<Reply<'a>>,
) -> Result<()> {
    let gone = numbered(changes, |change| &change.gone, facets)?;
    if !gone.is_empty() {
        requests.push(session.run(
            FACTS_GONE,
            params![
                column!(gone, |r| r.0),
                column!(gone, |r| &*r.1.text),
                column!(gone, |r| r.1.num),
                column!(gone, |r| &*r.2.key),
            ],
        ));
    }
    let new = numbered(changes, |change| &change.new, facets)?;
    if !new.is_empty() {
        requests.push(session.run(
            FACTS_NEW,
            params![
                column!(new, |r| r.0),
                column!(new, |r| &*r.1.text),
                column!(new, |r| r.1.num),
                column!(new, |r| &*r.2.key),
                column!(new, |r| r.1.n),
                column!(new, |r| r.1.low()),
            ],
        ));
    }
    let mut counts: BTreeMap<i64, (i64, bool)> = BTreeMap::new();
    for change in changes {
        for (field, by) in change.counts() {
            counts.entry(number(facets, change.key, field)?).or_default().0 += by;
        }
    }
    for (facet, row, _) in new.iter().filter(|(_, row, _)| row.n > 0) {
        let _ = row;
        counts.entry(*facet).or_default().1 = true;
    }
    if !counts.is_empty() {
        requests.push(session.run(
            FACETS,
            params![
                counts.keys().copied().collect::<Vec<_>>(),
                counts.values().map(|(by, _)| *by).collect::<Vec<_>>(),
                counts.values().map(|(_, multi)| i64::from(*multi)).collect::<Vec<_>>(),
            ],
        ));
    }
    Ok(())
}

fn numbered<'a>(
    changes: &'a [FactChange<'_>],
    side: fn(&'a FactChange<'_>) -> &'a Vec<FactRow>,
    facets: &Facets,
) -> Result<Vec<(i64, &'a FactRow, &'a DocKey)>> {
    let rows = changes.iter().flat_map(|change| side(change).iter().map(|row| (row, change.key)));
    rows.map(|(row, key)| Ok((number(facets, key, &row.field)?, row, key))).collect()
}

fn number(facets: &Facets, key: &DocKey, field: &str) -> Result<i64> {
    let found = facets.get(&facet_key(key, field)).copied();
    found.ok_or_else(|| crate::StoreError::Corrupt(format!("no facet for {field} of {key}")))
}

fn uniques<'a>(session: &'a Session, batch: &'a Batch<'_>, requests: &mut Vec<Reply<'a>>) {
    let changed: Vec<_> = batch.uniques().collect();
    let gone: Vec<&Unique> =
        changed.iter().filter(|(_, before, _)| before.is_some()).map(|(unique, _, _)| *unique).collect();
    if !gone.is_empty() {
        requests.push(session.run(
            RELEASE,
            params![column!(gone, |u| u.0.as_str()), column!(gone, |u| &*u.1), column!(gone, |u| &*u.2),],
        ));
    }
    let held: Vec<(&Unique, &DocKey)> =
        changed.iter().filter_map(|(unique, _, after)| after.map(|key| (*unique, key))).collect();
    if !held.is_empty() {
        requests.push(session.run(
            CLAIM,
            params![
                column!(held, |h| h.0.0.as_str()),
                column!(held, |h| &*h.0.1),
                column!(held, |h| &*h.0.2),
                column!(held, |h| &*h.1.project),
                column!(held, |h| &*h.1.env),
                column!(held, |h| &*h.1.key),
            ],
        ));
    }
}
