//! What a search of a branch found, sent as a whole and stored as far as it differs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{CodeBranch, CodeHunk, CodeReferences, CodeRepository, ReferencedFile};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::{Expect, IndexFacts};

use super::access::{existing, target};
use super::load::{self, Branch, is_branch_name};
use super::reps::ReferenceRep;
use crate::read::{code_branch_key, code_references_key};

/// Largest upload as it is sent, in bytes.
pub(super) const LIMIT: usize = 25 * 1024 * 1024;
/// Largest upload once it is unpacked, in bytes.
pub(super) const UNPACKED_LIMIT: usize = 128 * 1024 * 1024;
/// Longest name of a commit, in bytes.
const MAX_HEAD: usize = 256;

/// A branch as a search found it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutBranch {
    /// The branch of the path.
    name: String,
    /// The commit that was searched.
    head: String,
    /// Only a greater one than before is taken; without one the upload always counts.
    update_sequence_id: Option<i64>,
    /// When it was searched.
    sync_time: Millis,
    /// Where it names flags; replaces what was there.
    references: Option<Vec<ReferenceRep>>,
    /// When the commit was made.
    commit_time: Option<Millis>,
}

/// Where the branch names each flag, by project and key.
type Found = BTreeMap<(String, String), Vec<ReferencedFile>>;

pub(super) async fn put(ctx: Ctx, request: Request) -> Result<Reply> {
    let repository = load::repository(&ctx, request.param("repo")).await?;
    // Before a large body is read; each attempt asks again.
    ctx.authorise("updateCodeRefsRepositoryBranches", &repository.spec)?;
    if !repository.value.enabled {
        return Err(Error::Forbidden(format!("The repository {} is disabled", repository.value.name)));
    }
    let name = request.param("branch").to_owned();
    let body = request.body.clone();
    // Up to a hundred megabytes of text: not on a thread that serves others.
    let read = tokio::task::spawn_blocking(move || read(&name, &body));
    let (upload, found) = read.await.map_err(|e| Error::Internal(format!("reading an upload: {e}")))??;
    let projects: BTreeSet<_> = found.keys().map(|(project, _)| project.as_str()).collect();
    let known = existing(&ctx, projects.iter().copied()).await?;
    if let Some(unknown) = projects.iter().find(|project| !known.contains(**project)) {
        return Err(Error::field("projKey", format_args!("Unknown project key {unknown}")));
    }
    retried(false, || save(&ctx, request.param("repo"), &upload, &found)).await
}

/// Reads the body and sorts its hunks by flag.
fn read(name: &str, body: &[u8]) -> Result<(PutBranch, Found)> {
    let mut upload: PutBranch = wigwag_kit::json::read(body)?;
    if upload.name != name || !is_branch_name(name) {
        return Err(Error::field("name", "must be the name of the branch in the path, of at most 400 bytes"));
    }
    if upload.head.is_empty() || upload.head.len() > MAX_HEAD {
        return Err(Error::field("head", format_args!("must be 1 to {MAX_HEAD} bytes long")));
    }
    let found = by_flag(upload.references.take().unwrap_or_default())?;
    Ok((upload, found))
}

/// The same found again in another order comes out the same.
fn by_flag(references: Vec<ReferenceRep>) -> Result<Found> {
    let mut flags: BTreeMap<(String, String), BTreeMap<String, ReferencedFile>> = BTreeMap::new();
    for (at, file) in references.into_iter().enumerate() {
        for (nth, hunk) in file.hunks.into_iter().enumerate() {
            if !is_key(&hunk.flag_key, MAX_KEY) {
                let field = format!("references[{at}].hunks[{nth}].flagKey");
                return Err(Error::field(&field, "is not the key of a flag"));
            }
            let files = flags.entry((hunk.proj_key, hunk.flag_key)).or_default();
            let entry = files.entry(file.path.clone()).or_insert_with(|| ReferencedFile {
                path: file.path.clone(),
                hint: file.hint.clone(),
                hunks: Vec::new(),
            });
            entry.hunks.push(CodeHunk {
                starting_line_number: hunk.starting_line_number,
                lines: hunk.lines,
                aliases: hunk.aliases.unwrap_or_default(),
            });
        }
    }
    let sorted = |files: BTreeMap<String, ReferencedFile>| {
        let sorted = files.into_values().map(|mut file| {
            file.hunks.sort();
            file
        });
        sorted.collect()
    };
    Ok(flags.into_iter().map(|(flag, files)| (flag, sorted(files))).collect())
}

