//! Rules for the part of a flag that all environments share.

use wigwag_kit::{Error, Result};
use wigwag_model::doc::{CustomProperty, Flag};

use super::variations;
use crate::common::{check_name, check_tags};

/// Most values of a custom property, and most characters of each and of its key.
pub(super) const MAX_CUSTOM: usize = 64;

pub(super) fn check(flag: &Flag) -> Result<()> {
    check_name("name", &flag.name)?;
    check_tags("tags", flag.tags.clone())?;
    for (key, property) in &flag.custom_properties {
        check_custom_property(key, property)?;
    }
    variations::check(flag)
}

fn check_custom_property(key: &str, property: &CustomProperty) -> Result<()> {
    let path = format!("customProperties/{key}");
    let long = |text: &str| text.chars().count() > MAX_CUSTOM;
    if key.is_empty() || long(key) {
        return Err(Error::field(&path, "a custom property's key has 1 to 64 characters"));
    }
    if property.name.trim().is_empty() {
        return Err(Error::field(&format!("{path}/name"), "must not be empty"));
    }
    if property.value.len() > MAX_CUSTOM {
        return Err(Error::field(&format!("{path}/value"), "a custom property has at most 64 values"));
    }
    match property.value.iter().position(|value| value.is_empty() || long(value)) {
        Some(i) => Err(Error::field(&format!("{path}/value/{i}"), "a value has 1 to 64 characters")),
        None => Ok(()),
    }
}
