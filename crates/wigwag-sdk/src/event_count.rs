//! What kinds of event a batch holds, without keeping the events.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

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
/// An element that is not an object with a kind.
const INVALID: &str = "invalid";

/// How many events of each kind a batch holds, each kind once. Reading checks the syntax of the whole body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(pub(crate) Vec<(&'static str, u64)>);

impl Kinds {
    fn count(&mut self, kind: &'static str) {
        match self.0.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => self.0.push((kind, 1)),
        }
    }
}

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Batch)
    }
}

/// An array of events, or one event: some SDKs send diagnostics bare, and to the wrong place
/// (sdk-protocol.md 6.1).
struct Batch;

impl<'de> Visitor<'de> for Batch {
    type Value = Kinds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events or one event")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Kinds, A::Error> {
        let mut kinds = Kinds::default();
        while let Some(KindOf(kind)) = seq.next_element()? {
            kinds.count(kind);
        }
        Ok(kinds)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Kinds, A::Error> {
        Ok(Kinds(vec![(Element.visit_map(map)?.0, 1)]))
    }
}

/// The kind of one element.
struct KindOf(&'static str);

impl<'de> Deserialize<'de> for KindOf {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Element)
    }
}

struct Element;

macro_rules! not_an_event {
    ($($name:ident: $type:ty),*) => {
        $(fn $name<E>(self, _: $type) -> Result<KindOf, E> { Ok(KindOf(INVALID)) })*
    };
}

impl<'de> Visitor<'de> for Element {
    type Value = KindOf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<KindOf, A::Error> {
        let mut found = INVALID;
        while let Some(Name { is_kind }) = map.next_key()? {
            if is_kind {
                found = map.next_value::<KindName>()?.0;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(KindOf(found))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<KindOf, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(KindOf(INVALID))
    }

    not_an_event!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<KindOf, E> {
        Ok(KindOf(INVALID))
    }
}

/// The name of a property: read where it stands, not copied.
struct Name {
    is_kind: bool,
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_identifier(PropertyName)
    }
}

struct PropertyName;

impl Visitor<'_> for PropertyName {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(Name { is_kind: name == "kind" })
    }
}

/// What stands for a kind, which need not be a text.
struct KindName(&'static str);

impl<'de> Deserialize<'de> for KindName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyKind)
    }
}

struct AnyKind;

macro_rules! not_a_kind {
    ($($name:ident: $type:ty),*) => {
        $(fn $name<E>(self, _: $type) -> Result<KindName, E> { Ok(KindName(INVALID)) })*
    };
}

impl<'de> Visitor<'de> for AnyKind {
    type Value = KindName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a kind")
    }

    fn visit_str<E>(self, kind: &str) -> Result<KindName, E> {
        Ok(KindName(known(kind)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<KindName, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(KindName(INVALID))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<KindName, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(KindName(INVALID))
    }

    not_a_kind!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn visit_unit<E>(self) -> Result<KindName, E> {
        Ok(KindName(INVALID))
    }
}

fn known(kind: &str) -> &'static str {
    KINDS.iter().find(|known| **known == kind).copied().unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_element_counts_by_its_kind() {
        let check = |json: &str, want: &[(&str, u64)]| {
            assert_eq!(serde_json::from_str::<Kinds>(json).unwrap().0, want, "{json}");
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

    #[test]
    fn what_is_not_a_batch_is_refused() {
        for json in ["", "3", "\"a\"", "null", "[{]", "[{}", "{\"kind\":", "[] []"] {
            assert!(serde_json::from_str::<Kinds>(json).is_err(), "{json}");
        }
    }
}
