//! The connections that read: of the primary, and of replicas that stand in while it is away.

use super::connect::{Connector, INDEX_ONLY, PLAN_ANEW, PLAN_ONCE, SILENT, is_silent};
use super::engine;
use crate::sql::Query;
use crate::{Result, ServerLimits, StoreError};
use deadpool_postgres::{Hook, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType};
use parking_lot::Mutex;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// How long replicas are asked first once the primary did not answer.
const AWAY: Duration = Duration::from_secs(2);

/// Connections to the primary and to its replicas.
pub(super) struct Pools {
    primary: Pair,
    replicas: Vec<Pair>,
    /// For looks at the end of the primary's log, of which there is one at a time, for whoever asks meanwhile.
    looks: Pool,
    /// Until when the primary is taken to be away.
    away: Mutex<Option<Instant>>,
    /// Reads that replicas answered.
    stood_in: AtomicU64,
}

/// Whether the primary is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primary {
    Here,
    /// It did not answer a moment ago, and a replica does.
    Away,
}

/// Connections to one server.
struct Pair {
    /// For statements that look up what they name.
    points: Pool,
    /// For statements that go through many rows.
    lists: Pool,
}

impl Pools {
    pub(super) fn new(connector: &Connector, size: usize, limits: &ServerLimits) -> Result<Self> {
        let replica = |url: &String| Pair::new(&Connector::to(url, limits)?, size);
        Ok(Self {
            primary: Pair::new(connector, size)?,
            replicas: limits.replicas.iter().map(replica).collect::<Result<_>>()?,
            looks: pool(connector, 1, [INDEX_ONLY, PLAN_ONCE])?,
            away: Mutex::default(),
            stood_in: AtomicU64::new(0),
        })
    }

    /// Runs a statement that only reads.
    pub(super) async fn read(&self, query: &Query, connector: &Connector) -> Result<Vec<Row>> {
        if self.primary() == Primary::Away
            && let Ok(rows) = self.stand_in(query, connector).await
        {
            return Ok(rows);
        }
        let mut read = self.primary.run(query, connector).await;
        if let Err(StoreError::Unavailable(reason)) = &read
            && !self.primary.points.is_closed()
            && reason != SILENT
            && !is_slow(reason)
        {
            tracing::debug!("reading again: {reason}");
            read = self.primary.run(query, connector).await;
        }
        match read {
            Err(StoreError::Unavailable(reason)) if !self.replicas.is_empty() && !is_slow(&reason) => {
                let stood_in = self.stand_in(query, connector).await;
                if stood_in.is_ok() && self.away.lock().replace(Instant::now() + AWAY).is_none() {
                    tracing::warn!("a replica is read from: {reason}");
                }
                stood_in.map_err(|_| StoreError::Unavailable(reason))
            }
            Ok(rows) => {
                if self.away.lock().take().is_some() {
                    tracing::warn!("the primary is back");
                }
                Ok(rows)
            }
            other => other,
        }
    }

    /// Runs a statement on the primary and nowhere else.
    pub(super) async fn write(&self, query: &Query, connector: &Connector) -> Result<Vec<Row>> {
        self.primary.run(query, connector).await
    }

    /// Runs the statement of a look.
    pub(super) async fn look(&self, query: &Query, connector: &Connector) -> Result<Vec<Row>> {
        run(&self.looks, query, connector).await
    }

    /// Whether the primary answered when it was last asked.
    pub(super) fn primary(&self) -> Primary {
        match *self.away.lock() {
            Some(until) if Instant::now() < until => Primary::Away,
            _ => Primary::Here,
        }
    }

    async fn stand_in(&self, query: &Query, connector: &Connector) -> Result<Vec<Row>> {
        let mut last = StoreError::Unavailable("there is no replica".into());
        for replica in &self.replicas {
            match replica.run(query, connector).await {
                Err(error @ StoreError::Unavailable(_)) => last = error,
                other => {
                    self.stood_in.fetch_add(1, Ordering::AcqRel);
                    return other;
                }
            }
        }
        Err(last)
    }

