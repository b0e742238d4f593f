//! Subscriptions as subscribers of the log.

use wigwag_kit::operation::Own;
use wigwag_kit::resource::{Parent, load, unknown};
use wigwag_kit::{Ctx, Error, Resource, Result};
use wigwag_model::doc::{Integration, Kind};
use wigwag_outbound::Call;
use wigwag_store::{Doc, DocKey};

use super::manifest::manifest;
use super::{Of, Subscriptions, href, spec, template};
use crate::deliveries::{DeliveryIds, PAGE, Subscriber, SubscriberKind, TAG};
use crate::read::AuditEntry;

/// Audit log subscriptions as subscribers.
pub const SUBSCRIBER: SubscriberKind = SubscriberKind {
    kind: Kind::Integration,
    read: |doc| {
        let of: Integration = doc.decode()?;
        let (spec, href) = (spec(&of), href(&of));
        Ok(Subscriber { on: of.on, statements: of.statements, spec, href })
    },
    call,
    find: |ctx, request| {
        Box::pin(async move {
            let parent = Of::load(ctx, request).await?;
            let id = load::<Subscriptions>(ctx, &parent, request.param("id")).await?.value.id;
            let doc = ctx.store().get(&DocKey::account(Kind::Integration, id)).await?;
            doc.ok_or_else(|| unknown("integration", request.param("id")))
        })
    },
    ids: DeliveryIds {
        list: Own {
            tag: TAG,
            method: "GET",
            path: "/api/v2/integrations/{integrationKey}/{id}/deliveries",
            id: "listSubscriptionDeliveries",
            query: PAGE,
        },
        get: Own {
            tag: TAG,
            method: "GET",
            path: "/api/v2/integrations/{integrationKey}/{id}/deliveries/{deliveryId}",
            id: "getSubscriptionDelivery",
            query: &[],
        },
        replay: Own {
            tag: TAG,
            method: "POST",
            path: "/api/v2/integrations/{integrationKey}/{id}/deliveries/{deliveryId}/replay",
            id: "replaySubscriptionDelivery",
            query: &[],
        },
        test: Own {
            tag: TAG,
            method: "POST",
            path: "/api/v2/integrations/{integrationKey}/{id}/deliveries",
            id: "testSubscription",
            query: &[],
        },
    },
};

fn call(ctx: &Ctx, doc: &Doc, entry: &AuditEntry) -> Result<Call> {
    let of = Subscriptions::opened(doc.decode()?, ctx)?;
    let manifest = manifest(&of.integration_key).ok_or_else(|| unknown("integration", &of.integration_key))?;
    let entry = serde_json::to_value(entry).map_err(|e| Error::Internal(e.to_string()))?;
    template::call(manifest, &of.config, &entry, &ctx.app.site)
}
