//! Projects, as everything inside them needs them.

use wigwag_kit::{Ctx, Error, Result, Spec};
use wigwag_model::doc::Kind;
use wigwag_model::doc::Project;
use wigwag_model::key::{MAX_PROJECT_KEY, is_key};
use wigwag_store::{Doc, DocKey, IndexFacts};

use super::{Loaded, judged_now};

/// Where a project is stored.
#[must_use]
pub fn project_key(project: &str) -> DocKey {
    DocKey::account(Kind::Project, project)
}

/// How policies name a project.
#[must_use]
pub fn project_spec(project: &Project) -> Spec {
    Spec::project(&project.key, &project.tags)
}

/// What lists of projects can ask. Tags are compared without case there.
#[must_use]
pub fn project_index(project: &Project) -> IndexFacts {
    IndexFacts::new()
        .text("name", &project.name)
        .many("tags", project.tags.iter().map(|t| t.to_lowercase()))
        .number("createdOn", project.created_at)
}

/// The refusal of a key that no project has.
#[must_use]
pub fn project_not_found(key: &str) -> Error {
    Error::NotFound(format!("Unknown project key {key}"))
}

/// The project with this key, if the caller may view it.
///
/// # Errors
/// 404 when there is none, 403 when it is hidden.
pub async fn project(ctx: &Ctx, key: &str) -> Result<Loaded<Project>> {
    if !is_key(key, MAX_PROJECT_KEY) {
        return Err(project_not_found(key));
    }
    let doc = ctx.get(&project_key(key)).await?.ok_or_else(|| project_not_found(key))?;
    let project = judged_now(ctx, project_of(&doc)?, project_of).await?;
    ctx.authorise("viewProject", &project.spec)?;
    Ok(project)
}

/// Reads a stored project, without any check.
///
/// # Errors
/// The document cannot be read.
pub fn project_of(doc: &Doc) -> Result<Loaded<Project>> {
    Loaded::from_doc(doc, project_spec)
}
