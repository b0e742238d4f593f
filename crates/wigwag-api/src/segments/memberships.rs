//! Where a context stands in every segment of an environment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_eval::{Lookup, Membership};
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Error, Links, Reply, Request, Result};
use wigwag_model::context::Context;
use wigwag_model::doc::Kind;

use crate::read::{evaluator, knowing_big_segments, project_and_environment};

/// All segments, by key.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ContextInstanceSegmentMemberships")]
pub(super) struct Memberships {
    items: Vec<SegmentMembership>,
    #[serde(rename = "_links")]
    links: Links,
}

/// Where the context stands in one of them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ContextInstanceSegmentMembership")]
struct SegmentMembership {
    name: String,
    key: String,
    description: String,
    unbounded: bool,
    /// Where a synced segment comes from; no segment is synced.
    external: &'static str,
    is_member: bool,
    is_individually_targeted: bool,
    is_rule_targeted: bool,
    #[serde(rename = "_links")]
    links: Links,
}

/// What is shown of a segment; its lists may be long.
#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    unbounded: bool,
}

pub(super) async fn evaluate(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, environment) = (request.param("projectKey"), request.param("environmentKey"));
    project_and_environment(&ctx, project, environment).await?;
    let context = Context::from_value(request.value()?).map_err(|e| Error::Invalid(format!("context: {e}")))?;
    let evaluator = evaluator(&ctx, project, environment).await?;
    let evaluator = knowing_big_segments(&ctx, project, environment, evaluator, &context).await;
    let mut items = Vec::new();
    for doc in ctx.store().scan(Kind::Segment, Some(project), Some(environment)).await? {
        let (key, named): (&str, Named) = (&doc.key.key, doc.decode()?);
        items.push(one(&evaluator, project, environment, key, named, &context));
    }
    Reply::json(&Memberships { items, links: Links::new().own(&*request.path) })
}

fn one(
    lookup: &impl Lookup,
    project: &str,
    environment: &str,
    key: &str,
    named: Named,
    context: &Context,
) -> SegmentMembership {
    let membership = wigwag_eval::membership(lookup, key, context);
    let parent = path(&["segments", project, environment]);
    SegmentMembership {
        name: named.name,
        key: key.to_owned(),
        description: named.description,
        unbounded: named.unbounded,
        external: "",
        is_member: membership.contained(),
        is_individually_targeted: membership == Membership::Included,
        is_rule_targeted: matches!(membership, Membership::Rule(_)),
        links: Links::new().own(path(&["segments", project, environment, key])).parent(parent),
    }
}
