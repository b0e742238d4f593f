//! `GET /auditlog/chain`: whether the record is what was written.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::operation::Own;
use wigwag_kit::{Ctx, Links, Reply, Request, Result, Spec};
use wigwag_store::Chain;

use super::export::ACTION;

/// What it is called.
pub(super) const OWN: Own = Own {
    tag: "Wigwag: audit export",
    method: "GET",
    path: "/api/v2/auditlog/chain",
    id: "verifyAuditLog",
    query: &[],
};

/// What a walk along the whole record found.
#[derive(Serialize, JsonSchema)]
pub(super) struct ChainState {
    /// Itself.
    #[serde(rename = "_links")]
    links: Links,
    /// Whether every change follows from the one before, and every document is what its change wrote.
    intact: bool,
    /// The newest change, or the first that is not what was written.
    seq: u64,
    /// Hash of the newest change: noted elsewhere, it proves later that nothing before it was changed or cut off.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

/// Reads the whole record anew.
pub(super) async fn verify(ctx: Ctx, _: Request) -> Result<Reply> {
    ctx.authorise(ACTION, &Spec::account())?;
    let links = Links::new().own(OWN.path.to_owned());
    Reply::json(&match ctx.store().verify_chain().await? {
        Chain::Intact { seq, hash } => ChainState { links, intact: true, seq, hash: Some(hash), problem: None },
        Chain::Broken { seq, what } => ChainState { links, intact: false, seq, hash: None, problem: Some(what) },
    })
}
