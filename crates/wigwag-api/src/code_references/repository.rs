//! One repository: create, show, change, delete.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_kit::resource::{description, retried};
use wigwag_kit::{Change, Ctx, Dialects, Error, Patch, Proofs, Reply, Request, Result};
use wigwag_model::doc::{CodeRepository, Kind, RepositoryHost};
use wigwag_model::key::is_key;
use wigwag_store::{DocKey, Expect, IndexFacts};

use super::access::target;
use super::branches;
use super::load::{self, MAX_REPOSITORY, is_branch_name, unique_name};
use super::reps::repository_rep;
use crate::common::authorise_patch;
use crate::read::{Loaded, code_repository_spec, require_viewer};

/// Longest address or template, in bytes.
const MAX_URL: usize = 2_048;

/// Actions that a patch may need.
pub(super) const PATCH: &[&str] =
    &["updateCodeRefsRepositoryName", "updateCodeRefsRepositoryConfiguration", "updateCodeRefsRepositoryOn"];

const EDITABLE: &[(&str, &str)] = &[
    ("name", PATCH[0]),
    ("type", PATCH[1]),
    ("sourceLink", PATCH[1]),
    ("commitUrlTemplate", PATCH[1]),
    ("hunkUrlTemplate", PATCH[1]),
    ("defaultBranch", PATCH[1]),
    ("enabled", PATCH[2]),
];

/// A new repository.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepositoryPost {
    /// Letters, digits, `.`, `_` and `-`; unique in whatever case.
    name: String,
    source_link: Option<String>,
    commit_url_template: Option<String>,
    hunk_url_template: Option<String>,
    /// `custom` when it is missing.
    #[serde(rename = "type")]
    host: Option<RepositoryHost>,
    /// `main` when it is missing.
    default_branch: Option<String>,
}

/// The part that a patch may touch.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Edit {
    name: String,
    #[serde(rename = "type")]
    host: RepositoryHost,
    #[serde(default)]
    source_link: Option<String>,
    #[serde(default)]
    commit_url_template: Option<String>,
    #[serde(default)]
    hunk_url_template: Option<String>,
    default_branch: String,
    enabled: bool,
}

impl Edit {
    fn of(repository: &CodeRepository) -> Self {
        let r = repository.clone();
        Self {
            name: r.name,
            host: r.host,
            source_link: r.source_link,
            commit_url_template: r.commit_url_template,
            hunk_url_template: r.hunk_url_template,
            default_branch: r.default_branch,
            enabled: r.enabled,
        }
    }

    /// The repository with this part; empty addresses count as none.
    fn onto(self, repository: &CodeRepository) -> Result<CodeRepository> {
        let after = CodeRepository {
            name: self.name,
            host: self.host,
            source_link: self.source_link.filter(|url| !url.is_empty()),
            commit_url_template: self.commit_url_template.filter(|url| !url.is_empty()),
            hunk_url_template: self.hunk_url_template.filter(|url| !url.is_empty()),
            default_branch: self.default_branch,
            enabled: self.enabled,
            ..repository.clone()
        };
        check(&after).map(|()| after)
    }
}

fn check(repository: &CodeRepository) -> Result<()> {
    if !is_key(&repository.name, MAX_REPOSITORY) {
        let rule =
            format!("must be 1 to {MAX_REPOSITORY} letters, digits, '_', '.' or '-', the first a letter or digit");
        return Err(Error::field("name", rule));
    }
    if !is_branch_name(&repository.default_branch) {
        return Err(Error::field("defaultBranch", "must be the name of a branch"));
    }
    let urls = [
        ("sourceLink", &repository.source_link),
        ("commitUrlTemplate", &repository.commit_url_template),
        ("hunkUrlTemplate", &repository.hunk_url_template),
    ];
    match urls.iter().find(|(_, url)| url.as_ref().is_some_and(|url| url.len() > MAX_URL)) {
        Some((field, _)) => Err(Error::field(field, format_args!("must be at most {MAX_URL} bytes long"))),
        None => Ok(()),
    }
}

