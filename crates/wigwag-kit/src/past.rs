//! Showing things as they were: `?asOf=`.
//!
//! The log and the versions of every document are kept, so any read can be one of the past. An operation says
//! that it can ([`crate::Operation::as_of`]), and reads through the [`Ctx`], which knows the time.

use std::collections::HashMap;

use jiff::Timestamp;
use wigwag_model::doc::Kind;
use wigwag_store::{At, Doc, DocKey, IndexFacts, ListQuery, Listing};

use crate::ctx::{App, Ctx};
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::request::Request;

/// The query parameter.
pub(crate) const PARAMETER: &str = "asOf";

/// Numbers below this are sequences of changes, others are milliseconds since the epoch: the year 1973 is before
/// any change, and 100,000,000,000 changes are more than there will be.
const SEQUENCES: i64 = 100_000_000_000;

/// So many documents of a scope are read one by one; for more the scope is read at once.
const FEW: usize = 32;

/// The sequence that a request asks about, if it asks.
///
/// # Errors
/// A text that is no time, a time to come, an operation that only shows things as they are.
pub(crate) async fn asked(app: &App, operation: &Operation, request: &Request) -> Result<Option<u64>> {
    // Some operations of the contract have a parameter of that name and their own meaning.
    let meant = operation.as_of || !operation.entry.query.iter().any(|(name, _)| *name == PARAMETER);
    let Some(text) = request.query(PARAMETER).filter(|_| meant) else { return Ok(None) };
    if !operation.as_of {
        return Err(Error::field(PARAMETER, "this operation shows things only as they are"));
    }
    resolve(app, PARAMETER, text).await.map(Some)
}

/// The sequence of the last change at a point in time: an RFC 3339 time, milliseconds since the epoch, or the
/// sequence itself. 0 is before every change.
///
/// # Errors
/// 400 naming `field`: a text that is none of these, a time to come.
pub async fn resolve(app: &App, field: &str, text: &str) -> Result<u64> {
    let number = text.parse::<i64>().ok().filter(|number| *number >= 0);
    let at = match number {
        Some(number) if number < SEQUENCES => At::Seq(number.unsigned_abs()),
        Some(millis) => At::Time(millis),
        None => {
            // In a query string `+01:00` arrives with a space.
            let time: Timestamp = text.replace(' ', "+").parse().map_err(|_| {
                Error::field(
                    field,
                    "must be an RFC 3339 time, milliseconds since the epoch or the sequence of a change",
                )
            })?;
            At::Time(time.as_millisecond())
        }
    };
    let future = match at {
        At::Seq(seq) => seq > app.store.head().await?,
        At::Time(time) => time > app.clock.now(),
    };
    if future {
        return Err(Error::field(field, "must not be in the future"));
    }
    Ok(app.store.seq_at(at).await?)
}

impl Ctx {
    /// The same caller's view after another change.
    #[must_use]
    pub fn at(&self, seq: u64) -> Self {
        Self { as_of: Some(seq), ..self.clone() }
    }

    /// The document under a key, at the time that is asked about.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn get(&self, key: &DocKey) -> Result<Option<Doc>> {
        Ok(match self.as_of {
            None => self.store().get(key).await?,
            Some(seq) => self.store().get_at(key, At::Seq(seq)).await?,
        })
    }

    /// The documents under several keys, in their order, at the time that is asked about.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn get_many(&self, keys: &[DocKey]) -> Result<Vec<Option<Doc>>> {
        let Some(seq) = self.as_of else { return Ok(self.store().get_many(keys).await?) };
        let mut scopes: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            scopes.entry((key.kind, &*key.project, &*key.env)).or_default().push(at);
        }
        let mut docs: Vec<Option<Doc>> = keys.iter().map(|_| None).collect();
        for ((kind, project, env), wanted) in scopes {
            if wanted.len() <= FEW {
                for at in wanted {
                    docs[at] = self.store().get_at(&keys[at], At::Seq(seq)).await?;
                }
                continue;
            }
            let all = self.store().scan_at(kind, Some(project), Some(env), At::Seq(seq)).await?;
            let all: HashMap<Box<str>, Doc> = all.into_iter().map(|doc| (doc.key.key.clone(), doc)).collect();
            for at in wanted {
                docs[at] = all.get(&keys[at].key).cloned();
            }
        }
        Ok(docs)
    }

    /// Every document of a kind in a scope, by key, at the time that is asked about.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn scan(&self, kind: Kind, project: Option<&str>, env: Option<&str>) -> Result<Vec<Doc>> {
        Ok(match self.as_of {
            None => self.store().scan(kind, project, env).await?,
            Some(seq) => self.store().scan_at(kind, project, env, At::Seq(seq)).await?,
        })
    }

    /// A page of documents, at the time that is asked about. `facts` are the index facts of a document: the index
    /// itself knows only the present.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn list(&self, query: &ListQuery<'_>, facts: impl Fn(&Doc) -> Result<IndexFacts>) -> Result<Listing> {
        if self.as_of.is_none() {
            return Ok(self.store().list(query).await?);
        }
        let docs = self.scan(query.kind, query.project, query.env).await?;
        let mut given = Vec::with_capacity(docs.len());
        for doc in docs {
            let facts = facts(&doc)?;
            given.push((doc, facts));
        }
        Ok(Listing::among(given, query))
    }
}
