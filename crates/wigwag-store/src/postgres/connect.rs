//! Connections to the server, and its state before the first statement.

use super::tls::{Tls, Wire, drive};
use super::{LOCK, address, engine};
use crate::{Encryption, Result, ServerLimits, StoreError, migrate};
use std::future::Future;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::{Client, Config};

/// The oldest server we are tested on.
const MIN_VERSION: i32 = 150_000;

/// What every connection sets: an acknowledged commit is on disk, and nothing waits for ever: a process that
/// stands still in the midst of a transaction holds up all others only so long. Our statements are too short to
/// be worth compiling or spreading over processes.
const SETTINGS: &str = "SELECT set_config('synchronous_commit', 'on', false)
     WHERE current_setting('synchronous_commit') IN ('off', 'local');
    SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '30s'; SET jit = off;
    SET max_parallel_workers_per_gather = 0";

/// What connections set that look up the rows they name, and no others. A plan made while the tables
/// were small, or from statistics of that time, would go through all of them: so it may use nothing but
/// an index.
pub(crate) const INDEX_ONLY: &str = "SET enable_seqscan = off; SET enable_bitmapscan = off;
    SET enable_hashjoin = off; SET enable_mergejoin = off";

/// What they may set besides: such statements are planned once, which else takes longer than to run them.
pub(super) const PLAN_ONCE: &str = "SET plan_cache_mode = force_generic_plan";

/// What connections set besides whose statements leave the planner a choice: it is to choose each time.
pub(super) const PLAN_ANEW: &str = "SET plan_cache_mode = force_custom_plan";

/// Knows where the server is, and for how long to wait for it.
#[derive(Clone)]
pub(crate) struct Connector {
    config: Config,
    tls: Tls,
    /// For a connection to be ready.
    connect: Duration,
    /// For one statement; none for ever.
    statement: Option<Duration>,
}

impl Connector {
    /// For work that may take long: statements take as long as they take.
    pub(crate) fn new(url: &str) -> Result<Self> {
        Self::within(url, &ServerLimits { statement: Duration::ZERO, ..ServerLimits::default() })
    }

    /// For a server.
    pub(super) fn within(url: &str, limits: &ServerLimits) -> Result<Self> {
        let mut this = Self::to(url, limits)?;
        let config = &mut this.config;
        // Of several hosts at most one is the primary; which one it is changes when another takes its place.
        if config.get_hosts().len() > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(this)
    }

    /// To a server that may be one that is only read from.
    pub(super) fn to(url: &str, limits: &ServerLimits) -> Result<Self> {
        let (mut config, tls) = address::read(url)?;
        if config.get_application_name().is_none() {
            config.application_name("wigwag");
        }
        let one = *config.get_connect_timeout().unwrap_or(&limits.connect);
        config.connect_timeout(one);
        config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(30));
        let hosts = u32::try_from(config.get_hosts().len().max(1)).unwrap_or(1);
        let statement = (!limits.statement.is_zero()).then_some(limits.statement);
        Ok(Self { config, tls, connect: one.saturating_mul(hosts), statement })
    }

    /// What the database is called among those that statements fail in.
    #[cfg(feature = "testing")]
    pub(super) fn place(&self) -> String {
        self.config.get_dbname().unwrap_or_default().to_owned()
    }

    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    pub(super) const fn tls(&self) -> &Tls {
        &self.tls
    }

    /// A new connection, which somebody has to drive.
    pub(super) async fn dial(&self) -> Result<(Client, Wire)> {
        self.tls.dial(&self.config).await.map_err(|error| {
            let advice = self.tls.advice(&error).map(|advice| format!("; {advice}")).unwrap_or_default();
            // Whatever keeps us from connecting, the database is not available.
            match engine(error) {
                StoreError::Engine(reason) | StoreError::Corrupt(reason) | StoreError::Unavailable(reason) => {
                    StoreError::Unavailable(reason + &advice)
                }
                other => other,
            }
        })
    }

    /// How what is sent is kept from others, by what the server says its protocol is, if any.
    pub(crate) fn encryption(&self, protocol: Option<String>) -> Encryption {
        match protocol {
            Some(protocol) if self.tls.mode().is_verified() => Encryption::Verified(protocol),
            Some(protocol) => Encryption::Unverified(protocol),
            None if address::is_local(&self.config) => Encryption::Local,
            None => Encryption::None,
        }
    }

    /// How long a connection may take until it can be used, over all hosts.
    pub(super) const fn connect_within(&self) -> Duration {
        self.connect
    }

    /// What a connection sets first.
    pub(super) fn settings(&self) -> String {
        let most = self.statement.map_or(0, |most| most.as_millis());
        format!("{SETTINGS}; SET statement_timeout = {most}")
    }

    /// Waits for an answer for as long as the server may take for it, and a little longer. A connection that did
    /// not answer in time is of no use any more: whoever uses it must let it go.
    pub(crate) async fn answered<T>(&self, answer: impl Future<Output = Result<T>>) -> Result<T> {
        let Some(most) = self.statement else { return answer.await };
        match tokio::time::timeout(most + GRACE, answer).await {
            Ok(answered) => answered,
            Err(_) => Err(StoreError::Unavailable(SILENT.into())),
        }
    }

    /// A new connection and the task that drives it.
    pub(crate) async fn connect(&self) -> Result<(Client, JoinHandle<()>)> {
        let opening = async {
            let (client, wire) = self.dial().await?;
            let driver = drive(wire);
            client.batch_execute(&self.settings()).await.map_err(engine)?;
            Ok((client, driver))
        };
        let opened = tokio::time::timeout(self.connect, opening).await;
        opened.unwrap_or_else(|_| Err(StoreError::Unavailable("the server took too long to let us in".into())))
    }
}

