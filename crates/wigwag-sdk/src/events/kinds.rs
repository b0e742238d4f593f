//! What kinds of event a batch holds, for metrics.

use super::event::Event;

/// Kinds that SDKs send (sdk-protocol.md 6.4, 6.9). Others are counted together: a label must not be
/// something that a client can invent.
const KINDS: &[&str] = &[
    "alias",
    "click",
    "custom",
    "debug",
    "diagnostic",
    "diagnostic-init",
    "feature",
    "identify",
    "index",
    "migration_op",
    "pageview",
    "summary",
];
/// An object whose kind is not known.
const OTHER: &str = "other";
/// An element that is not an object with a text for a kind.
const INVALID: &str = "invalid";

/// How many events of each kind a batch holds, each kind once.
#[derive(Debug, Default)]
pub(crate) struct Kinds(pub(crate) Vec<(&'static str, u64)>);

impl Kinds {
    /// Counts an element, which may be no event at all.
    pub(super) fn count(&mut self, event: Option<&Event<'_>>) {
        let kind = event.and_then(|event| event.kind.text()).map_or(INVALID, known);
        match self.0.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => self.0.push((kind, 1)),
        }
    }
}

fn known(kind: &str) -> &'static str {
    KINDS.iter().find(|known| **known == kind).copied().unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::event::read_events;
    use super::*;

    #[test]
    fn every_element_counts_by_its_kind() {
        let check = |json: &str, want: &[(&str, u64)]| {
            let mut kinds = Kinds::default();
            read_events(json.as_bytes(), |event| kinds.count(event.as_ref())).unwrap();
            assert_eq!(kinds.0, want, "{json}");
        };
        let batch = r#"[{"kind":"feature","x":[1,{}]},{"kind":"summary"},{"kind":"feature"}]"#;
        check(batch, &[("feature", 2), ("summary", 1)]);
        check(r#"{"kind":"diagnostic-init","id":{"kind":"x"}}"#, &[("diagnostic-init", 1)]);
        check(
            r#"[{"kind":"mine"},{"kind":7},{"kind":[1]},{"kind":{"a":1}},{"kind":null},{},3,-3,1.5,"a",null,true,[1]]"#,
            &[("other", 1), ("invalid", 12)],
        );
        check("[]", &[]);
    }
}
