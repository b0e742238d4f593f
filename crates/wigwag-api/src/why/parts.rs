//! The parts of stored documents that changes are attributed to: pure.

use std::collections::BTreeMap;

use serde_json::Value;

/// A part's name, and what it is.
pub(super) type Parts = BTreeMap<String, Value>;

/// The parts of a flag that all environments share.
pub(super) const FLAG: &[&str] = &["variations", "clientSideAvailability", "archivedAt"];
/// The parts of a flag in an environment.
pub(super) const CONFIG: &[&str] = &["on", "offVariation", "fallthrough", "targets", "prerequisites", "rules", "salt"];
/// The parts of a segment.
pub(super) const SEGMENT: &[&str] =
    &["included", "excluded", "includedContexts", "excludedContexts", "rules", "salt", "unbounded", "generation"];

/// The named members of a document. Rules are a part each, by id, and so is their order.
pub(super) fn parts(document: &Value, names: &[&str]) -> Parts {
    let mut parts = Parts::new();
    for name in names {
        let value = document.get(*name).cloned().unwrap_or_default();
        match (*name, value) {
            ("rules", Value::Array(rules)) => {
                let id = |rule: &Value| rule.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                parts.insert("ruleOrder".to_owned(), rules.iter().map(id).collect());
                parts.extend(rules.into_iter().map(|rule| (format!("rules/{}", id(&rule)), rule)));
            }
            (_, value) => drop(parts.insert((*name).to_owned(), value)),
        }
    }
    parts
}
