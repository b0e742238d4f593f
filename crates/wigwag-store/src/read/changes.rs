//! The log as the audit log.

use super::named;
use crate::sql::{Query, Row};
use crate::{ChangeQuery, ChangeRow, DocKey, NewChange, Result, Store, StoreError};

/// The columns of a row of the log, from `changes c`.
macro_rules! change_columns {
    () => {
        "c.seq, c.id, c.at, c.kind, c.project, c.name, c.member_id, c.token_id, c.resources, c.body, c.hash"
    };
}

const BY_ID: &str = concat!("SELECT ", change_columns!(), " FROM changes c WHERE c.id = $1");

const AFTER: &str = concat!("SELECT ", change_columns!(), " FROM changes c WHERE c.seq > $1 ORDER BY c.seq LIMIT $2");

const BY_SEQ: &str = concat!("SELECT ", change_columns!(), " FROM changes c WHERE c.seq = $1");

const BY_DOC: &str = concat!(
    "SELECT ",
    change_columns!(),
    " FROM versions v JOIN changes c ON c.seq = v.seq
     WHERE v.kind = $1 AND v.project = $2 AND v.env = $3 AND v.key = $4 AND v.seq < $5
     ORDER BY v.seq DESC LIMIT $6"
);

impl Store {
    /// The row of the log with this id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn change(&self, id: &str) -> Result<Option<ChangeRow>> {
        self.one(Query::point(BY_ID, vec![id.into()]), change_row).await
    }

    /// The row at this place of the log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn change_at(&self, seq: u64) -> Result<Option<ChangeRow>> {
        self.one(Query::point(BY_SEQ, vec![seq.into()]), change_row).await
    }

    /// The next rows of the log after `after`, at most `limit`, in order and without gaps.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn changes_after(&self, after: u64, limit: u32) -> Result<Vec<ChangeRow>> {
        self.rows(Query::long(AFTER, vec![after.into(), i64::from(limit).into()]), change_row).await
    }

    /// Rows of the log, newest first by their date, then by their place.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn changes(&self, query: &ChangeQuery) -> Result<Vec<ChangeRow>> {
        self.rows(self.changes_query(query), change_row).await
    }

    /// The changes that wrote a document, newest first, those before `before_seq` if given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn changes_of(&self, key: &DocKey, before_seq: Option<u64>, limit: u32) -> Result<Vec<ChangeRow>> {
        let mut params = named(key);
        params.extend([before_seq.map_or(i64::MAX, |seq| seq as i64).into(), i64::from(limit).into()]);
        self.rows(Query::long(BY_DOC, params), change_row).await
    }

    fn changes_query(&self, asked: &ChangeQuery) -> Query {
        let mut sql = Query::build();
        sql.push(concat!("SELECT ", change_columns!(), " FROM changes c WHERE c.seq > 0"));
        if let Some(project) = &asked.project {
            sql.push(" AND c.project = ").bind(&**project);
            // Says to the planner that the partial index will do.
            sql.push(if project.is_empty() { "" } else { " AND c.project <> ''" });
        }
        if let Some(member) = &asked.member {
            sql.push(" AND c.member_id = ").bind(&**member);
        }
        if let Some(token) = &asked.token {
            sql.push(" AND c.token_id = ").bind(&**token);
        }
        if let Some(after) = asked.after {
            sql.push(" AND c.at > ").bind(after);
        }
        if let Some(before) = asked.before {
            sql.push(" AND c.at < ").bind(before);
        }
        if let Some(seq) = asked.before_seq {
            sql.push(" AND (c.at, c.seq) < ((SELECT at FROM changes WHERE seq = ").bind(seq);
            sql.push("), ").bind(seq).push(")");
        }
        if let Some(needle) = &asked.name_contains {
            let position = self.dialect().position;
            sql.push(" AND ").push(position).push("(lower(c.name), ").bind(&*needle.to_ascii_lowercase()).push(") > 0");
        }
        sql.push(" ORDER BY c.at DESC, c.seq DESC LIMIT ").bind(i64::from(asked.limit));
        sql
    }
}

fn change_row(row: &Row<'_>) -> Result<ChangeRow> {
    let owned = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(str::to_owned));
    let resources = serde_json::from_str(row.text(8)?);
    let change = NewChange {
        id: row.text(1)?.into(),
        at: row.int(2)?,
        kind: row.text(3)?.into(),
        project: row.text(4)?.into(),
        name: row.text(5)?.into(),
        member_id: owned(6)?,
        token_id: owned(7)?,
        resources: resources.map_err(|e| StoreError::Corrupt(format!("resources of a change: {e}")))?,
        body: row.text(9)?.into(),
    };
    Ok(ChangeRow { seq: row.count(0)?, change, hash: row.text(10)?.into() })
}
