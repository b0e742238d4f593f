//! Time as a number, passed in, so that tests can freeze it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds since the Unix epoch.
pub type Millis = i64;

/// Where the time comes from. Only the outermost layer constructs the system one.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Frozen(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `now` until [`Clock::advance`] moves it (tests).
    #[must_use]
    pub fn frozen(now: Millis) -> Self {
        Self(Source::Frozen(Arc::new(AtomicI64::new(now))))
    }

    /// The current time in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> Millis {
        match &self.0 {
            Source::System => jiff::Timestamp::now().as_millisecond(),
            Source::Frozen(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a frozen clock on by `by` milliseconds; the system clock ignores it.
    pub fn advance(&self, by: Millis) {
        if let Source::Frozen(at) = &self.0 {
            at.fetch_add(by, Ordering::SeqCst);
        }
    }
}
