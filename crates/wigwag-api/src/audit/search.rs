//! Which entries a request asks for, and which of them the caller may see.

use std::collections::HashMap;

use serde_json::{Value, json};
use wigwag_auth::policy::{Policy, Verdict};
use wigwag_kit::change::Record;
use wigwag_kit::{Ctx, Error, Request, Result, Spec};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, Project};
use wigwag_store::{ChangeQuery, ChangeRow, DocKey};

/// Rows read at a time.
const BATCH: u32 = 200;
/// Rows read for one request at most; what is further back is on the next page.
const MOST: usize = 20_000;

/// A search of the audit log.
pub(super) struct Search {
    query: ChangeQuery,
    policy: Option<Policy>,
}

/// What a search found.
pub(super) struct Found {
    /// Newest first.
    pub rows: Vec<ChangeRow>,
    /// Where the next page begins: before this row. None when there is nothing further back.
    pub next: Option<(Millis, u64)>,
}

impl Search {
    /// Reads the query and, where there is one, the policy in the body.
    pub(super) fn read(request: &Request) -> Result<Self> {
        let policy = match request.query("spec").map(str::trim) {
            Some(spec) => Some(policy("spec", &[json!({"effect": "allow", "resources": [spec], "actions": ["*"]})])?),
            None if request.method == http::Method::POST && !request.body.is_empty() => match request.value()? {
                Value::Array(list) if list.is_empty() => None,
                Value::Array(list) => Some(policy("", &list)?),
                _ => return Err(Error::Invalid("The body must be an array of statements".to_owned())),
            },
            None => None,
        };
        let query = ChangeQuery {
            after: time(request, "after")?,
            before: time(request, "before")?,
            before_seq: request.query_number("_seq")?.and_then(|n| u64::try_from(n).ok()),
            member: request.query("member").map(ToOwned::to_owned),
            token: request.query("token").map(ToOwned::to_owned),
            project: None,
            name_contains: request.query("q").map(ToOwned::to_owned),
            limit: BATCH,
        };
        Ok(Self { query, policy })
    }

    /// The time after and before which entries are asked for.
    pub(super) const fn range(&self) -> (Option<Millis>, Option<Millis>) {
        (self.query.after, self.query.before)
    }

    /// Up to `limit` entries that match and that the caller may see.
    pub(super) async fn find(&self, ctx: &Ctx, sight: &mut Sight, limit: usize) -> Result<Found> {
        let (mut rows, mut read) = (Vec::new(), 0);
        let mut query = self.query.clone();
        loop {
            let batch = ctx.store().changes(&query).await?;
            let last = batch.len() < BATCH as usize;
            for row in batch {
                if rows.len() == limit || read == MOST {
                    return Ok(Found { rows, next: query.before_seq.map(|seq| (0, seq)).map(|n| at(n, &query)) });
                }
                read += 1;
                (query.before_seq, query.before) = (Some(row.seq), Some(row.change.at + 1));
                if self.matches(&row)? && sight.sees(ctx, &row.change.project).await? {
                    rows.push(row);
                }
            }
            if last {
                return Ok(Found { rows, next: None });
            }
        }
    }

    fn matches(&self, row: &ChangeRow) -> Result<bool> {
        let Some(policy) = &self.policy else { return Ok(true) };
        let record = record(row)?;
        Ok(record.accesses.iter().any(|access| {
            let spec = Spec::parse(&access.resource);
            spec.is_some_and(|s| policy.verdict(&access.action, s.segments()) == Verdict::Allow)
        }))
    }
}

fn at((_, seq): (Millis, u64), query: &ChangeQuery) -> (Millis, u64) {
    (query.before.unwrap_or_default(), seq)
}

/// The stored entry of a row.
pub(super) fn record(row: &ChangeRow) -> Result<Record> {
    serde_json::from_str(&row.change.body).map_err(|e| Error::Internal(format!("change {}: {e}", row.seq)))
}

fn policy(field: &str, statements: &[Value]) -> Result<Policy> {
    Policy::parse(statements).map_err(|problem| Error::Invalid(format!("{field}{problem}")))
}

fn time(request: &Request, name: &str) -> Result<Option<Millis>> {
    request
        .query(name)
        .map(|text| {
            let number = text.parse().ok().filter(|n: &Millis| *n >= 0);
            number.ok_or_else(|| Error::Invalid(format!("'{name}' must be a valid epoch time in milliseconds")))
        })
        .transpose()
}

/// Which projects the caller may view, asked once each.
#[derive(Default)]
pub(super) struct Sight(HashMap<String, (bool, Option<String>)>);

impl Sight {
    /// Whether entries of the project may be seen. Those of the account may, by everybody.
    pub(super) async fn sees(&mut self, ctx: &Ctx, project: &str) -> Result<bool> {
        Ok(project.is_empty() || self.look(ctx, project).await?.0)
    }

    /// Name of the project, while it exists.
    pub(super) async fn name(&mut self, ctx: &Ctx, project: &str) -> Result<Option<String>> {
        Ok(self.look(ctx, project).await?.1.clone())
    }

    async fn look(&mut self, ctx: &Ctx, key: &str) -> Result<&(bool, Option<String>)> {
        if !self.0.contains_key(key) {
            let doc = ctx.store().get(&DocKey::account(Kind::Project, key)).await?;
            let project = doc.map(|doc| doc.decode::<Project>()).transpose()?;
            let tags = project.as_ref().map_or(&[][..], |p| &p.tags);
            let seen = ctx.may("viewProject", &Spec::project(key, tags));
            self.0.insert(key.to_owned(), (seen, project.map(|p| p.name)));
        }
        self.0.get(key).ok_or_else(|| Error::Internal("a project was forgotten".to_owned()))
    }
}
