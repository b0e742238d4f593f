//! Applications as they are shown.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Links, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Environment, Flag, Kind};

use super::found::{Found, Version};
use super::{href, links};
use crate::read::{FlagListing, project_of};

/// An application.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationRep {
    #[serde(rename = "_links")]
    links: Links,
    /// How often it was changed by people.
    #[serde(rename = "_version")]
    version: u64,
    /// Always true: SDKs reported it.
    auto_added: bool,
    /// When it was first reported, in milliseconds since 1970.
    creation_date: Millis,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    key: String,
    /// `browser`, `mobile` or `server`.
    pub(super) kind: String,
    name: String,
    /// Flags that it evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<Flags>,
}

impl ApplicationRep {
    pub(super) fn of(found: &Found, flags: Option<Flags>) -> Self {
        Self {
            links: links(href(&found.key), path(&["applications"])),
            version: found.noted,
            auto_added: true,
            creation_date: found.created(),
            description: found.notes.description.clone(),
            key: found.key.clone(),
            kind: found.kind().to_owned(),
            name: found.key.clone(),
            flags,
        }
    }
}

/// A version of an application.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ApplicationVersionRep")]
pub(super) struct VersionRep {
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_version")]
    version: u64,
    /// Always true: SDKs reported it.
    auto_added: bool,
    /// When it was first reported, in milliseconds since 1970.
    creation_date: Millis,
    key: String,
    name: String,
    pub(super) supported: bool,
}

impl VersionRep {
    pub(super) fn of(application: &Found, version: &Version) -> Self {
        let own = path(&["applications", &application.key, "versions", &version.key]);
        Self {
            links: links(own, href(&application.key)),
            version: application.noted,
            auto_added: true,
            creation_date: version.created(),
            key: version.key.clone(),
            name: version.key.clone(),
            supported: version.notes.supported,
        }
    }
}

/// Flags that an application evaluated.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ApplicationFlagCollectionRep")]
pub(super) struct Flags {
    items: Vec<FlagListing>,
    total_count: usize,
    #[serde(rename = "_links")]
    links: Links,
}

impl Flags {
    /// Those of projects that the caller may view.
    pub(super) async fn of(ctx: &Ctx, application: &str) -> Result<Self> {
        let mut items = Vec::new();
        for doc in ctx.store().scan(Kind::Project, None, None).await? {
            let project = project_of(&doc)?;
            if !ctx.may("viewProject", &project.spec) {
                continue;
            }
            let project = &project.value.key;
            let mut keys = std::collections::BTreeMap::new();
            for doc in ctx.store().few_of(Kind::Environment, project).await? {
                let environment: Environment = doc.decode()?;
                let used = ctx.store().volume().flags_used(&environment.id, None, Some(application), 0).await?;
                for flag in used {
                    keys.entry(flag).or_insert_with(|| environment.key.clone());
                }
            }
            for (key, environment) in keys {
                let at = wigwag_store::DocKey::in_project(Kind::Flag, &**project, &*key);
                if let Some(doc) = ctx.store().get(&at).await? {
                    let flag: Flag = doc.decode()?;
                    items.push(FlagListing::of(project, &environment, &key, flag.name));
                }
            }
        }
        Ok(Self { total_count: items.len(), items, links: Links::new().own(href(application)) })
    }
}
