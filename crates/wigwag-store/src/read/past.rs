//! Documents as they were.

use super::docs::body;
use super::named;
use crate::doc::Decoded;
use crate::sql::{Query, Row};
use crate::{At, Doc, DocKey, Result, Store, VersionRow};
use std::collections::HashMap;
use std::sync::Arc;
use wigwag_model::doc::Kind;

const HISTORY: &str = "SELECT v.seq, c.at, v.version, v.body FROM versions v JOIN changes c ON c.seq = v.seq
     WHERE v.kind = $1 AND v.project = $2 AND v.env = $3 AND v.key = $4 AND v.seq < $5
     ORDER BY v.seq DESC LIMIT $6";

/// A version in the columns of a document, from `versions v` and `changes c`.
macro_rules! version_columns {
    () => {
        "v.kind, v.project, v.env, v.key, v.version, v.seq, v.created_seq, c.at, v.body"
    };
}

const GET_AT: &str = concat!(
    "SELECT ",
    version_columns!(),
    " FROM versions v JOIN changes c ON c.seq = v.seq
     WHERE v.kind = $1 AND v.project = $2 AND v.env = $3 AND v.key = $4 AND v.seq <= $5
     ORDER BY v.seq DESC LIMIT 1"
);

/// By their place in the log, so that it costs by what was written between and not by what there is.
const WRITTEN_IN: &str =
    "SELECT kind, project, env, key, created_seq, CAST(CASE WHEN body IS NULL THEN 1 ELSE 0 END AS BIGINT)
     FROM versions
     WHERE seq > $1 AND seq <= $2 AND project = $3 AND env IN ('', $4) ORDER BY seq, n";

const SEQ_AT: &str = "SELECT seq FROM changes WHERE at <= $1 ORDER BY at DESC, seq DESC LIMIT 1";

impl Store {
    /// The states a document has had, newest first, those before `before_seq` if given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn history(&self, key: &DocKey, before_seq: Option<u64>, limit: u32) -> Result<Vec<VersionRow>> {
        let mut params = named(key);
        params.extend([before_seq.map_or(i64::MAX, |seq| seq as i64).into(), i64::from(limit).into()]);
        let row = |row: &Row<'_>| {
            Ok(VersionRow { seq: row.count(0)?, at: row.int(1)?, version: row.count(2)?, body: body(row, 3)? })
        };
        self.rows(Query::long(HISTORY, params), row).await
    }

    /// A document as it was; `None` where it did not exist then.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn get_at(&self, key: &DocKey, at: At) -> Result<Option<Doc>> {
        let mut params = named(key);
        params.push(self.seq_at(at).await?.into());
        Ok(self.one(Query::point(GET_AT, params), past_doc).await?.flatten())
    }

    /// Every document of a kind as it was, in a project and environment or (`None`) in all, by key.
    /// The cost grows with the documents there are and were, not with their versions.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn scan_at(&self, kind: Kind, project: Option<&str>, env: Option<&str>, at: At) -> Result<Vec<Doc>> {
        let seq = self.seq_at(at).await?;
        let mut query = Query::build();
        query.push(concat!(
            "SELECT ",
            version_columns!(),
            " FROM docs d
             JOIN versions v ON v.kind = d.kind AND v.project = d.project AND v.env = d.env AND v.key = d.key
              AND v.seq = (SELECT w.seq FROM versions w WHERE w.kind = d.kind AND w.project = d.project
                            AND w.env = d.env AND w.key = d.key AND w.seq <= "
        ));
        query
            .bind(seq)
            .push(" ORDER BY w.seq DESC LIMIT 1) JOIN changes c ON c.seq = v.seq WHERE d.kind = ")
            .bind(kind);
        if let Some(project) = project {
            query.push(" AND d.project = ").bind(project);
        }
        if let Some(env) = env {
            query.push(" AND d.env = ").bind(env);
        }
        query.push(" AND v.body IS NOT NULL ORDER BY d.kind, d.project, d.env, d.key");
        Ok(self.rows(query, past_doc).await?.into_iter().flatten().collect())
    }

    /// The documents of these kinds, of a project itself and of one of its environments, that the changes after
    /// `from`, up to `to`, wrote; in no order, each once. Those that were made and deleted between are not among them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn differing(&self, from: u64, to: u64, project: &str, env: &str, kinds: &[Kind]) -> Result<Vec<DocKey>> {
        let params = vec![from.into(), to.into(), project.into(), env.into()];
        let rows = self.rows(Query::long(WRITTEN_IN, params), |row| Ok((row.key(0)?, row.count(4)?, row.int(5)? != 0)));
        let mut found: HashMap<DocKey, (bool, bool)> = HashMap::new();
        for (key, created, gone) in rows.await? {
            if kinds.contains(&key.kind) {
                found.entry(key).or_insert((created <= from, true)).1 = !gone;
            }
        }
        Ok(found.into_iter().filter(|(_, (then, now))| *then || *now).map(|(key, _)| key).collect())
    }

    /// The sequence that stands for a point in the past; 0 is before every change.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seq_at(&self, at: At) -> Result<u64> {
        match at {
            At::Seq(seq) => Ok(seq.min(i64::MAX as u64)),
            At::Time(time) => {
                Ok(self.one(Query::point(SEQ_AT, vec![time.into()]), |row| row.count(0)).await?.unwrap_or(0))
            }
        }
    }
}

/// A version as the document it was, unless it was a deletion.
fn past_doc(row: &Row<'_>) -> Result<Option<Doc>> {
    let Some(body) = row.opt_text(8)? else { return Ok(None) };
    Ok(Some(Doc {
        key: row.key(0)?,
        version: row.count(4)?,
        seq: row.count(5)?,
        created_seq: row.count(6)?,
        updated_at: row.int(7)?,
        body: Arc::from(body),
        decoded: Decoded::default(),
    }))
}
