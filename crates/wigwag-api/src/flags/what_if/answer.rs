//! `POST …/flags/{f}/what-if`.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use wigwag_eval::CompiledFlag;
use wigwag_kit::links::{Links, path};
use wigwag_kit::patch::{Dialects, Patch};
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::Variation;
use wigwag_model::publish;

use super::compare::{Cause, Comparison, Got, Moved};
use super::contexts::{self, Contexts, Page};
use super::job::Job;
use crate::flags::instructions::Effect;
use crate::flags::load::{self, Found};
use crate::flags::patch;
use crate::flags::state::FlagState;
use crate::read::{ContextKeys, Evaluator, evaluator, knowing_members};

/// Samples of each move where nothing is said, and at most.
const SAMPLES: (usize, usize) = (5, 100);
/// Moves that are told, those of most contexts first.
const MOST_MOVES: usize = 100;

/// A change that is thought about: instructions, a JSON patch or a merge patch, as PATCH takes them.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::flags) struct Proposal {
    /// Instructions of a semantic patch, about the environment of the path.
    instructions: Option<Value>,
    /// A JSON patch.
    patch: Option<Value>,
    /// A merge patch.
    merge: Option<Value>,
    /// Contexts as SDKs send them; those that were recently seen where it is missing.
    #[schemars(with = "Option<Vec<Value>>")]
    contexts: Option<Vec<Box<RawValue>>>,
    /// At most so many of the contexts that were seen, the most recent ones: up to 100,000.
    limit: Option<usize>,
    /// Contexts that are named of each move: 5 where it is missing, at most 100.
    samples: Option<usize>,
}

/// Who would get another variation.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::flags) struct WhatIf {
    #[serde(rename = "_links")]
    links: Links,
    /// Where the contexts come from: `request` or `seen`.
    source: &'static str,
    /// Whether these are all there are.
    complete: bool,
    /// Contexts that were evaluated.
    evaluated: u64,
    /// Contexts that could not be read.
    unreadable: u64,
    /// Contexts that would get another variation.
    changed: u64,
    /// How many get each variation now.
    before: Vec<Share>,
    /// How many would get each variation.
    after: Vec<Share>,
    /// How many would be decided by which rule, target list or default, and what they would get; in no
    /// particular order.
    decided: Vec<ByReason>,
    /// Who would go from where to where, most first; 100 at most.
    moves: Vec<Move>,
}

/// A variation and who gets it.
#[derive(Serialize, JsonSchema)]
struct Share {
    #[serde(flatten)]
    variation: Served,
    count: u64,
}

/// A variation; everything null where none is served.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Served {
    variation_index: Option<u32>,
    variation_id: Option<String>,
    name: Option<String>,
    value: Value,
}

/// What decides for contexts, and for how many.
#[derive(Serialize, JsonSchema)]
struct ByReason {
    #[serde(flatten)]
    decided: Decided,
    count: u64,
}

/// Contexts that go from one variation to another for the same reasons.
#[derive(Serialize, JsonSchema)]
struct Move {
    count: u64,
    from: Decided,
    to: Decided,
    /// Some of them: kinds and keys.
    samples: Vec<Value>,
}

/// A variation, and what decides for it.
#[derive(Serialize, JsonSchema)]
struct Decided {
    #[serde(flatten)]
    variation: Served,
    /// As SDKs give it: kind, and the rule or prerequisite.
    reason: Value,
}

pub(in crate::flags) async fn what_if(ctx: Ctx, request: Request) -> Result<Reply> {
    let env = request.param("environmentKey");
    let found = load::find(&ctx, request.param("projectKey"), request.param("featureFlagKey"), &[]).await?;
    let environment = found.environment(env)?.clone();
    let proposal: Proposal = wigwag_kit::json::read(&request.body)?;
    let samples = proposal.samples.unwrap_or(SAMPLES.0);
    if samples > SAMPLES.1 {
        return Err(Error::field("samples", format_args!("must be at most {}", SAMPLES.1)));
    }
    let after = proposal.applied(&ctx, &found, env).await?;
    let evaluator = evaluator(&ctx, &found.project.value.key, env).await?;
    let (source, mut contexts) = match proposal.contexts {
        Some(contexts) => ("request", Contexts::sent(contexts)),
        None => ("seen", Contexts::seen(&ctx, &environment.id, proposal.limit)?),
    };
    let evaluator = knowing(&ctx, &found.project.value.key, env, evaluator, &mut contexts).await?;
    let job = Arc::new(Job::new(evaluator, found.state.clone(), after, env, samples));
    let (comparison, pages) = job.over(&mut contexts).await?;
    let complete = contexts.complete();
    // Samples are read from their texts.
    let work = move || {
        Shown { before: &job.before, after: job.after.as_ref(), env: &job.env, pages: &pages }.answer(comparison)
    };
    let mut answer = tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(format!("comparing: {e}")))?;
    let flag = path(&["flags", &found.project.value.key, &found.state.flag.key]);
    answer.links = Links::new().own(request.path.as_str()).to("flag", flag);
    (answer.source, answer.complete) = (source, complete);
    Reply::json(&answer)
}

