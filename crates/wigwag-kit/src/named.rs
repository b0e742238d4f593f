//! Reading JSON into types whose members have names: serde would also take them by position,
//! so that `[]` would pass for an object without members.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// A value whose structs must be objects, at any depth outside enums.
pub(crate) struct Named(pub(crate) Value);

impl<'de> IntoDeserializer<'de, Error> for Named {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Named {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(map) => {
                let mut members = MapDeserializer::new(map.into_iter().map(|(name, value)| (name, Self(value))));
                let value = visitor.visit_map(&mut members)?;
                members.end()?;
                Ok(value)
            }
            Value::Array(list) => {
                let mut items = SeqDeserializer::new(list.into_iter().map(Self));
                let value = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(value)
            }
            scalar => scalar.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(_) => Err(Error::invalid_type(Unexpected::Seq, &"an object")),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde::Deserialize;
    use serde_json::json;

    use crate::json::decode;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Outer {
        name: String,
        inner: Option<Inner>,
        list: Vec<Inner>,
        any: serde_json::Value,
        side: Option<Side>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        n: i64,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Side {
        Left,
    }

    #[test]
    fn structs_are_objects() {
        let good =
            json!({"name": "x", "inner": {"n": 1}, "list": [{"n": -2}], "any": [1, {"a": null}], "side": "left"});
        let expected = Outer {
            name: "x".into(),
            inner: Some(Inner { n: 1 }),
            list: vec![Inner { n: -2 }],
            any: json!([1, {"a": null}]),
            side: Some(Side::Left),
        };
        assert_eq!(decode::<Outer>(good).unwrap(), expected);
        let bad = [
            (json!([]), "expected an object"),
            (json!({"inner": [1]}), "inner: invalid type: sequence"),
            (json!({"list": [[1]]}), "list[0]: invalid type: sequence"),
            (json!({"list": [{"n": "x"}]}), "list[0].n: invalid type: string"),
            (json!({"inner": {}}), "Missing field inner.n"),
            (json!({"side": "up"}), "side: unknown variant"),
            (json!("x"), "invalid type: string"),
        ];
        for (value, message) in bad {
            let found = decode::<Outer>(value.clone()).unwrap_err().to_string();
            assert!(found.contains(message), "{value}: {found}");
        }
    }
}
