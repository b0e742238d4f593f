//! New environments.

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{ApprovalSettings, EnvKey, Environment, KeptDays, KeyValue};
use wigwag_model::id::Ids;
use wigwag_model::key::MAX_KEY;
use wigwag_store::Expect;

use super::{configs, patch, target};
use crate::common::{check_key, check_name, check_tags};
use crate::read::{self, Loaded, environment_key, environment_rep, environment_spec, project_index};
use wigwag_kit::resource::retried;

/// What a client says about a new environment. Approval settings come by a later patch.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentPost {
    /// Human name.
    name: String,
    /// Chosen key.
    key: String,
    /// Six hex digits.
    color: String,
    /// Minutes that PHP SDKs may cache, 0 to 60.
    #[serde(default)]
    default_ttl: Option<u32>,
    /// Browsers must prove their context with a hash.
    #[serde(default)]
    secure_mode: Option<bool>,
    /// New flags send full events.
    #[serde(default)]
    default_track_events: Option<bool>,
    /// The console asks before a change.
    #[serde(default)]
    confirm_changes: Option<bool>,
    /// A change needs a comment.
    #[serde(default)]
    require_comments: Option<bool>,
    /// Tags.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// Environment whose flag configurations are copied.
    #[serde(default)]
    pub(crate) source: Option<SourceEnv>,
    /// Production-like.
    #[serde(default)]
    critical: Option<bool>,
}

/// The environment to copy from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct SourceEnv {
    /// Its key.
    #[serde(default)]
    key: Option<String>,
    /// The version it must be at.
    #[serde(default)]
    version: Option<u64>,
}

impl EnvironmentPost {
    /// Its chosen key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// What a project starts with when its maker names no environments (behaviour.md 10).
#[must_use]
pub fn defaults() -> [EnvironmentPost; 2] {
    [("Test", "test", "F5A623", false), ("Production", "production", "417505", true)].map(
        |(name, key, color, critical)| EnvironmentPost {
            name: name.to_owned(),
            key: key.to_owned(),
            color: color.to_owned(),
            default_ttl: None,
            secure_mode: None,
            default_track_events: None,
            confirm_changes: None,
            require_comments: None,
            tags: None,
            source: None,
            critical: Some(critical),
        },
    )
}

/// A new environment with an id and keys of its own. `at` is where the post stands in the body,
/// for refusals: empty, or such as `environments[0].`.
///
/// # Errors
/// 400 naming the field.
pub fn draft(post: EnvironmentPost, at: &str, ids: &Ids, now: Millis) -> Result<Environment> {
    let field = |name: &str| format!("{at}{name}");
    check_name(&field("name"), &post.name)?;
    check_key(&field("key"), &post.key, MAX_KEY)?;
    patch::check_color(&field("color"), &post.color)?;
    let default_ttl = post.default_ttl.unwrap_or_default();
    patch::check_ttl(&field("defaultTtl"), default_ttl)?;
    let key = |value| vec![EnvKey::new(KeyValue::Clear(value), None)];
    Ok(Environment {
        id: ids.object_id(),
        key: post.key,
        name: post.name,
        color: post.color,
        sdk_keys: key(ids.sdk_key()),
        mobile_keys: key(ids.mobile_key()),
        gone_keys: Vec::new(),
        default_ttl,
        secure_mode: post.secure_mode.unwrap_or_default(),
        default_track_events: post.default_track_events.unwrap_or_default(),
        require_comments: post.require_comments.unwrap_or_default(),
        confirm_changes: post.confirm_changes.unwrap_or_default(),
        critical: post.critical.unwrap_or_default(),
        tags: check_tags(&field("tags"), post.tags.unwrap_or_default())?,
        approval_settings: ApprovalSettings::default(),
        kept_days: KeptDays::default(),
        created_at: now,
    })
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let post: EnvironmentPost = request.json()?;
    let project_key = request.param("projectKey");
    let environment = retried(false, || attempt(&ctx, project_key, post.clone())).await?;
    Reply::json(&environment_rep(&ctx, project_key, &environment))
}

/// The environment and a configuration of every flag, in one commit.
async fn attempt(ctx: &Ctx, project_key: &str, post: EnvironmentPost) -> Result<Loaded<Environment>> {
    // Flags that are made from here on are looked for once the environment is there.
    let before = *ctx.store().watch().borrow();
    let project = read::project(ctx, project_key).await?;
    let source = post.source.clone();
    let value = draft(post, "", &ctx.app.ids, ctx.app.clock.now())?;
    let spec = environment_spec(&project.spec, &value);
    let proof = ctx.authorise("createEnvironment", &spec)?;
    let key = environment_key(project_key, &value.key);
    if ctx.store().get(&key).await?.is_some() {
        return Err(Error::Conflict("Account already has an environment with that key".to_owned()));
    }
    let source = source_of(ctx, &project, source).await?;
    let mut environment = Loaded { value, version: 0, key, spec };
    let mut change = Change::new(Proofs::of(proof), "created the environment", target(project_key, &environment));
    read::put_environment(&mut change, ctx, environment.key.clone(), Expect::Absent, &environment.value)?;
    // The project is written as it is, so that it cannot be deleted meanwhile.
    let guard = Expect::Version(project.version);
    change.put(project.key.clone(), guard, &project.value, project_index(&project.value))?;
    let made = configs::add(ctx, &project, &environment.value, source.as_deref(), &mut change).await?;
    let committed = change.commit(ctx).await?;
    environment.version = committed.versions.first().copied().unwrap_or(1);
    configs::add_late(ctx, &project, &environment, source.as_deref(), &made, before..committed.seq).await?;
    Ok(environment)
}

/// The key of the environment to copy from, which must exist and be at the version given.
async fn source_of(
    ctx: &Ctx,
    project: &Loaded<wigwag_model::doc::Project>,
    source: Option<SourceEnv>,
) -> Result<Option<String>> {
    let Some(SourceEnv { key: Some(key), version }) = source else { return Ok(None) };
    let found = read::environment(ctx, project, &key).await?;
    match version {
        Some(version) if version != found.version => Err(Error::OptimisticLocking(format!(
            "source.version: the environment {key} is at version {}, not {version}",
            found.version
        ))),
        _ => Ok(Some(key)),
    }
}
