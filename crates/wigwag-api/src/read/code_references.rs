//! Code references, as their own area and flags count and show them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Result, Spec};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{CodeBranch, CodeRepository, Kind, RepositoryHost};
use wigwag_store::{Doc, DocKey, ListQuery, Predicate};

use super::Loaded;

/// How policies name a repository of code.
#[must_use]
pub fn code_repository_spec(repository: &CodeRepository) -> Spec {
    Spec::top("code-reference-repository", &repository.name)
}

/// Reads a stored repository.
///
/// # Errors
/// The document cannot be read.
pub fn code_repository_of(doc: &Doc) -> Result<Loaded<CodeRepository>> {
    Loaded::from_doc(doc, code_repository_spec)
}

/// Every repository, by name.
///
/// # Errors
/// The store cannot be read.
pub async fn code_repositories(ctx: &Ctx) -> Result<Vec<Loaded<CodeRepository>>> {
    let all = ListQuery::account(Kind::CodeRepository).sort("name", false);
    ctx.store().list(&all).await?.docs.iter().map(code_repository_of).collect()
}

/// Where a branch of a repository is stored.
#[must_use]
pub fn code_branch_key(repository: &CodeRepository, branch: &str) -> DocKey {
    DocKey::account(Kind::CodeBranch, format!("{}/{branch}", repository.id))
}

/// Where the references of a branch to a flag are stored.
#[must_use]
pub fn code_references_key(project: &str, branch: &CodeBranch, flag: &str) -> DocKey {
    DocKey::in_project(Kind::CodeReferences, project, format!("{}/{flag}", branch.id))
}

/// One branch of each of the repositories, those that have it, in one round trip. The name may depend on the
/// repository.
///
/// # Errors
/// The store cannot be read.
pub async fn code_branches(
    ctx: &Ctx,
    repositories: Vec<Loaded<CodeRepository>>,
    name: impl Fn(&CodeRepository) -> String,
) -> Result<Vec<(Loaded<CodeRepository>, Option<CodeBranch>)>> {
    let keys: Vec<_> = repositories.iter().map(|r| code_branch_key(&r.value, &name(&r.value))).collect();
    let branches = ctx.store().get_many(&keys).await?;
    let paired = repositories.into_iter().zip(branches);
    paired.map(|(repository, doc)| Ok((repository, doc.map(|doc| doc.decode()).transpose()?))).collect()
}

/// Where branches name the flags of a project, or those flags that are given; a document for each branch and flag.
///
/// # Errors
/// The store cannot be read.
pub async fn code_references(
    ctx: &Ctx,
    project: &str,
    branches: &[&CodeBranch],
    flags: Option<&[&str]>,
) -> Result<Vec<Doc>> {
    let branches: Vec<_> = branches.iter().filter(|branch| branch.projects.contains(project)).collect();
    if branches.is_empty() {
        return Ok(Vec::new());
    }
    let Some(flags) = flags else {
        let ids = branches.iter().map(|branch| branch.id.clone()).collect();
        let of_branches = Predicate::TextAnyOf { field: "branch".to_owned(), values: ids };
        let query = ListQuery::in_project(Kind::CodeReferences, project).filter(of_branches);
        return Ok(ctx.store().list(&query).await?.docs);
    };
    let of_branch = |branch| flags.iter().map(move |flag| code_references_key(project, branch, flag));
    let keys: Vec<_> = branches.into_iter().flat_map(|branch| of_branch(branch)).collect();
    Ok(ctx.store().get_many(&keys).await?.into_iter().flatten().collect())
}

/// How often the default branch of a repository names a flag.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CodeReferenceStatistic")]
pub struct CodeStatistic {
    /// Name of the repository.
    name: String,
    /// Where the repository is hosted.
    #[serde(rename = "type")]
    host: RepositoryHost,
    /// Address of the repository, may be empty.
    source_link: String,
    /// The branch that is counted.
    default_branch: String,
    /// Whether uploads are taken.
    enabled: bool,
    /// Version of the repository's settings.
    version: u64,
    /// Pieces of code that name the flag.
    hunk_count: u64,
    /// Files that name the flag.
    file_count: u64,
    /// When the commit that was searched was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_commit_time: Option<Millis>,
    /// The repository.
    #[serde(rename = "_links")]
    links: Links,
}

/// What counting needs of a document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    branch: String,
    flag: String,
    hunk_count: u64,
    files: Vec<IgnoredAny>,
}

/// Statistics of the flags of a project that default branches name, or of those flags that are given, by the
/// flag's key and in the order of the repositories' names.
///
/// # Errors
/// The store cannot be read.
pub async fn code_statistics(
    ctx: &Ctx,
    project: &str,
    flags: Option<&[&str]>,
) -> Result<BTreeMap<String, Vec<CodeStatistic>>> {
    let repositories = code_branches(ctx, code_repositories(ctx).await?, |r| r.default_branch.clone()).await?;
    let branches: Vec<_> = repositories.iter().filter_map(|(_, branch)| branch.as_ref()).collect();
    let docs = code_references(ctx, project, &branches, flags).await?;
    let mut counted = Vec::with_capacity(docs.len());
    for doc in &docs {
        let counts: Counts = doc.decode()?;
        counted.push(counts);
    }
    let mut statistics: BTreeMap<String, Vec<CodeStatistic>> = BTreeMap::new();
    for (repository, branch) in &repositories {
        let Some(branch) = branch else { continue };
        for counts in counted.iter().filter(|counts| counts.branch == branch.id) {
            statistics.entry(counts.flag.clone()).or_default().push(statistic(repository, branch, counts));
        }
    }
    Ok(statistics)
}

fn statistic(repository: &Loaded<CodeRepository>, branch: &CodeBranch, counts: &Counts) -> CodeStatistic {
    let value = &repository.value;
    CodeStatistic {
        name: value.name.clone(),
        host: value.host,
        source_link: value.source_link.clone().unwrap_or_default(),
        default_branch: value.default_branch.clone(),
        enabled: value.enabled,
        version: repository.version,
        hunk_count: counts.hunk_count,
        file_count: counts.files.len() as u64,
        latest_commit_time: branch.commit_time,
        links: Links::new().own(path(&["code-refs", "repositories", &value.name])),
    }
}

/// What `expand=codeReferences` embeds in a flag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "FlagCodeReferences")]
pub struct CodeReferencesRep {
    /// One for each repository whose default branch names the flag.
    items: Vec<CodeStatistic>,
}

/// What `expand=codeReferences` embeds in each of these flags of a project, by key. Flags that no code names
/// get an empty list.
///
/// # Errors
/// The store cannot be read.
pub async fn code_references_of(
    ctx: &Ctx,
    project: &str,
    flags: &[&str],
) -> Result<BTreeMap<String, CodeReferencesRep>> {
    let mut found = code_statistics(ctx, project, Some(flags)).await?;
    let rep = |flag: &&str| ((*flag).to_owned(), CodeReferencesRep { items: found.remove(*flag).unwrap_or_default() });
    Ok(flags.iter().map(rep).collect())
}

/// Hunks that name each flag of a project, on the default branches of all repositories; flags that no code
/// names are absent. For the filters `codeReferences.min` and `codeReferences.max`.
///
/// # Errors
/// The store cannot be read.
pub async fn code_reference_counts(ctx: &Ctx, project: &str) -> Result<BTreeMap<String, u64>> {
    let statistics = code_statistics(ctx, project, None).await?;
    let sum = |list: &[CodeStatistic]| list.iter().map(|one| one.hunk_count).sum();
    Ok(statistics.iter().map(|(flag, list)| (flag.clone(), sum(list))).collect())
}
