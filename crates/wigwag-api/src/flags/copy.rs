//! Copying what a flag does from one environment to another.

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::doc::FlagConfig;
use wigwag_store::Expect;

use super::answer::{self, Versions};
use super::diff::Diff;
use super::facts::Wanted;
use super::load::{self, Found, config_key};
use super::{access, audit, expiring, guard, validate, write};

/// What is copied, and where.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FlagCopyConfigPost {
    source: CopyEnvironment,
    target: CopyEnvironment,
    comment: Option<String>,
    /// Nothing but these parts; not together with `excludedActions`.
    #[serde(default)]
    included_actions: Vec<Part>,
    /// All parts but these.
    #[serde(default)]
    excluded_actions: Vec<Part>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CopyEnvironment {
    key: String,
    /// The version that the flag must have there.
    current_version: Option<u64>,
}

/// A part of a configuration, by the action that changes it.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
enum Part {
    #[serde(rename = "updateOn")]
    On,
    #[serde(rename = "updateRules")]
    Rules,
    #[serde(rename = "updateFallthrough")]
    Fallthrough,
    #[serde(rename = "updateOffVariation")]
    OffVariation,
    #[serde(rename = "updatePrerequisites")]
    Prerequisites,
    #[serde(rename = "updateTargets")]
    Targets,
    #[serde(rename = "updateFlagConfigMigrationSettings")]
    MigrationSettings,
}

impl FlagCopyConfigPost {
    fn check(&self) -> Result<()> {
        if self.source.key == self.target.key {
            return Err(Error::field("target.key", "must be another environment than the source"));
        }
        if !self.included_actions.is_empty() && !self.excluded_actions.is_empty() {
            return Err(Error::field("excludedActions", "cannot be given together with includedActions"));
        }
        Ok(())
    }

    fn copies(&self, part: Part) -> bool {
        match self.included_actions.is_empty() {
            true => !self.excluded_actions.contains(&part),
            false => self.included_actions.contains(&part),
        }
    }

    /// Whether the client says which state the copy is meant for.
    const fn pins(&self) -> bool {
        self.source.current_version.is_some() || self.target.current_version.is_some()
    }

    /// Rules keep their ids, which are unique within one configuration only.
    fn apply(&self, from: &FlagConfig, to: &mut FlagConfig) {
        if self.copies(Part::On) {
            to.on = from.on;
        }
        if self.copies(Part::Rules) {
            to.rules.clone_from(&from.rules);
        }
        if self.copies(Part::Fallthrough) {
            to.fallthrough.clone_from(&from.fallthrough);
        }
        if self.copies(Part::OffVariation) {
            to.off_variation = from.off_variation;
        }
        if self.copies(Part::Prerequisites) {
            to.prerequisites.clone_from(&from.prerequisites);
        }
        if self.copies(Part::Targets) {
            to.targets.clone_from(&from.targets);
        }
        if self.copies(Part::MigrationSettings) {
            to.check_ratio = from.check_ratio;
        }
    }
}

pub(super) async fn copy(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: FlagCopyConfigPost = request.json()?;
    post.check()?;
    retried(post.pins(), || once(&ctx, &request, &post)).await
}

async fn once(ctx: &Ctx, request: &Request, post: &FlagCopyConfigPost) -> Result<Reply> {
    let found = load::find(ctx, request.param("projectKey"), request.param("featureFlagKey"), &[]).await?;
    let (project, flag) = (&found.project.value, &found.state.flag);
    let (source, target) = (found.environment(&post.source.key)?, found.environment(&post.target.key)?);
    let spec = |environment| access::spec(project, environment, flag);
    let mut proofs = Proofs::of(ctx.authorise("copyFlagConfigTo", &spec(target))?);
    proofs.add(ctx.authorise("copyFlagConfigFrom", &spec(source))?);
    pinned(&found, "source", &post.source)?;
    pinned(&found, "target", &post.target)?;

    let mut after = found.state.clone();
    if let (Some(from), Some(to)) = (found.state.configs.get(&source.key), after.configs.get_mut(&target.key)) {
        post.apply(from, to);
    }
    expiring::settle(&mut after);
    let diff = Diff::between(&found.state, &after);
    if diff == Diff::default() {
        let unchanged = Versions { flag: found.version, configs: &found.versions };
        return answer::flag(ctx, request, &found, &found.state, &unchanged).await;
    }
    let copied = after.configs.get(&target.key).into_iter().flat_map(|config| &config.prerequisites);
    let wanted = Wanted { flags: copied.map(|one| one.key.clone()).collect(), ..Wanted::default() };
    let facts = load::facts(ctx, &project.key, wanted).await?;
    validate::state(&found.state, &after, &facts)?;
    guard::check(ctx, &found, &diff, post.comment.as_deref(), &mut proofs)?;
    let others = write::check_others(ctx, &found, &after, &diff, facts.requires).await?;

    let bullets = audit::description(&found.state, &after, &diff);
    let heading = format!("## Copied flag settings from {} to {} ##\n", source.name, target.name);
    let mut change = Change::new(proofs, "updated the flag", audit::target(project, &after, &[target]))
        .comment(post.comment.as_deref())
        .description(heading + &bullets);
    if post.source.current_version.is_some() {
        let version = found.versions.get(&source.key).map_or(Expect::Absent, |version| Expect::Version(*version));
        change.require(config_key(&project.key, &source.key, &flag.key), version);
    }
    let saved = write::save(ctx, change, &found, after, &diff, others).await?;
    answer::saved(ctx, request, &found, &saved).await
}

/// Refuses when the flag has another version in the environment than the client expects.
fn pinned(found: &Found, name: &str, sent: &CopyEnvironment) -> Result<()> {
    let version = found.versions.get(&sent.key).copied().unwrap_or(0);
    match sent.current_version {
        Some(expected) if expected != version => Err(Error::OptimisticLocking(format!(
            "{name}.currentVersion: the flag is at version {version} in the environment {}, not {expected}",
            sent.key
        ))),
        _ => Ok(()),
    }
}
