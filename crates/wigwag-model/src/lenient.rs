//! Tolerant readers for data written by other producers: null where a default exists, integral
//! floats where an integer is meant.

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, de};
use std::fmt;

/// Null counts as the default.
pub(crate) fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// An integer, also written `2.0` or `2e0`; null counts as 0.
pub(crate) fn int<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Ok(optional_int(from)?.unwrap_or_default())
}

/// As [`int`], never negative.
pub(crate) fn unsigned<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let value = int(from)?;
    u64::try_from(value).map_err(|_| D::Error::invalid_value(Unexpected::Signed(value), &"an integer of at least 0"))
}

/// As [`int`]; null is `None`.
pub(crate) fn optional_int<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    struct Integer;
    impl<'de> Visitor<'de> for Integer {
        type Value = Option<i64>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an integer or null")
        }
        fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
            Ok(Some(value))
        }
        fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
            i64::try_from(value).map(Some).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
        }
        fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
            // 2^63 is exact as a float; the cast below saturates, so keep clear of it.
            if value.fract() == 0.0 && value.abs() < 9_223_372_036_854_775_808.0 {
                return Ok(Some(value as i64));
            }
            Err(E::invalid_value(Unexpected::Float(value), &self))
        }
        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    from.deserialize_any(Integer)
}
