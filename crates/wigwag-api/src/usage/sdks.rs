//! SDKs that sent events or held streams.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::operation::on;
use wigwag_kit::{Ctx, Error, Links, Operations, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_store::volume::{SeenSender, Sender};

use super::links;
use super::places::{Place, Places};
use super::source::{Senders, shown};
use crate::read::{VIEWER, require_viewer};

const DAY: Millis = 86_400_000;

pub(super) fn ops() -> Operations {
    Operations::new()
        .with(on("getMauSdksByType", VIEWER, names).reply::<SdkList>())
        .with(on("getStreamUsageSdkversion", VIEWER, versions).reply::<SdkVersionList>())
        .with(on("getSdkAllVersions", VIEWER, all).reply::<Vec<Details>>())
        .with(on("getSdkVersionsDetails", VIEWER, newest).reply::<Vec<Details>>())
}

/// Who sent events since where the caller may look, and where.
async fn seen(ctx: &Ctx, since: Millis, places: &Places) -> Result<Vec<SeenSender>> {
    let all = ctx.store().volume().senders(since).await?;
    // Those without a version stand for sums over versions, too.
    Ok(all.into_iter().filter(|seen| places.get(&seen.env).is_some()).collect())
}

/// Names of SDKs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SdkListRep")]
struct SdkList {
    #[serde(rename = "_links")]
    links: Links,
    sdks: BTreeSet<String>,
}

async fn names(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let now = ctx.app.clock.now();
    let to = request.query_number("to")?.unwrap_or(now);
    let from = request.query_number("from")?.unwrap_or(to - 7 * DAY);
    if from > to {
        return Err(Error::field("from", "must not be later than to"));
    }
    let senders = request.query("sdktype").map_or(Some(Senders::All), Senders::named);
    let senders = senders.ok_or_else(|| Error::field("sdktype", "must be client or server"))?;
    let places = Places::visible(&ctx).await?;
    let seen = seen(&ctx, from, &places).await?;
    let seen = seen.iter().filter(|seen| seen.first_seen <= to && senders.has(&seen.sender));
    let sdks = seen.map(|seen| shown(&seen.sender.sdk).to_owned()).collect();
    Reply::json(&SdkList { links: links(&request), sdks })
}

/// Names and versions of SDKs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SdkVersionListRep")]
struct SdkVersionList {
    #[serde(rename = "_links")]
    links: Links,
    sdk_versions: BTreeSet<SdkVersion>,
}

#[derive(Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(rename = "SdkVersionRep")]
struct SdkVersion {
    sdk: String,
    version: String,
}

async fn versions(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let senders = Senders::of_path(&request)?;
    let places = Places::visible(&ctx).await?;
    let seen = seen(&ctx, ctx.app.clock.now() - 60 * DAY, &places).await?;
    let version = |sender: &Sender| SdkVersion {
        sdk: shown(&sender.sdk).to_owned(),
        version: shown(&sender.sdk_version).to_owned(),
    };
    let seen = seen.iter().map(|seen| &seen.sender).filter(|sender| senders.has(sender) && is_told(sender));
    Reply::json(&SdkVersionList { links: links(&request), sdk_versions: seen.map(version).collect() })
}

/// Whether a sender is more than a sum over versions.
fn is_told(sender: &Sender) -> bool {
    !sender.sdk_version.is_empty()
}

/// A version of an SDK where it is in use.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SdkVersionDetailsRep")]
struct Details {
    name: String,
    version: String,
    #[serde(rename = "type")]
    kind: &'static str,
    project_id: String,
    project_key: String,
    project_name: String,
    environment_id: String,
    environment_key: String,
    environment_name: String,
    application_id: String,
    connection_type: &'static str,
}

impl Details {
    fn of(place: &Place, sender: &Sender) -> Self {
        let (project, environment) = (&place.project, &place.environment);
        Self {
            name: shown(&sender.sdk).to_owned(),
            version: shown(&sender.sdk_version).to_owned(),
            kind: sender.kind.as_str(),
            project_id: project.id.clone(),
            project_key: project.key.clone(),
            project_name: project.name.clone(),
            environment_id: environment.id.clone(),
            environment_key: environment.key.clone(),
            environment_name: environment.name.clone(),
            application_id: sender.application.to_string(),
            connection_type: "direct",
        }
    }
}

/// All that were in use within a day.
async fn in_use(ctx: &Ctx) -> Result<Vec<Details>> {
    require_viewer(ctx)?;
    let places = Places::visible(ctx).await?;
    let seen = seen(ctx, ctx.app.clock.now() - DAY, &places).await?;
    let seen = seen.iter().filter(|seen| is_told(&seen.sender));
    Ok(seen.filter_map(|seen| Some(Details::of(places.get(&seen.env)?, &seen.sender))).collect())
}

async fn all(ctx: Ctx, request: Request) -> Result<Reply> {
    let mut all = in_use(&ctx).await?;
    let is = |name: &str, value: &str| request.query(name).is_none_or(|wanted| wanted == value);
    all.retain(|each| {
        is("environmentId", &each.environment_id)
            && is("projectId", &each.project_id)
            && is("sdkName", &each.name)
            && is("sdkType", each.kind)
            && is("sdkAppId", &each.application_id)
            && is("connectionType", each.connection_type)
    });
    Reply::json(&all)
}

/// The newest version of each SDK, in each environment.
async fn newest(ctx: Ctx, _: Request) -> Result<Reply> {
    let mut newest: BTreeMap<(String, String, String), Details> = BTreeMap::new();
    for each in in_use(&ctx).await? {
        let key = (each.environment_id.clone(), each.name.clone(), each.application_id.clone());
        let known = newest.entry(key).or_insert_with(|| each.clone());
        if order(&each.version) > order(&known.version) {
            *known = each;
        }
    }
    Reply::json(&newest.into_values().collect::<Vec<_>>())
}

/// Numbers of a version, for their order.
fn order(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}
