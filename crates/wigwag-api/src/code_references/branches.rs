//! Branches: list, show, delete. Uploads have a file of their own.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Links, Proofs, Reply, Request, Result};
use wigwag_model::doc::CodeRepository;
use wigwag_store::Expect;

use super::access::target;
use super::load::{self, Branch};
use super::reps::{BranchRep, Narrowed, branch_rep};
use crate::read::{code_branch_key, require_viewer};

/// Every branch of a repository, by name.
#[derive(Serialize, JsonSchema)]
pub(super) struct BranchesRep {
    items: Vec<BranchRep>,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "totalCount")]
    total_count: usize,
}

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let repository = load::repository(&ctx, request.param("repo")).await?.value;
    let branches = load::branches(&ctx, &repository).await?;
    let items: Vec<_> = branches.iter().map(|branch| branch_rep(&repository.name, &branch.value, None)).collect();
    let links = Links::new().own(request.path.as_str());
    Reply::json(&BranchesRep { total_count: items.len(), items, links })
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let name = request.param("branch");
    let repository = load::repository(&ctx, request.param("repo")).await?.value;
    let branch = load::branch(&ctx, &repository, name).await?.ok_or_else(|| load::no_branch(name))?.value;
    let references = Narrowed::of(&request).references(&ctx, &branch).await?;
    Reply::json(&branch_rep(&repository.name, &branch, Some(references)))
}

/// Deletes the branches that the body names. Names that no branch has are passed over: pruning again is fine.
pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    let repository = request.param("repo");
    load::repository(&ctx, repository).await?;
    let names: Vec<String> = request.json()?;
    retried(false, || deleted(&ctx, repository, &names)).await
}

async fn deleted(ctx: &Ctx, repository: &str, names: &[String]) -> Result<Reply> {
    let repository = load::repository(ctx, repository).await?;
    let proof = ctx.authorise("updateCodeRefsRepositoryBranches", &repository.spec)?;
    let mut branches = load::branches(ctx, &repository.value).await?;
    branches.retain(|branch| names.contains(&branch.value.name));
    if branches.is_empty() {
        return Ok(Reply::empty());
    }
    let mut change = Change::new(Proofs::of(proof), "updated the repository", target(&repository));
    change = change.description(branches.iter().map(line).collect());
    take_away(ctx, &mut change, &repository.value, &branches).await?;
    change.commit(ctx).await?;
    Ok(Reply::empty())
}

fn line(branch: &Branch) -> String {
    format!("* Deleted the branch `{}`\n", branch.value.name.replace('`', "'"))
}

/// Deletes branches with all that hangs on them.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn take_away(
    ctx: &Ctx,
    change: &mut Change,
    repository: &CodeRepository,
    branches: &[Branch],
) -> Result<()> {
    for branch in branches {
        change.delete(code_branch_key(repository, &branch.value.name), Expect::Version(branch.version));
        for doc in load::references(ctx, &branch.value).await? {
            change.delete(doc.key, Expect::Version(doc.version));
        }
    }
    let values: Vec<_> = branches.iter().map(|branch| &branch.value).collect();
    for doc in load::extinctions(ctx, &values).await? {
        change.delete(doc.key, Expect::Version(doc.version));
    }
    Ok(())
}
