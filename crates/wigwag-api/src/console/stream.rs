//! The stream itself.

use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;
use wigwag_kit::change::UNLISTED;
use wigwag_kit::{Ctx, Result};
use wigwag_store::{ChangeQuery, ChangeRow};

use super::event;
use crate::read::Sight;

/// How long a stream lasts. Rights and the session are looked at again when the next one begins.
const LASTS: Duration = Duration::from_secs(60);
/// Changes told one by one; of more at once only the newest are, with a hint that there were more.
const MOST: u32 = 100;

/// One change, as far as pages need it to know whether it concerns them.
#[derive(Serialize)]
struct Hint<'a> {
    seq: u64,
    /// Empty for the account.
    project: &'a str,
    kind: &'a str,
    resources: &'a [String],
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
}

struct Teller {
    ctx: Ctx,
    head: watch::Receiver<u64>,
    told: u64,
    ends: Instant,
    begun: bool,
}

/// What changes from now on.
pub(super) fn hints(ctx: Ctx) -> impl Stream<Item = Result<Bytes>> + Send {
    let head = ctx.store().watch();
    let told = *head.borrow();
    let teller = Teller { ctx, head, told, ends: Instant::now() + LASTS, begun: false };
    unfold(teller, async |mut teller| teller.next().await.map(|piece| (piece, teller)))
}

impl Teller {
    /// The next piece, or the end. The first one comes at once, so that the browser knows it is connected, and asks
    /// browsers to come back soon after the end.
    async fn next(&mut self) -> Option<Result<Bytes>> {
        if !self.begun {
            self.begun = true;
            return Some(Ok(Bytes::from(format!("retry: 1000\nevent: head\ndata: {}\n\n", self.told))));
        }
        loop {
            let changed = tokio::time::timeout_at(self.ends, self.head.wait_for(|head| *head > self.told)).await;
            let head = *changed.ok()?.ok()?;
            match self.tell(head).await {
                Ok(text) if text.is_empty() => {}
                Ok(text) => return Some(Ok(text.into())),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Events of the changes up to `head` that the caller may see, oldest first.
    async fn tell(&mut self, head: u64) -> Result<Vec<u8>> {
        let query = ChangeQuery { limit: MOST, ..ChangeQuery::default() };
        let rows = self.ctx.store().changes(&query).await?;
        let (mut sight, mut text) = (Sight::default(), Vec::new());
        for row in rows.iter().rev().filter(|row| row.seq > self.told && row.change.kind != UNLISTED) {
            if sight.sees(&self.ctx, row).await? {
                text.extend_from_slice(&event(&hint(row)));
            }
        }
        if rows.last().is_some_and(|oldest| oldest.seq > self.told + 1) && rows.len() == MOST as usize {
            text.extend_from_slice(b"event: more\ndata: {}\n\n");
        }
        self.told = rows.iter().map(|row| row.seq).max().unwrap_or(0).max(head);
        Ok(text)
    }
}

fn hint(row: &ChangeRow) -> String {
    let change = &row.change;
    let hint = Hint {
        seq: row.seq,
        project: &change.project,
        kind: &change.kind,
        resources: &change.resources,
        member: change.member_id.as_deref(),
    };
    serde_json::to_string(&hint).unwrap_or_default()
}
