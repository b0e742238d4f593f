//! Linking flags and segments to a view, and taking them out of it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::page::{Collection, Page};
use wigwag_kit::resource::{Parent, load, retried, target};
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Resource, Result};
use wigwag_model::doc::{Flag, Kind, Segment, View, ViewLink};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::{Doc, DocKey, Expect};

use super::find::Finder;
use super::linked::{ResourceRep, Shown};
use super::{Linkable, Place, Views};
use crate::common::names;
use crate::read::{LinkedToView, NamedViews, environments, flag_index, segment_index};

/// Most that can be named in one request (behaviour.md 20).
const MOST_NAMED: usize = 20;

/// What to link or to take out: what is named, what a filter finds, or both.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "ViewLinkRequest")]
pub(super) struct ViewLinkRequest {
    /// Keys of flags.
    #[serde(default)]
    keys: Option<Vec<String>>,
    /// Segments.
    #[serde(default)]
    segment_identifiers: Option<Vec<SegmentIdentifier>>,
    /// A filter as the list of flags or of segments takes it.
    #[serde(default)]
    filter: Option<String>,
    /// Where the filter looks for segments.
    #[serde(default)]
    environment_id: Option<String>,
    /// Goes into the audit log.
    #[serde(default)]
    comment: Option<String>,
}

/// A segment by environment and key.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ViewLinkRequestSegmentIdentifier")]
pub(super) struct SegmentIdentifier {
    environment_id: String,
    segment_key: String,
}

/// How it went.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "LinkResourceSuccessResponse")]
pub(super) struct Linked {
    /// How many are linked, or not linked any more; those that were so before as well.
    success_count: usize,
    failure_count: usize,
    /// After linking.
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_resources: Option<Collection<ResourceRep>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed_resources: Vec<Failed>,
}

/// One that could not be linked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FailedResourceLink")]
struct Failed {
    resource_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_id: Option<String>,
    resource_type: &'static str,
    error_message: String,
}

/// Whether links are made or taken away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Link,
    Unlink,
}

impl Way {
    const fn action(self, kind: Linkable) -> &'static str {
        match (self, kind) {
            (Self::Link, Linkable::Flags) => "linkFlagToView",
            (Self::Link, Linkable::Segments) => "linkSegmentToView",
            (Self::Unlink, Linkable::Flags) => "unlinkFlagFromView",
            (Self::Unlink, Linkable::Segments) => "unlinkSegmentFromView",
        }
    }

    /// Changes the links of one; whether that changes anything.
    fn apply(self, links: &mut Vec<ViewLink>, link: &ViewLink) -> bool {
        let at = links.iter().position(|one| one.key == link.key);
        match (self, at) {
            (Self::Link, None) => links.push(link.clone()),
            (Self::Unlink, Some(at)) => drop(links.remove(at)),
            _ => return false,
        }
        true
    }
}

pub(super) async fn link(ctx: Ctx, request: Request, finder: Arc<Finder>) -> Result<Reply> {
    run(&ctx, &request, &finder, Way::Link).await
}

pub(super) async fn unlink(ctx: Ctx, request: Request, finder: Arc<Finder>) -> Result<Reply> {
    run(&ctx, &request, &finder, Way::Unlink).await
}

async fn run(ctx: &Ctx, request: &Request, finder: &Finder, way: Way) -> Result<Reply> {
    // Where it goes comes before what it is.
    let place = Place::load(ctx, request).await?;
    let view = load::<Views>(ctx, &place, request.param("viewKey")).await?;
    let kind = Linkable::of(request)?;
    ctx.authorise(way.action(kind), &Views::spec(&view.value, &place))?;
    let body: ViewLinkRequest = request.json()?;
    body.check(kind)?;
    retried(false, || attempt(ctx, request, finder, &body, way, kind)).await
}

impl ViewLinkRequest {
    fn check(&self, kind: Linkable) -> Result<()> {
        let misplaced = |field, instead| {
            Err(Error::field(field, format_args!("does not name {}: use {instead}", request_noun(kind))))
        };
        let many = |field, count| match count {
            count if count > MOST_NAMED => {
                Err(Error::field(field, format_args!("must name at most {MOST_NAMED}; use a filter for more")))
            }
            _ => Ok(()),
        };
        match kind {
            Linkable::Flags if self.segment_identifiers.is_some() => return misplaced("segmentIdentifiers", "keys"),
            Linkable::Segments if self.keys.is_some() => return misplaced("keys", "segmentIdentifiers"),
            Linkable::Segments if self.filter.is_some() && self.environment_id.is_none() => {
                return Err(Error::field("environmentId", "is required with a filter of segments"));
            }
            _ => {}
        }
        if self.keys.is_none() && self.segment_identifiers.is_none() && self.filter.is_none() {
            return Err(Error::missing(match kind {
                Linkable::Flags => "keys or filter",
                Linkable::Segments => "segmentIdentifiers or filter",
            }));
        }
        many("keys", self.keys.as_ref().map_or(0, Vec::len))?;
        many("segmentIdentifiers", self.segment_identifiers.as_ref().map_or(0, Vec::len))
    }
}

const fn request_noun(kind: Linkable) -> &'static str {
    match kind {
        Linkable::Flags => "flags",
        Linkable::Segments => "segments",
    }
}

/// What a request names, looked up.
#[derive(Default)]
struct Wanted {
    found: LinkedToView,
    failed: Vec<Failed>,
}

