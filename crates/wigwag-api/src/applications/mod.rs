//! Applications and their versions: those that SDKs report with their events, with what people noted of them.

mod change;
mod found;
mod rep;
mod select;

use serde::Serialize;
use wigwag_kit::links::path;
use wigwag_kit::operation::{Access, on};
use wigwag_kit::{Collection, Ctx, Error, Expand, Links, Operations, Page, Reply, Request, Result, Spec, patch};
use wigwag_store::DocKey;

use crate::read::{VIEWER, require_viewer};
use found::{Found, Version};
use rep::{ApplicationRep, Flags, VersionRep};

/// The operations of applications.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .with(on("getApplications", VIEWER, list).reply::<Collection<ApplicationRep>>())
        .with(on("getApplication", VIEWER, get).reply::<ApplicationRep>())
        .with(
            on("patchApplication", Access::Actions(change::UPDATES), change::patch)
                .body::<patch::Body>()
                .reply::<ApplicationRep>(),
        )
        .with(on("deleteApplication", Access::Actions(&[change::DELETE]), change::delete))
        .with(on("getApplicationVersions", VIEWER, versions).reply::<Collection<VersionRep>>())
        .with(
            on("patchApplicationVersion", Access::Actions(&[change::UPDATE_VERSION]), change::patch_version)
                .body::<patch::Body>()
                .reply::<VersionRep>(),
        )
        .with(on("deleteApplicationVersion", Access::Actions(&[change::DELETE_VERSION]), change::delete_version))
}

/// Largest page.
const MOST: u32 = 100;

async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let page = Page::of(&request, Some(10), MOST)?;
    let select = select::Select::of(&request, &["key", "name", "kind", "autoAdded"])?;
    let mut all = found::all(&ctx).await?;
    all.retain(|found| select.wants(|field| found.field(field)));
    select.sort(&mut all, Found::created, |found| found.key.clone());
    let total = all.len() as u64;
    let mut items = Vec::new();
    for found in page.cut(all) {
        items.push(shown(&ctx, &request, &found).await?);
    }
    Reply::json(&Collection::new(items, total, &page, &request))
}

async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let found = found::one(&ctx, request.param("applicationKey")).await?;
    Reply::json(&shown(&ctx, &request, &found).await?)
}

async fn shown(ctx: &Ctx, request: &Request, found: &Found) -> Result<ApplicationRep> {
    let flags = if Expand::of(request).has("flags") { Some(Flags::of(ctx, &found.key).await?) } else { None };
    Ok(ApplicationRep::of(found, flags))
}

async fn versions(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let found = found::one(&ctx, request.param("applicationKey")).await?;
    let page = Page::of(&request, Some(50), MOST)?;
    let select = select::Select::of(&request, &["key", "name", "supported", "autoAdded"])?;
    let mut all: Vec<Version> = found.versions.clone();
    all.retain(|version| select.wants(|field| version.field(field)));
    select.sort(&mut all, Version::created, |version| version.key.clone());
    let total = all.len() as u64;
    let items = page.cut(all).map(|version| VersionRep::of(&found, &version)).collect::<Vec<_>>();
    Reply::json(&Collection::new(items, total, &page, &request))
}

/// How policies name an application.
fn spec(key: &str) -> Spec {
    Spec::top("application", key)
}

/// Where notes on an application are stored.
fn doc_key(key: &str) -> DocKey {
    DocKey::account(wigwag_model::doc::Kind::Application, key)
}

fn href(key: &str) -> String {
    path(&["applications", key])
}

fn links(own: String, parent: String) -> Links {
    Links::new().own(own).parent(parent)
}

fn not_found(key: &str) -> Error {
    Error::NotFound(format!("Unknown application key {key}"))
}

/// A value as filters see it.
fn text(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}
