//! From the log to what is owed.

use std::collections::HashMap;

use wigwag_auth::policy::Policy;
use wigwag_kit::change::UNLISTED;
use wigwag_kit::{Ctx, Result};
use wigwag_model::doc::Kind;
use wigwag_store::{ChangeRow, DeliveryReason, NewDelivery};

use super::subscriber::{SubscriberKind, name};
use crate::read::{record, selected};

/// Changes looked at together.
const BATCH: u32 = 200;
/// Changes after which the cursor is written though nothing is owed.
const STRIDE: u64 = 1_000;

/// Goes through the log. One for each process.
#[derive(Default)]
pub(super) struct Planner {
    /// The cursor as it is stored.
    stored: u64,
    /// The last change looked at. What lies after the stored cursor matters to nobody.
    seen: u64,
    /// The policies of those that want to hear as of `seen`, by what they are called; read anew after each change
    /// of one of them.
    listeners: Option<HashMap<String, Policy>>,
}

impl Planner {
    /// Plans everything that is in the log. Whether deliveries may be owed that were not before.
    pub(super) async fn plan(&mut self, ctx: &Ctx, kinds: &[SubscriberKind]) -> Result<bool> {
        let (store, mut noted) = (ctx.store(), false);
        if self.concerns_nobody(ctx, kinds).await? {
            return Ok(false);
        }
        loop {
            let stored = store.delivery_cursor().await?;
            if stored != self.stored {
                // Somebody else was here: what was looked at since was in vain.
                (self.stored, self.seen, self.listeners) = (stored, stored, None);
            }
            let rows = store.changes_after(self.seen, BATCH).await?;
            let Some(last) = rows.last().map(|row| row.seq) else { return Ok(noted) };
            let mut owed = Vec::new();
            let (mut to, mut touched) = (last, false);
            for row in &rows {
                self.hear(ctx, kinds, row, &mut owed).await?;
                if changes_listeners(row, kinds) {
                    // What comes after is for those that there are then.
                    (to, touched) = (row.seq, true);
                    break;
                }
            }
            if touched || !owed.is_empty() || to - self.stored >= STRIDE {
                noted |= !owed.is_empty();
                if !store.plan_deliveries(self.stored, to, &owed, ctx.app.clock.now()).await? {
                    continue;
                }
                self.stored = to;
            }
            self.seen = to;
            if touched {
                self.listeners = None;
            }
        }
    }

    /// Whether nobody listens to what is left of the log, nor begins to. Then neither it nor the cursor need be read: where
    /// that is matters only to whoever begins there, this process once somebody listens or another.
    async fn concerns_nobody(&mut self, ctx: &Ctx, kinds: &[SubscriberKind]) -> Result<bool> {
        let (store, newest) = (ctx.store(), *ctx.store().watch().borrow());
        let nobody = self.listeners.as_ref().is_some_and(HashMap::is_empty);
        if !nobody || newest.saturating_sub(self.stored) >= STRIDE {
            return Ok(false);
        }
        if newest <= self.seen {
            return Ok(true);
        }
        let kinds: Vec<Kind> = kinds.iter().map(|kind| kind.kind).collect();
        let quiet = store.written(self.seen, newest, &kinds).await?.is_empty();
        if quiet {
            self.seen = newest;
        }
        Ok(quiet)
    }

    async fn hear(
        &mut self,
        ctx: &Ctx,
        kinds: &[SubscriberKind],
        row: &ChangeRow,
        owed: &mut Vec<NewDelivery>,
    ) -> Result<()> {
        if row.change.kind == UNLISTED {
            return Ok(());
        }
        let listeners = match &mut self.listeners {
            Some(listeners) => listeners,
            None => self.listeners.insert(listeners(ctx, kinds, row.seq - 1).await?),
        };
        if listeners.is_empty() {
            return Ok(());
        }
        let record = record(row)?;
        for (subscriber, _) in listeners.iter().filter(|(_, policy)| selected(policy, &record)) {
            let (id, reason) = (ctx.app.ids.object_id(), DeliveryReason::Change);
            owed.push(NewDelivery { id, subscriber: subscriber.clone(), seq: row.seq, reason });
        }
        Ok(())
    }
}

/// Whether a change may be one of a subscriber.
fn changes_listeners(row: &ChangeRow, kinds: &[SubscriberKind]) -> bool {
    kinds.iter().any(|kind| row.change.kind == kind.kind.as_str())
}

/// Those there were after a change.
async fn listeners(ctx: &Ctx, kinds: &[SubscriberKind], seq: u64) -> Result<HashMap<String, Policy>> {
    let (ctx, mut all) = (ctx.at(seq), HashMap::new());
    for kind in kinds {
        for doc in ctx.scan(kind.kind, None, None).await? {
            let subscriber = (kind.read)(&doc)?;
            if subscriber.on {
                all.insert(name(&doc.key), subscriber.policy()?);
            }
        }
    }
    Ok(all)
}
