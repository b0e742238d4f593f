//! A view as clients see it.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::path;
use wigwag_kit::resource::{Parent, Stored};
use wigwag_kit::{Ctx, Expand, Links, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::View;

use super::Place;
use super::linked::{FlagRep, SegmentRep, Shown};
use super::maintainer::{MaintainerRep, Maintainers};
use crate::read::{LinkedToView, keys_with_views, linked_to_view, view_links};

/// A view.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "View")]
pub struct ViewRep {
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    id: String,
    /// Of the installation's one account.
    account_id: String,
    project_id: String,
    project_key: String,
    /// Chosen key, in lower case.
    key: String,
    /// Human name.
    name: String,
    /// May be empty.
    description: String,
    /// Whether it is meant to have SDK keys of its own.
    generate_sdk_keys: bool,
    /// Counts its changes and those of its links.
    version: u64,
    tags: Vec<String>,
    created_at: Millis,
    updated_at: Millis,
    archived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<Millis>,
    /// Never: what is deleted is not shown.
    deleted: bool,
    /// Who looks after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    maintainer: Option<MaintainerRep>,
    /// With `expand=flagsSummary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    flags_summary: Option<Summary>,
    /// With `expand=segmentsSummary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments_summary: Option<Summary>,
    /// With `expand=resourceSummary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_summary: Option<ResourceSummary>,
    /// With `expand=allFlags`.
    #[serde(skip_serializing_if = "Option::is_none")]
    flags_expanded: Option<Items<FlagRep>>,
    /// With `expand=allSegments`.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments_expanded: Option<Items<SegmentRep>>,
    /// With `expand=allResources`.
    #[serde(skip_serializing_if = "Option::is_none")]
    resources_expanded: Option<Resources>,
    /// Whether SDK keys are held to it.
    #[serde(rename = "_affectsSdkPayload")]
    affects_sdk_payload: bool,
}

/// How many are linked, and which.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_flags: Option<Items<Direct>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_segments: Option<Items<Direct>>,
}

/// A flag or segment by its names.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Direct {
    key: String,
    name: String,
    /// Of a segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_id: Option<String>,
    links: Links,
}

/// How many are linked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ResourceSummary {
    flag_count: usize,
    segment_count: usize,
    total_count: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Items<T> {
    items: Vec<T>,
    total_count: usize,
}

/// What is linked, by kind.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Resources {
    items: ByKind,
    total_count: usize,
}

#[derive(Serialize, JsonSchema)]
struct ByKind {
    flags: Items<FlagRep>,
    segments: Items<SegmentRep>,
}

impl<T> Items<T> {
    const fn of(items: Vec<T>) -> Self {
        Self { total_count: items.len(), items }
    }
}

/// Without what has to be looked up.
pub(super) fn plain(view: &View, version: u64, place: &Place) -> ViewRep {
    let project = &place.0.value;
    ViewRep {
        links: view_links(&project.key, &view.key),
        id: view.id.clone(),
        account_id: String::new(),
        project_id: project.id.clone(),
        project_key: project.key.clone(),
        key: view.key.clone(),
        name: view.name.clone(),
        description: view.description.clone(),
        generate_sdk_keys: view.generate_sdk_keys,
        version,
        tags: view.tags.clone(),
        created_at: view.created_at,
        updated_at: view.updated_at,
        archived: view.archived_at.is_some(),
        archived_at: view.archived_at,
        deleted: false,
        maintainer: None,
        flags_summary: None,
        segments_summary: None,
        resource_summary: None,
        flags_expanded: None,
        segments_expanded: None,
        resources_expanded: None,
        affects_sdk_payload: false,
    }
}

/// With what the request asks to expand.
pub(super) async fn expanded(
    ctx: &Ctx,
    request: &Request,
    place: &Place,
    stored: Vec<Stored<View>>,
) -> Result<Vec<ViewRep>> {
    let expand = Expand::of(request);
    let linked = ["flagsSummary", "segmentsSummary", "resourceSummary", "allFlags", "allSegments", "allResources"];
    let linked = linked.iter().any(|name| expand.has(name));
    let maintainers = Maintainers::load(ctx, stored.iter().map(|one| &one.value)).await?;
    let held = keys_with_views(ctx, &place.0).await?;
    let mut reps = Vec::with_capacity(stored.len());
    for Stored { value: view, version } in &stored {
        let mut rep = plain(view, *version, place);
        rep.account_id.clone_from(&ctx.app.account_id);
        rep.maintainer = view.maintainer.as_ref().map(|maintainer| maintainers.shown(maintainer));
        rep.affects_sdk_payload = held.iter().any(|(_, _, views)| views.contains(&view.key));
        if linked {
            let linked = linked_to_view(ctx, place.project(), &view.key).await?;
            let shown = Shown::load(ctx, place, &linked).await?;
            rep.expand(&expand, place, &linked, &shown);
        }
        reps.push(rep);
    }
    Ok(reps)
}

impl ViewRep {
    fn expand(&mut self, expand: &Expand, place: &Place, linked: &LinkedToView, shown: &Shown) {
        let project = place.project();
        let flags =
            || linked.flags.iter().map(|(doc, flag)| shown.flag(project, flag, doc.version)).collect::<Vec<_>>();
        let segments = || linked.segments.iter().map(|(doc, one)| shown.segment(doc, one)).collect::<Vec<_>>();
        let (flag_count, segment_count) = (linked.flags.len(), linked.segments.len());
        if expand.has("flagsSummary") {
            let direct = linked.flags.iter().map(|(_, flag)| Direct {
                key: flag.key.clone(),
                name: flag.name.clone(),
                environment_id: None,
                links: Links::new().own(path(&["flags", project, &flag.key])),
            });
            let linked_flags = Some(Items::of(direct.collect()));
            self.flags_summary = Some(Summary { count: flag_count, linked_flags, linked_segments: None });
        }
        if expand.has("segmentsSummary") {
            let direct = linked.segments.iter().map(|(doc, segment)| Direct {
                key: segment.key.clone(),
                name: segment.name.clone(),
                environment_id: Some(shown.environment_id(doc)),
                links: Links::new().own(path(&["segments", project, &doc.key.env, &segment.key])),
            });
            let linked_segments = Some(Items::of(direct.collect()));
            self.segments_summary = Some(Summary { count: segment_count, linked_flags: None, linked_segments });
        }
        if expand.has("resourceSummary") {
            let total_count = flag_count + segment_count;
            self.resource_summary = Some(ResourceSummary { flag_count, segment_count, total_count });
        }
        if expand.has("allFlags") {
            self.flags_expanded = Some(Items::of(flags()));
        }
        if expand.has("allSegments") {
            self.segments_expanded = Some(Items::of(segments()));
        }
        if expand.has("allResources") {
            let items = ByKind { flags: Items::of(flags()), segments: Items::of(segments()) };
            self.resources_expanded = Some(Resources { items, total_count: flag_count + segment_count });
        }
    }
}
