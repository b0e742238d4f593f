//! Following one environment.

use std::sync::Arc;
use std::time::Duration;

use crate::fleet::Fleet;
use crate::rep::EnvRep;
use crate::sse::Event;
use crate::status::{State, Watched};
use crate::upstream::Ended;
use crate::wire;

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    /// After the first failure; doubles from there on.
    pub(crate) first: Duration,
    /// Never longer.
    pub(crate) longest: Duration,
}

impl Waits {
    /// The wait after so many failures in a row, a little different for each `who`: after an outage of the upstream
    /// not all come back at the same moment.
    pub(crate) fn after(&self, failures: u32, who: &str) -> Duration {
        let wait = self.first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(self.longest);
        let spread = who.bytes().fold(failures, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        // Half of it is certain, the rest by name.
        wait / 2 + (wait / 2).mul_f64(f64::from(spread % 1000) / 1000.0)
    }
}

/// Refusals in a row that mean the key is not coming back.
const REFUSALS: u32 = 3;

/// Follows `rep` until the task is aborted. What was last known is served meanwhile, unless the upstream says again
/// and again that it does not know the key.
pub(crate) async fn follow(fleet: Fleet, rep: EnvRep, watched: Arc<Watched>) {
    let (mut failures, mut refusals) = (0, 0);
    loop {
        let ended = listen(&fleet, &rep, &watched, &mut failures).await;
        let now = fleet.live().now();
        watched.broke(&ended, now);
        refusals = if ended.is_unknown_key() { refusals + 1 } else { 0 };
        if refusals == REFUSALS {
            tracing::error!(
                environment = rep.shown(),
                "the upstream does not know the SDK key: it is not served any more"
            );
            fleet.withdraw(&rep);
            watched.is(State::Off, now);
        }
        failures += 1;
        let wait = fleet.waits().after(failures, &rep.id);
        tracing::warn!(environment = rep.shown(), why = %ended, retry_ms = wait.as_millis(), "not following");
        tokio::time::sleep(wait).await;
    }
}

async fn listen(fleet: &Fleet, rep: &EnvRep, watched: &Watched, failures: &mut u32) -> Ended {
    let take = |event: &Event| {
        let read = wire::read(event).map_err(|error| Ended::Malformed(format!("{}: {error}", event.name)))?;
        if let Some(message) = read {
            fleet.take(rep, message);
            *failures = 0;
            watched.is(State::Valid, fleet.live().now());
        }
        Ok(())
    };
    fleet.upstream().follow("/all", &rep.sdk_key.value, take).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound_and_differ_by_name() {
        let waits = Waits { first: Duration::from_secs(1), longest: Duration::from_secs(30) };
        for failures in 1..100 {
            let wait = waits.after(failures, "a");
            assert!(wait >= Duration::from_millis(500) && wait <= waits.longest, "{failures}: {wait:?}");
        }
        assert!(waits.after(9, "a") >= Duration::from_secs(15));
        assert_ne!(waits.after(9, "a"), waits.after(9, "b"));
    }
}
