//! A flag's configuration in one environment.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::ApiVersion;
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Environment, FlagConfig, Prerequisite};

use super::Detail;
use super::flag::View;
use super::rules::{RuleRep, ServeRep, TargetRep, context_targets, targets, targets_of_every_variation};
use super::summary::Summary;
use crate::read::SiteLink;

/// What a flag does in one environment, as clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FeatureFlagConfig")]
pub(crate) struct FlagConfigRep<'a> {
    on: bool,
    archived: bool,
    salt: &'a str,
    sel: &'a str,
    last_modified: Millis,
    version: u64,
    #[serde(flatten)]
    targeting: Option<Targeting<'a>>,
    #[serde(rename = "_site")]
    site: SiteLink,
    #[serde(rename = "_environmentName")]
    environment_name: &'a str,
    track_events: bool,
    track_events_fallthrough: bool,
    #[serde(rename = "_debugEventsUntilDate", skip_serializing_if = "Option::is_none")]
    debug_events_until: Option<Millis>,
    #[serde(rename = "_summary")]
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation: Option<Evaluation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration_settings: Option<ConfigMigration>,
}

/// What summaries leave out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Targeting<'a> {
    /// Individual targets of kind `user`.
    targets: Vec<TargetRep<'a>>,
    /// Those of other kinds; entries of kind `user` hold the place of the above in the order.
    context_targets: Vec<TargetRep<'a>>,
    rules: Vec<RuleRep<'a>>,
    fallthrough: ServeRep<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    off_variation: Option<usize>,
    prerequisites: &'a [Prerequisite],
}

/// With `expand=evaluation`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FlagConfigEvaluation")]
struct Evaluation<'a> {
    /// For which kinds it was evaluated in the last 30 days.
    context_kinds: &'a [String],
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ConfigMigration {
    #[serde(skip_serializing_if = "Option::is_none")]
    check_ratio: Option<u32>,
}

impl<'a> FlagConfigRep<'a> {
    pub(super) fn of(view: &View<'a>, environment: &'a Environment, config: &'a FlagConfig, version: u64) -> Self {
        let flag = view.flag;
        let migration = flag.migration_settings.is_some() && view.shape.migration_settings;
        Self {
            on: config.on,
            archived: flag.archived_at.is_some(),
            salt: &config.salt,
            sel: &config.sel,
            last_modified: config.last_modified,
            version,
            targeting: (view.shape.detail == Detail::Full).then(|| Targeting::of(view, config)),
            site: SiteLink::of(view.project, &environment.key, &flag.key),
            environment_name: &environment.name,
            track_events: config.track_events,
            track_events_fallthrough: config.track_events_fallthrough,
            debug_events_until: config.debug_events_until,
            summary: Summary::of(flag, config),
            evaluation: view
                .expanded
                .kinds(&environment.key, &flag.key)
                .map(|context_kinds| Evaluation { context_kinds }),
            migration_settings: migration.then_some(ConfigMigration { check_ratio: config.check_ratio }),
        }
    }
}

impl<'a> Targeting<'a> {
    fn of(view: &View<'a>, config: &'a FlagConfig) -> Self {
        let every = view.shape.version == ApiVersion::V20160426;
        Self {
            targets: match every {
                true => targets_of_every_variation(config, view.flag.variations.len()),
                false => targets(config),
            },
            context_targets: context_targets(config),
            rules: config.rules.iter().map(RuleRep::of).collect(),
            fallthrough: ServeRep::of(&config.fallthrough),
            off_variation: config.off_variation,
            prerequisites: &config.prerequisites,
        }
    }
}
