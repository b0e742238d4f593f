//! The question and the answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_eval::trace::{FlagTrace, explain};
use wigwag_eval::{ErrorKind, Evaluation, Lookup};
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Error, Reply, Request, Result, past};
use wigwag_model::context::Context;
use wigwag_model::doc::{Flag, Kind};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::DocKey;

use super::blame::{self, Blame};
use crate::read::{Evaluator, evaluator, knowing_big_segments, project_and_environment};

/// Whom to evaluate for.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question {
    /// A context as SDKs send it.
    context: Value,
    /// As of when, in place of the query parameter.
    #[serde(default)]
    as_of: Option<String>,
}

/// Why a flag gives what it gives.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Why {
    #[serde(rename = "_links")]
    links: Links,
    /// What is served; null for errors and when no variation is.
    value: Value,
    /// Its index among the variations.
    variation_index: Option<u32>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    variation_name: Option<String>,
    /// The reason, as SDKs give it.
    reason: Value,
    /// What was looked at, in order, and how it came out; absent where there is nothing to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Value>")]
    trace: Option<FlagTrace>,
    /// The flags and segments that were looked at, with who last changed each part of them.
    last_changed: Blame,
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = async || {
        let text = request.query("context").ok_or_else(|| Error::missing("context"))?;
        read(Context::from_json(text.as_bytes()))
    };
    answer(&ctx, &request, asked).await
}

pub(super) async fn post(mut ctx: Ctx, request: Request) -> Result<Reply> {
    let mut question = None;
    let problem = match request.json::<Question>() {
        Ok(read) => {
            question = Some(read);
            None
        }
        Err(problem) => Some(problem),
    };
    if let Some(text) = question.as_ref().and_then(|question| question.as_of.as_deref()) {
        ctx.as_of = Some(past::resolve(&ctx.app, "asOf", text).await?);
    }
    let asked = async || match (question, problem) {
        (Some(question), _) => read(Context::from_value(question.context)),
        (None, problem) => Err(problem.unwrap_or_else(|| Error::missing("context"))),
    };
    answer(&ctx, &request, asked).await
}

fn read<E: std::fmt::Display>(context: std::result::Result<Context, E>) -> Result<Context> {
    context.map_err(|problem| Error::field("context", problem))
}

/// What is not there is 404 whatever is asked of it, so the context is read last.
async fn answer<F>(ctx: &Ctx, request: &Request, context: F) -> Result<Reply>
where
    F: AsyncFnOnce() -> Result<Context>,
{
    let (project, env) = (request.param("projectKey"), request.param("environmentKey"));
    let (project, environment) = project_and_environment(ctx, project, env).await?;
    let (project, env) = (project.value.key, environment.value.key);
    let flag = flag(ctx, &project, request.param("featureFlagKey")).await?;
    let context = context().await?;
    let evaluator = evaluator(ctx, &project, &env).await?;
    let evaluator = knowing_big_segments(ctx, &project, &env, evaluator, &context).await;
    let (result, trace) = told(&evaluator, &flag.key, &context);
    let variation = result.variation.and_then(|index| flag.variations.get(index as usize));
    let why = Why {
        links: Links::new().own(request.path.as_str()).to("flag", path(&["flags", &project, &flag.key])),
        value: result.value.clone(),
        variation_index: result.variation,
        variation_name: variation.and_then(|variation| variation.name.clone()),
        reason: serde_json::to_value(result.reason).map_err(|e| Error::Internal(e.to_string()))?,
        last_changed: blame::of(ctx, &project, &env, &flag.key, trace.as_ref()).await?,
        trace,
    };
    Reply::json(&why)
}

async fn flag(ctx: &Ctx, project: &str, key: &str) -> Result<Flag> {
    let found = match is_key(key, MAX_KEY) {
        true => ctx.get(&DocKey::in_project(Kind::Flag, project, key)).await?,
        false => None,
    };
    Ok(found.ok_or_else(|| Error::NotFound(format!("Unknown feature flag key {key}")))?.decode()?)
}

/// SDKs do not know archived flags.
fn told<'a>(evaluator: &'a Evaluator, flag: &str, context: &Context) -> (Evaluation<'a>, Option<FlagTrace>) {
    match evaluator.flag(flag) {
        Some(flag) => {
            let (result, trace) = explain(evaluator, flag, context);
            (result, Some(trace))
        }
        None => (Evaluation::error(ErrorKind::FlagNotFound), None),
    }
}
