//! What a planned batch writes: whole columns as arrays, all statements and the commit in one round trip.

use super::members;
use super::session::{Params, Reply, Session, params};
use super::{CHANNEL, LOCK};
use crate::facts::FactRow;
use crate::plan::{Batch, DocWrite, FactChange, Head, Unique};
use crate::{DocKey, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use wigwag_model::doc::Kind;

/// What every batch writes, as one statement: documents, versions, log, index, and the news of it. It fails unless the
/// log ends where the batch was planned to begin: the change there has to be in it, and the next must not be, which is
/// what the log's primary key sees to. Everything that it writes waits for the lock first, whoever holds it already.
// As when loading, joins are written so that each row is looked up in the index.
const SAVE: &str = "WITH e AS MATERIALIZED (
         SELECT pg_advisory_xact_lock($1),
                CASE WHEN $2::bigint = 0 OR EXISTS (SELECT FROM changes WHERE seq = $2 AND hash = $3) THEN TRUE
                     ELSE CAST('not in the log, which ends with ' || (SELECT MAX(seq) FROM changes) AS boolean) END AS fits),
     d AS (
         INSERT INTO docs (kind, project, env, key, version, seq, created_seq, updated_at, deleted, facts, body)
         SELECT q.* FROM e CROSS JOIN unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
                              $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[]) q
         WHERE e.fits
         ON CONFLICT (kind, project, env, key) DO UPDATE SET version = excluded.version, seq = excluded.seq,
             created_seq = excluded.created_seq, updated_at = excluded.updated_at, deleted = excluded.deleted,
             facts = excluded.facts, body = excluded.body),
     v AS (
         INSERT INTO versions (seq, n, kind, project, env, key, version, created_seq, body)
         SELECT q.* FROM e CROSS JOIN unnest($15::bigint[], $16::bigint[], $17::text[], $18::text[], $19::text[],
                              $20::text[], $21::bigint[], $22::bigint[], $23::text[]) q
         WHERE e.fits),
     c AS (
         INSERT INTO changes (seq, id, at, kind, project, name, member_id, token_id, resources, body,
                              digest, prev_hash, hash)
         SELECT q.* FROM e CROSS JOIN unnest($24::bigint[], $25::text[], $26::bigint[], $27::text[], $28::text[],
                              $29::text[], $30::text[], $31::text[], $32::text[], $33::text[], $34::text[], $35::text[],
                              $36::text[]) q
         WHERE e.fits),
     gone AS (
         DELETE FROM ix WHERE ctid = ANY(ARRAY(
             SELECT i.ctid FROM e
             CROSS JOIN unnest($37::bigint[], $38::text[], $39::bigint[], $40::text[]) g(facet, text, num, key)
             CROSS JOIN LATERAL (SELECT ctid FROM ix WHERE ix.facet = g.facet AND ix.text = g.text AND ix.num = g.num
                                  AND ix.key = g.key OFFSET 0) i
             WHERE e.fits))),
     new AS (
         INSERT INTO ix (facet, text, num, key, n, low)
         SELECT q.* FROM e CROSS JOIN unnest($41::bigint[], $42::text[], $43::bigint[], $44::text[], $45::bigint[],
                              $46::text[]) q
         WHERE e.fits
         ON CONFLICT (facet, text, num, key) DO UPDATE SET n = excluded.n),
     counted AS (
         UPDATE facets SET docs = docs + ($48::bigint[])[array_position($47::bigint[], id)],
             multi = GREATEST(multi, ($49::bigint[])[array_position($47::bigint[], id)])
         WHERE id = ANY(ARRAY(SELECT unnest($47::bigint[]) FROM e WHERE e.fits)))
     SELECT pg_notify($50, $51) FROM e";

const NEW_FACETS: &str = "WITH q AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                                                   q(kind, project, env, field)),
     made AS (INSERT INTO facets (kind, project, env, field, docs, multi) SELECT kind, project, env, field, 0, 0 FROM q
              ON CONFLICT DO NOTHING RETURNING kind, project, env, field, id)
     SELECT kind, project, env, field, id FROM made
     UNION ALL SELECT q.kind, q.project, q.env, q.field, f.id FROM q
       CROSS JOIN LATERAL (SELECT id FROM facets f WHERE f.kind = q.kind AND f.project = q.project AND f.env = q.env
                            AND f.field = q.field OFFSET 0) f";

