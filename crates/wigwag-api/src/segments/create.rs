//! Making a segment (behaviour.md 10).

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::doc::Segment;
use wigwag_model::key::MAX_KEY;
use wigwag_store::{DocKey, Expect};

use super::load::{self, segment_key};
use super::rep::SegmentRep;
use super::{audit, index, validate};
use crate::common::{check_key, unique};
use crate::read::{NamedViews, project_and_environment, require_views};

/// What clients send to create a segment.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SegmentBody {
    /// Human name.
    name: String,
    /// Chosen key.
    key: String,
    /// Human description.
    description: Option<String>,
    /// Tags.
    tags: Option<Vec<String>>,
    /// A big segment: its members are kept apart, in any number.
    unbounded: Option<bool>,
    /// Context kind of a big segment's members; `user` unless given.
    unbounded_context_kind: Option<String>,
    /// Views to link to.
    view_keys: Option<Vec<String>>,
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || attempt(&ctx, &request)).await
}

async fn attempt(ctx: &Ctx, request: &Request) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let mut body: SegmentBody = request.json()?;
    let keys = body.view_keys.take().unwrap_or_default();
    require_views(&project.value, "requireViewAssociationForNewSegments", &keys)?;
    let views = NamedViews::load(ctx, &project, "viewKeys", &keys).await?;
    let segment = Segment { views: views.links(ctx.app.clock.now()), ..segment(ctx, body) };
    check_key("key", &segment.key, MAX_KEY)?;
    validate::check(None, &segment)?;
    let proof = ctx.authorise("createSegment", &load::spec(&environment, &segment))?;
    let key = segment_key(&project.value.key, &environment.value.key, &segment.key);
    let segment = Segment { generation: generations(ctx, &key).await?.saturating_add(1), ..segment };
    let target = audit::target(&project.value, &environment, &segment);
    let mut proofs = Proofs::of(proof);
    views.authorise(ctx, "linkSegmentToView")?.into_iter().for_each(|proof| proofs.add(proof));
    let mut change = Change::new(proofs, "created the segment", target);
    change.put(key.clone(), Expect::Absent, &segment, index::of(&segment))?;
    views.touched(&mut change, segment.created_at)?;
    // What is deleted meanwhile gets no segment.
    change.require(environment.key.clone(), Expect::Version(environment.version));
    let committed = match change.commit(ctx).await {
        Err(Error::OptimisticLocking(_)) if ctx.store().get(&key).await?.is_some() => {
            return Err(Error::Conflict("A segment with that key already exists".to_owned()));
        }
        outcome => outcome?,
    };
    let version = committed.versions.first().copied().unwrap_or(1);
    Reply::json(&SegmentRep::of(&project.value.key, &environment.value.key, &segment, version))
}

fn segment(ctx: &Ctx, body: SegmentBody) -> Segment {
    let unbounded = body.unbounded.unwrap_or(false);
    let kind = body.unbounded_context_kind.filter(|kind| !kind.is_empty());
    let now = ctx.app.clock.now();
    Segment {
        key: body.key,
        name: body.name,
        description: body.description.unwrap_or_default(),
        tags: unique(body.tags.unwrap_or_default()),
        salt: ctx.app.ids.salt(),
        included: Vec::new(),
        excluded: Vec::new(),
        included_contexts: Vec::new(),
        excluded_contexts: Vec::new(),
        rules: Vec::new(),
        unbounded,
        unbounded_context_kind: unbounded.then(|| kind.unwrap_or_else(|| "user".to_owned())),
        generation: 1,
        expiring_targets: Vec::new(),
        views: Vec::new(),
        created_at: now,
        last_modified: now,
    }
}

/// How often a segment of that key has been made before. SDKs take what a big-segment store says of an earlier one
/// for nothing.
async fn generations(ctx: &Ctx, key: &DocKey) -> Result<u32> {
    // The newest state there is: before it, the deletion.
    let past = ctx.store().history(key, None, 2).await?;
    match past.into_iter().find_map(|row| row.body) {
        None => Ok(0),
        Some(body) => {
            let last: Segment = serde_json::from_str(&body).map_err(|e| Error::Internal(e.to_string()))?;
            Ok(last.generation)
        }
    }
}
