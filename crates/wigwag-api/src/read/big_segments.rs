//! What big segments say of the contexts that are about to be evaluated.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use wigwag_eval::{BigSegmentAnswer, BigSegmentsStatus};
use wigwag_kit::Ctx;
use wigwag_model::context::Context;
use wigwag_model::doc::Kind;
use wigwag_store::{DocKey, Membership};

use super::Evaluator;

/// Look-ups between which others get their turn.
const AT_ONCE: usize = 256;

/// Where the members of a segment are kept.
#[must_use]
pub fn segment_owner(project: &str, environment: &str, segment: &str) -> DocKey {
    DocKey::in_env(Kind::Segment, project, environment, segment)
}

/// Kinds and keys of contexts.
pub type ContextKeys = BTreeSet<(String, String)>;

/// An evaluator that knows where `context` stands in every big segment of the environment, as [`knowing_members`].
pub async fn knowing_big_segments(
    ctx: &Ctx,
    project: &str,
    environment: &str,
    evaluator: Evaluator,
    context: &Context,
) -> Evaluator {
    let keys = context.parts().iter().map(|part| (part.kind().as_str().to_owned(), part.key().to_owned())).collect();
    knowing_members(ctx, project, environment, evaluator, &keys).await
}

/// An evaluator that knows where contexts stand in every big segment of the environment: asked for before, because
/// evaluating neither reads nor waits. Other contexts need an evaluator of their own. Members are as they are now, also
/// where flags are as they were. A store that cannot be read makes the status of what is evaluated `STORE_ERROR`
/// (evaluation.md 8.4).
pub async fn knowing_members(
    ctx: &Ctx,
    project: &str,
    environment: &str,
    evaluator: Evaluator,
    keys: &ContextKeys,
) -> Evaluator {
    let mut asked = Vec::new();
    for segment in evaluator.big_segments() {
        let kind = segment.source().unbounded_context_kind.as_deref().unwrap_or("user");
        let owner = segment_owner(project, environment, segment.key());
        let fitting = keys.iter().filter(|(of, _)| of == kind);
        asked.extend(fitting.map(|(_, key)| (owner.clone(), key.clone())));
    }
    if asked.is_empty() {
        let none = BigSegmentAnswer { status: BigSegmentsStatus::Healthy, included: None };
        return evaluator.with_big_segments(Arc::new(move |_, _, _| none));
    }
    let mut known: HashMap<Box<str>, HashMap<String, Option<bool>>> = HashMap::new();
    for some in asked.chunks(AT_ONCE) {
        let answers = match ctx.store().memberships(some).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!("big segments cannot be asked: {error}");
                let failed = BigSegmentAnswer { status: BigSegmentsStatus::StoreError, included: None };
                return evaluator.with_big_segments(Arc::new(move |_, _, _| failed));
            }
        };
        for ((owner, key), found) in some.iter().zip(answers) {
            known.entry(owner.key.clone()).or_default().insert(key.clone(), included(found));
        }
        // Many look-ups in a row shall not keep others waiting.
        tokio::task::yield_now().await;
    }
    evaluator.with_big_segments(Arc::new(move |segment, _generation, key| {
        let included = known.get(segment).and_then(|keys| keys.get(key)).copied().flatten();
        BigSegmentAnswer { status: BigSegmentsStatus::Healthy, included }
    }))
}

/// Inclusion beats exclusion.
const fn included(found: Membership) -> Option<bool> {
    match found {
        Membership { included: true, .. } => Some(true),
        Membership { excluded: true, .. } => Some(false),
        Membership { .. } => None,
    }
}
