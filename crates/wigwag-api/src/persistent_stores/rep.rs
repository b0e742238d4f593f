//! A persistent store as clients see it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wigwag_kit::Links;
use wigwag_kit::links::path;
use wigwag_model::clock::Millis;
use wigwag_model::doc::PersistentStore;

use super::config::obscured;

/// A persistent store of an environment.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BigSegmentStoreIntegration")]
pub struct PersistentStoreRep {
    /// Itself, all stores, and where it belongs.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// What it is.
    integration_key: String,
    /// Where it belongs.
    project_key: String,
    /// Where it belongs.
    environment_key: String,
    /// How to reach it; secret values are obscured.
    config: Map<String, Value>,
    /// Whether it is kept up to date.
    on: bool,
    /// Tags.
    tags: Vec<String>,
    /// Human name.
    name: String,
    /// Counts its changes.
    version: u64,
    /// How it goes.
    #[serde(rename = "_status")]
    status: StoreStatus,
}

/// How keeping a store up to date goes.
#[derive(Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BigSegmentStoreStatus")]
pub(super) struct StoreStatus {
    /// Whether it had everything a few minutes ago at most.
    pub(super) available: bool,
    /// Whether it may lack something.
    pub(super) potentially_stale: bool,
    #[serde(flatten)]
    pub(super) standing: Standing,
}

/// The same, as servers tell it each other.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Standing {
    /// When it last had everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_sync: Option<Millis>,
    /// When it last failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_error: Option<Millis>,
    /// The last failures, newest first.
    pub(super) errors: Vec<StoreError>,
}

/// A failure.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "StoreIntegrationError")]
pub(super) struct StoreError {
    /// 0: a store answers with no status.
    pub(super) status_code: u16,
    /// What went wrong.
    pub(super) message: String,
    /// When.
    pub(super) timestamp: Millis,
}

const ROOT: [&str; 2] = ["integration-capabilities", "big-segment-store"];

pub(super) fn href(store: &PersistentStore, project: &str, environment: &str) -> String {
    path(&[ROOT[0], ROOT[1], project, environment, &store.integration_key, &store.id])
}

pub(super) fn rep(
    store: &PersistentStore,
    version: u64,
    project: &str,
    environment: &str,
    status: Option<StoreStatus>,
) -> PersistentStoreRep {
    // What is stored sealed is not in the configuration.
    let mut config = store.config.clone();
    config.extend(store.sealed.keys().map(|key| (key.clone(), Value::Null)));
    PersistentStoreRep {
        links: Links::new()
            .own(href(store, project, environment))
            .parent(path(&ROOT))
            .to("project", path(&["projects", project]))
            .to("environment", path(&["projects", project, "environments", environment])),
        id: store.id.clone(),
        integration_key: store.integration_key.clone(),
        project_key: project.to_owned(),
        environment_key: environment.to_owned(),
        config: obscured(&config),
        on: store.on,
        tags: store.tags.clone(),
        name: store.name.clone(),
        version,
        status: status.unwrap_or_default(),
    }
}
