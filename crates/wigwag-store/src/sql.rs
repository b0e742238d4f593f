//! Values and rows, the same over both engines.

use crate::doc::Decoded;
use crate::{Doc, DocKey, Result, StoreError};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;
use wigwag_model::doc::Kind;

/// A parameter of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    Int(i64),
    Text(Box<str>),
    /// A list as one parameter, so that its length does not change the statement.
    Texts(Vec<String>),
    Bytes(Vec<u8>),
}

impl From<Vec<u8>> for Val {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<u64> for Val {
    fn from(n: u64) -> Self {
        Self::Int(n as i64)
    }
}

impl From<i64> for Val {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<&str> for Val {
    /// PostgreSQL takes no NUL, and nothing that we store holds one: what asks for one finds nothing.
    fn from(text: &str) -> Self {
        if text.contains('\0') { Self::Text(text.replace('\0', "\u{fffd}").into()) } else { Self::Text(text.into()) }
    }
}

impl From<Vec<String>> for Val {
    fn from(mut list: Vec<String>) -> Self {
        for text in list.iter_mut().filter(|text| text.contains('\0')) {
            *text = text.replace('\0', "\u{fffd}");
        }
        Self::Texts(list)
    }
}

impl From<Kind> for Val {
    fn from(kind: Kind) -> Self {
        kind.as_str().into()
    }
}

/// A statement that reads. Parameters are `$1`, `$2`, … in the order in which they first appear,
/// which both engines understand.
pub(crate) struct Query {
    /// Fixed texts are prepared once for each connection; built ones are not kept by PostgreSQL.
    pub(crate) text: Cow<'static, str>,
    pub(crate) params: Vec<Val>,
    /// Whether it may take longer than a point read.
    pub(crate) long: bool,
}

impl Query {
    /// A statement that touches a few rows.
    pub(crate) const fn point(text: &'static str, params: Vec<Val>) -> Self {
        Self { text: Cow::Borrowed(text), params, long: false }
    }

    /// A statement that may touch many rows.
    pub(crate) const fn long(text: &'static str, params: Vec<Val>) -> Self {
        Self { text: Cow::Borrowed(text), params, long: true }
    }

    /// An empty statement to build.
    pub(crate) const fn build() -> Self {
        Self { text: Cow::Owned(String::new()), params: Vec::new(), long: true }
    }

    /// Adds text.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Adds a parameter where the text ends.
    pub(crate) fn bind(&mut self, value: impl Into<Val>) -> &mut Self {
        self.params.push(value.into());
        let _ = write!(self.text.to_mut(), "${}", self.params.len());
        self
    }
}

/// A row of either engine.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(|e| bad_column(column, &e)),
            Self::Postgres(row) => row.try_get(column).map_err(|e| bad_column(column, &e)),
        }
    }

    /// A sequence, version or count.
    pub(crate) fn count(&self, column: usize) -> Result<u64> {
        u64::try_from(self.int(column)?).map_err(|e| bad_column(column, &e))
    }

    pub(crate) fn opt_text(&self, column: usize) -> Result<Option<&str>> {
        match self {
            Self::Sqlite(row) => {
                let value = row.get_ref(column).map_err(|e| bad_column(column, &e))?;
                value.as_str_or_null().map_err(|e| bad_column(column, &e))
            }
            Self::Postgres(row) => row.try_get(column).map_err(|e| bad_column(column, &e)),
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str> {
        self.opt_text(column)?.ok_or_else(|| StoreError::Corrupt(format!("column {column} is null")))
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>> {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(|e| bad_column(column, &e)),
            Self::Postgres(row) => row.try_get(column).map_err(|e| bad_column(column, &e)),
        }
    }

    pub(crate) fn kind(&self, column: usize) -> Result<Kind> {
        let kind = self.text(column)?;
        Kind::parse(kind).ok_or_else(|| StoreError::Corrupt(format!("unknown kind {kind}")))
    }

    /// A document's name in four columns.
    pub(crate) fn key(&self, column: usize) -> Result<DocKey> {
        Ok(DocKey {
            kind: self.kind(column)?,
            project: self.text(column + 1)?.into(),
            env: self.text(column + 2)?.into(),
            key: self.text(column + 3)?.into(),
        })
    }
}

/// A live document in the nine columns of `doc_columns`.
pub(crate) fn doc_row(row: &Row<'_>) -> Result<Doc> {
    Ok(Doc {
        key: row.key(0)?,
        version: row.count(4)?,
        seq: row.count(5)?,
        created_seq: row.count(6)?,
        updated_at: row.int(7)?,
        body: Arc::from(row.text(8)?),
        decoded: Decoded::default(),
    })
}

/// The columns of a document, from `docs d`.
macro_rules! doc_columns {
    () => {
        "d.kind, d.project, d.env, d.key, d.version, d.seq, d.created_seq, d.updated_at, d.body"
    };
}
pub(crate) use doc_columns;

fn bad_column(column: usize, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("column {column}: {error}"))
}
