//! The call of a webhook. behaviour.md 14.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use sha2::Sha256;
use wigwag_kit::operation::Own;
use wigwag_kit::resource::{Account, load};
use wigwag_kit::{Ctx, Error, Resource, Result};
use wigwag_model::doc::{Kind, Webhook};
use wigwag_outbound::Call;
use wigwag_store::Doc;

use super::Webhooks;
use crate::deliveries::{DeliveryIds, PAGE, Subscriber, SubscriberKind, TAG};
use crate::read::AuditEntry;

const fn own(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    query: &'static [(&'static str, &'static str)],
) -> Own {
    Own { tag: TAG, method, path, id, query }
}

/// Webhooks as subscribers.
pub const SUBSCRIBER: SubscriberKind = SubscriberKind {
    kind: Kind::Webhook,
    read: subscriber,
    call,
    find: |ctx, request| {
        Box::pin(async move {
            let id = load::<Webhooks>(ctx, &Account, request.param("id")).await?.value.id;
            let doc = ctx.store().get(&wigwag_store::DocKey::account(Kind::Webhook, id)).await?;
            doc.ok_or_else(|| wigwag_kit::resource::unknown("webhook", request.param("id")))
        })
    },
    ids: DeliveryIds {
        list: own("GET", "/api/v2/webhooks/{id}/deliveries", "listWebhookDeliveries", PAGE),
        get: own("GET", "/api/v2/webhooks/{id}/deliveries/{deliveryId}", "getWebhookDelivery", &[]),
        replay: own("POST", "/api/v2/webhooks/{id}/deliveries/{deliveryId}/replay", "replayWebhookDelivery", &[]),
        test: own("POST", "/api/v2/webhooks/{id}/deliveries", "testWebhook", &[]),
    },
};

fn subscriber(doc: &Doc) -> Result<Subscriber> {
    let hook: Webhook = doc.decode()?;
    let (spec, href) = (Webhooks::spec(&hook, &Account), Webhooks::href(&hook, &Account));
    Ok(Subscriber { on: hook.on, statements: hook.statements, spec, href })
}

/// The entry as it is, signed when the webhook has a key.
fn call(ctx: &Ctx, doc: &Doc, entry: &AuditEntry) -> Result<Call> {
    let hook = Webhooks::opened(doc.decode()?, ctx)?;
    let fault = |e: &dyn std::fmt::Display| Error::Internal(format!("the call of webhook {}: {e}", hook.id));
    let body = Bytes::from(serde_json::to_vec(entry).map_err(|e| fault(&e))?);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(secret) = &hook.secret {
        let signature = HeaderValue::from_str(&signature(secret, &body)?).map_err(|e| fault(&e))?;
        headers.insert("x-ld-signature", signature);
    }
    Ok(Call { method: Method::POST, url: hook.url.clone(), headers, body })
}

/// HMAC-SHA256 of the body in hex, with the bytes of the secret as they are.
fn signature(secret: &str, body: &[u8]) -> Result<String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let mut mac = mac.map_err(|e| Error::Internal(format!("a signature cannot be made: {e}")))?;
    mac.update(body);
    Ok(hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    /// RFC 4231, test case 2.
    #[test]
    fn signatures() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(super::signature("Jefe", b"what do ya want for nothing?").unwrap(), expected);
    }
}
