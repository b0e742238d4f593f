//! The views that a flag or a segment is linked to.

use wigwag_kit::page::{Collection, Page};
use wigwag_kit::resource::Parent;
use wigwag_kit::{Ctx, Error, Reply, Request, Resource, Result};
use wigwag_model::doc::{Kind, Segment, ViewLink};
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::DocKey;

use super::list::seen;
use super::{Linkable, Place, Views};
use crate::common::largest_page;
use crate::read::{environments, flag};

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let place = Place::load(&ctx, &request).await?;
    let page = Page::of(&request, Some(20), largest_page(request.version))?;
    let keys = match Linkable::of(&request)? {
        Linkable::Flags => ViewLink::keys(&flag(&ctx, place.project(), request.param("resourceKey")).await?.0.views),
        Linkable::Segments => of_segment(&ctx, &request, &place).await?,
    };
    let mut all = seen(&ctx, &place).await?;
    all.retain(|one| keys.contains(&one.value.key));
    all.sort_by_key(|one| keys.iter().position(|key| *key == one.value.key));
    let total = all.len() as u64;
    let reps = Views::reps(&ctx, &request, &place, page.cut(all).collect()).await?;
    Reply::json(&Collection::new(reps, total, &page, &request))
}

async fn of_segment(ctx: &Ctx, request: &Request, place: &Place) -> Result<Vec<String>> {
    let key = request.param("resourceKey");
    let id = request.query("environmentId").ok_or_else(|| Error::missing("environmentId"))?;
    let env = environment_with(ctx, place, id).await?;
    let env = env.ok_or_else(|| Error::field("environmentId", format_args!("there is no environment {id}")))?;
    let unknown = || Error::NotFound(format!("Unknown segment key {key}"));
    if !is_key(key, MAX_KEY) {
        return Err(unknown());
    }
    let doc = ctx.store().get(&DocKey::in_env(Kind::Segment, place.project(), &*env, key)).await?;
    let segment: Segment = doc.ok_or_else(unknown)?.decode()?;
    Ok(ViewLink::keys(&segment.views))
}

/// The key of the environment with this id.
pub(super) async fn environment_with(ctx: &Ctx, place: &Place, id: &str) -> Result<Option<String>> {
    let found = environments(ctx, &place.0).await?.into_iter().find(|env| env.value.id == id);
    Ok(found.map(|env| env.value.key))
}
