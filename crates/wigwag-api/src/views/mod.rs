//! Views: groups of flags and segments of a project, by which access is given and what SDK keys deliver is narrowed
//! (behaviour.md 20).
//!
//! Links are part of what is linked ([`wigwag_model::doc::ViewLink`]): policies select flags and segments by their
//! views, and SDK keys deliver by them, wherever these are at hand. A change of links is a change of the view: its
//! version and the time of its last change tell of it, and a view that is deleted meanwhile makes it lose.
//!
//! Where the contract is silent: keys of views are stored in lower case, however they are sent; deleting a view that an
//! SDK key is held to is a conflict, because that key would deliver everything from then on.

mod associations;
mod delete;
mod find;
mod link;
mod linked;
mod list;
mod maintainer;
mod patch;
mod rep;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::operation::{Access, Operation};
use wigwag_kit::resource::{About, Parent, Stored, unknown};
use wigwag_kit::{Collection, Ctx, Dialects, Error, Operations, Request, Resource, Result, Spec, Standard};
use wigwag_model::doc::{Kind, Project, View};
use wigwag_model::key::MAX_KEY;
use wigwag_store::{DocKey, Expect, IndexFacts};

use crate::common::{check_key, check_name, unique};
use crate::read::{Loaded, project, view_index, view_links, view_spec};

use find::Finder;
use rep::ViewRep;

const VIEW: Access = Access::Actions(&["viewView"]);
/// Lists leave out what the caller may not see.
const LIST: Access = Access::Actions(&["viewProject"]);
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 4_096;
/// Most tags.
const MAX_TAGS: usize = 60;

/// The operations on views. `flags` and `segments` are the operations that list these: links by filter ask them.
#[must_use]
pub fn ops(flags: Option<Operation>, segments: Option<Operation>) -> Operations {
    let finder = Arc::new(Finder { flags, segments });
    let (to_link, to_unlink, to_list) = (Arc::clone(&finder), Arc::clone(&finder), finder);
    const LINK: Access = Access::Actions(&["linkFlagToView", "linkSegmentToView"]);
    const UNLINK: Access = Access::Actions(&["unlinkFlagFromView", "unlinkSegmentFromView"]);
    Standard::<Views>::new()
        .create("createView")
        .get("getView")
        .table()
        .with(Operations::operation("getViews", LIST, list::list).reply::<Collection<ViewRep>>())
        .with(
            Operations::operation("updateView", Access::Actions(&["updateView"]), patch::patch)
                .body::<patch::ViewPatch>()
                .reply::<ViewRep>(),
        )
        .on("deleteView", Access::Actions(&["deleteView"]), delete::delete)
        .with(
            Operations::operation("linkResource", LINK, move |ctx, request| {
                link::link(ctx, request, Arc::clone(&to_link))
            })
            .body::<link::ViewLinkRequest>()
            .reply::<link::Linked>(),
        )
        .with(
            Operations::operation("unlinkResource", UNLINK, move |ctx, request| {
                link::unlink(ctx, request, Arc::clone(&to_unlink))
            })
            .body::<link::ViewLinkRequest>()
            .reply::<link::Linked>(),
        )
        .with(
            Operations::operation("getLinkedResources", VIEW, move |ctx, request| {
                linked::list(ctx, request, Arc::clone(&to_list))
            })
            .reply::<Collection<linked::ResourceRep>>(),
        )
        .with(Operations::operation("getLinkedViews", LIST, associations::list).reply::<Collection<ViewRep>>())
}

/// What can be linked to views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Linkable {
    Flags,
    Segments,
}

impl Linkable {
    /// What the path names.
    fn of(request: &Request) -> Result<Self> {
        match request.param("resourceType") {
            "flags" => Ok(Self::Flags),
            "segments" => Ok(Self::Segments),
            other => {
                let problem = format_args!("{other} cannot be linked to views: only flags and segments can");
                Err(Error::field("resourceType", problem))
            }
        }
    }
}