/// What no two repositories share, and lists sort by.
fn index(repository: &CodeRepository) -> IndexFacts {
    IndexFacts::new().text("name", &repository.name).unique("name", unique_name(&repository.name))
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let input: RepositoryPost = request.json()?;
    let value = CodeRepository {
        id: ctx.app.ids.object_id(),
        name: input.name,
        host: input.host.unwrap_or_default(),
        source_link: input.source_link.filter(|url| !url.is_empty()),
        commit_url_template: input.commit_url_template.filter(|url| !url.is_empty()),
        hunk_url_template: input.hunk_url_template.filter(|url| !url.is_empty()),
        default_branch: input.default_branch.filter(|name| !name.is_empty()).unwrap_or_else(|| "main".to_owned()),
        enabled: true,
        created_at: ctx.app.clock.now(),
    };
    let proof = ctx.authorise("createCodeRefsRepository", &code_repository_spec(&value))?;
    check(&value)?;
    let key = DocKey::account(Kind::CodeRepository, value.id.as_str());
    let mut made = Loaded { spec: code_repository_spec(&value), value, version: 0, key: key.clone() };
    let mut change = Change::new(Proofs::of(proof), "created the repository", target(&made));
    change.put(key, Expect::Absent, &made.value, index(&made.value))?;
    made.version = commit(&ctx, change).await?;
    Reply::json(&repository_rep(&made, None))
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    Reply::json(&repository_rep(&load::repository(&ctx, request.param("repo")).await?, None))
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let repository = request.param("repo");
    let patch = Patch::read(&request, Dialects::JSON_OR_MERGE)?;
    retried(patch.pins(), || patched(&ctx, repository, &patch)).await
}

async fn patched(ctx: &Ctx, name: &str, patch: &Patch) -> Result<Reply> {
    let mut repository = load::repository(ctx, name).await?;
    let proofs = authorise_patch(ctx, &repository.spec, patch, EDITABLE)?;
    let before = Edit::of(&repository.value);
    let edit: Edit = patch.edited(&repository_rep(&repository, None), &before)?;
    let after = edit.onto(&repository.value)?;
    let Some(proofs) = proofs.filter(|_| after != repository.value) else {
        return Reply::json(&repository_rep(&repository, None));
    };
    let text = description(&json(&before)?, &json(&Edit::of(&after))?, &[]);
    repository.value = after;
    let mut change = Change::new(proofs, "updated the repository", target(&repository))
        .comment(patch.comment())
        .description(text)
        .delta(patch.delta());
    let expect = Expect::Version(repository.version);
    change.put(repository.key.clone(), expect, &repository.value, index(&repository.value))?;
    repository.version = commit(ctx, change).await?;
    Reply::json(&repository_rep(&repository, None))
}

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || deleted(&ctx, request.param("repo"))).await
}

async fn deleted(ctx: &Ctx, name: &str) -> Result<Reply> {
    let repository = load::repository(ctx, name).await?;
    let proof = ctx.authorise("deleteCodeRefsRepository", &repository.spec)?;
    let mut change = Change::new(Proofs::of(proof), "deleted the repository", target(&repository));
    change.delete(repository.key.clone(), Expect::Version(repository.version));
    let all = load::branches(ctx, &repository.value).await?;
    branches::take_away(ctx, &mut change, &repository.value, &all).await?;
    change.commit(ctx).await?;
    Ok(Reply::empty())
}

/// The new version of the repository.
async fn commit(ctx: &Ctx, change: Change) -> Result<u64> {
    match change.commit(ctx).await {
        Ok(committed) => Ok(committed.versions.first().copied().unwrap_or_default()),
        Err(Error::Conflict(_)) => Err(Error::Conflict("A repository with that name already exists".to_owned())),
        Err(other) => Err(other),
    }
}

fn json(edit: &Edit) -> Result<Value> {
    serde_json::to_value(edit).map_err(|e| Error::Internal(e.to_string()))
}
