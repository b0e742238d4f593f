//! The audit log: the change log as people search it. behaviour.md 13.

mod chain;
mod counts;
mod export;
mod page;
mod search;

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::operation::{Access, on};
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result};

use crate::read::{AuditEntry, Sight, Views, audit_entry};
use page::AuditLog;
use search::Search;

/// The operations on the audit log. `views` show the state before and after a change.
#[must_use]
pub fn ops(views: Views) -> Operations {
    Operations::new()
        .with(on("getAuditLogEntries", Access::Caller, list).reply::<AuditLog>())
        .with(on("postAuditLogEntries", Access::Caller, list).body::<Vec<Statement>>().reply::<AuditLog>())
        .with(
            on("postAuditLogEntryCounts", Access::Caller, counts::counts)
                .body::<Vec<Statement>>()
                .reply::<counts::Counts>(),
        )
        .with(
            on("getAuditLogEntry", Access::Caller, move |ctx, request| get(ctx, request, views.clone()))
                .reply::<AuditEntry>(),
        )
        .with(
            Operations::own(export::OWN, Access::Actions(&[export::ACTION]), export::export)
                .media("application/x-ndjson")
                .about("Gives the log as lines of JSON, oldest first, each with its hash and that of the one before."),
        )
        .with(
            Operations::own(chain::OWN, Access::Actions(&[export::ACTION]), chain::verify)
                .reply::<chain::ChainState>()
                .about(
                    "Recomputes the hash of every change and of every document it wrote. It reads the whole record.",
                ),
        )
}

/// A statement that selects entries (access-control.md 3).
#[derive(Deserialize, JsonSchema)]
#[allow(dead_code, reason = "described; the policy module reads it")]
struct Statement {
    /// `allow` selects, `deny` leaves out.
    effect: String,
    /// Resource specifiers.
    resources: Option<Vec<String>>,
    /// All resources but these.
    #[serde(rename = "notResources")]
    not_resources: Option<Vec<String>>,
    /// Actions.
    actions: Option<Vec<String>>,
    /// All actions but these.
    #[serde(rename = "notActions")]
    not_actions: Option<Vec<String>>,
}

async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let limit = match request.query_number("limit")? {
        None | Some(0) => 10,
        Some(limit @ 1..=20) => usize::try_from(limit).unwrap_or(20),
        Some(_) => return Err(Error::field("limit", "must be between 1 and 20")),
    };
    let search = Search::read(&request)?;
    let mut sight = Sight::default();
    let found = search.find(&ctx, &mut sight, limit).await?;
    let mut items = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        items.push(AuditEntry::listed(&ctx, row, &mut sight).await?);
    }
    Reply::json(&AuditLog::new(items, &request, found.next))
}

async fn get(ctx: Ctx, request: Request, views: Views) -> Result<Reply> {
    let id = request.param("id");
    let unknown = || Error::NotFound(format!("Unknown audit log entry {id}"));
    let row = ctx.store().change(id).await?.ok_or_else(unknown)?;
    let mut sight = Sight::default();
    if !sight.sees(&ctx, &row).await? {
        return Err(unknown());
    }
    Reply::json(&audit_entry(&ctx, &row, &mut sight, &views).await?)
}
