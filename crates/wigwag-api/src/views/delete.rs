//! The end of a view: what was linked to it stays and is linked to it no more, in the same change.

use wigwag_kit::resource::{Parent, load, retried, target};
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Resource, Result};
use wigwag_store::Expect;

use super::{Place, Views};
use crate::read::{keys_with_views, linked_to_view, unlink_flag, unlink_segment, view_key};

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || attempt(&ctx, &request)).await?;
    Ok(Reply::empty())
}

async fn attempt(ctx: &Ctx, request: &Request) -> Result<()> {
    let place = Place::load(ctx, request).await?;
    let view = load::<Views>(ctx, &place, request.param("viewKey")).await?;
    let proof = ctx.authorise("deleteView", &Views::spec(&view.value, &place))?;
    let key = &view.value.key;
    let held = keys_with_views(ctx, &place.0).await?;
    if let Some((env, name, _)) = held.iter().find(|(_, _, views)| views.contains(key)) {
        let text = format!("The SDK key {name} of the environment {env} is held to the view {key}: take it off first");
        return Err(Error::Conflict(text));
    }
    let mut change = Change::new(Proofs::of(proof), "deleted the view", target::<Views>(&view.value, &place));
    change.delete(view_key(place.project(), key), Expect::Version(view.version));
    let linked = linked_to_view(ctx, place.project(), key).await?;
    for (doc, mut flag) in linked.flags {
        unlink_flag(&mut change, doc, &mut flag, key)?;
    }
    for (doc, mut segment) in linked.segments {
        unlink_segment(&mut change, doc, &mut segment, key)?;
    }
    change.commit(ctx).await.map(drop)
}
