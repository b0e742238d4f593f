//! What the console proposes for new flags of a project. The API stores it and reads it back;
//! flags made through the API take their defaults from the project itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Change, Ctx, Dialects, Error, Patch, Proofs, Reply, Request, Result};
use wigwag_model::doc::{ClientSideAvailability, Project};
use wigwag_store::Expect;

use super::target;
use crate::common::check_tags;
use crate::read::{self, Loaded, project_index};
use wigwag_kit::resource::retried;

/// The defaults, complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlagDefaults {
    /// Tags.
    tags: Vec<String>,
    /// Meant to be removed one day.
    temporary: bool,
    /// For flags with the values true and false.
    boolean_defaults: BooleanDefaults,
    /// Which client-side SDKs see them.
    default_client_side_availability: ClientSideAvailability,
}

/// Names, descriptions and served variations of boolean flags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BooleanDefaults {
    /// Name of true.
    true_display_name: String,
    /// Name of false.
    false_display_name: String,
    /// Description of true.
    true_description: String,
    /// Description of false.
    false_description: String,
    /// Index of the variation served when on: 0 is true.
    on_variation: u32,
    /// Index of the variation served when off: 1 is false.
    off_variation: u32,
}

/// The defaults as they are shown.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FlagDefaultsRep {
    /// Itself and its project.
    #[serde(rename = "_links")]
    links: Links,
    /// The defaults.
    #[serde(flatten)]
    defaults: FlagDefaults,
}

impl FlagDefaults {
    /// What was put last, or what holds without.
    fn of(project: &Project) -> Result<Self> {
        let stored = project.flag_defaults.clone().map(serde_json::from_value).transpose();
        let stored = stored.map_err(|e| Error::Internal(format!("flag defaults of {}: {e}", project.key)))?;
        Ok(stored.unwrap_or_else(|| Self {
            tags: Vec::new(),
            temporary: true,
            boolean_defaults: BooleanDefaults { off_variation: 1, ..BooleanDefaults::default() },
            default_client_side_availability: project.default_client_side_availability,
        }))
    }

    fn check(mut self) -> Result<Self> {
        self.tags = check_tags("tags", self.tags)?;
        let BooleanDefaults { on_variation, off_variation, .. } = self.boolean_defaults;
        for (name, index) in [("onVariation", on_variation), ("offVariation", off_variation)] {
            if index > 1 {
                return Err(Error::field(&format!("booleanDefaults.{name}"), "must be 0 or 1"));
            }
        }
        Ok(self)
    }

    fn shown(self, project: &str) -> FlagDefaultsRep {
        let parent = path(&["projects", project]);
        let links = Links::new().own(format!("{parent}/flag-defaults")).parent(parent);
        FlagDefaultsRep { links, defaults: self }
    }
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let project = read::project(&ctx, request.param("projectKey")).await?;
    Reply::json(&FlagDefaults::of(&project.value)?.shown(&project.value.key))
}

pub(super) async fn put(ctx: Ctx, request: Request) -> Result<Reply> {
    let defaults: FlagDefaults = request.json()?;
    let value = request.value()?;
    let new = |_: &FlagDefaults| Ok((defaults.clone(), value.clone(), None));
    retried(false, || save(&ctx, &request, &new)).await
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::JSON_OR_MERGE)?;
    let new = |old: &FlagDefaults| Ok((patch.edited(old, old)?, patch.delta(), patch.comment().map(str::to_owned)));
    retried(patch.pins(), || save(&ctx, &request, &new)).await
}

/// New defaults, how the audit entry keeps the change, and its comment.
type New = (FlagDefaults, Value, Option<String>);

async fn save(
    ctx: &Ctx,
    request: &Request,
    new: &(dyn Fn(&FlagDefaults) -> Result<New> + Send + Sync),
) -> Result<Reply> {
    let mut project = read::project(ctx, request.param("projectKey")).await?;
    let proof = ctx.authorise("updateProjectFlagDefaults", &project.spec)?;
    let (defaults, delta, comment) = new(&FlagDefaults::of(&project.value)?)?;
    let defaults = defaults.check()?;
    let stored = serde_json::to_value(&defaults).map_err(|e| Error::Internal(e.to_string()))?;
    let shown = defaults.shown(&project.value.key);
    if project.value.flag_defaults.as_ref() != Some(&stored) {
        project.value.flag_defaults = Some(stored);
        let mut change = Change::new(Proofs::of(proof), "updated the project", target(&project))
            .comment(comment.as_deref())
            .description("* Changed the flag defaults\n".to_owned())
            .delta(delta);
        let Loaded { value, version, key, .. } = &project;
        change.put(key.clone(), Expect::Version(*version), value, project_index(value))?;
        change.commit(ctx).await?;
    }
    Reply::json(&shown)
}
