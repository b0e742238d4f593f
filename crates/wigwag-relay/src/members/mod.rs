//! Members of big segments: copied from the upstream (sdk-protocol.md 8.4), kept on this relay's disk, and looked up
//! there when flags are evaluated for clients.

mod copier;
mod shelf;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::runtime::Handle;
use wigwag_live::{Answers, BigSegmentsStatus, MemberQuestion, Members};
use wigwag_model::clock::{Clock, Millis};

pub(crate) use copier::{STREAM, keep};
pub(crate) use shelf::{Applied, MemberShelf, Patch};

/// A copy that has not heard of its upstream for so long is stale (sdk-protocol.md 8.5).
const STALE_AFTER: Millis = 120_000;

/// The copies of all environments. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(crate) struct Copies(Arc<Inner>);

struct Inner {
    shelf: MemberShelf,
    clock: Clock,
    /// Where look-ups run: streams wait for them on threads without a runtime.
    runtime: Handle,
    /// When each environment's copy was last known to have everything: now, while its stream is open.
    synchronised: Mutex<HashMap<Box<str>, Since>>,
}

#[derive(Clone, Copy)]
enum Since {
    /// The stream is open.
    Now,
    /// It broke then.
    Until(Millis),
}

impl Copies {
    /// To be called within a runtime.
    pub(crate) fn new(shelf: MemberShelf, clock: Clock) -> Self {
        Self(Arc::new(Inner { shelf, clock, runtime: Handle::current(), synchronised: Mutex::default() }))
    }

    pub(crate) fn shelf(&self) -> &MemberShelf {
        &self.0.shelf
    }

    /// The copy has everything, and hears of what follows. Whether it did not before.
    fn is_synchronised(&self, env: &str) -> bool {
        let before = self.0.synchronised.lock().insert(env.into(), Since::Now);
        !matches!(before, Some(Since::Now))
    }

    /// It hears of nothing from now on.
    fn broke(&self, env: &str) {
        if let Some(since @ Since::Now) = self.0.synchronised.lock().get_mut(env) {
            *since = Since::Until(self.0.clock.now());
        }
    }

    fn status(&self, env: &str) -> BigSegmentsStatus {
        let fresh = match self.0.synchronised.lock().get(env) {
            Some(Since::Now) => true,
            Some(Since::Until(at)) => self.0.clock.now() - at < STALE_AFTER,
            None => false,
        };
        if fresh { BigSegmentsStatus::Healthy } else { BigSegmentsStatus::Stale }
    }
}

impl Members for Copies {
    fn ask(&self, env: &str, questions: Vec<MemberQuestion>) -> Answers {
        let (copies, env) = (self.clone(), Box::<str>::from(env));
        let (status, runtime) = (copies.status(&env), copies.0.runtime.clone());
        let looked_up = runtime.spawn_blocking(move || copies.0.shelf.look_up(&env, &questions));
        Box::pin(async move {
            match looked_up.await.map_err(|error| error.to_string()).and_then(|found| found.map_err(|e| e.to_string()))
            {
                Ok(found) => (status, found),
                Err(error) => {
                    tracing::warn!(error, "members of big segments cannot be read");
                    (BigSegmentsStatus::StoreError, Vec::new())
                }
            }
        })
    }
}
