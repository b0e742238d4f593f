//! `…/retention`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::links::path;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Links, Proofs, Reply, Request, Result, Target};
use wigwag_model::doc::{Environment, KeptDays};
use wigwag_store::Expect;
use wigwag_store::volume::Size;

use crate::common::Bullets;
use crate::read::{Loaded, project_and_environment, put_environment};

pub(super) const ACTION: &str = "updateRetention";
/// Days that can be set.
const POSSIBLE: std::ops::RangeInclusive<u32> = 1..=3650;

/// For how many days this server keeps what no environment says otherwise; an extension of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsualDays {
    /// Contexts after they were last seen.
    pub contexts: u32,
    /// What is counted.
    pub counts: u32,
    /// Events of metrics.
    pub metric_events: u32,
}

/// As servers are set where nothing else is said.
impl Default for UsualDays {
    fn default() -> Self {
        Self { contexts: 30, counts: 400, metric_events: 90 }
    }
}

/// Days to set. A kind that is absent or null is kept as the server is set.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetentionPut {
    /// Contexts and instances, after they were last seen: 1 to 3650.
    #[serde(default)]
    contexts: Option<u32>,
    /// What is counted: 1 to 3650.
    #[serde(default)]
    counts: Option<u32>,
    /// Events of metrics: 1 to 3650.
    #[serde(default)]
    metric_events: Option<u32>,
}

/// What an environment keeps.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetentionRep {
    #[serde(rename = "_links")]
    links: Links,
    items: Vec<KindRep>,
    /// Bytes that the events of all environments take in the database, with indexes and free space.
    database_bytes: u64,
}

/// One kind of what is kept.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct KindRep {
    /// `contexts`, `contextInstances`, `counts` or `metricEvents`.
    kind: &'static str,
    /// For how many days: contexts and instances after they were last seen, the others after they came.
    days: u32,
    /// Whether that was set for the environment.
    own: bool,
    /// How many rows there are.
    rows: u64,
    /// Whether there are more rows than were counted.
    more: bool,
    /// Bytes of the rows, estimated by some of them, without indexes.
    approximate_bytes: u64,
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let (_, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    Reply::json(&rep(&ctx, &request, &environment.value).await?)
}

async fn rep(ctx: &Ctx, request: &Request, environment: &Environment) -> Result<RetentionRep> {
    let volume = ctx.store().volume();
    let sizes = volume.sizes(&environment.id).await?;
    let usual = ctx.app.extension::<UsualDays>().copied().unwrap_or_default();
    let own = environment.kept_days;
    let kind = |kind, own: Option<u32>, usual: u32, size: Size| KindRep {
        kind,
        days: own.unwrap_or(usual),
        own: own.is_some(),
        rows: size.rows,
        more: size.is_more(),
        approximate_bytes: size.bytes,
    };
    let items = vec![
        kind("contexts", own.contexts, usual.contexts, sizes.contexts),
        kind("contextInstances", own.contexts, usual.contexts, sizes.instances),
        kind("counts", own.counts, usual.counts, sizes.counts),
        kind("metricEvents", own.metric_events, usual.metric_events, sizes.metrics),
    ];
    Ok(RetentionRep { links: Links::new().own(&*request.path), items, database_bytes: volume.bytes().await? })
}

pub(super) async fn put(ctx: Ctx, request: Request) -> Result<Reply> {
    let environment = retried(false, || attempt(&ctx, &request)).await?;
    Reply::json(&rep(&ctx, &request, &environment.value).await?)
}

async fn attempt(ctx: &Ctx, request: &Request) -> Result<Loaded<Environment>> {
    let (project, mut environment) =
        project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let proof = ctx.authorise(ACTION, &environment.spec)?;
    let days = read(request)?;
    let before = environment.value.kept_days;
    if days == before {
        return Ok(environment);
    }
    environment.value.kept_days = days;
    let change = Change::new(Proofs::of(proof), "updated the environment", target(&project.value.key, &environment));
    let mut change = change.description(describe(before, days));
    let Loaded { value, version, key, .. } = &environment;
    put_environment(&mut change, ctx, key.clone(), Expect::Version(*version), value)?;
    change.commit(ctx).await?;
    Ok(environment)
}

fn read(request: &Request) -> Result<KeptDays> {
    let put: RetentionPut = request.json()?;
    let days = KeptDays { contexts: put.contexts, counts: put.counts, metric_events: put.metric_events };
    for (name, days) in [("contexts", days.contexts), ("counts", days.counts), ("metricEvents", days.metric_events)] {
        if days.is_some_and(|days| !POSSIBLE.contains(&days)) {
            return Err(Error::field(name, format_args!("must be {} to {} days", POSSIBLE.start(), POSSIBLE.end())));
        }
    }
    Ok(days)
}

fn describe(before: KeptDays, after: KeptDays) -> String {
    let said =
        |days: Option<u32>| days.map_or_else(|| "as the server is set".to_owned(), |days| format!("{days} days"));
    let mut bullets = Bullets::default();
    for (name, before, after) in [
        ("contexts kept", before.contexts, after.contexts),
        ("counts kept", before.counts, after.counts),
        ("metric events kept", before.metric_events, after.metric_events),
    ] {
        bullets.changed(name, &said(before), &said(after));
    }
    bullets.markdown()
}

/// The environment, as audit entries show it.
fn target(project: &str, environment: &Loaded<Environment>) -> Target {
    let Loaded { value, key, spec, .. } = environment;
    let document = [key.kind.as_str().to_owned(), key.project.to_string(), key.env.to_string(), key.key.to_string()];
    Target { document: Some(document), ..contexts_of(project, value, spec) }
}

/// The contexts of an environment, as audit entries show them.
pub(super) fn contexts_of(project: &str, environment: &Environment, spec: &wigwag_kit::Spec) -> Target {
    Target {
        kind: "environment".to_owned(),
        name: environment.name.clone(),
        resources: vec![spec.to_string()],
        href: path(&["projects", project, "environments", &environment.key]),
        site: format!("/{project}/{}/contexts", environment.key),
        project: project.to_owned(),
        environment: Some(environment.name.clone()),
        document: None,
    }
}
