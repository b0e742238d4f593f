//! Noting something of an application, and deleting it.

use serde::{Deserialize, Serialize};
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Dialects, Error, Patch, Proofs, Reply, Request, Result, Target};
use wigwag_model::doc::Application;
use wigwag_store::{Expect, IndexFacts};

use super::found::{self, Found, Version};
use super::rep::{ApplicationRep, VersionRep};
use super::{doc_key, href, spec};
use crate::common::Bullets;

const UPDATE_DESCRIPTION: &str = "updateApplicationDescription";
const UPDATE_KIND: &str = "updateApplicationKind";
pub(super) const UPDATES: &[&str] = &[UPDATE_DESCRIPTION, UPDATE_KIND];
pub(super) const DELETE: &str = "deleteApplication";
pub(super) const UPDATE_VERSION: &str = "updateApplicationVersionSupport";
pub(super) const DELETE_VERSION: &str = "deleteApplicationVersion";
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 10_000;

/// What a patch may touch of an application.
#[derive(Serialize, Deserialize)]
struct Edit {
    #[serde(default)]
    description: String,
    kind: String,
}

/// What a patch may touch of a version.
#[derive(Serialize, Deserialize)]
struct EditVersion {
    #[serde(deserialize_with = "switch")]
    supported: bool,
}

/// `true`, or the text `"true"` that the documented example has.
fn switch<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<bool, D::Error> {
    match serde_json::Value::deserialize(from)? {
        serde_json::Value::Bool(on) => Ok(on),
        serde_json::Value::String(text) if text == "true" || text == "false" => Ok(text == "true"),
        other => Err(serde::de::Error::custom(format_args!("must be true or false, not {other}"))),
    }
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::JSON)?;
    let found = retried(patch.pins(), || patched(&ctx, &request, &patch)).await?;
    Reply::json(&ApplicationRep::of(&found, None))
}

async fn patched(ctx: &Ctx, request: &Request, patch: &Patch) -> Result<Found> {
    let found = found::one(ctx, request.param("applicationKey")).await?;
    let before = Edit { description: found.notes.description.clone(), kind: found.kind().to_owned() };
    let edit: Edit = patch.edited(&ApplicationRep::of(&found, None), &before)?;
    if edit.description.chars().count() > MAX_DESCRIPTION {
        return Err(Error::field("description", format_args!("must be at most {MAX_DESCRIPTION} characters long")));
    }
    if !["browser", "mobile", "server"].contains(&edit.kind.as_str()) {
        return Err(Error::field("kind", "must be browser, mobile or server"));
    }
    let changed =
        [(edit.description != before.description, UPDATE_DESCRIPTION), (edit.kind != before.kind, UPDATE_KIND)];
    let actions = changed.into_iter().filter(|(changed, _)| *changed).map(|(_, action)| action);
    let proofs = actions.map(|action| ctx.authorise(action, &spec(&found.key))).collect::<Result<Vec<_>>>()?;
    let Some(proofs) = Proofs::from_list(proofs) else {
        ctx.authorise(UPDATE_DESCRIPTION, &spec(&found.key))?;
        return Ok(found);
    };
    let mut bullets = Bullets::default();
    bullets.changed("description", &before.description, &edit.description);
    bullets.changed("kind", &before.kind, &edit.kind);
    let kind = if edit.kind == before.kind { found.notes.kind.clone() } else { Some(edit.kind) };
    let notes = Application { description: edit.description, kind, ..noted(&found) };
    let change = |change: Change| change.comment(patch.comment()).description(bullets.markdown()).delta(patch.delta());
    save(ctx, &found, notes, proofs, "updated the application", change).await?;
    found::one(ctx, &found.key).await
}

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, async || {
        let found = found::one(&ctx, request.param("applicationKey")).await?;
        let proof = ctx.authorise(DELETE, &spec(&found.key))?;
        let notes =
            Application { key: found.key.clone(), deleted_at: Some(ctx.app.clock.now()), ..Application::default() };
        save(&ctx, &found, notes, Proofs::of(proof), "deleted the application", |change| change).await
    })
    .await?;
    Ok(Reply::empty())
}

pub(super) async fn patch_version(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::JSON)?;
    let found = retried(patch.pins(), || patched_version(&ctx, &request, &patch)).await?;
    let version = version(&found, request.param("versionKey"))?;
    Reply::json(&VersionRep::of(&found, version))
}

async fn patched_version(ctx: &Ctx, request: &Request, patch: &Patch) -> Result<Found> {
    let found = found::one(ctx, request.param("applicationKey")).await?;
    let version = version(&found, request.param("versionKey"))?;
    let before = EditVersion { supported: version.notes.supported };
    let edit: EditVersion = patch.edited(&VersionRep::of(&found, version), &before)?;
    let proof = ctx.authorise(UPDATE_VERSION, &spec(&found.key))?;
    if edit.supported == before.supported {
        return Ok(found);
    }
    let mut notes = noted(&found);
    notes.versions.entry(version.key.clone()).or_default().supported = edit.supported;
    let word = if edit.supported { "Supported again" } else { "No longer supported" };
    let text = format!("* {word}: version `{}`", version.key);
    let change = |change: Change| change.comment(patch.comment()).description(text).delta(patch.delta());
    save(ctx, &found, notes, Proofs::of(proof), "updated a version of the application", change).await?;
    found::one(ctx, &found.key).await
}

pub(super) async fn delete_version(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, async || {
        let found = found::one(&ctx, request.param("applicationKey")).await?;
        let version = version(&found, request.param("versionKey"))?;
        let proof = ctx.authorise(DELETE_VERSION, &spec(&found.key))?;
        let mut notes = noted(&found);
        notes.versions.entry(version.key.clone()).or_default().deleted_at = Some(ctx.app.clock.now());
        save(&ctx, &found, notes, Proofs::of(proof), "deleted a version of the application", |change| change).await
    })
    .await?;
    Ok(Reply::empty())
}

fn version<'f>(found: &'f Found, key: &str) -> Result<&'f Version> {
    let version = found.versions.iter().find(|version| version.key == key);
    version.ok_or_else(|| Error::NotFound(format!("Unknown version {key} of the application")))
}

/// Its notes to go on with.
fn noted(found: &Found) -> Application {
    Application { key: found.key.clone(), deleted_at: None, ..found.notes.clone() }
}

async fn save(
    ctx: &Ctx,
    found: &Found,
    notes: Application,
    proofs: Proofs,
    verb: &'static str,
    describe: impl FnOnce(Change) -> Change,
) -> Result<()> {
    let target = Target {
        kind: "application".to_owned(),
        name: found.key.clone(),
        resources: vec![spec(&found.key).to_string()],
        href: href(&found.key),
        site: format!("/settings/applications/{}", found.key),
        project: String::new(),
        environment: None,
        document: Some(["application".to_owned(), String::new(), String::new(), found.key.clone()]),
    };
    let mut change = describe(Change::new(proofs, verb, target));
    let at = doc_key(&found.key);
    let stored = ctx.store().get(&at).await?;
    let expect = stored.map_or(Expect::Absent, |doc| Expect::Version(doc.version));
    change.put(at, expect, &notes, IndexFacts::new())?;
    change.commit(ctx).await.map(drop)
}
