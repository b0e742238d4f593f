//! Segments.

mod access;
mod crud;
mod expiring;
mod instructions;
mod list;
mod memberships;
mod nested;
mod patch;
mod usage;

use serde_json::{Value, json};

use crate::support::{Answer, House};

pub const SEGMENTS: &str = "/api/v2/segments/default/test";

/// The path of a segment of the default project, in `test`.
pub fn path(key: &str) -> String {
    format!("{SEGMENTS}/{key}")
}

impl House {
    /// Makes a standard segment and answers it.
    pub async fn segment(&self, key: &str) -> Value {
        self.post(SEGMENTS, json!({"key": key, "name": key})).await.ok()
    }

    /// Makes a big segment and answers it.
    pub async fn big_segment(&self, key: &str) -> Value {
        self.post(SEGMENTS, json!({"key": key, "name": key, "unbounded": true})).await.ok()
    }

    /// Sends instructions about a segment.
    pub async fn tell(&self, key: &str, instructions: Value) -> Answer {
        self.patch(&path(key), json!({"instructions": instructions})).await
    }

    /// Makes the only rule of a segment one that asks other segments.
    pub async fn nest(&self, key: &str, others: &[&str]) -> Answer {
        self.patch(&path(key), json!([{"op": "replace", "path": "/rules", "value": [asks(others)]}])).await
    }
}

/// A rule for the contexts that are in one of these segments.
pub fn asks(segments: &[&str]) -> Value {
    json!({"clauses": [{"attribute": "", "op": "segmentMatch", "values": segments, "negate": false}]})
}
