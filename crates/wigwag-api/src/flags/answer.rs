//! Rendering one flag.

use std::collections::BTreeMap;

use wigwag_kit::expand::Expand;
use wigwag_kit::{Ctx, Reply, Request, Result};

use super::expanded::Expanded;
use super::load::{self, Found};
use super::rep::{Detail, Maintainers, Shape, View};
use super::state::FlagState;
use super::write::Outcome;

/// Store versions of the documents of a flag.
pub(crate) struct Versions<'a> {
    pub(crate) flag: u64,
    /// By environment key.
    pub(crate) configs: &'a BTreeMap<String, u64>,
}

/// How one flag is shown to this request.
pub(crate) fn shape(ctx: &Ctx, request: &Request) -> Shape {
    Shape {
        version: ctx.version,
        detail: Detail::Full,
        migration_settings: Expand::of(request).has("migrationSettings"),
    }
}

/// A view of `state` in the surroundings of `found`.
pub(crate) fn view<'a>(
    found: &'a Found,
    state: &'a FlagState,
    versions: &Versions<'_>,
    maintainers: &'a Maintainers,
    shape: Shape,
) -> View<'a> {
    let environments = found.environments.iter().filter_map(|loaded| {
        let environment = &loaded.value;
        let version = versions.configs.get(&environment.key).copied().unwrap_or(0);
        Some((environment, state.configs.get(&environment.key)?, version))
    });
    View {
        project: &found.project.value.key,
        flag: &state.flag,
        version: versions.flag,
        environments: Some(environments.collect()),
        maintainers,
        shape,
        expanded: &Expanded::NONE,
    }
}

/// Answers with one flag and its environments.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn flag(
    ctx: &Ctx,
    request: &Request,
    found: &Found,
    state: &FlagState,
    versions: &Versions<'_>,
) -> Result<Reply> {
    let maintainers = load::maintainers(ctx, std::iter::once(&state.flag)).await?;
    let (project, key) = (&found.project.value.key, state.flag.key.as_str());
    let expanded = Expanded::load(ctx, request, project, &found.environments, &[key]).await?;
    let view = view(found, state, versions, &maintainers, shape(ctx, request));
    Reply::json(&View { expanded: &expanded, ..view }.rep())
}

/// Answers with a flag that was just written.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn saved(ctx: &Ctx, request: &Request, found: &Found, saved: &Outcome) -> Result<Reply> {
    let versions = Versions { flag: saved.flag, configs: &saved.configs };
    flag(ctx, request, found, &saved.state, &versions).await
}
