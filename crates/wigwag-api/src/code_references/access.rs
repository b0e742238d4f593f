//! Which projects' references a caller sees, and what audit entries say.

use std::collections::BTreeSet;

use wigwag_kit::change::Target;
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Result, Spec};
use wigwag_model::doc::CodeRepository;
use wigwag_model::key::{MAX_PROJECT_KEY, is_key};

use crate::read::{Loaded, project_key, project_of};

/// Those of the projects that exist.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn existing<'a>(ctx: &Ctx, projects: impl Iterator<Item = &'a str>) -> Result<BTreeSet<String>> {
    Ok(specs(ctx, projects).await?.into_iter().map(|(key, _)| key).collect())
}

/// Those of the projects that exist and that the caller may view.
///
/// # Errors
/// The store cannot be read.
pub(super) async fn visible<'a>(ctx: &Ctx, projects: impl Iterator<Item = &'a str>) -> Result<BTreeSet<String>> {
    let specs = specs(ctx, projects).await?;
    Ok(specs.into_iter().filter(|(_, spec)| ctx.may("viewProject", spec)).map(|(key, _)| key).collect())
}

async fn specs<'a>(ctx: &Ctx, projects: impl Iterator<Item = &'a str>) -> Result<Vec<(String, Spec)>> {
    let keys: BTreeSet<&str> = projects.filter(|key| is_key(key, MAX_PROJECT_KEY)).collect();
    let keys: Vec<_> = keys.into_iter().map(project_key).collect();
    let docs = ctx.store().get_many(&keys).await?;
    docs.into_iter().flatten().map(|doc| project_of(&doc).map(|loaded| (loaded.value.key, loaded.spec))).collect()
}

/// What an audit entry about a repository names.
pub(super) fn target(repository: &Loaded<CodeRepository>) -> Target {
    let key = &repository.key;
    Target {
        kind: "code-reference-repository".to_owned(),
        name: repository.value.name.clone(),
        resources: vec![repository.spec.to_string()],
        href: path(&["code-refs", "repositories", &repository.value.name]),
        site: String::new(),
        project: String::new(),
        environment: None,
        document: Some([key.kind.as_str(), "", "", &*key.key].map(str::to_owned)),
    }
}
