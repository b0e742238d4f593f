//! The audit log: the change log as people search it. behaviour.md 13.

mod counts;
mod rep;
mod search;
mod versions;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use wigwag_kit::links::path;
use wigwag_kit::operation::{Access, on};
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result};

use rep::{AuditLog, Entry};
use search::{Search, Sight};

/// The operations on the audit log.
#[must_use]
pub fn ops() -> Operations {
    let tags = "statements select by resource and action; their tag and property selectors match nothing";
    Operations::new()
        .with(on("getAuditLogEntries", Access::Caller, list).reply::<AuditLog>())
        .with(
            on("postAuditLogEntries", Access::Caller, list).body::<Vec<Statement>>().reply::<AuditLog>().partial(tags),
        )
        .with(
            on("postAuditLogEntryCounts", Access::Caller, counts::counts)
                .body::<Vec<Statement>>()
                .reply::<counts::Counts>()
                .partial(tags),
        )
        .with(
            on("getAuditLogEntry", Access::Caller, get)
                .reply::<Entry>()
                .partial("versions are the stored documents, not what GET shows of them"),
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
        items.push(Entry::listed(&ctx, row, &mut sight).await?);
    }
    Reply::json(&AuditLog::new(items, &request, found.next))
}

async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let id = request.param("id");
    let unknown = || Error::NotFound(format!("Unknown audit log entry {id}"));
    let row = ctx.store().change(id).await?.ok_or_else(unknown)?;
    let mut sight = Sight::default();
    if !sight.sees(&ctx, &row).await? {
        return Err(unknown());
    }
    let mut entry = Entry::listed(&ctx, &row, &mut sight).await?;
    entry.detail = versions::detail(&ctx, &row).await?;
    Reply::json(&entry)
}

/// Members that only the detail of an entry has.
type Detail = Map<String, Value>;

fn own_path(id: &str) -> String {
    path(&["auditlog", id])
}
