//! The hash chain: each row of the log vouches for the row before it and for the documents it wrote.

use crate::{DocKey, NewChange};
use sha2::{Digest, Sha256};

/// The hash before the first row.
pub(crate) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Hashes fields one after the other. Each is preceded by its length, so that no two rows look alike.
struct Fields(Sha256);

impl Fields {
    fn new(domain: &str) -> Self {
        Self(Sha256::new()).text(domain)
    }

    fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
        self
    }

    fn maybe(mut self, text: Option<&str>) -> Self {
        self.0.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or_default())
    }

    fn number(mut self, number: i64) -> Self {
        self.0.update(number.to_be_bytes());
        self
    }

    fn hex(self) -> String {
        hex::encode(self.0.finalize())
    }
}

/// Digest of the documents a change wrote, in order.
pub(crate) struct DocsDigest(Fields);

impl DocsDigest {
    pub(crate) fn new() -> Self {
        Self(Fields::new("documents"))
    }

    pub(crate) fn add(self, key: &DocKey, version: u64, created_seq: u64, body: Option<&str>) -> Self {
        let named = self.0.text(key.kind.as_str()).text(&key.project).text(&key.env).text(&key.key);
        Self(named.number(version as i64).number(created_seq as i64).maybe(body))
    }

    pub(crate) fn hex(self) -> String {
        self.0.hex()
    }
}

/// The hash of a row, given that of the row before and the digest of its documents.
pub(crate) fn row_hash(prev_hash: &str, seq: u64, change: &NewChange, resources: &str, digest: &str) -> String {
    Fields::new("change")
        .text(prev_hash)
        .number(seq as i64)
        .text(&change.id)
        .number(change.at)
        .text(&change.kind)
        .text(&change.project)
        .text(&change.name)
        .maybe(change.member_id.as_deref())
        .maybe(change.token_id.as_deref())
        .text(resources)
        .text(&change.body)
        .text(digest)
        .hex()
}