/// A new view.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ViewPost {
    /// Chosen key; stored in lower case.
    key: String,
    /// Human name.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
    /// Whether it is meant to have SDK keys of its own.
    #[serde(default)]
    generate_sdk_keys: Option<bool>,
    /// The creator, unless another member or a team is given.
    #[serde(default)]
    maintainer_id: Option<String>,
    /// Instead of a member.
    #[serde(default)]
    maintainer_team_key: Option<String>,
    /// Tags.
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// The project that views are in.
pub struct Place(Loaded<Project>);

impl Parent for Place {
    const LOOKED_AT: &'static [&'static str] = &["viewProject"];

    async fn load(ctx: &Ctx, request: &Request) -> Result<Self> {
        project(ctx, request.param("projectKey")).await.map(Self)
    }

    fn key(&self, kind: Kind, key: &str) -> DocKey {
        DocKey::in_project(kind, self.project(), key)
    }

    fn project(&self) -> &str {
        &self.0.value.key
    }

    /// Nothing new in a project that is being deleted.
    fn requires(&self) -> Option<(DocKey, Expect)> {
        Some((self.0.key.clone(), Expect::Version(self.0.version)))
    }
}

/// The kind.
pub enum Views {}

impl Resource for Views {
    type Doc = View;
    type Parent = Place;
    type Create = ViewPost;
    type Edit = ();
    type Facts = ();
    type Rep = ViewRep;

    const ABOUT: About = About {
        kind: Kind::View,
        noun: "view",
        create: "createView",
        delete: "deleteView",
        view: Some("viewView"),
        dialects: Dialects::MERGE,
        edits: &[],
        instructions: &[],
        secrets: &[],
    };

    async fn create(ctx: &Ctx, _: &Place, input: ViewPost) -> Result<View> {
        let now = ctx.app.clock.now();
        let named =
            maintainer::named(ctx, input.maintainer_id.as_deref(), input.maintainer_team_key.as_deref()).await?;
        Ok(View {
            id: ctx.app.ids.object_id(),
            key: input.key.to_lowercase(),
            name: input.name,
            description: input.description.unwrap_or_default(),
            generate_sdk_keys: input.generate_sdk_keys.unwrap_or(false),
            tags: unique(input.tags.unwrap_or_default()),
            maintainer: named.or_else(|| maintainer::creator(ctx)),
            archived_at: None,
            created_at: now,
            updated_at: now,
        })
    }

    fn key(view: &View) -> &str {
        &view.key
    }

    fn name(view: &View) -> &str {
        &view.name
    }

    fn spec(view: &View, place: &Place) -> Spec {
        view_spec(&place.0.spec, &view.key)
    }

    async fn resolve(_: &Ctx, _: &Place, key: &str) -> Result<String> {
        Ok(key.to_lowercase())
    }

    fn href(view: &View, place: &Place) -> String {
        view_links(place.project(), &view.key).get("self").unwrap_or_default().to_owned()
    }

    fn site(view: &View, place: &Place) -> String {
        format!("/projects/{}/views/{}", place.project(), view.key)
    }

    /// Changed by an operation of its own.
    fn edit(_: &View) {}
    fn set(_: &mut View, (): ()) {}

    fn check(view: &View) -> Result<()> {
        check_key("key", &view.key, MAX_KEY)?;
        check_name("name", &view.name)?;
        if view.description.chars().count() > MAX_DESCRIPTION {
            return Err(Error::field("description", format_args!("must be at most {MAX_DESCRIPTION} characters long")));
        }
        if view.tags.len() > MAX_TAGS {
            return Err(Error::field("tags", format_args!("must be at most {MAX_TAGS}")));
        }
        view.tags.iter().try_for_each(|tag| check_key("tags", tag, MAX_KEY))
    }

    fn touch(view: &mut View, ctx: &Ctx) {
        view.updated_at = ctx.app.clock.now();
    }

    fn index(view: &View) -> IndexFacts {
        view_index(view)
    }

    fn rep(view: &View, version: u64, place: &Place) -> ViewRep {
        rep::plain(view, version, place)
    }

    async fn reps(ctx: &Ctx, request: &Request, place: &Place, stored: Vec<Stored<View>>) -> Result<Vec<ViewRep>> {
        rep::expanded(ctx, request, place, stored).await
    }
}

fn not_found(key: &str) -> Error {
    unknown("view", key)
}
