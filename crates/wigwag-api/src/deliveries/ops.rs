//! The log of deliveries of a subscriber: Wigwag's own operations. They are for those who may switch the subscriber
//! on and off: answers of receivers can tell more than the subscriber itself.

use wigwag_kit::operation::Access;
use wigwag_kit::{Collection, Ctx, Error, Operations, Page, Reply, Request, Result};
use wigwag_store::{DeliveryReason, Doc, NewDelivery};

use super::rep::{DeliveryRep, rep};
use super::runner::Bell;
use super::subscriber::{Subscriber, SubscriberKind, name};

const ACTIONS: Access = Access::Actions(&["updateOn"]);

/// The operations on deliveries to subscribers of a kind.
#[must_use]
pub fn ops(kind: &'static SubscriberKind) -> Operations {
    let ids = kind.ids;
    Operations::new()
        .with(
            Operations::own(ids.list, ACTIONS, move |ctx, request| list(kind, ctx, request))
                .reply::<Collection<DeliveryRep>>()
                .about("Lists what a subscriber was told or is still to be told, newest first, with every try."),
        )
        .with(
            Operations::own(ids.get, ACTIONS, move |ctx, request| get(kind, ctx, request))
                .reply::<DeliveryRep>()
                .about("Shows one delivery with its tries."),
        )
        .with(
            Operations::own(ids.replay, ACTIONS, move |ctx, request| replay(kind, ctx, request))
                .reply::<DeliveryRep>()
                .about("Delivers the same entry once more, whatever became of the first delivery."),
        )
        .with(
            Operations::own(ids.test, ACTIONS, move |ctx, request| test(kind, ctx, request))
                .reply::<DeliveryRep>()
                .about("Delivers the newest change of the subscriber itself, in one try, also while it is off."),
        )
}

/// The subscriber of the path, for those who may switch it.
async fn found(kind: &SubscriberKind, ctx: &Ctx, request: &Request) -> Result<(Doc, Subscriber)> {
    let doc = (kind.find)(ctx, request).await?;
    let subscriber = (kind.read)(&doc)?;
    ctx.authorise("updateOn", &subscriber.spec)?;
    Ok((doc, subscriber))
}

async fn list(kind: &SubscriberKind, ctx: Ctx, request: Request) -> Result<Reply> {
    let page = Page::of(&request, Some(20), 100)?;
    let (doc, subscriber) = found(kind, &ctx, &request).await?;
    let (all, total) = ctx.store().deliveries(&name(&doc.key), page.limit.unwrap_or(20), page.offset).await?;
    let mut items = Vec::with_capacity(all.len());
    for delivery in &all {
        items.push(rep(&ctx, &subscriber, delivery).await?);
    }
    Reply::json(&Collection::new(items, total, &page, &request))
}

async fn get(kind: &SubscriberKind, ctx: Ctx, request: Request) -> Result<Reply> {
    let (doc, subscriber) = found(kind, &ctx, &request).await?;
    one(&ctx, &doc, &subscriber, request.param("deliveryId")).await
}

async fn one(ctx: &Ctx, doc: &Doc, subscriber: &Subscriber, id: &str) -> Result<Reply> {
    let delivery = ctx.store().delivery(&name(&doc.key), id).await?;
    Reply::json(&rep(ctx, subscriber, &delivery.ok_or_else(|| unknown(id))?).await?)
}

async fn replay(kind: &SubscriberKind, ctx: Ctx, request: Request) -> Result<Reply> {
    let (doc, subscriber) = found(kind, &ctx, &request).await?;
    let id = request.param("deliveryId");
    let old = ctx.store().delivery(&name(&doc.key), id).await?.ok_or_else(|| unknown(id))?;
    add(&ctx, &doc, &subscriber, old.seq, DeliveryReason::Replay).await
}

async fn test(kind: &SubscriberKind, ctx: Ctx, request: Request) -> Result<Reply> {
    let (doc, subscriber) = found(kind, &ctx, &request).await?;
    add(&ctx, &doc, &subscriber, doc.seq, DeliveryReason::Test).await
}

/// Notes a delivery and wakes who makes it. It is no change: nothing that is kept is another afterwards.
async fn add(ctx: &Ctx, doc: &Doc, subscriber: &Subscriber, seq: u64, reason: DeliveryReason) -> Result<Reply> {
    let new = NewDelivery { id: ctx.app.ids.object_id(), subscriber: name(&doc.key), seq, reason };
    ctx.store().add_delivery(&new, ctx.app.clock.now()).await?;
    if let Some(bell) = ctx.app.extension::<Bell>() {
        bell.ring();
    }
    one(ctx, doc, subscriber, &new.id).await
}

fn unknown(id: &str) -> Error {
    Error::NotFound(format!("Unknown delivery {id}"))
}
