//! `GET …/environments/{e}/diff`.

use std::collections::{BTreeSet, HashSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Error, Page, Reply, Request, Result, page, past};
use wigwag_model::doc::Kind;
use wigwag_store::DocKey;

use super::json::Difference;
use super::part::Part;
use crate::read::{ChangeRep, change_rep, environment_key, project_and_environment};

/// Resources of a page, unless asked otherwise, and at most.
const PAGE: u32 = 20;
const LARGEST_PAGE: u32 = 100;

/// Resources that are read at once, for the engine that is a round trip away.
const AT_ONCE: usize = 4;

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
    /// A page of what is not the same: the environment, then flags, then segments, by key.
    items: Vec<Changed>,
    /// How many are not the same.
    total_count: u64,
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
pub(super) enum What {
    Added,
    Removed,
    Changed,
}

pub(super) async fn diff(ctx: Ctx, request: Request) -> Result<Reply> {
    let page = Page::of(&request, Some(PAGE), LARGEST_PAGE)?;
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
    let whole = span.resources().await?;
    let total_count = whole.len() as u64;
    let items = page.least(whole).into_iter().map(|resource| span.changed(resource));
    let items = stream::iter(items).buffered(AT_ONCE).try_collect().await?;
    let up = path(&["projects", &span.project, "environments", &span.env]);
    let links = page::links(&page, total_count, &request).parent(up);
    Reply::json(&EnvironmentDiff { links, from, to, items, total_count })
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

/// What is asked for by one address; in the order of the answer.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Resource {
    Environment,
    Flag(Box<str>),
    Segment(Box<str>),
}

impl Span {
    /// What is not the same at both points, in no order.
    async fn resources(&self) -> Result<Vec<Resource>> {
        let kinds = [Kind::Environment, Kind::Flag, Kind::FlagConfig, Kind::Segment];
        let keys = self.now.store().differing(self.from, self.to, &self.project, &self.env, &kinds).await?;
        let resource = |key: DocKey| match key.kind {
            Kind::Flag | Kind::FlagConfig => Some(Resource::Flag(key.key)),
            Kind::Segment => Some(Resource::Segment(key.key)),
            _ => (*key.key == *self.env).then_some(Resource::Environment),
        };
        Ok(keys.into_iter().filter_map(resource).collect::<HashSet<_>>().into_iter().collect())
    }

    async fn changed(&self, resource: Resource) -> Result<Changed> {
        let (project, env) = (self.project.as_str(), self.env.as_str());
        let own = String::new();
        match resource {
            Resource::Environment => {
                let href = path(&["projects", project, "environments", env]);
                self.one("environment", env, href, vec![(own, environment_key(project, env))]).await
            }
            // A flag is two documents: what it is everywhere, and what it does here.
            Resource::Flag(key) => {
                let everywhere = DocKey::in_project(Kind::Flag, project, key.clone());
                let here = DocKey::in_env(Kind::FlagConfig, project, env, key.clone());
                let parts = vec![(own, everywhere), (format!("/environments/{env}"), here)];
                self.one("flag", &key, path(&["flags", project, &key]), parts).await
            }
            Resource::Segment(key) => {
                let part = DocKey::in_env(Kind::Segment, project, env, key.clone());
                self.one("segment", &key, path(&["segments", project, env, &key]), vec![(own, part)]).await
            }
        }
    }

    /// A resource by its documents, each under a path; the first is the resource itself.
    async fn one(&self, kind: &'static str, key: &str, href: String, docs: Vec<(String, DocKey)>) -> Result<Changed> {
        let secrets: &[&str] = if kind == "environment" { &["sdkKeys", "mobileKeys"] } else { &[] };
        let (mut differences, mut change, mut written) = (Vec::new(), What::Changed, Vec::with_capacity(docs.len()));
        for (path, key) in docs {
            let (before, after) = tokio::try_join!(self.then.get(&key), self.now.get(&key))?;
            let part = Part { before, after };
            if path.is_empty() {
                change = part.what();
            }
            if part.differs() {
                differences.append(&mut part.differences(&path, secrets)?);
                written.push(key);
            }
        }
        let changes = self.changes(written.iter()).await?;
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
