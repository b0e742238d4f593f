//! What big segments say of the contexts that are about to be evaluated.

use std::collections::HashMap;
use std::sync::Arc;

use wigwag_eval::{BigSegmentAnswer, BigSegmentsStatus};
use wigwag_kit::Ctx;
use wigwag_model::context::Context;
use wigwag_model::doc::Kind;
use wigwag_store::{DocKey, Membership};

use super::Evaluator;

/// Where the members of a segment are kept.
#[must_use]
pub fn segment_owner(project: &str, environment: &str, segment: &str) -> DocKey {
    DocKey::in_env(Kind::Segment, project, environment, segment)
}

/// An evaluator that knows where `context` stands in every big segment of the environment: asked for before, because
/// evaluating neither reads nor waits. Other contexts need an evaluator of their own. Members are as they are now, also
/// where flags are as they were. A store that cannot be read makes the status of what is evaluated `STORE_ERROR`
/// (evaluation.md 8.4).
pub async fn knowing_big_segments(
    ctx: &Ctx,
    project: &str,
    environment: &str,
    evaluator: Evaluator,
    context: &Context,
) -> Evaluator {
    let mut asked = Vec::new();
    for segment in evaluator.big_segments() {
        let kind = segment.source().unbounded_context_kind.as_deref().unwrap_or("user");
        if let Some(part) = context.parts().iter().find(|part| part.kind().as_str() == kind) {
            asked.push((segment_owner(project, environment, segment.key()), part.key().to_owned()));
        }
    }
    if asked.is_empty() {
        let none = BigSegmentAnswer { status: BigSegmentsStatus::Healthy, included: None };
        return evaluator.with_big_segments(Arc::new(move |_, _, _| none));
    }
    let answers = match ctx.store().memberships(&asked).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!("big segments cannot be asked: {error}");
            let failed = BigSegmentAnswer { status: BigSegmentsStatus::StoreError, included: None };
            return evaluator.with_big_segments(Arc::new(move |_, _, _| failed));
        }
    };
    let known: HashMap<(Box<str>, String), Option<bool>> =
        asked.into_iter().zip(answers).map(|((owner, key), found)| ((owner.key, key), included(found))).collect();
    evaluator.with_big_segments(Arc::new(move |segment, _generation, key| {
        let included = known.get(&(Box::from(segment), key.to_owned())).copied().flatten();
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
