//! Where the code of repositories names flags.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// A repository of code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeRepository {
    /// 24 hex digits: what branches refer to, so that a repository can be renamed.
    pub id: String,
    /// Chosen name; unique, whatever its case.
    pub name: String,
    /// Where it is hosted.
    #[serde(rename = "type")]
    pub host: RepositoryHost,
    /// Address of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_link: Option<String>,
    /// Address of a commit, with `${sha}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_url_template: Option<String>,
    /// Address of a hunk, with `${sha}`, `${filePath}` and `${lineNumber}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hunk_url_template: Option<String>,
    /// The branch that is shown and counted.
    pub default_branch: String,
    /// Whether uploads are taken.
    pub enabled: bool,
    /// When it was created.
    pub created_at: Millis,
}

/// Where a repository is hosted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RepositoryHost {
    /// Bitbucket.
    Bitbucket,
    /// Anywhere else.
    #[default]
    Custom,
    /// GitHub.
    Github,
    /// GitLab.
    Gitlab,
}

/// A branch that was searched for flags. Its references are documents of their own, one for each flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeBranch {
    /// 24 hex digits: what references refer to.
    pub id: String,
    /// Id of the repository.
    pub repository: String,
    /// Its name.
    pub name: String,
    /// The commit that was searched.
    pub head: String,
    /// Orders uploads: only a greater one replaces what is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_sequence_id: Option<i64>,
    /// When it was searched, by the client's clock.
    pub sync_time: Millis,
    /// When the commit was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_time: Option<Millis>,
    /// Keys of the projects whose flags it names.
    #[serde(default)]
    pub projects: BTreeSet<String>,
}

/// Where one branch names one flag; scope: the flag's project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeReferences {
    /// Id of the branch.
    pub branch: String,
    /// Key of the flag.
    pub flag: String,
    /// Hunks in all files.
    pub hunk_count: u64,
    /// Files in order of their paths, hunks in order of their lines.
    pub files: Vec<ReferencedFile>,
}

/// A file that names the flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferencedFile {
    /// Path from the repository's root.
    pub path: String,
    /// Its programming language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Pieces of it.
    pub hunks: Vec<CodeHunk>,
}

/// A piece of a file that names the flag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeHunk {
    /// Where it starts.
    pub starting_line_number: i64,
    /// The lines; absent where code is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<String>,
    /// Other names under which it mentions the flag.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// The commit after which a branch no longer named a flag; scope: the flag's project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeExtinction {
    /// Id of the branch.
    pub branch: String,
    /// Key of the flag.
    pub flag: String,
    /// The commit.
    pub revision: String,
    /// Its message.
    pub message: String,
    /// When it was made.
    pub time: Millis,
}
