//! Which entries a request asks for, and which of them the caller may see.

use std::collections::HashMap;

use serde_json::{Value, json};
use wigwag_auth::policy::{Policy, Verdict};
use wigwag_kit::change::{Record, UNLISTED};
use wigwag_kit::{Ctx, Error, Request, Result, Spec};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, Project};
use wigwag_store::{ChangeQuery, ChangeRow, DocKey};

/// Rows read at a time.
const BATCH: u32 = 200;
/// Rows read for one page at most; what is further back is on the next.
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
    /// Where the next page begins: before this time and this row. None at the end of the log.
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
        let mut rows = Vec::new();
        let next = self.walk(ctx, sight, MOST, |row| {
            rows.push(row);
            rows.len() < limit
        });
        let next = next.await?;
        Ok(Found { rows, next })
    }

    /// Hands every entry that matches and that the caller may see to `take`, newest first, until
    /// it says enough or `most` rows were read. Answers where it stopped, if there is more.
    pub(super) async fn walk(
        &self,
        ctx: &Ctx,
        sight: &mut Sight,
        most: usize,
        mut take: impl FnMut(ChangeRow) -> bool,
    ) -> Result<Option<(Millis, u64)>> {
        let (mut query, mut read, mut at, mut enough) = (self.query.clone(), 0, None, false);
        loop {
            let batch = ctx.store().changes(&query).await?;
            let last = batch.len() < BATCH as usize;
            for row in batch {
                if enough || read == most {
                    return Ok(at);
                }
                read += 1;
                at = Some((row.change.at + 1, row.seq));
                query.before_seq = Some(row.seq);
                if self.matches(&row)? && sight.sees(ctx, &row).await? {
                    enough = !take(row);
                }
            }
            if last {
                return Ok(None);
            }
        }
    }

    fn matches(&self, row: &ChangeRow) -> Result<bool> {
        if row.change.kind == UNLISTED {
            return Ok(false);
        }
        let Some(policy) = &self.policy else { return Ok(true) };
        let record = record(row)?;
        Ok(record.accesses.iter().any(|access| {
            let spec = Spec::parse(&access.resource);
            spec.is_some_and(|s| matches!(policy.verdict(&access.action, s.segments()), Verdict::Allow(_)))
        }))
    }
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
    /// Whether an entry may be seen: of a project by those who see the project, of a team by those who see the team,
    /// others of the account by those who may look around it.
    pub(super) async fn sees(&mut self, ctx: &Ctx, row: &ChangeRow) -> Result<bool> {
        let change = &row.change;
        if !change.project.is_empty() {
            return Ok(self.look(ctx, &change.project).await?.0);
        }
        let teams = change.resources.iter().filter(|resource| resource.starts_with("team/"));
        let seen = |team: &String| Spec::parse(team).is_some_and(|team| ctx.may("viewTeam", &team));
        Ok(ctx.may("viewAccount", &Spec::account()) && teams.into_iter().all(seen))
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