async fn attempt(
    ctx: &Ctx,
    request: &Request,
    finder: &Finder,
    body: &ViewLinkRequest,
    way: Way,
    kind: Linkable,
) -> Result<Reply> {
    let place = Place::load(ctx, request).await?;
    let view = load::<Views>(ctx, &place, request.param("viewKey")).await?.value;
    let proof = ctx.authorise(way.action(kind), &Views::spec(&view, &place))?;
    let Wanted { mut found, failed } = match kind {
        Linkable::Flags => flags(ctx, &place, finder, body).await?,
        Linkable::Segments => segments(ctx, &place, finder, body).await?,
    };
    let now = ctx.app.clock.now();
    let link = ViewLink { key: view.key.clone(), linked_at: now };
    let mut change = Change::new(Proofs::of(proof), "updated the view", target::<Views>(&view, &place));
    let mut changed = Vec::new();
    for (doc, flag) in &mut found.flags {
        if way.apply(&mut flag.views, &link) {
            change.put(doc.key.clone(), Expect::Version(doc.version), flag, flag_index(flag))?;
            changed.push(flag.key.clone());
        }
    }
    for (doc, segment) in &mut found.segments {
        if way.apply(&mut segment.views, &link) {
            change.put(doc.key.clone(), Expect::Version(doc.version), segment, segment_index(segment))?;
            changed.push(segment.key.clone());
        }
    }
    if !changed.is_empty() {
        let change = change.comment(body.comment.as_deref()).description(told(way, kind, &changed));
        commit(ctx, &place, &view, change).await?;
    }
    let count = found.flags.len() + found.segments.len();
    let linked_resources = match way {
        Way::Unlink => None,
        Way::Link => {
            let shown = Shown::load(ctx, &place, &found).await?;
            let items = shown.resources(place.project(), &view.key, kind, &found, false);
            let page = Page { limit: None, offset: 0 };
            Some(Collection::new(items, count as u64, &page, request))
        }
    };
    let failure_count = failed.len();
    Reply::json(&Linked { success_count: count, failure_count, linked_resources, failed_resources: failed })
}

/// The view tells of its links by its version, and loses against its own deletion.
async fn commit(ctx: &Ctx, place: &Place, view: &View, mut change: Change) -> Result<()> {
    let named = NamedViews::load(ctx, &place.0, "viewKey", std::slice::from_ref(&view.key)).await?;
    named.touched(&mut change, ctx.app.clock.now())?;
    change.commit(ctx).await.map(drop)
}

fn told(way: Way, kind: Linkable, keys: &[String]) -> String {
    let (verb, noun) = (if way == Way::Link { "Linked" } else { "Took out" }, request_noun(kind));
    format!("* {verb} the {noun} {}\n", names(keys.iter().map(String::as_str), noun))
}

async fn flags(ctx: &Ctx, place: &Place, finder: &Finder, body: &ViewLinkRequest) -> Result<Wanted> {
    let mut keys = crate::common::unique(body.keys.clone().unwrap_or_default());
    if let Some(filter) = &body.filter {
        let matching = finder.flags(ctx, place.project(), filter).await?;
        keys = crate::common::unique(keys.into_iter().chain(matching).collect());
    }
    let mut wanted = Wanted::default();
    let fails = |key: String| Failed {
        error_message: format!("there is no flag with the key '{key}'"),
        resource_key: key,
        environment_id: None,
        resource_type: "flag",
    };
    let (good, bad): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| is_key(key, MAX_KEY));
    let at: Vec<_> = good.iter().map(|key| DocKey::in_project(Kind::Flag, place.project(), key.as_str())).collect();
    for (doc, key) in get_many(ctx, &at).await?.into_iter().zip(good) {
        match doc {
            Some(doc) => {
                let flag: Flag = doc.decode()?;
                wanted.found.flags.push((doc, flag));
            }
            None => wanted.failed.push(fails(key)),
        }
    }
    wanted.failed.extend(bad.into_iter().map(fails));
    Ok(wanted)
}

async fn segments(ctx: &Ctx, place: &Place, finder: &Finder, body: &ViewLinkRequest) -> Result<Wanted> {
    let environments = environments(ctx, &place.0).await?;
    let env_of = |id: &str| environments.iter().find(|env| env.value.id == id).map(|env| env.value.key.as_str());
    let mut named: Vec<(String, String)> = Vec::new();
    for one in body.segment_identifiers.iter().flatten() {
        named.push((one.environment_id.clone(), one.segment_key.clone()));
    }
    if let (Some(filter), Some(id)) = (&body.filter, &body.environment_id) {
        let unknown = || Error::field("environmentId", format_args!("there is no environment {id}"));
        let matching = finder.segments(ctx, place.project(), env_of(id).ok_or_else(unknown)?, filter).await?;
        named.extend(matching.into_iter().map(|key| (id.clone(), key)));
    }
    named.sort();
    named.dedup();
    let mut wanted = Wanted::default();
    for (id, key) in named {
        let at = env_of(&id).filter(|_| is_key(&key, MAX_KEY));
        let at = at.map(|env| DocKey::in_env(Kind::Segment, place.project(), env, key.as_str()));
        let doc = match at {
            Some(at) => ctx.store().get(&at).await?,
            None => None,
        };
        match doc {
            Some(doc) => {
                let segment: Segment = doc.decode()?;
                wanted.found.segments.push((doc, segment));
            }
            None => wanted.failed.push(Failed {
                error_message: format!("there is no segment with the key '{key}' in the environment {id}"),
                resource_key: key,
                environment_id: Some(id),
                resource_type: "segment",
            }),
        }
    }
    Ok(wanted)
}

async fn get_many(ctx: &Ctx, at: &[DocKey]) -> Result<Vec<Option<Doc>>> {
    if at.is_empty() { Ok(Vec::new()) } else { Ok(ctx.store().get_many(at).await?) }
}
