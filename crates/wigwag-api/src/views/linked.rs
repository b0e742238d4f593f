//! What is linked to a view.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::path;
use wigwag_kit::page::{Collection, Page};
use wigwag_kit::resource::{Parent, load};
use wigwag_kit::{Ctx, Error, Expand, Links, Reply, Request, Result, sort};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Flag, Maintainer, Segment, ViewLink};
use wigwag_store::Doc;

use super::associations::environment_with;
use super::find::Finder;
use super::{Linkable, Place, Views};
use crate::common::largest_page;
use crate::read::{LinkedToView, MemberSummary, all_teams, environments, linked_to_view, members_by_id, summary_of};

/// A flag or a segment that is linked to a view.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ViewLinkedResource")]
pub(super) struct ResourceRep {
    #[serde(rename = "_links")]
    links: Links,
    resource_key: String,
    /// Of a segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_id: Option<String>,
    /// Of a segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_key: Option<String>,
    /// `flag` or `segment`.
    resource_type: &'static str,
    linked_at: Millis,
    /// With `expand=resourceDetails`.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_details: Option<Details>,
    #[serde(skip)]
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    flag: Option<FlagRep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    segment: Option<SegmentRep>,
}

/// A flag in short.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExpandedFlag")]
pub(super) struct FlagRep {
    key: String,
    name: String,
    description: String,
    creation_date: Millis,
    #[serde(rename = "_version")]
    version: u64,
    archived: bool,
    tags: Vec<String>,
    temporary: bool,
    include_in_snippet: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    maintainer: Option<FlagMaintainer>,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExpandedFlagMaintainer")]
struct FlagMaintainer {
    key: String,
    kind: &'static str,
    #[serde(rename = "_member", skip_serializing_if = "Option::is_none")]
    member: Option<MemberSummary>,
    #[serde(rename = "_team", skip_serializing_if = "Option::is_none")]
    team: Option<TeamSummary>,
}

#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ViewsMemberTeamSummaryRep")]
struct TeamSummary {
    custom_role_keys: Vec<String>,
    key: String,
    name: String,
}

/// A segment in short.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExpandedSegment")]
pub(super) struct SegmentRep {
    key: String,
    name: String,
    environment_id: String,
    environment_key: String,
    description: String,
    creation_date: Millis,
    last_modified_date: Millis,
    deleted: bool,
    tags: Vec<String>,
    unbounded: bool,
    version: u64,
    generation: u32,
    #[serde(rename = "_links")]
    links: Links,
}

/// What is needed to show what is linked.
#[derive(Default)]
pub(super) struct Shown {
    /// Ids of environments by key.
    environments: HashMap<String, String>,
    members: HashMap<String, MemberSummary>,
    teams: HashMap<String, TeamSummary>,
}

impl Shown {
    pub(super) async fn load(ctx: &Ctx, place: &Place, linked: &LinkedToView) -> Result<Self> {
        let mut shown = Self::default();
        for env in environments(ctx, &place.0).await? {
            shown.environments.insert(env.value.key, env.value.id);
        }
        let (mut members, mut teams) = (BTreeSet::new(), BTreeSet::new());
        for (_, flag) in &linked.flags {
            match &flag.maintainer {
                Some(Maintainer::Member(id)) => drop(members.insert(id.as_str())),
                Some(Maintainer::Team(key)) => drop(teams.insert(key.as_str())),
                None => {}
            }
        }
        if !members.is_empty() {
            let found = members_by_id(ctx, members).await?;
            shown.members = found.into_iter().map(|(id, member)| (id, summary_of(&member))).collect();
        }
        if !teams.is_empty() {
            for team in all_teams(ctx).await?.into_iter().map(|team| team.value) {
                let summary =
                    TeamSummary { custom_role_keys: team.custom_role_keys, key: team.key.clone(), name: team.name };
                shown.teams.insert(team.key, summary);
            }
        }
        Ok(shown)
    }

    pub(super) fn environment_id(&self, doc: &Doc) -> String {
        self.environments.get(&*doc.key.env).cloned().unwrap_or_default()
    }

    pub(super) fn flag(&self, project: &str, flag: &Flag, version: u64) -> FlagRep {
        let maintainer = flag.maintainer.as_ref().map(|maintainer| match maintainer {
            Maintainer::Member(id) => {
                FlagMaintainer { key: id.clone(), kind: "member", member: self.members.get(id).cloned(), team: None }
            }
            Maintainer::Team(key) => {
                FlagMaintainer { key: key.clone(), kind: "team", member: None, team: self.teams.get(key).cloned() }
            }
        });
        FlagRep {
            key: flag.key.clone(),
            name: flag.name.clone(),
            description: flag.description.clone(),
            creation_date: flag.created_at,
            version,
            archived: flag.archived_at.is_some(),
            tags: flag.tags.clone(),
            temporary: flag.temporary,
            include_in_snippet: flag.client_side_availability.using_environment_id,
            maintainer,
            links: Links::new().own(path(&["flags", project, &flag.key])).parent(path(&["flags", project])),
        }
    }

