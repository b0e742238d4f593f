//! A subscription as clients see it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use wigwag_kit::links::path;
use wigwag_kit::patch::MASK;
use wigwag_kit::{Ctx, Links, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Integration;

use super::manifest::manifest;
use crate::deliveries::DeliveryStatus;

/// A subscription of an integration to the audit log.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Integration")]
pub struct IntegrationRep {
    /// Itself and the others of the integration.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Key of the integration.
    kind: String,
    /// Human name.
    name: String,
    /// Values of the integration's variables; secret ones are obscured.
    config: Map<String, Value>,
    /// Policy statements that select entries; flag changes in production when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    statements: Option<Vec<Value>>,
    /// Whether it is told of entries.
    on: bool,
    /// Tags.
    tags: Vec<String>,
    /// How deliveries went lately.
    #[serde(rename = "_status", skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

/// How deliveries went, of those that are kept.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IntegrationSubscriptionStatus")]
struct Status {
    /// Deliveries that arrived.
    success_count: u64,
    /// When the last one arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success: Option<Millis>,
    /// Tries that failed.
    error_count: u64,
    /// When the last one failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<Millis>,
    /// The last failures, newest first.
    errors: Vec<Problem>,
}

/// A try that failed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IntegrationStatusError")]
struct Problem {
    /// Status of the answer; 0 where none came.
    status_code: u16,
    /// The beginning of the answer, or why there is none.
    response_body: String,
    /// When.
    timestamp: Millis,
}

pub(super) fn href(integration: &Integration) -> String {
    path(&["integrations", &integration.integration_key, &integration.id])
}

/// The values with the secret ones obscured.
pub(super) fn obscured(integration: &Integration) -> Map<String, Value> {
    let secret = |key: &str| manifest(&integration.integration_key).is_none_or(|m| m.is_secret(key));
    let shown = |(key, value): (&String, &Value)| {
        let value = if secret(key) { MASK.into() } else { value.clone() };
        (key.clone(), value)
    };
    integration.config.iter().map(shown).collect()
}

pub(super) fn rep(integration: &Integration) -> IntegrationRep {
    IntegrationRep {
        links: Links::new().parent(path(&["integrations", &integration.integration_key])).own(href(integration)),
        id: integration.id.clone(),
        kind: integration.integration_key.clone(),
        name: integration.name.clone(),
        config: obscured(integration),
        statements: integration.statements.clone(),
        on: integration.on,
        tags: integration.tags.clone(),
        status: None,
    }
}

/// With how its deliveries went.
pub(super) async fn with_status(ctx: &Ctx, integration: &Integration) -> Result<IntegrationRep> {
    let found = DeliveryStatus::of(ctx, wigwag_model::doc::Kind::Integration, &integration.id).await?;
    let errors = found.errors.into_iter().map(|outcome| Problem {
        status_code: outcome.status.unwrap_or(0),
        response_body: if outcome.head.is_empty() { outcome.error } else { outcome.head },
        timestamp: outcome.at,
    });
    let status = Status {
        success_count: found.arrived,
        last_success: found.last_success,
        error_count: found.failed,
        last_error: found.last_error,
        errors: errors.collect(),
    };
    Ok(IntegrationRep { status: Some(status), ..rep(integration) })
}
