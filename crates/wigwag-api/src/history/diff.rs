//! `GET …/environments/{e}/diff`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Error, Reply, Request, Result, past, query};
use wigwag_model::doc::Kind;
use wigwag_store::{Doc, DocKey};

use super::json::Difference;
use super::part::{Part, parts};
use crate::read::{ChangeRep, change_rep, environment_key, project_and_environment};

/// Changes that are named for one document at most, newest first.
const MOST_CHANGES: u32 = 100;

/// What changed in an environment between two points in time.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnvironmentDiff {
    #[serde(rename = "_links")]
    links: Links,
    /// The sequence of the last change at the first point.
    from: u64,
    /// The sequence of the last change at the second point.
    to: u64,
    /// What is not the same: the environment, then flags, then segments, by key.
    items: Vec<Changed>,
}

/// A resource that is not the same at both points.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Changed {
    #[serde(rename = "_links")]
    links: Links,
    /// `environment`, `flag` or `segment`.
    kind: &'static str,
    key: String,
    /// What became of it.
    change: What,
    /// Where it differs, in its stored form. What a flag does in the environment is under `/environments/{key}`.
    differences: Vec<Difference>,
    /// The changes that made it so, newest first, 100 at most.
    changes: Vec<ChangeRep>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum What {
    Added,
    Removed,
    Changed,
}

pub(super) async fn diff(ctx: Ctx, request: Request) -> Result<Reply> {
    let to = match request.query("to") {
        Some(to) => past::resolve(&ctx.app, "to", to).await?,
        None => ctx.store().head().await?,
    };
    let now = ctx.at(to);
    let (project, environment) =
        project_and_environment(&now, request.param("projectKey"), request.param("environmentKey")).await?;
    let from = request.query("from").ok_or_else(|| Error::missing("from"))?;
    let from = past::resolve(&ctx.app, "from", from).await?;
    if from > to {
        return Err(Error::field("from", "must not be after to"));
    }
    let span = Span { then: ctx.at(from), now, from, to, project: project.value.key, env: environment.value.key };
    let mut items = span.environment().await?;
    items.extend(span.flags().await?);
    items.extend(span.segments().await?);
    let own = query::render(request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let links = Links::new().own(format!("{}{own}", request.path)).parent(path(&[
        "projects",
        &span.project,
        "environments",
        &span.env,
    ]));
    Reply::json(&EnvironmentDiff { links, from, to, items })
}

/// The two points, and the environment.
struct Span {
    then: Ctx,
    now: Ctx,
    from: u64,
    to: u64,
    project: String,
    env: String,
}

impl Span {
    async fn environment(&self) -> Result<Vec<Changed>> {
        let key = environment_key(&self.project, &self.env);
        let (before, after) = tokio::try_join!(self.then.get(&key), self.now.get(&key))?;
        if before.as_ref().map(|doc: &Doc| doc.seq) == after.as_ref().map(|doc| doc.seq) {
            return Ok(Vec::new());
        }
        let own = ["projects", &self.project, "environments", &self.env];
        let part = Part { key, before, after };
        Ok(vec![self.one("environment", &self.env, path(&own), &[(String::new(), &part)]).await?])
    }

    /// A flag is two documents: what it is everywhere, and what it does here.
    async fn flags(&self) -> Result<Vec<Changed>> {
        let (flags, configs) = tokio::try_join!(
            parts(&self.then, &self.now, Kind::Flag, &self.project, ""),
            parts(&self.then, &self.now, Kind::FlagConfig, &self.project, &self.env),
        )?;
        let mut by_flag: BTreeMap<&str, Vec<(String, &Part)>> = BTreeMap::new();
        for part in &flags {
            by_flag.entry(&part.key.key).or_default().push((String::new(), part));
        }
        for part in &configs {
            by_flag.entry(&part.key.key).or_default().push((format!("/environments/{}", self.env), part));
        }
        let mut items = Vec::with_capacity(by_flag.len());
        for (flag, parts) in by_flag {
            items.push(self.one("flag", flag, path(&["flags", &self.project, flag]), &parts).await?);
        }
        Ok(items)
    }

    async fn segments(&self) -> Result<Vec<Changed>> {
        let segments = parts(&self.then, &self.now, Kind::Segment, &self.project, &self.env).await?;
        let mut items = Vec::with_capacity(segments.len());
        for part in &segments {
            let href = path(&["segments", &self.project, &self.env, &part.key.key]);
            items.push(self.one("segment", &part.key.key, href, &[(String::new(), part)]).await?);
        }
        Ok(items)
    }

    async fn one(&self, kind: &'static str, key: &str, href: String, parts: &[(String, &Part)]) -> Result<Changed> {
        let secrets: &[&str] = if kind == "environment" { &["sdkKeys", "mobileKeys"] } else { &[] };
        let mut differences = Vec::new();
        for (path, part) in parts {
            differences.append(&mut part.differences(path, secrets)?);
        }
        let whole = &parts[0].1;
        let change = match (parts[0].0.is_empty(), &whole.before, &whole.after) {
            (true, None, Some(_)) => What::Added,
            (true, Some(_), None) => What::Removed,
            _ => What::Changed,
        };
        let changes = self.changes(parts.iter().map(|(_, part)| &part.key)).await?;
        Ok(Changed { links: Links::new().own(href), kind, key: key.to_owned(), change, differences, changes })
    }

    /// The changes that wrote any of the documents between the two points, newest first.
    async fn changes<'a>(&self, keys: impl Iterator<Item = &'a DocKey>) -> Result<Vec<ChangeRep>> {
        let (mut seen, mut all) = (BTreeSet::new(), Vec::new());
        for key in keys {
            let rows = self.now.store().changes_of(key, Some(self.to + 1), MOST_CHANGES).await?;
            for row in rows.iter().take_while(|row| row.seq > self.from) {
                if seen.insert(row.seq) {
                    all.push(change_rep(row)?);
                }
            }
        }
        all.sort_by_key(|change| std::cmp::Reverse(change.sequence));
        all.truncate(MOST_CHANGES as usize);
        Ok(all)
    }
}
