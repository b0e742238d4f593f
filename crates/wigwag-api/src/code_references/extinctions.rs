//! Extinctions: the commits after which a branch no longer named a flag.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Links, Proofs, Reply, Request, Result, query};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{CodeBranch, CodeExtinction, Kind};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::{Doc, DocKey, Expect, IndexFacts};

use super::access::{existing, target, visible};
use super::load;
use crate::read::{code_branches, code_repositories, require_viewer};

/// Longest name of a commit, in bytes.
const MAX_REVISION: usize = 128;
/// Longest message that is kept, in characters.
const MAX_MESSAGE: usize = 4_096;

/// The end of a branch's references to a flag.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CodeExtinction")]
pub(super) struct ExtinctionRep {
    /// The commit.
    revision: String,
    /// Its message.
    message: String,
    /// When it was made.
    time: Millis,
    flag_key: String,
    proj_key: String,
}

/// Extinctions by the flag's key, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CodeExtinctions")]
pub(super) struct ExtinctionsRep {
    items: BTreeMap<String, Vec<ExtinctionRep>>,
    #[serde(rename = "_links")]
    links: Links,
}

/// Notes extinctions on a branch. One that is known already is passed over: searches look back over the same
/// commits again and again.
pub(super) async fn post(ctx: Ctx, request: Request) -> Result<Reply> {
    load::repository(&ctx, request.param("repo")).await?;
    let sent: Vec<ExtinctionRep> = request.json()?;
    let known = existing(&ctx, sent.iter().map(|one| one.proj_key.as_str())).await?;
    for (at, one) in sent.iter().enumerate() {
        check(one).map_err(|(field, problem)| Error::field(&format!("[{at}].{field}"), problem))?;
        if !known.contains(&one.proj_key) {
            let unknown = format!("Unknown project key {}", one.proj_key);
            return Err(Error::field(&format!("[{at}].projKey"), unknown));
        }
    }
    retried(false, || save(&ctx, &request, &sent)).await
}

fn check(one: &ExtinctionRep) -> std::result::Result<(), (&'static str, String)> {
    if !is_key(&one.flag_key, MAX_KEY) {
        return Err(("flagKey", "is not the key of a flag".to_owned()));
    }
    let fits = !one.revision.is_empty() && one.revision.len() <= MAX_REVISION;
    if !fits || one.revision.chars().any(char::is_control) {
        return Err(("revision", format!("must be 1 to {MAX_REVISION} bytes of text")));
    }
    Ok(())
}

async fn save(ctx: &Ctx, request: &Request, sent: &[ExtinctionRep]) -> Result<Reply> {
    let name = request.param("branch");
    let repository = load::repository(ctx, request.param("repo")).await?;
    let proof = ctx.authorise("updateCodeRefsRepositoryBranches", &repository.spec)?;
    let branch = load::branch(ctx, &repository.value, name).await?.ok_or_else(|| load::no_branch(name))?.value;
    let new: BTreeMap<DocKey, CodeExtinction> = sent.iter().map(|one| document(&branch, one)).collect();
    let keys: Vec<_> = new.keys().cloned().collect();
    let there = ctx.store().get_many(&keys).await?;
    let mut change = Change::new(Proofs::of(proof), "updated the repository", target(&repository));
    let (mut count, mut lines) = (0, String::new());
    for ((key, extinction), there) in new.into_iter().zip(there) {
        if there.is_none() {
            let flag = &extinction.flag;
            lines.push_str(&format!("* Noted that `{}` no longer names the flag `{flag}`\n", name.replace('`', "'")));
            let facts = IndexFacts::new().text("branch", &extinction.branch);
            change.put(key, Expect::Absent, &extinction, facts)?;
            count += 1;
        }
    }
    if count > 0 {
        change.description(lines).commit(ctx).await?;
    }
    Ok(Reply::empty())
}

fn document(branch: &CodeBranch, sent: &ExtinctionRep) -> (DocKey, CodeExtinction) {
    let key = format!("{}/{}/{}", branch.id, sent.flag_key, sent.revision);
    let extinction = CodeExtinction {
        branch: branch.id.clone(),
        flag: sent.flag_key.clone(),
        revision: sent.revision.clone(),
        message: sent.message.chars().take(MAX_MESSAGE).collect(),
        time: sent.time,
    };
    (DocKey::in_project(Kind::CodeExtinction, sent.proj_key.as_str(), key), extinction)
}

/// Extinctions on the default branches, or on those called `branchName`.
pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let (from, to) = span(&request)?;
    let mut repositories = code_repositories(&ctx).await?;
    if let Some(name) = request.query("repoName") {
        repositories.retain(|repository| repository.value.name.eq_ignore_ascii_case(name));
    }
    let asked = request.query("branchName").filter(|name| load::is_branch_name(name));
    let branches = code_branches(&ctx, repositories, |r| asked.unwrap_or(&r.default_branch).to_owned()).await?;
    let branches: Vec<_> = branches.iter().filter_map(|(_, branch)| branch.as_ref()).collect();
    let docs = load::extinctions(&ctx, &branches).await?;
    let projects = visible(&ctx, docs.iter().map(|doc| &*doc.key.project)).await?;
    let wanted = |doc: &&Doc| {
        let project = &*doc.key.project;
        projects.contains(project) && request.query("projKey").is_none_or(|key| key == project)
    };
    let mut items: BTreeMap<String, Vec<ExtinctionRep>> = BTreeMap::new();
    for doc in docs.iter().filter(wanted) {
        let one: CodeExtinction = doc.decode()?;
        if request.query("flagKey").is_none_or(|flag| flag == one.flag) && (from..=to).contains(&one.time) {
            items.entry(one.flag.clone()).or_default().push(rep(one, &doc.key.project));
        }
    }
    items.values_mut().for_each(|list| list.sort_by_key(|one| std::cmp::Reverse(one.time)));
    let own = query::render(request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    Reply::json(&ExtinctionsRep { items, links: Links::new().own(format!("{}{own}", request.path)) })
}

/// `from` and `to`, which come together.
fn span(request: &Request) -> Result<(Millis, Millis)> {
    match (request.query_number("from")?, request.query_number("to")?) {
        (None, None) => Ok((Millis::MIN, Millis::MAX)),
        (Some(from), Some(to)) if from > to => Err(Error::field("from", "must not be after to")),
        (Some(from), Some(to)) => Ok((from, to)),
        (Some(_), None) => Err(Error::field("from", "must come together with to")),
        (None, Some(_)) => Err(Error::field("to", "must come together with from")),
    }
}

fn rep(one: CodeExtinction, project: &str) -> ExtinctionRep {
    ExtinctionRep {
        revision: one.revision,
        message: one.message,
        time: one.time,
        flag_key: one.flag,
        proj_key: project.to_owned(),
    }
}
