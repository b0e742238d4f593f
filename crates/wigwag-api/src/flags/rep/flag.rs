//! A flag with its environments.

use std::collections::{BTreeMap, HashMap};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_kit::links::{Links, path};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{
    ClientSideAvailability, CustomProperty, Defaults, Environment, Flag, FlagConfig, FlagKind, Maintainer, Member,
    MigrationSettings, Variation,
};

use super::{FlagConfigRep, Shape};
use crate::flags::expanded::Expanded;
use crate::read::{CodeReferencesRep, MemberSummary, summary_of};

/// A feature flag as clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FeatureFlag")]
pub struct FlagRep<'a> {
    name: &'a str,
    kind: FlagKind,
    description: &'a str,
    key: &'a str,
    #[serde(rename = "_version")]
    version: u64,
    creation_date: Millis,
    /// Older form of `clientSideAvailability.usingEnvironmentId`.
    include_in_snippet: bool,
    client_side_availability: ClientSideAvailability,
    variations: Vec<VariationRep<'a>>,
    temporary: bool,
    tags: &'a [String],
    #[serde(rename = "_links")]
    links: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    maintainer_id: Option<&'a str>,
    #[serde(rename = "_maintainer", skip_serializing_if = "Option::is_none")]
    maintainer: Option<MemberSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maintainer_team_key: Option<&'a str>,
    #[serde(rename = "_maintainerTeam", skip_serializing_if = "Option::is_none")]
    maintainer_team: Option<TeamSummary<'a>>,
    goal_ids: [String; 0],
    experiments: Experiments,
    #[schemars(with = "BTreeMap<String, CustomProperty>")]
    custom_properties: &'a IndexMap<String, CustomProperty>,
    archived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_date: Option<Millis>,
    deprecated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated_date: Option<Millis>,
    defaults: Defaults,
    #[serde(rename = "_purpose")]
    purpose: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration_settings: Option<&'a MigrationSettings>,
    /// With `expand=codeReferences`.
    #[serde(skip_serializing_if = "Option::is_none")]
    code_references: Option<&'a CodeReferencesRep>,
    /// By key, in the project's order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, FlagConfigRep<'a>>>")]
    environments: Option<IndexMap<&'a str, FlagConfigRep<'a>>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Variation")]
struct VariationRep<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    value: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

/// Experiments are listed under their own resource; clients still read these members.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExperimentInfoRep")]
struct Experiments {
    baseline_idx: u32,
    items: [Value; 0],
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MaintainerTeam")]
struct TeamSummary<'a> {
    key: &'a str,
    name: &'a str,
    #[serde(rename = "_links")]
    links: Links,
}

/// The maintainers of the flags shown.
#[derive(Default)]
pub(crate) struct Maintainers {
    /// By id.
    pub(crate) members: HashMap<String, Member>,
    /// Names by key.
    pub(crate) teams: BTreeMap<String, String>,
}

/// What a representation is made from.
pub(crate) struct View<'a> {
    pub(crate) project: &'a str,
    pub(crate) flag: &'a Flag,
    pub(crate) version: u64,
    /// In the project's order; none leaves `environments` out.
    pub(crate) environments: Option<Vec<(&'a Environment, &'a FlagConfig, u64)>>,
    pub(crate) maintainers: &'a Maintainers,
    pub(crate) shape: Shape,
    pub(crate) expanded: &'a Expanded,
}

impl<'a> View<'a> {
    /// The representation.
    pub(crate) fn rep(&self) -> FlagRep<'a> {
        let (flag, shape) = (self.flag, self.shape);
        let (member, team) = match &flag.maintainer {
            Some(Maintainer::Member(id)) => (Some(id.as_str()), None),
            Some(Maintainer::Team(key)) => (None, Some(key.as_str())),
            None => (None, None),
        };
        FlagRep {
            name: &flag.name,
            kind: flag.kind,
            description: &flag.description,
            key: &flag.key,
            version: self.version,
            creation_date: flag.created_at,
            include_in_snippet: flag.client_side_availability.using_environment_id,
            client_side_availability: flag.client_side_availability,
            variations: flag.variations.iter().map(variation).collect(),
            temporary: flag.temporary,
            tags: &flag.tags,
            links: Links::new().own(path(&["flags", self.project, &flag.key])).parent(path(&["flags", self.project])),
            maintainer_id: member,
            maintainer: member.and_then(|id| self.maintainers.members.get(id)).map(summary_of),
            maintainer_team_key: team,
            maintainer_team: team.and_then(|key| self.maintainers.teams.get_key_value(key)).map(team_summary),
            goal_ids: [],
            experiments: Experiments { baseline_idx: 0, items: [] },
            custom_properties: &flag.custom_properties,
            archived: flag.archived_at.is_some(),
            archived_date: flag.archived_at,
            deprecated: flag.deprecated_at.is_some(),
            deprecated_date: flag.deprecated_at,
            defaults: flag.defaults,
            purpose: flag.purpose.as_deref().unwrap_or(""),
            migration_settings: flag.migration_settings.as_ref().filter(|_| shape.migration_settings),
            code_references: self.expanded.code(&flag.key),
            environments: self.environments(),
        }
    }

    /// The part that environments have in the representation, by key.
    pub(crate) fn environments(&self) -> Option<IndexMap<&'a str, FlagConfigRep<'a>>> {
        let one = |(environment, config, version): &(&'a Environment, &'a FlagConfig, u64)| {
            (environment.key.as_str(), FlagConfigRep::of(self, environment, config, *version))
        };
        self.environments.as_ref().map(|list| list.iter().map(one).collect())
    }
}

fn variation(variation: &Variation) -> VariationRep<'_> {
    VariationRep {
        id: &variation.id,
        value: &variation.value,
        name: variation.name.as_deref(),
        description: variation.description.as_deref(),
    }
}

fn team_summary<'a>((key, name): (&'a String, &'a String)) -> TeamSummary<'a> {
    let links = Links::new().own(path(&["teams", key])).parent(path(&["teams"]));
    TeamSummary { key, name, links: links.to("roles", path(&["teams", key, "roles"])) }
}
