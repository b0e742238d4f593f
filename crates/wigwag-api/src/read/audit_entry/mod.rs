//! Entries of the audit log, as the log shows them and webhooks tell them. behaviour.md 13.

mod rep;
mod sight;
mod versions;

use serde_json::{Map, Value};
use wigwag_auth::policy::{Policy, Verdict};
use wigwag_kit::change::Record;
use wigwag_kit::{Ctx, Error, Result};
use wigwag_store::ChangeRow;

pub use rep::Entry as AuditEntry;
pub use sight::Sight;
pub use versions::Views;

/// Members that only the detail of an entry has.
pub type Detail = Map<String, Value>;

/// The stored entry of a row.
///
/// # Errors
/// The row holds none: a fault of ours.
pub fn record(row: &ChangeRow) -> Result<Record> {
    serde_json::from_str(&row.change.body).map_err(|e| Error::Internal(format!("change {}: {e}", row.seq)))
}

/// Whether a policy selects an entry: it allows one of the actions that were authorised, on the resource as it was.
#[must_use]
pub fn selected(policy: &Policy, record: &Record) -> bool {
    record.authorised().any(|(action, spec)| matches!(policy.verdict(action, spec.segments()), Verdict::Allow(_)))
}

/// An entry with its detail. `views` show the state before and after.
///
/// # Errors
/// The store cannot be read, or the row is no entry.
pub async fn audit_entry(ctx: &Ctx, row: &ChangeRow, sight: &mut Sight, views: &Views) -> Result<AuditEntry> {
    let mut entry = AuditEntry::listed(ctx, row, sight).await?;
    entry.detail = versions::detail(ctx, row, views).await?;
    Ok(entry)
}
