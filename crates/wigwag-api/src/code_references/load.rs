//! Finding repositories and branches.

use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{CodeBranch, CodeRepository, Kind};
use wigwag_model::key::is_key;
use wigwag_store::{Doc, ListQuery, Predicate};

use crate::read::{Loaded, code_branch_key, code_references, code_repository_of};

/// Longest name of a repository, in characters.
pub(super) const MAX_REPOSITORY: usize = 100;
/// Longest name of a branch, in bytes: with the repository's id it is a key of the store.
const MAX_BRANCH: usize = 400;

/// The value no two repositories share.
pub(super) fn unique_name(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Whether a branch may be called so.
pub(super) fn is_branch_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_BRANCH && !name.chars().any(char::is_control)
}

/// The repository with this name, in whatever case.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn repository(ctx: &Ctx, name: &str) -> Result<Loaded<CodeRepository>> {
    let found = match is_key(name, MAX_REPOSITORY) {
        true => ctx.store().find_unique(Kind::CodeRepository, "name", &unique_name(name)).await?,
        false => None,
    };
    code_repository_of(&found.ok_or_else(|| Error::NotFound(format!("Unknown repository {name}")))?)
}

/// A branch and its version.
pub(super) struct Branch {
    pub(super) value: CodeBranch,
    pub(super) version: u64,
}

/// The branch of a repository, if it was uploaded.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn branch(ctx: &Ctx, repository: &CodeRepository, name: &str) -> Result<Option<Branch>> {
    if !is_branch_name(name) {
        return Ok(None);
    }
    let doc = ctx.store().get(&code_branch_key(repository, name)).await?;
    doc.map(|doc| Ok(Branch { value: doc.decode()?, version: doc.version })).transpose()
}

/// The refusal of a branch that was never uploaded.
pub(super) fn no_branch(name: &str) -> Error {
    Error::NotFound(format!("Unknown branch {name}"))
}

/// Every branch of a repository, by name.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn branches(ctx: &Ctx, repository: &CodeRepository) -> Result<Vec<Branch>> {
    let of_repository = Predicate::eq("repository", repository.id.as_str());
    let query = ListQuery::account(Kind::CodeBranch).filter(of_repository).sort("key", false);
    let docs = ctx.store().list(&query).await?.docs;
    docs.iter().map(|doc| Ok(Branch { value: doc.decode()?, version: doc.version })).collect()
}

/// All references of a branch.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn references(ctx: &Ctx, branch: &CodeBranch) -> Result<Vec<Doc>> {
    let mut all = Vec::new();
    for project in &branch.projects {
        all.append(&mut code_references(ctx, project, &[branch], None).await?);
    }
    Ok(all)
}

/// All extinctions on some branches.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn extinctions(ctx: &Ctx, branches: &[&CodeBranch]) -> Result<Vec<Doc>> {
    let ids = branches.iter().map(|branch| branch.id.clone()).collect();
    let of_branches = Predicate::TextAnyOf { field: "branch".to_owned(), values: ids };
    let query = ListQuery::scoped(Kind::CodeExtinction, None, Some("")).filter(of_branches);
    Ok(ctx.store().list(&query).await?.docs)
}
