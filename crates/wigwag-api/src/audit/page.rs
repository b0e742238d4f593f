//! A page of the audit log.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Links, Request, query};
use wigwag_model::clock::Millis;

use crate::read::AuditEntry;

/// A page of the audit log, newest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct AuditLog {
    items: Vec<AuditEntry>,
    /// `self`, and `next` where there is more further back.
    #[serde(rename = "_links")]
    links: Links,
}

impl AuditLog {
    pub(super) fn new(items: Vec<AuditEntry>, request: &Request, next: Option<(Millis, u64)>) -> Self {
        let pairs = || request.query.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let mut links = Links::new().own(format!("{}{}", request.path, query::render(pairs())));
        if let Some((before, seq)) = next {
            // `_seq` tells entries of the same millisecond apart.
            let (before, seq) = (before.to_string(), seq.to_string());
            let kept = pairs().filter(|(name, _)| !matches!(*name, "before" | "_seq"));
            let pairs = kept.chain([("before", &*before), ("_seq", &*seq)]);
            links = links.to("next", format!("{}{}", request.path, query::render(pairs)));
        }
        Self { items, links }
    }
}
