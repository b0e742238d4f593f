//! `POST …/erasures`.

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, Method};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use wigwag_kit::links::path;
use wigwag_kit::{Change, Ctx, Error, Operation, Proofs, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::kind::Kind;
use wigwag_store::volume::Kept;

use super::named::{self, Named, Place};
use super::retention::contexts_of;
use crate::read::project_and_environment;

pub(super) const ACTION: &str = "deleteContextInstance";
/// Longer keys are kept nowhere.
const MAX_KEY: usize = 1000;
/// What removing a target says.
const COMMENT: &str = "A context was erased";

/// The operations that change flags and segments.
#[derive(Clone)]
pub(super) struct Changes {
    pub(super) patch_flag: Option<Operation>,
    pub(super) patch_segment: Option<Operation>,
}

/// Whom to erase.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErasurePost {
    /// The context's kind.
    kind: String,
    /// Its key.
    key: String,
    /// Whether to take it out of individual targets, too: of flags and of segments that are not big.
    #[serde(default)]
    remove_targets: bool,
}

/// What was erased. Nothing in it names the context but `stillNamed`, which the audit log does not have.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceiptRep {
    /// The receipt's id, as the entry in the audit log has it.
    receipt: String,
    /// What happened up to then is erased, in milliseconds since 1970.
    at: Millis,
    /// HMAC-SHA256 with the receipt's id as key over the environment's id, kind and key, with a zero byte between
    /// them: who knows the context can tell that the receipt is about it, and nobody can tell the context from it.
    digest: String,
    /// Contexts that were kept of it: none or one.
    contexts: u64,
    /// Instances that it was part of.
    context_instances: u64,
    /// Events of metrics that named it.
    metric_events: u64,
    /// Individual targets that were removed.
    targets_removed: u64,
    /// Flags and segments of the environment that name it still.
    still_named: Vec<Named>,
}

pub(super) async fn erase(ctx: Ctx, request: Request, changes: Changes) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let proof = ctx.authorise(ACTION, &environment.spec)?;
    let asked: ErasurePost = request.json()?;
    if Kind::parse(&asked.kind).is_none() {
        return Err(Error::field("kind", "is not a kind of context"));
    }
    if asked.key.is_empty() || asked.key.len() > MAX_KEY {
        return Err(Error::field("key", format_args!("must be 1 to {MAX_KEY} bytes long")));
    }
    let place = Place { project: &project.value.key, environment: &environment.value.key };
    let (env, volume) = (environment.value.id.as_str(), ctx.store().volume());
    let targets_removed = if asked.remove_targets {
        let found = named::find(&ctx, place, &asked.kind, &asked.key).await?;
        remove(&ctx, &changes, place, &asked, &found).await?
    } else {
        0
    };
    let kept = volume.kept_of(env, &asked.kind, &asked.key).await?;
    let (receipt, at) = (ctx.app.ids.object_id(), ctx.app.clock.now());
    let digest = digest(&receipt, [env, &asked.kind, &asked.key])?;
    // The entry in the audit log comes first: a deletion that nobody can trace must not happen.
    let target = contexts_of(place.project, &environment.value, &environment.spec);
    let change = Change::new(Proofs::of(proof), "erased a context of the environment", target);
    change.description(described(&receipt, &digest, &kept, targets_removed)).commit(&ctx).await?;
    volume.erase(env, &asked.kind, &asked.key, at).await?;
    Reply::json(&ReceiptRep {
        receipt,
        at,
        digest,
        contexts: kept.contexts,
        context_instances: kept.instances,
        metric_events: kept.metric_events,
        targets_removed,
        still_named: named::find(&ctx, place, &asked.kind, &asked.key).await?,
    })
}

fn described(receipt: &str, digest: &str, kept: &Kept, targets: u64) -> String {
    format!(
        "* Receipt: `{receipt}`\n* Digest: `{digest}`\n* Contexts: {}, instances: {}, events of metrics: {}, individual \
         targets: {targets}\n",
        kept.contexts, kept.instances, kept.metric_events
    )
}

fn digest(receipt: &str, parts: [&str; 3]) -> Result<String> {
    let mac = Hmac::<Sha256>::new_from_slice(receipt.as_bytes());
    let mut mac = mac.map_err(|_| Error::Internal("a receipt without an id".to_owned()))?;
    mac.update(parts.join("\0").as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

/// Takes the context out of individual targets, each by an ordinary change of the caller. Answers how many.
async fn remove(ctx: &Ctx, changes: &Changes, place: Place<'_>, asked: &ErasurePost, found: &[Named]) -> Result<u64> {
    let mut removed = 0;
    for each in found {
        let instructions = each.removing(&asked.kind, &asked.key);
        if instructions.is_empty() {
            continue;
        }
        removed += instructions.len() as u64;
        let (operation, request) = match each.kind {
            named::FLAG => (&changes.patch_flag, patch(["flags", place.project, &each.key, ""], place, &instructions)?),
            _ => (
                &changes.patch_segment,
                patch(["segments", place.project, place.environment, &each.key], place, &instructions)?,
            ),
        };
        let handler = operation.as_ref().and_then(Operation::handler);
        let handler = handler.ok_or_else(|| Error::Internal("flags and segments cannot be changed".to_owned()))?;
        handler(ctx.clone(), request).await?;
    }
    Ok(removed)
}

/// A semantic patch of what the path names: a flag by its project and key, a segment by its environment, too.
fn patch(segments: [&str; 4], place: Place<'_>, instructions: &[Value]) -> Result<Request> {
    let given: Vec<&str> = segments.into_iter().filter(|segment| !segment.is_empty()).collect();
    let mut request = Request::new(Method::PATCH, &path(&given))?;
    let key = given.last().copied().unwrap_or_default().to_owned();
    let name = if given.len() == 3 { "featureFlagKey" } else { "segmentKey" };
    request.params =
        vec![("projectKey", place.project.to_owned()), ("environmentKey", place.environment.to_owned()), (name, key)];
    let body = json!({"environmentKey": place.environment, "instructions": instructions, "comment": COMMENT});
    request.body = body.to_string().into();
    let content = HeaderValue::from_static("application/json; domain-model=launchdarkly.semanticpatch");
    request.headers.insert(http::header::CONTENT_TYPE, content);
    Ok(request)
}
