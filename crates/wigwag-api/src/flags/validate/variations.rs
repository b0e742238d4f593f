//! Rules for a flag's variations and defaults.

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Flag, FlagKind};

use crate::common::same_value;

/// What kind of value a flag serves. All variations of a flag agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    Boolean,
    Number,
    String,
    /// Objects, arrays and null.
    Json,
}

impl ValueType {
    pub(crate) const fn of(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Null | Value::Array(_) | Value::Object(_) => Self::Json,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Json => "JSON",
        }
    }
}

pub(super) fn check(flag: &Flag) -> Result<()> {
    let Some(first) = flag.variations.first() else {
        return Err(Error::field("variations", "a flag needs at least one variation"));
    };
    if flag.kind == FlagKind::Boolean && !is_boolean_pair(flag) {
        let rule = "a boolean flag has exactly the variations true and false";
        return Err(Error::field("variations", rule));
    }
    let wanted = ValueType::of(&first.value);
    for (i, variation) in flag.variations.iter().enumerate() {
        let path = || format!("variations/{i}/value");
        if ValueType::of(&variation.value) != wanted {
            let rule = format!("must be a {} value like the other variations", wanted.name());
            return Err(Error::field(&path(), rule));
        }
        if flag.variations[..i].iter().any(|other| same_value(&other.value, &variation.value)) {
            return Err(Error::field(&path(), "another variation has the same value"));
        }
        if flag.variations[..i].iter().any(|other| other.id == variation.id) {
            return Err(Error::field(&format!("variations/{i}/_id"), "another variation has the same _id"));
        }
    }
    check_defaults(flag)
}

fn is_boolean_pair(flag: &Flag) -> bool {
    let values: Vec<_> = flag.variations.iter().map(|v| v.value.as_bool()).collect();
    matches!(values[..], [Some(a), Some(b)] if a != b)
}

fn check_defaults(flag: &Flag) -> Result<()> {
    let indexes =
        [("defaults/onVariation", flag.defaults.on_variation), ("defaults/offVariation", flag.defaults.off_variation)];
    indexes.into_iter().try_for_each(|(path, index)| super::serve::index(path, index, flag))
}