/// How much longer than the server we wait: it is to say itself that it took too long.
const GRACE: Duration = Duration::from_secs(2);
pub(super) const SILENT: &str = "the server does not answer";

/// Whether a connection did not answer in time, and is not to be used any more.
pub(crate) fn is_silent(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(reason) if reason == SILENT)
}

/// Whether this is the address of a server: of the right form, with certificates that can be read.
///
/// # Errors
/// What is wrong with it, without the address: it may hold a password.
pub fn check_address(url: &str) -> std::result::Result<(), String> {
    match Connector::new(url) {
        Err(StoreError::Invalid(reason)) => Err(reason),
        _ => Ok(()),
    }
}

/// Checks that the server will do and brings the schema up to date.
pub(super) async fn prepare_database(connector: &Connector) -> Result<()> {
    let (mut client, driver) = connector.connect().await?;
    // Migrations take as long as they take.
    client.batch_execute("SET statement_timeout = 0").await.map_err(engine)?;
    let version: i32 = setting(&client, "server_version_num").await?.parse().unwrap_or(0);
    if version < MIN_VERSION {
        return Err(StoreError::Engine(format!("PostgreSQL 15 or newer is needed, this is {version}")));
    }
    let encoding = setting(&client, "server_encoding").await?;
    if encoding != "UTF8" {
        return Err(StoreError::Engine(format!("the database must be in UTF8, this one is in {encoding}")));
    }
    if setting(&client, "fsync").await? == "off" {
        tracing::warn!("this PostgreSQL runs with fsync = off: a power cut can lose acknowledged changes");
    }
    migrate(&mut client).await?;
    drop(client);
    let _ = driver.await;
    Ok(())
}

async fn setting(client: &Client, name: &str) -> Result<String> {
    let row = client.query_one("SELECT current_setting($1)", &[&name]).await.map_err(engine)?;
    row.try_get(0).map_err(engine)
}

async fn migrate(client: &mut Client) -> Result<()> {
    let tx = client.transaction().await.map_err(engine)?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(engine)?;
    tx.batch_execute(migrate::TABLE).await.map_err(engine)?;
    let found: i64 = tx.query_one(migrate::APPLIED, &[]).await.and_then(|row| row.try_get(0)).map_err(engine)?;
    for step in migrate::pending(found as u64)? {
        tx.batch_execute(step.postgres).await.map_err(engine)?;
        tx.execute(migrate::NOTE, &[&(step.number as i64), &step.name]).await.map_err(engine)?;
        tracing::info!(number = step.number, name = step.name, "migration applied");
    }
    tx.commit().await.map_err(engine)
}
