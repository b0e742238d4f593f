//! `GET /auditlog/export`: the log in the form that can be verified without this server.

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use wigwag_kit::operation::Own;
use wigwag_kit::{Ctx, Error, Reply, Request, Result, Spec};
use wigwag_store::Archive;

/// What it is called.
pub(super) const OWN: Own = Own {
    tag: "Wigwag: audit export",
    method: "GET",
    path: "/api/v2/auditlog/export",
    id: "exportAuditLog",
    query: &[("after", "integer"), ("lines", "integer")],
};
/// Whoever may change the account as a whole may see all that was done in it.
pub(super) const ACTION: &str = "updateOrganization";

/// Up to `lines` lines after the sequence `after`; none is the end of the log.
pub(super) async fn export(ctx: Ctx, request: Request) -> Result<Reply> {
    let after = request.query_number("after")?.unwrap_or(0);
    let after = u64::try_from(after).map_err(|_| Error::field("after", "must be the sequence of a change"))?;
    let limit = match request.query_number("lines")? {
        None | Some(0) => 1_000,
        Some(limit @ 1..=5_000) => u32::try_from(limit).unwrap_or(5_000),
        Some(_) => return Err(Error::field("lines", "must be between 1 and 5000")),
    };
    ctx.authorise(ACTION, &Spec::account())?;
    let (lines, _) = Archive::of(ctx.store()).export(after, limit).await?;
    let mut text = lines.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    let mut reply = Reply::empty();
    reply.body = Some(Bytes::from(text).into());
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(reply)
}
