//! Setting a flag for a context: it becomes an individual target, or stops being one.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::{Flag, FlagConfig, Target};
use wigwag_model::kind::Kind;

use crate::flags::diff::Diff;
use crate::flags::facts::Wanted;
use crate::flags::{access, expiring, guard, load, validate, write};
use crate::read::project_and_environment;

/// What to set.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct ValuePut {
    /// A value of the flag; null or nothing ends the setting.
    #[serde(default)]
    setting: Option<Value>,
    /// Why.
    #[serde(default)]
    comment: Option<String>,
}

pub(crate) async fn for_user(ctx: Ctx, request: Request) -> Result<Reply> {
    let user = request.param("userKey").to_owned();
    put(ctx, request, ("user", &user)).await
}

pub(crate) async fn for_context(ctx: Ctx, request: Request) -> Result<Reply> {
    let (kind, key) = (request.param("contextKind").to_owned(), request.param("contextKey").to_owned());
    put(ctx, request, (&kind, &key)).await
}

async fn put(ctx: Ctx, request: Request, context: (&str, &str)) -> Result<Reply> {
    // What is not there is told before what is wrong with the request.
    project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let (kind, _) = context;
    if !Kind::is_valid(kind) {
        return Err(Error::field("contextKind", format_args!("{kind} is not a context kind")));
    }
    let sent: ValuePut = request.json()?;
    retried(false, || once(&ctx, &request, &sent, context)).await
}

async fn once(ctx: &Ctx, request: &Request, sent: &ValuePut, (kind, key): (&str, &str)) -> Result<Reply> {
    let environment = request.param("environmentKey");
    let project = request.param("projectKey");
    let found = load::find(ctx, project, request.param("featureFlagKey"), &[environment]).await?;
    let variation = sent.setting.as_ref().map(|value| variation_of(&found.state.flag, value)).transpose()?;
    let mut after = found.state.clone();
    for config in after.configs.values_mut() {
        set(config, kind, key, variation);
    }
    expiring::settle(&mut after);
    let diff = Diff::between(&found.state, &after);
    let proofs = access::authorise(ctx, &found.project.value, &found.environments(), &found.state.flag, &diff)?;
    let Some(mut proofs) = proofs else { return Ok(Reply::empty()) };
    let comment = sent.comment.as_deref();
    guard::check(ctx, &found, &diff, comment, &mut proofs)?;
    let facts = load::facts(ctx, project, Wanted::default()).await?;
    validate::state(&found.state, &after, &facts)?;
    let delta = json!({ "setting": sent.setting, "contextKind": kind, "contextKey": key });
    let change = write::change(&found, &after, &diff, proofs).comment(comment).delta(delta);
    write::save(ctx, change, &found, after, &diff, write::Others::default()).await?;
    Ok(Reply::empty())
}

fn variation_of(flag: &Flag, value: &Value) -> Result<usize> {
    let found = flag.variations.iter().position(|variation| variation.value == *value);
    found.ok_or_else(|| Error::field("setting", "must be the value of one of the flag's variations"))
}

/// Targets the context with the variation, and with no other.
fn set(config: &mut FlagConfig, kind: &str, key: &str, variation: Option<usize>) {
    let is_kind = |target: &Target| target.context_kind == kind || (kind == "user" && target.context_kind.is_empty());
    let there = |target: &Target| is_kind(target) && Some(target.variation) == variation;
    if config.targets.iter().any(|target| there(target) && target.values.iter().any(|value| value == key)) {
        return;
    }
    for target in config.targets.iter_mut().filter(|target| is_kind(target)) {
        target.values.retain(|value| value != key);
    }
    config.targets.retain(|target| !target.values.is_empty());
    let Some(variation) = variation else { return };
    match config.targets.iter_mut().find(|target| there(target)) {
        Some(target) => target.values.push(key.to_owned()),
        None => {
            let values = vec![key.to_owned()];
            config.targets.push(Target { context_kind: kind.to_owned(), variation, values });
        }
    }
}