/// The evaluator with where all the contexts stand in big segments, if there are any: they are read first then.
async fn knowing(
    ctx: &Ctx,
    project: &str,
    env: &str,
    evaluator: Evaluator,
    contexts: &mut Contexts,
) -> Result<Evaluator> {
    if evaluator.big_segments().is_empty() {
        return Ok(evaluator);
    }
    let pages = contexts.read_all().await?;
    let keys = tokio::task::spawn_blocking(move || pages.iter().flat_map(|page| page.keys()).collect()).await;
    let keys: ContextKeys = keys.map_err(|e| Error::Internal(format!("reading contexts: {e}")))?;
    Ok(knowing_members(ctx, project, env, evaluator, &keys).await)
}

impl Proposal {
    /// The flag as it would be; none where it would be deleted.
    async fn applied(&self, ctx: &Ctx, found: &Found, env: &str) -> Result<Option<FlagState>> {
        let members = [("instructions", &self.instructions), ("patch", &self.patch), ("merge", &self.merge)];
        let mut body: Map<_, _> =
            members.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.as_ref()?.clone()))).collect();
        if body.len() != 1 {
            return Err(Error::Invalid("Needs one of instructions, patch and merge".to_owned()));
        }
        if self.instructions.is_some() {
            body.insert("environmentKey".to_owned(), env.into());
        }
        let mut request = Request::new(http::Method::PATCH, "/")?;
        request.body = Value::Object(body).to_string().into();
        let patch = Patch::read(&request, Dialects::ALL)?;
        let (after, effect, _) = patch::apply(ctx, found, &patch).await?;
        Ok((effect != Effect::Deleted).then_some(after))
    }
}

/// The flag as SDKs would have it; none while it is archived.
pub(super) fn compiled(state: &FlagState, env: &str) -> Option<CompiledFlag> {
    let wire = publish::flag(&state.flag, state.configs.get(env)?, 1)?;
    Some(CompiledFlag::new(Arc::new(wire)))
}

/// What an answer is made from.
struct Shown<'a> {
    before: &'a FlagState,
    after: Option<&'a FlagState>,
    env: &'a str,
    pages: &'a [Arc<Page>],
}

impl Shown<'_> {
    fn answer(&self, comparison: Comparison) -> WhatIf {
        let share =
            |state: Option<&FlagState>, (variation, count)| Share { variation: served(state, variation), count };
        let changed = comparison.moves.values().map(|moved| moved.count).sum();
        let mut moves: Vec<_> = comparison.moves.into_iter().collect();
        moves.sort_by_key(|(_, moved)| std::cmp::Reverse(moved.count));
        WhatIf {
            links: Links::new(),
            source: "",
            complete: true,
            evaluated: comparison.evaluated,
            unreadable: comparison.unreadable,
            changed,
            before: comparison.before.into_iter().map(|one| share(Some(self.before), one)).collect(),
            after: comparison.after.into_iter().map(|one| share(self.after, one)).collect(),
            decided: comparison
                .decided
                .iter()
                .map(|(got, count)| ByReason { decided: self.decided(self.after, got), count: *count })
                .collect(),
            moves: moves.into_iter().take(MOST_MOVES).map(|(way, moved)| self.moved(&way, &moved)).collect(),
        }
    }

    fn moved(&self, (from, to): &(Got, Got), moved: &Moved) -> Move {
        Move {
            count: moved.count,
            from: self.decided(Some(self.before), from),
            to: self.decided(self.after, to),
            samples: moved.samples.iter().map(|at| keys(contexts::text(self.pages, *at))).collect(),
        }
    }

    fn decided(&self, state: Option<&FlagState>, got: &Got) -> Decided {
        let reason = match &got.cause {
            Cause::Off => json!({"kind": "OFF"}),
            Cause::Target => json!({"kind": "TARGET_MATCH"}),
            Cause::Fallthrough => json!({"kind": "FALLTHROUGH"}),
            Cause::Prerequisite(key) => json!({"kind": "PREREQUISITE_FAILED", "prerequisiteKey": key}),
            Cause::Error => json!({"kind": "ERROR"}),
            Cause::Rule(index) => {
                let config = state.and_then(|state| state.configs.get(self.env));
                let rule = config.and_then(|config| config.rules.get(*index as usize));
                json!({"kind": "RULE_MATCH", "ruleIndex": index, "ruleId": rule.map(|rule| &rule.id)})
            }
        };
        Decided { variation: served(state, got.variation), reason }
    }
}

fn served(state: Option<&FlagState>, index: Option<u32>) -> Served {
    let variation = state.and_then(|state| state.flag.variations.get(index? as usize));
    let of = |read: fn(&Variation) -> Option<String>| variation.and_then(read);
    Served {
        variation_index: index,
        variation_id: of(|variation| Some(variation.id.clone())),
        name: of(|variation| variation.name.clone()),
        value: variation.map_or(Value::Null, |variation| variation.value.clone()),
    }
}

/// Kinds and keys of a context, without its attributes.
fn keys(text: &str) -> Value {
    let Ok(Value::Object(context)) = serde_json::from_str(text) else { return Value::Null };
    let key = |value: &Value| json!({"key": value.get("key")});
    match context.get("kind").and_then(Value::as_str) {
        Some("multi") => {
            let parts = context.iter().map(|(kind, part)| match kind.as_str() {
                "kind" => (kind.clone(), part.clone()),
                _ => (kind.clone(), key(part)),
            });
            Value::Object(parts.collect())
        }
        kind => json!({"kind": kind.unwrap_or("user"), "key": context.get("key")}),
    }
}