const RELEASE: &str = "DELETE FROM uniq WHERE ctid = ANY(ARRAY(
     SELECT u.ctid FROM unnest($1::text[], $2::text[], $3::text[]) g(kind, field, value)
     CROSS JOIN LATERAL (SELECT ctid FROM uniq WHERE uniq.kind = g.kind AND uniq.field = g.field
                          AND uniq.value = g.value OFFSET 0) u))";

const CLAIM: &str = "INSERT INTO uniq (kind, field, value, project, env, key)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])";

pub(super) const ALL: &[&str] = &[SAVE, NEW_FACETS, RELEASE, CLAIM];

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

/// Writes the batch, planned on a log that ends at `after`, and commits; `begun` if that is to end a transaction.
pub(super) async fn commit<'a>(
    session: &'a Session,
    begun: bool,
    after: &Head,
    batch: &'a Batch<'_>,
    changes: &'a [FactChange<'_>],
    facets: &Facets,
) -> Result<()> {
    let mut requests = vec![save(session, after, batch, changes, facets)?];
    uniques(session, batch, &mut requests);
    requests.extend(batch.members.iter().map(|effect| members::apply(session, effect)));
    // A single statement is a transaction by itself.
    if !begun && requests.len() > 1 {
        requests.insert(0, session.frame("BEGIN"));
    }
    if requests.len() > 1 || begun {
        // Behind a statement that failed, it only ends the transaction that is rolled back already.
        requests.push(session.frame("COMMIT"));
    }
    session.pipeline(requests).await.map(drop)
}

/// One column of an array of rows.
macro_rules! column {
    ($rows:expr, |$row:ident| $value:expr) => {
        $rows.iter().map(|$row| $value).collect::<Vec<_>>()
    };
}

fn save<'a>(
    session: &'a Session,
    after: &Head,
    batch: &'a Batch<'_>,
    changes: &'a [FactChange<'_>],
    facets: &Facets,
) -> Result<Reply<'a>> {
    let docs: Vec<DocWrite<'_, '_>> = batch.docs().collect();
    let mut params: Params<'a> = params![LOCK, after.seq as i64, after.hash.clone()];
    params.extend(params![
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
    ]);
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
    params.extend(index(changes, facets)?);
    params.extend(params![CHANNEL, batch.last_seq().to_string()]);
    Ok(session.run(SAVE, params))
}

/// Rows of the index that go and that come, and how the counts of their facets change.
fn index<'a>(changes: &'a [FactChange<'_>], facets: &Facets) -> Result<Params<'a>> {
    let mut gone = numbered(changes, |change| &change.gone, facets)?;
    let new = numbered(changes, |change| &change.new, facets)?;
    // A row that only counts as another one of its field now stays: a statement may not touch it twice.
    fn place<'r>((facet, row, key): &(i64, &'r FactRow, &'r DocKey)) -> (i64, &'r str, i64, &'r str) {
        (*facet, &row.text, row.num, &key.key)
    }
    let stay: HashSet<_> = new.iter().map(place).collect();
    gone.retain(|row| !stay.contains(&place(row)));
    let mut counts: BTreeMap<i64, (i64, bool)> = BTreeMap::new();
    for change in changes {
        for (field, by) in change.counts() {
            counts.entry(number(facets, change.key, field)?).or_default().0 += by;
        }
    }
    for (facet, ..) in new.iter().filter(|(_, row, _)| row.n > 0) {
        counts.entry(*facet).or_default().1 = true;
    }
    Ok(params![
        column!(gone, |r| r.0),
        column!(gone, |r| &*r.1.text),
        column!(gone, |r| r.1.num),
        column!(gone, |r| &*r.2.key),
        column!(new, |r| r.0),
        column!(new, |r| &*r.1.text),
        column!(new, |r| r.1.num),
        column!(new, |r| &*r.2.key),
        column!(new, |r| r.1.n),
        column!(new, |r| r.1.low()),
        counts.keys().copied().collect::<Vec<_>>(),
        counts.values().map(|(by, _)| *by).collect::<Vec<_>>(),
        counts.values().map(|(_, multi)| i64::from(*multi)).collect::<Vec<_>>(),
    ])
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
