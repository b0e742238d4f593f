//! Migration flags, whose variations are the stages of a migration (evaluation.md 13).

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{MigrationSettings, Variation};
use wigwag_model::id::Ids;

use super::FeatureFlagBody;

/// How a new migration flag stages its migration.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MigrationSettingsPost {
    /// With six stages only, where it must be given: the kind whose data moves.
    context_kind: Option<String>,
    /// 2, 4 or 6.
    stage_count: u32,
}

/// The settings of a flag whose purpose is migration; none for other flags.
pub(super) fn settings(body: &FeatureFlagBody) -> Result<Option<MigrationSettings>> {
    match (body.purpose.as_deref(), &body.migration_settings) {
        (Some("migration"), None) => Err(Error::missing("migrationSettings")),
        (Some("migration"), Some(sent)) => {
            if body.variations.is_some() || body.defaults.is_some() {
                return Err(Error::field("variations", "a migration flag has its own variations and defaults"));
            }
            check(sent).map(Some)
        }
        (_, Some(_)) => Err(Error::field("migrationSettings", "only for flags with the purpose migration")),
        (None | Some("" | "holdout"), None) => Ok(None),
        (Some(other), None) => {
            Err(Error::field("purpose", format_args!("must be migration or holdout, not '{other}'")))
        }
    }
}

fn check(sent: &MigrationSettingsPost) -> Result<MigrationSettings> {
    let kind = sent.context_kind.clone().filter(|kind| !kind.is_empty());
    let path = "migrationSettings.contextKind";
    match (sent.stage_count, &kind) {
        (2 | 4, None) | (6, Some(_)) => {}
        (2 | 4, Some(_)) => return Err(Error::field(path, "only with six stages")),
        (6, None) => return Err(Error::missing(path)),
        (other, _) => {
            return Err(Error::field("migrationSettings.stageCount", format_args!("must be 2, 4 or 6, not {other}")));
        }
    }
    if let Some(kind) = kind.as_deref().filter(|kind| !wigwag_model::kind::Kind::is_valid(kind)) {
        return Err(Error::field(path, format_args!("'{kind}' is not a context kind")));
    }
    Ok(MigrationSettings { context_kind: kind, stage_count: sent.stage_count })
}

/// The stages, in the order of progress.
pub(super) fn variations(stage_count: u32, ids: &Ids) -> Vec<Variation> {
    let stages: &[&str] = match stage_count {
        2 => &["off", "complete"],
        4 => &["off", "shadow", "live", "complete"],
        _ => &["off", "dualwrite", "shadow", "live", "rampdown", "complete"],
    };
    let one = |stage: &&str| Variation {
        id: ids.uuid(),
        value: Value::String((*stage).to_owned()),
        name: None,
        description: None,
    };
    stages.iter().map(one).collect()
}