/// One attempt at storing the upload.
async fn save(ctx: &Ctx, repository: &str, upload: &PutBranch, found: &Found) -> Result<Reply> {
    let repository = load::repository(ctx, repository).await?;
    let proof = ctx.authorise("updateCodeRefsRepositoryBranches", &repository.spec)?;
    let before = load::branch(ctx, &repository.value, &upload.name).await?;
    let known = before.as_ref().and_then(|branch| branch.value.update_sequence_id);
    if let (Some(known), Some(sent)) = (known, upload.update_sequence_id)
        && sent <= known
    {
        let message = format!("updateSequenceId: {sent} is not greater than {known}, which is there already");
        return Err(Error::StaleSequence(message));
    }
    let branch = branch(ctx, &repository.value, before.as_ref(), upload, found);
    let mut change = Change::new(Proofs::of(proof), "updated the repository", target(&repository));
    let expect = before.as_ref().map_or(Expect::Absent, |before| Expect::Version(before.version));
    let facts = IndexFacts::new().text("repository", &repository.value.id);
    change.put(code_branch_key(&repository.value, &branch.name), expect, &branch, facts)?;
    let written = differences(ctx, &mut change, before.as_ref(), &branch, found).await?;
    let text = format!("* Updated the branch `{}`: {written}\n", branch.name.replace('`', "'"));
    change.description(text).commit(ctx).await?;
    Ok(Reply::empty())
}

fn branch(
    ctx: &Ctx,
    repository: &CodeRepository,
    before: Option<&Branch>,
    upload: &PutBranch,
    found: &Found,
) -> CodeBranch {
    let before = before.map(|branch| &branch.value);
    CodeBranch {
        id: before.map_or_else(|| ctx.app.ids.object_id(), |before| before.id.clone()),
        repository: repository.id.clone(),
        name: upload.name.clone(),
        head: upload.head.clone(),
        // What is stored without a number does not let older uploads in again.
        update_sequence_id: upload.update_sequence_id.or(before.and_then(|before| before.update_sequence_id)),
        sync_time: upload.sync_time,
        commit_time: upload.commit_time.filter(|time| *time > 0),
        projects: found.keys().map(|(project, _)| project.clone()).collect(),
    }
}

/// Writes the references that differ from those stored, and says how many.
async fn differences(
    ctx: &Ctx,
    change: &mut Change,
    before: Option<&Branch>,
    branch: &CodeBranch,
    found: &Found,
) -> Result<String> {
    let mut stored = HashMap::new();
    if let Some(before) = before {
        stored.extend(load::references(ctx, &before.value).await?.into_iter().map(|doc| (doc.key.clone(), doc)));
    }
    let (mut added, mut changed) = (0, 0);
    for ((project, flag), files) in found {
        let key = code_references_key(project, branch, flag);
        let references = CodeReferences {
            branch: branch.id.clone(),
            flag: flag.clone(),
            hunk_count: files.iter().map(|file| file.hunks.len() as u64).sum(),
            files: files.clone(),
        };
        let expect = match stored.remove(&key) {
            Some(doc) if doc.decode::<CodeReferences>()? == references => continue,
            Some(doc) => Expect::Version(doc.version),
            None => Expect::Absent,
        };
        if expect == Expect::Absent {
            added += 1
        } else {
            changed += 1
        }
        change.put(key, expect, &references, IndexFacts::new().text("branch", &branch.id))?;
    }
    let removed = stored.len();
    for (key, doc) in stored {
        change.delete(key, Expect::Version(doc.version));
    }
    Ok(format!("references to {added} flags added, {changed} changed, {removed} removed"))
}
