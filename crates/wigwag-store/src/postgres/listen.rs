//! Follows what other processes commit: by notification, and by looking once a second in case one is lost.

use super::connect::{Connector, SETTINGS};
use super::{CHANNEL, engine};
use crate::queue::publish;
use crate::{Result, StoreError};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_postgres::{AsyncMessage, NoTls};

/// How long an unnoticed change can stay unnoticed.
const POLL: Duration = Duration::from_secs(1);

/// Runs until aborted; a broken connection is replaced.
pub(super) async fn run(connector: Connector, head: Arc<watch::Sender<u64>>) {
    loop {
        if let Err(e) = follow(&connector, &head).await {
            tracing::debug!("not listening to PostgreSQL: {e}");
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Listens on one connection until it breaks.
async fn follow(connector: &Connector, head: &watch::Sender<u64>) -> Result<()> {
    let connected = connector.config().connect(NoTls).await;
    let (client, mut connection) = connected.map_err(super::connect::unreachable)?;
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
    client.batch_execute(&format!("{SETTINGS}; LISTEN {CHANNEL}")).await.map_err(engine)?;
    let newest = client.prepare("SELECT COALESCE(MAX(seq), 0) FROM changes").await.map_err(engine)?;
    loop {
        let row = client.query_one(&newest, &[]).await.map_err(engine)?;
        publish(head, row.try_get::<_, i64>(0).map_err(engine)? as u64);
        while let Ok(note) = tokio::time::timeout(POLL, announced.recv()).await {
            publish(head, note.ok_or_else(|| StoreError::Unavailable("the connection ended".into()))?);
        }
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