    pub(super) fn segment(&self, doc: &Doc, segment: &Segment) -> SegmentRep {
        let (project, env) = (&*doc.key.project, &*doc.key.env);
        SegmentRep {
            key: segment.key.clone(),
            name: segment.name.clone(),
            environment_id: self.environment_id(doc),
            environment_key: env.to_owned(),
            description: segment.description.clone(),
            creation_date: segment.created_at,
            last_modified_date: segment.last_modified,
            deleted: false,
            tags: segment.tags.clone(),
            unbounded: segment.unbounded,
            version: doc.version,
            generation: segment.generation,
            links: Links::new()
                .own(path(&["segments", project, env, &segment.key]))
                .parent(path(&["segments", project, env])),
        }
    }

    /// Those of one kind, as resources of the view.
    pub(super) fn resources(
        &self,
        project: &str,
        view: &str,
        kind: Linkable,
        linked: &LinkedToView,
        details: bool,
    ) -> Vec<ResourceRep> {
        let parent = path(&["projects", project, "views", view]);
        let at = |links: &[ViewLink]| links.iter().find(|link| link.key == view).map_or(0, |link| link.linked_at);
        match kind {
            Linkable::Flags => {
                let one = |(doc, flag): &(Doc, Flag)| ResourceRep {
                    links: Links::new().own(path(&["flags", project, &flag.key])).parent(parent.clone()),
                    resource_key: flag.key.clone(),
                    environment_id: None,
                    environment_key: None,
                    resource_type: "flag",
                    linked_at: at(&flag.views),
                    resource_details: details
                        .then(|| Details { flag: Some(self.flag(project, flag, doc.version)), segment: None }),
                    name: flag.name.clone(),
                };
                linked.flags.iter().map(one).collect()
            }
            Linkable::Segments => {
                let one = |(doc, segment): &(Doc, Segment)| ResourceRep {
                    links: Links::new()
                        .own(path(&["segments", project, &doc.key.env, &segment.key]))
                        .parent(parent.clone()),
                    resource_key: segment.key.clone(),
                    environment_id: Some(self.environment_id(doc)),
                    environment_key: Some(doc.key.env.to_string()),
                    resource_type: "segment",
                    linked_at: at(&segment.views),
                    resource_details: details
                        .then(|| Details { flag: None, segment: Some(self.segment(doc, segment)) }),
                    name: segment.name.clone(),
                };
                linked.segments.iter().map(one).collect()
            }
        }
    }
}

/// `GET …/linked/{resourceType}`
pub(super) async fn list(ctx: Ctx, request: Request, finder: Arc<Finder>) -> Result<Reply> {
    let place = Place::load(&ctx, &request).await?;
    let view = load::<Views>(&ctx, &place, request.param("viewKey")).await?.value.key;
    let kind = Linkable::of(&request)?;
    let page = Page::of(&request, Some(20), largest_page(request.version))?;
    let order = sort::parse(&request, &["linkedAt", "name"])?;
    let mut linked = linked_to_view(&ctx, place.project(), &view).await?;
    if let Some(filter) = request.query("filter").filter(|filter| !filter.is_empty()) {
        narrow(&ctx, &place, &request, &finder, kind, filter, &mut linked).await?;
    }
    let details = Expand::of(&request).has("resourceDetails");
    let shown = Shown::load(&ctx, &place, &linked).await?;
    let mut all = shown.resources(place.project(), &view, kind, &linked, details);
    if let Some(text) = request.query("query").map(str::to_lowercase).filter(|text| !text.is_empty()) {
        let has = |value: &str| value.to_lowercase().contains(&text);
        all.retain(|one| has(&one.resource_key) || (details && has(&one.name)));
    }
    let by_name = order.first().is_some_and(|by| by.field == "name");
    if by_name {
        all.sort_by_key(|one| (one.name.to_lowercase(), one.resource_key.clone()));
    } else {
        all.sort_by_key(|one| one.linked_at);
    }
    if order.first().is_some_and(|by| by.descending) {
        all.reverse();
    }
    let total = all.len() as u64;
    Reply::json(&Collection::new(page.cut(all).collect(), total, &page, &request))
}

/// Leaves those that a filter of lists finds.
async fn narrow(
    ctx: &Ctx,
    place: &Place,
    request: &Request,
    finder: &Finder,
    kind: Linkable,
    filter: &str,
    linked: &mut LinkedToView,
) -> Result<()> {
    match kind {
        Linkable::Flags => {
            let found: BTreeSet<String> = finder.flags(ctx, place.project(), filter).await?.into_iter().collect();
            linked.flags.retain(|(_, flag)| found.contains(&flag.key));
        }
        Linkable::Segments => {
            let id = request.query("environmentId").ok_or_else(|| Error::missing("environmentId"))?;
            let env = environment_with(ctx, place, id).await?;
            let env = env.ok_or_else(|| Error::field("environmentId", format_args!("there is no environment {id}")))?;
            let found = finder.segments(ctx, place.project(), &env, filter).await?;
            linked.segments.retain(|(doc, segment)| *doc.key.env == *env && found.contains(&segment.key));
        }
    }
    Ok(())
}
