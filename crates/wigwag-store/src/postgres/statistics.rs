//! Statistics of the tables that lists go through, taken again as they grow.
//!
//! The database does so itself, once a minute at most. Until then it takes them to be as small as they were, and may
//! choose to go through all of what an index would have found.

use super::connect::Connector;
use super::engine;
use tokio::task::JoinHandle;

/// Only what statements choose by: no bodies.
const TAKE: &str = "ANALYZE ix, facets, docs (kind, project, env, key, deleted)";
/// Rows of the index after which they are taken for the first time.
const FIRST: usize = 1_000;

/// Counts what this process adds. Each time it takes a quarter more, so that the work stays small beside the writing.
pub(super) struct Statistics {
    added: usize,
    next: usize,
    taking: Option<JoinHandle<()>>,
}

impl Statistics {
    pub(super) const fn new() -> Self {
        Self { added: 0, next: FIRST, taking: None }
    }

    /// Notes rows that were added to the index.
    pub(super) fn grown(&mut self, rows: usize, connector: &Connector) {
        self.added += rows;
        if self.added >= self.next && self.taking.as_ref().is_none_or(JoinHandle::is_finished) {
            self.next = self.added + (self.added / 4).max(FIRST);
            self.taking = Some(tokio::spawn(take(connector.clone())));
        }
    }
}

impl Drop for Statistics {
    fn drop(&mut self) {
        if let Some(taking) = &self.taking {
            taking.abort();
        }
    }
}

async fn take(connector: Connector) {
    let taken = async {
        let (client, _driver) = connector.connect().await?;
        client.batch_execute(TAKE).await.map_err(engine)
    };
    if let Err(error) = taken.await {
        tracing::debug!("statistics are left to the database: {error}");
    }
}
