//! How often default branches name the flags of a project.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::{Link, path};
use wigwag_kit::{Ctx, Links, Reply, Request, Result, query};

use super::access::visible;
use crate::read::{CodeStatistic, code_branches, code_repositories, code_statistics, project, require_viewer};

/// Where statistics are to be had.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CodeStatisticsRoot")]
pub(super) struct StatisticsRoot {
    /// One for each project that default branches name flags of.
    projects: Vec<Link>,
    #[serde(rename = "self")]
    own: Link,
}

/// Statistics of a project.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CodeStatistics")]
pub(super) struct StatisticsRep {
    /// By the flag's key, one for each repository that names it.
    flags: BTreeMap<String, Vec<CodeStatistic>>,
    #[serde(rename = "_links")]
    links: Links,
}

fn link(segments: &[&str]) -> Link {
    Link { href: path(segments), media_type: "application/json".into() }
}

pub(super) async fn root(ctx: Ctx, _: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let branches = code_branches(&ctx, code_repositories(&ctx).await?, |r| r.default_branch.clone()).await?;
    let named: BTreeSet<&str> = branches
        .iter()
        .filter_map(|(_, branch)| branch.as_ref())
        .flat_map(|branch| branch.projects.iter().map(String::as_str))
        .collect();
    let own = ["code-refs", "statistics"];
    let projects = visible(&ctx, named.into_iter()).await?;
    let projects = projects.iter().map(|project| link(&[own[0], own[1], project])).collect();
    Reply::json(&StatisticsRoot { projects, own: link(&own) })
}

pub(super) async fn of_project(ctx: Ctx, request: Request) -> Result<Reply> {
    let project = project(&ctx, request.param("projectKey")).await?.value;
    let flag = request.query("flagKey");
    let flags = flag.as_slice();
    let flags = code_statistics(&ctx, &project.key, flag.map(|_| flags)).await?;
    let own = query::render(request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let links = Links::new().own(format!("{}{own}", request.path)).parent(path(&["code-refs", "statistics"]));
    Reply::json(&StatisticsRep { flags, links })
}
