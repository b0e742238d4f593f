//! A trigger as clients see it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use wigwag_kit::Links;
use wigwag_kit::links::path;
use wigwag_kit::resource::Parent;
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Member, Trigger};

use super::{href, instruction};
use crate::read::{FlagPlace, MemberSummary, summary_of};

/// Stands for the secret of a URL that is not new.
const MASKED: &str = "***";

/// A trigger.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TriggerWorkflowRep")]
pub struct TriggerRep {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Counts changes and calls.
    #[serde(rename = "_version")]
    version: u64,
    /// Milliseconds since the epoch.
    #[serde(rename = "_creationDate")]
    creation_date: Millis,
    /// Who made it.
    #[serde(rename = "_maintainerId", skip_serializing_if = "Option::is_none")]
    maintainer_id: Option<String>,
    /// Who made it.
    #[serde(rename = "_maintainer", skip_serializing_if = "Option::is_none")]
    maintainer: Option<MemberSummary>,
    /// Whether calls do anything.
    enabled: bool,
    /// What calls it.
    #[serde(rename = "_integrationKey")]
    integration_key: String,
    /// What it does: one object with a `kind`.
    #[schemars(with = "Vec<Map<String, Value>>")]
    instructions: Vec<Value>,
    /// When it last did something.
    #[serde(rename = "_lastTriggeredAt", skip_serializing_if = "Option::is_none")]
    last_triggered_at: Option<Millis>,
    /// When it last could not do what it was called for.
    #[serde(rename = "_lastFailedAt", skip_serializing_if = "Option::is_none")]
    last_failed_at: Option<Millis>,
    /// The last calls, newest first.
    #[serde(rename = "_recentTriggerBodies")]
    recent_trigger_bodies: Vec<RecentBody>,
    /// How often it did something.
    #[serde(rename = "_triggerCount")]
    trigger_count: u64,
    /// `active`, `inactive` or `failed`.
    #[serde(rename = "_status")]
    status: &'static str,
    /// Whole when it is new; otherwise its secret is masked.
    #[serde(rename = "triggerURL")]
    trigger_url: String,
    /// Itself and the triggers of the flag.
    #[serde(rename = "_links")]
    links: Links,
}

/// A call of a trigger.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RecentTriggerBody")]
struct RecentBody {
    /// When it came.
    timestamp: Millis,
    /// The JSON object it brought, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    json_body: Option<Map<String, Value>>,
}

impl TriggerRep {
    pub(super) fn new(trigger: &Trigger, version: u64, place: &FlagPlace, maintainer: Option<&Member>) -> Self {
        let parent = path(&["flags", place.project(), &trigger.flag, "triggers", place.environment()]);
        let own = href(place.project(), &trigger.flag, place.environment(), &trigger.id);
        let secret = trigger.secret.as_deref().unwrap_or(MASKED);
        let body =
            |b: &wigwag_model::doc::TriggerBody| RecentBody { timestamp: b.timestamp, json_body: b.json_body.clone() };
        Self {
            id: trigger.id.clone(),
            version,
            creation_date: trigger.created_at,
            maintainer_id: trigger.maintainer_id.clone(),
            maintainer: maintainer.map(summary_of),
            enabled: trigger.enabled,
            integration_key: trigger.integration_key.clone(),
            instructions: vec![instruction(trigger.action)],
            last_triggered_at: trigger.last_triggered_at,
            last_failed_at: trigger.last_failed_at,
            recent_trigger_bodies: trigger.recent_bodies.iter().map(body).collect(),
            trigger_count: trigger.count,
            status: status(trigger),
            trigger_url: format!("{}/webhook/triggers/{}/{secret}", place.site, trigger.id),
            links: Links::new().own(own).parent(parent),
        }
    }
}

/// A failure counts until the trigger works again.
fn status(trigger: &Trigger) -> &'static str {
    match (trigger.enabled, trigger.last_failed_at) {
        (false, _) => "inactive",
        (true, Some(failed)) if trigger.last_triggered_at.is_none_or(|at| at < failed) => "failed",
        (true, _) => "active",
    }
}
