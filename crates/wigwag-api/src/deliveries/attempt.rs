//! One try of one delivery.

use std::time::Duration;

use http::HeaderValue;
use tracing::{Instrument as _, Span, field};
use wigwag_kit::{Ctx, Error, Result, trace};
use wigwag_model::clock::Millis;
use wigwag_outbound::{Answered, Call, Failure};
use wigwag_store::{AttemptOutcome, Delivery, DeliveryReason, NextTry};

use super::runner::Deliverer;
use super::{TRIES, cause, subscriber};
use crate::read::{Sight, audit_entry};

/// The pause after the first try.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// Why a try did not come to a call.
enum Stop {
    /// It never will.
    ForGood(String),
    /// It may, later.
    ForNow(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::ForNow(error)
    }
}

impl Deliverer {
    /// Tries a delivery: what became of it, and what is next.
    pub(super) async fn attempt(&self, delivery: &Delivery) -> (AttemptOutcome, NextTry) {
        let ctx = self.ctx();
        let at = ctx.app.clock.now();
        let outcome = |took: Duration, status, error: String, head| {
            let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            AttemptOutcome { at, took, status, error, head }
        };
        let span = tracing::trace_span!(
            target: trace::TARGET, "delivery", otel.kind = "client", otel.status_code = field::Empty,
            http.response.status_code = field::Empty, wigwag.delivery.id = delivery.id,
            wigwag.subscriber = delivery.subscriber, wigwag.try = delivery.tries.cast_signed() + 1
        );
        let call = match self.prepare(delivery, &span).await {
            Ok(call) => call,
            Err(Stop::ForGood(why)) => {
                return (outcome(Duration::ZERO, None, why, String::new()), NextTry::GiveUp);
            }
            Err(Stop::ForNow(error)) => {
                tracing::warn!(delivery = delivery.id, "a delivery could not be prepared: {}", cause(&error));
                let outcome = outcome(Duration::ZERO, None, error.to_string(), String::new());
                return (outcome, self.later(delivery));
            }
        };
        let answer = self.outbound().call(call).instrument(span.clone()).await;
        if let Ok(Answered { status, .. }) = &answer {
            span.record("http.response.status_code", i64::from(*status));
        }
        if !matches!(answer, Ok(Answered { status: 200..300, .. })) {
            span.record("otel.status_code", "ERROR");
        }
        match answer {
            Ok(Answered { status, head, took }) if (200..300).contains(&status) => {
                (outcome(took, Some(status), String::new(), head), NextTry::Done)
            }
            Ok(Answered { status, head, took }) => {
                let error = format!("the receiver answered {status}");
                (outcome(took, Some(status), error, head), self.later(delivery))
            }
            Err(failure) => {
                let took = if let Failure::Timeout(took) = failure { took } else { Duration::ZERO };
                (outcome(took, None, failure.to_string(), String::new()), self.later(delivery))
            }
        }
    }

    async fn prepare(&self, delivery: &Delivery, span: &Span) -> Result<Call, Stop> {
        let ctx = self.ctx();
        let gone = || Stop::ForGood("the subscriber was deleted".to_owned());
        let key = subscriber::key(&delivery.subscriber).ok_or_else(gone)?;
        let kind = self.kinds().iter().find(|kind| kind.kind == key.kind).ok_or_else(gone)?;
        let doc = ctx.store().get(&key).await.map_err(Error::from)?.ok_or_else(gone)?;
        if delivery.reason == DeliveryReason::Change && !(kind.read)(&doc)?.on {
            return Err(Stop::ForGood("the subscriber was turned off".to_owned()));
        }
        let row = ctx.store().change_at(delivery.seq).await.map_err(Error::from)?;
        let row = row.ok_or_else(|| Stop::ForGood("the change is not in the log".to_owned()))?;
        trace::comes_of(span, &row.change.body);
        let entry = audit_entry(ctx, &row, &mut Sight::default(), self.views()).await?;
        let mut call = (kind.call)(ctx, &doc, &entry)?;
        let reason = match delivery.reason {
            DeliveryReason::Change => "change",
            DeliveryReason::Replay => "replay",
            DeliveryReason::Test => "test",
        };
        call.headers.insert("x-wigwag-reason", HeaderValue::from_static(reason));
        if let Ok(id) = HeaderValue::from_str(&delivery.id) {
            call.headers.insert("x-wigwag-delivery", id);
        }
        trace::carried(span, &mut call.headers);
        Ok(call)
    }

    /// What is next after a failure.
    fn later(&self, delivery: &Delivery) -> NextTry {
        let tries = delivery.tries + 1;
        if tries >= TRIES || delivery.reason == DeliveryReason::Test {
            return NextTry::GiveUp;
        }
        NextTry::At(self.ctx().app.clock.now().saturating_add(pause(self.ctx(), tries)))
    }
}

/// How long to wait after so many tries, in milliseconds: three times as long each time, and between half and all of
/// that, so that those who failed together do not come back together.
fn pause(ctx: &Ctx, tries: u64) -> Millis {
    let steps = u32::try_from(tries.saturating_sub(1)).unwrap_or(u32::MAX);
    let whole = FIRST_PAUSE.saturating_mul(3_u32.saturating_pow(steps)).min(LONGEST_PAUSE);
    let half = u64::try_from(whole.as_millis() / 2).unwrap_or(u64::MAX);
    let drawn = ctx.app.ids.nonce();
    let drawn = u64::from(u32::from_le_bytes([drawn[0], drawn[1], drawn[2], drawn[3]]));
    Millis::try_from(half + drawn % (half + 1)).unwrap_or(Millis::MAX)
}
