//! Follows what other processes commit: by notification, and by looking once a second in case one is lost.
//!
//! Where no notifications come (poolers in transaction mode, databases that only speak the protocol), changes are
//! found by looking alone, and we look often.

use super::connect::Connector;
use super::followed::Followed;
use super::look::{self, Look};
use super::{CHANNEL, engine};
use crate::queue::publish;
use crate::sql::Row;
use crate::{Result, StoreError};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_postgres::AsyncMessage;

/// How long an unnoticed change can stay unnoticed.
const POLL: Duration = Duration::from_secs(1);
/// The same where nobody notifies us.
const POLL_DEAF: Duration = Duration::from_millis(50);
/// So many changes found by looking, and none heard of in between: nobody notifies us.
const DEAF: u32 = 2;
/// How long a look may take until the connection is given up.
const LOOK_WITHIN: Duration = Duration::from_secs(5);

/// Runs until aborted; a broken connection is replaced.
pub(super) async fn run(connector: Connector, followed: Arc<Followed>, head: Arc<watch::Sender<u64>>) {
    loop {
        if let Err(e) = follow(&connector, &followed, &head).await {
            tracing::debug!("not listening to PostgreSQL: {e}");
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Listens on one connection until it breaks.
async fn follow(connector: &Connector, followed: &Followed, head: &watch::Sender<u64>) -> Result<()> {
    let connecting = tokio::time::timeout(connector.connect_within(), connector.dial());
    let connected = connecting.await.map_err(|_| StoreError::Unavailable("connecting took too long".into()))?;
    let (client, mut connection) = connected?;
    let (announce, mut announced) = mpsc::channel(64);
    let driver = tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
            if let AsyncMessage::Notification(note) = message
                && let Ok(seq) = note.payload().parse::<u64>()
            {
                // A full queue is no loss: what is in it makes the follower look.
                let _ = announce.try_send(seq);
            }
        }
    });
    let _ends_with_us = AbortOnDrop(driver);
    client.batch_execute(&format!("{}; LISTEN {CHANNEL}", connector.settings())).await.map_err(engine)?;
    let newest = client.prepare(look::TEXT).await.map_err(engine)?;
    let mut unheard = 0;
    loop {
        let known = *head.borrow();
        let look = Look::from(followed);
        let rows = tokio::time::timeout(LOOK_WITHIN, client.query(&newest, &[&(look.expected() as i64)])).await;
        let rows = rows.map_err(|_| StoreError::Unavailable("no answer".into()))?.map_err(engine)?;
        let found = rows.iter().map(|row| look::row(&Row::Postgres(row))).collect::<Result<_>>()?;
        let found = look.seen(followed, found)?.seq;
        if found > known.max(*head.borrow()) {
            unheard += 1;
        }
        publish(head, found);
        let until_next = if unheard >= DEAF { POLL_DEAF } else { POLL };
        while let Ok(note) = tokio::time::timeout(until_next, announced.recv()).await {
            publish(head, note.ok_or_else(|| StoreError::Unavailable("the connection ended".into()))?);
            unheard = 0;
        }
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
