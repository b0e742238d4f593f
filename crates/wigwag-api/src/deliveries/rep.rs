//! Deliveries as clients see them.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Ctx, Links, Result};
use wigwag_model::clock::Millis;
use wigwag_store::{Delivery, DeliveryAttempt, DeliveryReason, DeliveryState};

use super::subscriber::Subscriber;

/// A delivery.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Delivery")]
pub(super) struct DeliveryRep {
    /// Itself, its subscriber, and the entry of the audit log that it tells of.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits; also in the header `X-Wigwag-Delivery` of the call.
    #[serde(rename = "_id")]
    id: String,
    /// The change it tells of, by its place in the log.
    sequence: u64,
    /// `change`, `replay` or `test`.
    reason: &'static str,
    /// `pending`, `delivered` or `failed`, which is for good.
    status: &'static str,
    /// When it was planned, in milliseconds since the epoch.
    creation_date: Millis,
    /// When it is tried next; absent once it is settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_date: Option<Millis>,
    /// Its tries, oldest first.
    attempts: Vec<AttemptRep>,
}

/// A try.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeliveryAttempt")]
struct AttemptRep {
    /// When it began, in milliseconds since the epoch.
    date: Millis,
    /// How long it took.
    duration_ms: u64,
    /// Status of the answer, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_status: Option<u16>,
    /// The first 1,024 bytes of the answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    response_head: String,
    /// What went wrong.
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
}

pub(super) async fn rep(ctx: &Ctx, subscriber: &Subscriber, delivery: &Delivery) -> Result<DeliveryRep> {
    let attempts = ctx.store().delivery_attempts(delivery).await?;
    let mut links = Links::new().own(format!("{}/{}", subscriber.deliveries(), delivery.id)).parent(&*subscriber.href);
    if let Some(row) = ctx.store().change_at(delivery.seq).await? {
        links = links.to("entry", wigwag_kit::links::path(&["auditlog", &row.change.id]));
    }
    let (status, next) = match delivery.state {
        DeliveryState::Owed => ("pending", Some(delivery.due_at)),
        DeliveryState::Delivered => ("delivered", None),
        DeliveryState::GivenUp => ("failed", None),
    };
    Ok(DeliveryRep {
        links,
        id: delivery.id.clone(),
        sequence: delivery.seq,
        reason: match delivery.reason {
            DeliveryReason::Change => "change",
            DeliveryReason::Replay => "replay",
            DeliveryReason::Test => "test",
        },
        status,
        creation_date: delivery.made_at,
        next_attempt_date: next,
        attempts: attempts.into_iter().map(attempt).collect(),
    })
}

fn attempt(DeliveryAttempt { outcome, .. }: DeliveryAttempt) -> AttemptRep {
    AttemptRep {
        date: outcome.at,
        duration_ms: outcome.took,
        response_status: outcome.status,
        response_head: outcome.head,
        error: outcome.error,
    }
}
