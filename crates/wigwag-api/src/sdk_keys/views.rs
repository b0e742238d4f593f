//! The views that a key is held to: SDKs that come with it get nothing but what is linked to one of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Expand, Links, Reply, Request, Result};
use wigwag_model::doc::Project;

use super::Home;
use super::key::Place;
use crate::common::names;
use crate::read::{Loaded, NamedViews, linked_to_view, view_links};

/// Most views of a key.
const MOST: usize = 10;

/// The views of a key.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SdkKeyViewsPut")]
pub(super) struct ViewsPut {
    /// All of them; with none the key delivers everything.
    view_keys: Vec<String>,
}

pub(super) async fn put(ctx: Ctx, request: Request) -> Result<Reply> {
    let home = Home::load(&ctx, &request).await?;
    home.place(&request)?;
    ctx.authorise("updateSdkKeyPayload", &home.spec(request.param("sdkKeyKey")))?;
    let put: ViewsPut = request.json()?;
    let (home, place) = retried(false, || attempt(&ctx, &request, &put.view_keys)).await?;
    home.answer(&ctx, place, &Expand::of(&request)).await
}

async fn attempt(ctx: &Ctx, request: &Request, keys: &[String]) -> Result<(Home, Place)> {
    let mut home = Home::load(ctx, request).await?;
    let place = home.place(request)?;
    let name = request.param("sdkKeyKey");
    let proof = ctx.authorise("updateSdkKeyPayload", &home.spec(name))?;
    let views = named(ctx, &home.project, keys).await?;
    let environment = &mut home.environment.value;
    if !keys.is_empty() && place.is_default(environment) {
        let rule = "a default key delivers everything: make a key of your own for a part";
        return Err(Error::field("viewKeys", rule));
    }
    let now = ctx.app.clock.now();
    let after = views.keys();
    let Some(stored) = place.kind.keys_mut(environment).get_mut(place.at) else { return Ok((home, place)) };
    if stored.views == after {
        return Ok((home, place));
    }
    let text = match after.as_slice() {
        [] => "* Delivers everything again\n".to_owned(),
        some => format!("* Delivers what is linked to {}\n", names(some.iter().map(String::as_str), "views")),
    };
    stored.views = after;
    let mut shown = name.to_owned();
    if let Some(about) = &mut stored.about {
        (about.updated_at, about.version) = (now, about.version + 1);
        shown.clone_from(&about.name);
    }
    home.save(ctx, vec![proof], "updated the sdk-key", name, &shown, text, views).await?;
    Ok((home, place))
}

/// The views that a body names for a key.
///
/// # Errors
/// 400 for too many, or one that there is not.
pub(super) async fn named(ctx: &Ctx, project: &Loaded<Project>, keys: &[String]) -> Result<NamedViews> {
    let views = NamedViews::load(ctx, project, "viewKeys", keys).await?;
    if views.keys().len() > MOST {
        return Err(Error::field("viewKeys", format_args!("must name at most {MOST}")));
    }
    Ok(views)
}

/// A view of a key in short.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ViewSummary")]
pub(super) struct ViewSummary {
    #[serde(rename = "_links")]
    links: Links,
    key: String,
    name: String,
    resource_summary: ResourceSummary,
}

/// How many are linked to it.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ViewResourceSummary")]
struct ResourceSummary {
    flag_count: usize,
    segment_count: usize,
}

/// Summaries of the views of some keys, if they are asked for.
pub(super) struct Summaries(Option<BTreeMap<String, ViewSummary>>);

impl Summaries {
    /// None: they are not asked for.
    pub(super) async fn load(ctx: &Ctx, project: &Loaded<Project>, expand: &Expand, keys: Vec<String>) -> Result<Self> {
        if !expand.has("viewSummaries") {
            return Ok(Self(None));
        }
        let mut all = BTreeMap::new();
        for (key, name) in NamedViews::known(ctx, project, &keys).await?.names() {
            let linked = linked_to_view(ctx, &project.value.key, &key).await?;
            let (flag_count, segment_count) = (linked.flags.len(), linked.segments.len());
            let summary = ViewSummary {
                links: view_links(&project.value.key, &key),
                key: key.clone(),
                name,
                resource_summary: ResourceSummary { flag_count, segment_count },
            };
            all.insert(key, summary);
        }
        Ok(Self(Some(all)))
    }

    /// Those of one key.
    pub(super) fn of(&self, keys: &[String]) -> Option<Vec<ViewSummary>> {
        let all = self.0.as_ref()?;
        Some(keys.iter().filter_map(|key| all.get(key).cloned()).collect())
    }
}