    /// How many reads replicas have answered.
    pub(super) fn stood_in(&self) -> u64 {
        self.stood_in.load(Ordering::Acquire)
    }

    /// Connections to the primary that read documents and lists: open, and of these in use.
    pub(super) fn open(&self) -> (usize, usize) {
        let of = |pool: &Pool| {
            let status = pool.status();
            (status.size, status.size.saturating_sub(status.available))
        };
        let (points, lists) = (of(&self.primary.points), of(&self.primary.lists));
        (points.0 + lists.0, points.1 + lists.1)
    }

    pub(super) fn close(&self) {
        for pair in std::iter::once(&self.primary).chain(&self.replicas) {
            pair.points.close();
            pair.lists.close();
        }
        self.looks.close();
    }
}

impl Pair {
    fn new(connector: &Connector, size: usize) -> Result<Self> {
        Ok(Self {
            points: pool(connector, size - size / 2, [INDEX_ONLY, PLAN_ANEW])?,
            lists: pool(connector, size / 2, [PLAN_ANEW, ""])?,
        })
    }

    async fn run(&self, query: &Query, connector: &Connector) -> Result<Vec<Row>> {
        run(if matches!(query.text, Cow::Borrowed(_)) { &self.points } else { &self.lists }, query, connector).await
    }
}

async fn run(pool: &Pool, query: &Query, connector: &Connector) -> Result<Vec<Row>> {
    let client = pool.get().await.map_err(|e| pool_error(&e))?;
    let rows = connector.answered(ask(&client, query)).await;
    if rows.as_ref().is_err_and(|error| is_silent(error) || is_read_only(error)) {
        // Nobody is to wait for it again.
        drop(Object::take(client));
    }
    rows
}

async fn ask(client: &Object, query: &Query) -> Result<Vec<Row>> {
    let rows = match &query.text {
        Cow::Borrowed(text) => {
            let statement = client.prepare_cached(text).await.map_err(engine)?;
            let params: Vec<_> = query.params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
            client.query(&statement, &params).await
        }
        Cow::Owned(text) => {
            let params: Vec<_> = query.params.iter().map(|p| (p as &(dyn ToSql + Sync), p.postgres_type())).collect();
            client.query_typed(text, &params).await
        }
    };
    rows.map_err(engine)
}

/// Whether the primary is there and has too much to do: asking again makes it worse, and a replica may be behind.
fn is_slow(reason: &str) -> bool {
    reason == BUSY || reason.ends_with("(57014)")
}

const BUSY: &str = "all connections are in use";

/// Whether a server refused to be written to: it is not the primary, or not any more.
pub(super) fn is_read_only(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(reason) if reason.ends_with("(25006)"))
}

fn pool(connector: &Connector, size: usize, also: [&'static str; 2]) -> Result<Pool> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(connector.config().clone(), connector.tls().clone(), config);
    let settings = [&*connector.settings(), also[0], also[1]].join(";");
    let settle = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
        let settings = settings.clone();
        Box::pin(async move { client.batch_execute(&settings).await.map_err(deadpool_postgres::HookError::Backend) })
    });
    Pool::builder(manager)
        .max_size(size.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(connector.connect_within()))
        .create_timeout(Some(connector.connect_within()))
        .recycle_timeout(Some(Duration::from_secs(5)))
        .post_create(settle)
        .build()
        .map_err(|e| StoreError::Engine(e.to_string()))
}

fn pool_error(error: &PoolError) -> StoreError {
    match error {
        PoolError::Closed => StoreError::Closed,
        PoolError::Timeout(TimeoutType::Wait) => StoreError::Unavailable(BUSY.into()),
        other => StoreError::Unavailable(other.to_string()),
    }
}
