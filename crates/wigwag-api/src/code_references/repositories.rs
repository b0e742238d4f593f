//! The list of repositories.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Ctx, Links, Reply, Request, Result};
use wigwag_model::doc::CodeRepository;

use super::load;
use super::reps::{BranchRep, Narrowed, RepositoryRep, branch_rep, repository_rep};
use crate::read::{Loaded, code_repositories, require_viewer};

/// Every repository, by name.
#[derive(Serialize, JsonSchema)]
pub(super) struct RepositoriesRep {
    items: Vec<RepositoryRep>,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "totalCount")]
    total_count: usize,
}

/// `withBranches` embeds branches, `withReferencesForDefaultBranch` also what the default branch names;
/// `projKey` and `flagKey` narrow that.
pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let mut items = Vec::new();
    for repository in code_repositories(&ctx).await? {
        let branches = embedded(&ctx, &request, &repository).await?;
        items.push(repository_rep(&repository, branches));
    }
    let links = Links::new().own(request.path.as_str());
    Reply::json(&RepositoriesRep { total_count: items.len(), items, links })
}

async fn embedded(ctx: &Ctx, request: &Request, repository: &Loaded<CodeRepository>) -> Result<Option<Vec<BranchRep>>> {
    let with_references = request.query("withReferencesForDefaultBranch").is_some();
    if !with_references && request.query("withBranches").is_none() {
        return Ok(None);
    }
    let value = &repository.value;
    let mut reps = Vec::new();
    for branch in load::branches(ctx, value).await? {
        let branch = &branch.value;
        let references = match with_references && branch.name == value.default_branch {
            true => Some(Narrowed::of(request).references(ctx, branch).await?),
            false => None,
        };
        reps.push(branch_rep(&value.name, branch, references));
    }
    Ok(Some(reps))
}
