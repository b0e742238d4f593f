//! Events as they are parsed: what is not looked at is passed over, and not built.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The properties of events that are read (sdk-protocol.md 6.4 to 6.10).
const READ: &[&str] = &[
    "kind",
    "key",
    "creationDate",
    "endDate",
    "context",
    "contextKeys",
    "user",
    "userKey",
    "contextKind",
    "metricValue",
    "features",
    "version",
    "variation",
    "default",
    "excludeFromSummaries",
];

/// The events of a batch, an array or one event, with those properties. What is not an object is left out.
pub(super) struct Events(pub(super) Vec<Map<String, Value>>);

impl<'de> Deserialize<'de> for Events {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Batch)
    }
}

/// One element of a batch.
struct Element(Option<Map<String, Value>>);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneEvent).map(Self)
    }
}

/// The name of a property, if it is read.
struct Name(Option<&'static str>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_identifier(OneName).map(Self)
    }
}

struct Batch;
struct OneEvent;
struct OneName;

impl<'de> Visitor<'de> for OneName {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(READ.iter().find(|read| **read == name).copied())
    }
}

macro_rules! nothing {
    ($($name:ident: $type:ty),*) => {
        $(fn $name<E>(self, _: $type) -> Result<Self::Value, E> { Ok(Self::Value::default()) })*

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

impl<'de> Visitor<'de> for OneEvent {
    type Value = Option<Map<String, Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        let mut event = Map::new();
        while let Some(Name(name)) = all.next_key()? {
            match name {
                Some(name) => drop(event.insert(name.to_owned(), all.next_value()?)),
                None => drop(all.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Some(event))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        while all.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    nothing!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
}

impl<'de> Visitor<'de> for Batch {
    type Value = Events;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events or one event")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Events, A::Error> {
        let mut events = Vec::new();
        while let Some(Element(event)) = all.next_element()? {
            events.extend(event);
        }
        Ok(Events(events))
    }

    fn visit_map<A: MapAccess<'de>>(self, event: A) -> Result<Events, A::Error> {
        Ok(Events(OneEvent.visit_map(event)?.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn events(text: &str) -> Option<Vec<Value>> {
        serde_json::from_str::<Events>(text).ok().map(|events| events.0.into_iter().map(Value::Object).collect())
    }

    #[test]
    fn only_what_is_looked_at_is_kept() {
        let text = r#"[{"kind":"custom","data":{"a":[1]},"k\u0065y":"m","metricValue":1.5,"reason":null},
            3,-3,1.5,"a",null,true,[{"kind":"x"}],{},{"context":{"kind":"user","data":{"a":1}},"kind":"a","kind":"b"}]"#;
        let want = [
            json!({"kind": "custom", "key": "m", "metricValue": 1.5}),
            json!({}),
            json!({"context": {"kind": "user", "data": {"a": 1}}, "kind": "b"}),
        ];
        assert_eq!(events(text).unwrap(), want);
        assert_eq!(events(r#"{"kind":"diagnostic","x":1}"#).unwrap(), [json!({"kind": "diagnostic"})]);
        assert_eq!(events("[]").unwrap(), Vec::<Value>::new());
        for broken in ["", "3", "null", "\"a\"", "[{]", r#"[{"data":}]"#, "[] []"] {
            assert_eq!(events(broken), None, "{broken}");
        }
    }
}
