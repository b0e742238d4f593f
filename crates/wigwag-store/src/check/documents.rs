//! Compares the tables that say the same thing: documents, versions, index and unique values.

use super::Archive;
use crate::facts::FactRow;
use crate::sql::{Query, Row};
use crate::{DocKey, IndexFacts, Result, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use wigwag_model::doc::Kind;

/// Two tables that do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The document it is about, as far as it is about one.
    pub key: Option<DocKey>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{key}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

const STALE: &str = "SELECT d.kind, d.project, d.env, d.key FROM docs d
     LEFT JOIN versions v ON v.kind = d.kind AND v.project = d.project AND v.env = d.env AND v.key = d.key
      AND v.seq = (SELECT MAX(w.seq) FROM versions w WHERE w.kind = d.kind AND w.project = d.project
                    AND w.env = d.env AND w.key = d.key)
     LEFT JOIN changes c ON c.seq = v.seq
     WHERE v.seq IS NULL OR c.seq IS NULL OR d.version <> v.version OR d.seq <> v.seq
        OR d.created_seq <> v.created_seq OR d.updated_at <> c.at
        OR d.deleted <> CASE WHEN v.body IS NULL THEN 1 ELSE 0 END
        OR (d.body IS NULL) <> (v.body IS NULL) OR COALESCE(d.body, '') <> COALESCE(v.body, '')
     ORDER BY d.kind, d.project, d.env, d.key LIMIT 10";

const LOST: &str = "SELECT v.kind, v.project, v.env, v.key FROM versions v
     LEFT JOIN docs d ON d.kind = v.kind AND d.project = v.project AND d.env = v.env AND d.key = v.key
     WHERE d.key IS NULL ORDER BY v.kind, v.project, v.env, v.key LIMIT 10";

/// What the documents say of themselves.
const DOCS: &str = "SELECT kind, project, env, key, created_seq, facts FROM docs
     WHERE kind = $1 AND deleted = 0 ORDER BY project, env, key";

const INDEX: &str = "SELECT f.kind, f.project, f.env, i.key, f.field, i.text, i.num, i.n, i.low
     FROM facets f JOIN ix i ON i.facet = f.id WHERE f.kind = $1";

const COUNTS: &str = "SELECT f.kind, f.project, f.env, f.field FROM facets f
     WHERE f.kind = $1 AND (f.docs <> (SELECT count(*) FROM ix i WHERE i.facet = f.id AND i.n = 0)
        OR f.multi = 0 AND EXISTS (SELECT 1 FROM ix i WHERE i.facet = f.id AND i.n > 0)) LIMIT 10";

const STRAY: &str = "SELECT i.key FROM ix i LEFT JOIN facets f ON f.id = i.facet WHERE f.id IS NULL LIMIT 10";

const UNIQUES: &str = "SELECT kind, project, env, key, field, value FROM uniq WHERE kind = $1";

impl Archive {
    /// Compares every document with its last version. It may be run while a server writes.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify_latest(&self) -> Result<Vec<Problem>> {
        let mut problems = Vec::new();
        // One statement each, so that each sees one moment.
        for (text, what) in [(STALE, "is not as its last version"), (LOST, "has versions and no row of its own")] {
            for key in self.rows(text, Vec::new(), |row| row.key(0)).await? {
                problems.push(Problem { key: Some(key), what: what.into() });
            }
        }
        Ok(problems)
    }
}

impl Store {
    /// Compares every document with its last version, its index rows and its unique values. To be run
    /// while nothing writes: a commit in the midst of it would look like a problem.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify_documents(&self) -> Result<Vec<Problem>> {
        let mut problems = Archive::of(self).verify_latest().await?;
        for key in self.rows(Query::long(STRAY, Vec::new()), |row| Ok(row.text(0)?.to_owned())).await? {
            problems.push(Problem { key: None, what: format!("an index row of {key} belongs to no field") });
        }
        for kind in Kind::ALL {
            self.verify_index(*kind, &mut problems).await?;
        }
        Ok(problems)
    }

    async fn verify_index(&self, kind: Kind, problems: &mut Vec<Problem>) -> Result<()> {
        let by_kind = |text| Query::long(text, vec![kind.into()]);
        let mut facts: BTreeMap<DocKey, BTreeSet<FactRow>> = BTreeMap::new();
        let mut uniques = BTreeSet::new();
        for (key, created_seq, said) in self.rows(by_kind(DOCS), own_facts).await? {
            let Some(said) = said else {
                problems.push(Problem { key: Some(key), what: "its facts cannot be read".into() });
                continue;
            };
            facts.insert(key.clone(), said.rows(&key.key, created_seq));
            uniques.extend(said.uniques().map(|(field, value)| (key.clone(), field.to_owned(), value.to_owned())));
        }
        let mut indexed: BTreeMap<DocKey, BTreeSet<FactRow>> = BTreeMap::new();
        for (key, row, low_fits) in self.rows(by_kind(INDEX), index_row).await? {
            if !low_fits {
                problems.push(Problem { key: Some(key.clone()), what: format!("{} is indexed wrongly", row.field) });
            }
            indexed.entry(key).or_default().insert(row);
        }
        let keys: BTreeSet<&DocKey> = facts.keys().chain(indexed.keys()).collect();
        for key in keys.into_iter().filter(|key| facts.get(key) != indexed.get(key)) {
            problems.push(Problem { key: Some(key.clone()), what: "the index is not what its facts say".into() });
        }
        for field in self.rows(by_kind(COUNTS), |row| Ok(row.text(3)?.to_owned())).await? {
            problems.push(Problem { key: None, what: format!("the count of {}.{field} is wrong", kind.as_str()) });
        }
        let held = self.rows(by_kind(UNIQUES), |row| Ok((row.key(0)?, row.text(4)?.into(), row.text(5)?.into())));
        let held: BTreeSet<(DocKey, String, String)> = held.await?.into_iter().collect();
        for (key, field, _) in held.symmetric_difference(&uniques) {
            problems
                .push(Problem { key: Some(key.clone()), what: format!("its unique {field} is not held as it says") });
        }
        Ok(())
    }
}

fn own_facts(row: &Row<'_>) -> Result<(DocKey, u64, Option<IndexFacts>)> {
    Ok((row.key(0)?, row.count(4)?, IndexFacts::decode(row.text(5)?).ok()))
}

fn index_row(row: &Row<'_>) -> Result<(DocKey, FactRow, bool)> {
    let fact = FactRow { field: row.text(4)?.into(), text: row.text(5)?.into(), num: row.int(6)?, n: row.int(7)? };
    let low_fits = fact.low().as_deref() == row.opt_text(8)?;
    Ok((row.key(0)?, fact, low_fits))
}
