//! Repositories, branches and references on the wire.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{CodeBranch, CodeReferences, CodeRepository, RepositoryHost};

use super::access::visible;
use crate::read::{Loaded, code_references};

/// A repository of code.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CodeRepository")]
pub(super) struct RepositoryRep {
    /// Chosen name.
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_url_template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hunk_url_template: Option<String>,
    #[serde(rename = "type")]
    host: RepositoryHost,
    /// The branch that is shown and counted.
    default_branch: String,
    /// Whether uploads are taken.
    enabled: bool,
    /// Rises with every change of the settings.
    version: u64,
    /// Branches, where they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    branches: Option<Vec<BranchRep>>,
    #[serde(rename = "_links")]
    links: Links,
}

/// Shows a repository.
pub(super) fn repository_rep(repository: &Loaded<CodeRepository>, branches: Option<Vec<BranchRep>>) -> RepositoryRep {
    let value = &repository.value;
    let own = ["code-refs", "repositories", &value.name];
    RepositoryRep {
        name: value.name.clone(),
        source_link: value.source_link.clone(),
        commit_url_template: value.commit_url_template.clone(),
        hunk_url_template: value.hunk_url_template.clone(),
        host: value.host,
        default_branch: value.default_branch.clone(),
        enabled: value.enabled,
        version: repository.version,
        branches,
        links: Links::new()
            .own(path(&own))
            .parent(path(&own[..2]))
            .to("branches", path(&[&own[..], &["branches"]].concat())),
    }
}

/// A branch that was searched.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CodeBranch")]
pub(super) struct BranchRep {
    name: String,
    /// The commit that was searched.
    head: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_sequence_id: Option<i64>,
    sync_time: Millis,
    /// Where it names flags, by path.
    #[serde(skip_serializing_if = "Option::is_none")]
    references: Option<Vec<ReferenceRep>>,
    #[serde(rename = "_links")]
    links: Links,
}

/// Shows a branch.
pub(super) fn branch_rep(repository: &str, branch: &CodeBranch, references: Option<Vec<ReferenceRep>>) -> BranchRep {
    let own = ["code-refs", "repositories", repository, "branches", &branch.name];
    BranchRep {
        name: branch.name.clone(),
        head: branch.head.clone(),
        update_sequence_id: branch.update_sequence_id,
        sync_time: branch.sync_time,
        references,
        links: Links::new().own(path(&own)).parent(path(&own[..3])),
    }
}

/// A file that names flags.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CodeReference")]
pub(super) struct ReferenceRep {
    /// Path from the repository's root.
    pub(super) path: String,
    /// Programming language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
    /// Pieces of it.
    pub(super) hunks: Vec<HunkRep>,
}

/// A piece of a file that names a flag.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CodeHunk")]
pub(super) struct HunkRep {
    pub(super) starting_line_number: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lines: Option<String>,
    pub(super) proj_key: String,
    pub(super) flag_key: String,
    /// Other names under which it mentions the flag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) aliases: Option<Vec<String>>,
}

/// Which references a request asks for.
pub(super) struct Narrowed<'a> {
    project: Option<&'a str>,
    flag: Option<&'a str>,
}

impl<'a> Narrowed<'a> {
    /// Reads `projKey` and `flagKey`.
    pub(super) fn of(request: &'a Request) -> Self {
        Self { project: request.query("projKey"), flag: request.query("flagKey") }
    }

    /// Where a branch names flags of projects that the caller may view, by path and line.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(super) async fn references(&self, ctx: &Ctx, branch: &CodeBranch) -> Result<Vec<ReferenceRep>> {
        let asked = branch.projects.iter().map(String::as_str).filter(|key| self.project.is_none_or(|p| p == *key));
        let projects: BTreeSet<String> = visible(ctx, asked).await?;
        let flags = self.flag.as_slice();
        let mut files: BTreeMap<String, ReferenceRep> = BTreeMap::new();
        for project in &projects {
            for doc in code_references(ctx, project, &[branch], self.flag.map(|_| flags)).await? {
                add(&mut files, project, doc.decode()?);
            }
        }
        let mut files: Vec<_> = files.into_values().collect();
        files.iter_mut().for_each(|file| file.hunks.sort());
        Ok(files)
    }
}

fn add(files: &mut BTreeMap<String, ReferenceRep>, project: &str, references: CodeReferences) {
    for file in references.files {
        let entry = files.entry(file.path).or_insert_with_key(|path| ReferenceRep {
            path: path.clone(),
            hint: file.hint,
            hunks: Vec::new(),
        });
        entry.hunks.extend(file.hunks.into_iter().map(|hunk| HunkRep {
            starting_line_number: hunk.starting_line_number,
            lines: hunk.lines,
            proj_key: project.to_owned(),
            flag_key: references.flag.clone(),
            aliases: (!hunk.aliases.is_empty()).then_some(hunk.aliases),
        }));
    }
}
