//! The settings of a user.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_eval::{Lookup, evaluate_flag};
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Error, Links, Reply, Request, Result};
use wigwag_model::context::Context;
use wigwag_model::doc::{Environment, Flag, FlagConfig, Kind};

use crate::flags::load::{config_key, flag_key, not_found};
use crate::read::{
    EvaluationReason, Evaluator, Loaded, evaluation_reason, evaluator, knowing_big_segments, project_and_environment,
};

const USER: &str = "user";

/// Settings by flag.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UserFlagSettings")]
pub(crate) struct FlagSettings {
    /// By the flag's key.
    #[schemars(with = "std::collections::BTreeMap<String, FlagSetting>")]
    items: IndexMap<String, FlagSetting>,
    #[serde(rename = "_links")]
    links: Links,
}

/// What a flag gives a user.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UserFlagSetting")]
pub(crate) struct FlagSetting {
    #[serde(rename = "_links")]
    links: Links,
    /// Null if the flag serves none of its variations.
    #[serde(rename = "_value")]
    value: Value,
    /// The value it is targeted with by itself, or null.
    setting: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<EvaluationReason>,
}

/// Whose settings, and where.
struct Asked {
    project: String,
    environment: Loaded<Environment>,
    user: String,
    context: Context,
}

impl Asked {
    /// The flags of the environment, and where the user stands in its big segments.
    async fn evaluator(&self, ctx: &Ctx) -> Result<Evaluator> {
        let (project, environment) = (&self.project, &self.environment.value.key);
        let flags = evaluator(ctx, project, environment).await?;
        Ok(knowing_big_segments(ctx, project, environment, flags, &self.context).await)
    }

    /// With what is known of the user; a user that was never seen has nothing but its key.
    async fn of(ctx: &Ctx, request: &Request) -> Result<Self> {
        let (project, environment) =
            project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
        let user = request.param("userKey").to_owned();
        let context = match request.method.as_str() {
            // The user is sent along.
            "REPORT" => Context::from_value(request.value()?).map_err(|problem| Error::Invalid(problem.to_string()))?,
            _ => {
                let seen = ctx.store().volume().context(&environment.value.id, USER, &user).await?;
                let known = seen.and_then(|seen| Context::from_json(seen.body.as_bytes()).ok());
                let bare = || Context::user(&user).map_err(|problem| Error::field("userKey", problem));
                known.map_or_else(bare, Ok)?
            }
        };
        Ok(Self { project: project.value.key, environment, user, context })
    }

    fn path(&self) -> String {
        path(&["users", &self.project, &self.environment.value.key, &self.user, "flags"])
    }

    /// What a flag gives; none while it is archived.
    fn setting(&self, evaluator: &Evaluator, flag: &Flag, config: Option<&FlagConfig>) -> Option<FlagSetting> {
        let result = evaluate_flag(evaluator, evaluator.flag(&flag.key)?, &self.context);
        let targeted = config.into_iter().flat_map(|config| &config.targets).find(|target| {
            (target.context_kind == USER || target.context_kind.is_empty()) && target.values.contains(&self.user)
        });
        let setting = targeted.and_then(|target| flag.variations.get(target.variation));
        Some(FlagSetting {
            links: Links::new().own(format!("{}/{}", self.path(), flag.key)),
            value: result.value.clone(),
            setting: setting.map_or(Value::Null, |variation| variation.value.clone()),
            reason: Some(evaluation_reason(&result.reason)),
        })
    }
}

pub(crate) async fn all(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = Asked::of(&ctx, &request).await?;
    let (project, environment) = (&asked.project, &asked.environment.value.key);
    let evaluator = asked.evaluator(&ctx).await?;
    let flags = ctx.store().scan(Kind::Flag, Some(project), Some("")).await?;
    let configs = ctx.store().scan(Kind::FlagConfig, Some(project), Some(environment)).await?;
    let configs: std::collections::HashMap<_, _> = configs.iter().map(|doc| (&*doc.key.key, doc)).collect();
    let mut items = IndexMap::new();
    for doc in &flags {
        let flag: Flag = doc.decode()?;
        let config: Option<FlagConfig> = configs.get(&*doc.key.key).map(|doc| doc.decode()).transpose()?;
        if let Some(setting) = asked.setting(&evaluator, &flag, config.as_ref()) {
            items.insert(flag.key, setting);
        }
    }
    Reply::json(&FlagSettings { items, links: Links::new().own(asked.path()) })
}

pub(crate) async fn one(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = Asked::of(&ctx, &request).await?;
    let (project, environment, key) = (&asked.project, &asked.environment.value.key, request.param("featureFlagKey"));
    let keys = [flag_key(project, key), config_key(project, environment, key)];
    let mut docs = ctx.store().get_many(&keys).await?.into_iter();
    let flag: Flag = docs.next().flatten().ok_or_else(|| not_found(key))?.decode()?;
    let config: Option<FlagConfig> = docs.next().flatten().map(|doc| doc.decode()).transpose()?;
    let evaluator = asked.evaluator(&ctx).await?;
    let setting = asked.setting(&evaluator, &flag, config.as_ref()).ok_or_else(|| not_found(key))?;
    Reply::json(&setting)
}

/// The same for a user that is sent along: one flag if the path names one, otherwise all.
pub(crate) async fn reported(ctx: Ctx, request: Request) -> Result<Reply> {
    if request.params.iter().any(|(name, _)| *name == "featureFlagKey") {
        return one(ctx, request).await;
    }
    all(ctx, request).await
}
