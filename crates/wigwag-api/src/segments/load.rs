//! Loading segments.

use wigwag_kit::{Ctx, Error, Request, Result, Spec};
use wigwag_model::doc::{Environment, Kind, Project, Segment, ViewLink};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::DocKey;

use crate::read::{Loaded, project_and_environment};

/// A segment and what it is in.
pub(super) struct Found {
    pub(super) project: Loaded<Project>,
    pub(super) environment: Loaded<Environment>,
    pub(super) segment: Segment,
    /// Store version of the segment.
    pub(super) version: u64,
}

impl Found {
    /// Where the segment is stored.
    pub(super) fn key(&self) -> DocKey {
        segment_key(&self.project.value.key, &self.environment.value.key, &self.segment.key)
    }

    /// How policies name the segment.
    pub(super) fn spec(&self) -> Spec {
        spec(&self.environment, &self.segment)
    }
}

pub(super) fn segment_key(project: &str, environment: &str, segment: &str) -> DocKey {
    DocKey::in_env(Kind::Segment, project, environment, segment)
}

/// How policies name a segment of an environment.
pub(super) fn spec(environment: &Loaded<Environment>, segment: &Segment) -> Spec {
    let views = ViewLink::keys(&segment.views);
    environment.spec.clone().then("segment", &segment.key, &segment.tags).in_views(&views)
}

/// The segment that the path names.
///
/// # Errors
/// 404 for whatever does not exist, 403 for a hidden project.
pub(super) async fn of(ctx: &Ctx, request: &Request) -> Result<Found> {
    let (project, environment) = (request.param("projectKey"), request.param("environmentKey"));
    find(ctx, project, environment, request.param("segmentKey")).await
}

/// A segment by its keys.
///
/// # Errors
/// As [`of`].
pub(super) async fn find(ctx: &Ctx, project: &str, environment: &str, segment: &str) -> Result<Found> {
    let (project, environment) = project_and_environment(ctx, project, environment).await?;
    let unknown = || Error::NotFound(format!("Unknown segment key {segment}"));
    if !is_key(segment, MAX_KEY) {
        return Err(unknown());
    }
    let doc = ctx.get(&segment_key(&project.value.key, &environment.value.key, segment)).await?.ok_or_else(unknown)?;
    Ok(Found { segment: doc.decode()?, version: doc.version, project, environment })
}
